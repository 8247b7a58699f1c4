/*
 * What spans are grouped by: a unit of time, a name such as "model", or any
 * attribute by its own name (one with a dot in it).
 */
#ifndef REPORT_DIM_H
#define REPORT_DIM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"
#include "report/facts.h"
#include "report/pick.h"
#include "report/zone.h"

#define DIM_VALUE_MAX	256	/* bytes of a value; the rest is cut off */
#define DIM_ATTRS	5
#define DIM_RESOURCES	3

struct dim_row;

struct dim {
	const struct dim_row	*row;		/* NULL: an attribute */
	char			*name;
	bool			 is_time;
	enum zone_unit		 unit;
	unsigned		 applies;	/* to these FACT_* */
	int			 attr[DIM_ATTRS];	/* in the pick; -1 */
	const char		*resource[DIM_RESOURCES + 1];
	struct zone_labels	*labels;	/* of a time */
};

/*
 * The dimension of that name; its attributes are added to p. 0, or -1 with
 * what names there are in e.
 */
int dim_init(struct dim *d, const char *name, size_t n, struct pick *p,
    struct err *e);
void dim_fini(struct dim *d);

/* The i-th name that is no attribute's; NULL behind the last. */
const char *dim_known(size_t i);

/*
 * The span's value in *text, in memory of the record, the dimension or
 * scratch; false when it has none.
 */
bool dim_value(const struct dim *d, const struct pick *p,
    const struct record *r, const struct facts *f, struct buf *scratch,
    const char **text, size_t *n);

#endif

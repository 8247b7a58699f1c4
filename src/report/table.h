/*
 * Spans in groups: one table for each --by, a row for each combination of
 * values that occurs. The memory is that of the groups, whose number has a
 * ceiling: what would go beyond it is added up in one row, "other".
 */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "report/dim.h"
#include "report/sums.h"

#define TABLE_DIMS	6

struct table_group {
	struct sums	 sums;
	uint64_t	 hash;
	size_t		 nkey;
	char		 key[];		/* see table_key */
};

struct table {
	const char		*spec;		/* "day,model"; by reference */
	struct dim		 dim[TABLE_DIMS];
	size_t			 ndims;
	unsigned		 applies;	/* FACT_* that are counted */
	struct table_group	**slot;		/* open addressing */
	size_t			 cap, n, max;
	struct table_group	*last;		/* found last */
	struct sums		 over;		/* what had no place */
	bool			 full;
	struct buf		 key;
	struct buf		 scratch;
};

/*
 * A table by the dimensions of spec, a comma list; empty for one row of all.
 * max: groups, at least 1. 0, or -1 with the cause in e.
 */
int table_init(struct table *t, const char *spec, size_t max, struct pick *p,
    struct err *e);
void table_fini(struct table *t);

/* Adds the span where it belongs. 0, or -1 when out of memory. */
int table_add(struct table *t, const struct pick *p, const struct record *r,
    const struct facts *f);

/*
 * The value of a group in the dimension i; NULL where its spans have none,
 * which is a value of its own.
 */
const char *table_key(const struct table_group *g, size_t i, size_t *n);

#endif

/* The rows of a table in their order, the last of them "other". */
#ifndef REPORT_ROWS_H
#define REPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/column.h"
#include "report/table.h"

struct rows {
	const struct table	 *table;
	const struct table_group **v;
	size_t			  n;
	struct sums		  other;	/* beyond the limit */
	size_t			  nother;	/* how many groups; 0: none */
	struct sums		  total;	/* of all rows and other */
};

/* What rows are ordered by. */
struct rows_order {
	bool		by_name;	/* the values, time in its order */
	enum column_id	column;		/* the largest first */
	bool		reversed;
};

/*
 * The order for a table without one: what begins with a time by that, tools
 * by calls, everything else by cost.
 */
void rows_order_of(struct rows_order *o, const struct table *t);

/* limit 0: all. 0, or -1 when out of memory. The table must outlive it. */
int rows_make(struct rows *r, const struct table *t,
    const struct rows_order *o, size_t limit);
void rows_fini(struct rows *r);

#endif

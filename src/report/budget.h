/* What may be spent, and what is over it. */
#ifndef REPORT_BUDGET_H
#define REPORT_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "report/rows.h"

#define BUDGET_LINES	100	/* told at most */

struct budget {
	money		 limit;
	unsigned	 warn_at;	/* thousandths of the limit; 0: never */
	const char	*per;		/* "session"; "" for everything */
};

enum budget_level { BUDGET_WITHIN, BUDGET_WARN, BUDGET_OVER };

struct budget_line {
	const struct table_group	*group;
	money				 cost;
	enum budget_level		 level;
	bool				 part;	/* some calls have no price */
};

struct budget_result {
	struct budget_line	line[BUDGET_LINES];	/* the dearest first */
	size_t			nlines;
	size_t			over, warned;		/* groups, all of them */
	size_t			within;
};

/*
 * limit: USD ("5", "0.50"). warn_at: "80%" or "80"; NULL: never. 0, or -1
 * with the cause in e.
 */
int budget_parse(struct budget *b, const char *limit, const char *warn_at,
    struct err *e);

/* Over is more than the limit; warned, the part to warn at or more. */
enum budget_level budget_level(const struct budget *b, money cost);

/*
 * Looks at every group of the table, which was made by b->per. Out of memory
 * is -1.
 */
int budget_check(struct budget_result *res, const struct budget *b,
    const struct table *t);

/* "session 0a1b: $5.20 of $5.00 (104 %)", foreign bytes as they are. */
void budget_text(struct buf *out, const struct budget *b,
    const struct budget_line *l);

/* "$5.20" or "$0.016738": at least two decimals, at most six, rounded. */
void budget_usd(struct buf *out, money m);

#endif

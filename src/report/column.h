/*
 * The figures of a report: their names, what they are, and how they are
 * written, for programs and for people.
 */
#ifndef REPORT_COLUMN_H
#define REPORT_COLUMN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "report/sums.h"

enum column_kind { COL_COUNT, COL_TOKENS, COL_MONEY, COL_TIME, COL_SHARE };

enum column_id {
	COL_COST, COL_COST_REPORTED, COL_COST_COMPUTED, COL_COST_ESTIMATED,
	COL_UNPRICED, COL_UNPRICED_TOKENS, COL_RUNS, COL_TURNS,
	COL_INCOMPLETE, COL_CALLS, COL_RETRIES, COL_ERRORS, COL_ERR_AUTH,
	COL_ERR_RATE_LIMIT, COL_ERR_TIMEOUT, COL_ERR_SERVER, COL_ERR_CLIENT,
	COL_ERR_OTHER, COL_TOOLS, COL_TOOL_ERRORS, COL_TOOL_WARNINGS,
	COL_INPUT, COL_CACHE_READ, COL_CACHE_WRITE, COL_CACHE_WRITE_5M,
	COL_CACHE_WRITE_1H, COL_OUTPUT, COL_REASONING, COL_OTHER_TOKENS,
	COL_TOKENS_ALL, COL_CACHE_SHARE, COL_LATENCY_P50, COL_LATENCY_P95,
	COL_LATENCY_MAX, COL_TTFT_P50, COL_TTFT_P95, COL_TTFT_MAX,
	COL_TOOL_P50, COL_TOOL_P95, COL_TOOL_MAX, COL_TOOL_TIME, COL_IDS_
};

/* When a table for people has the column without being asked. */
enum column_show {
	COL_NEVER,		/* in CSV and JSON */
	COL_IF_ANY,		/* when the total is not 0 */
	COL_ALWAYS
};

struct column {
	const char		*name;	/* in CSV, JSON and options */
	const char		*title;	/* short, for a table */
	enum column_kind	 kind;
	unsigned		 needs;	/* FACT_* that it counts */
	enum column_show	 show;
	int			 rank;	/* the lower, the later left out */
	const char		*help;	/* one line */
};

extern const struct column columns[COL_IDS_];

/* The columns a table of spans of these kinds has. */
bool column_fits(enum column_id c, unsigned applies);

/* By its name; COL_IDS_ when there is none. */
enum column_id column_named(const char *name, size_t n);

/*
 * A figure, exact: known is false where there is nothing to measure, or
 * nothing that has a price.
 */
struct figure {
	bool		known;
	money		v;	/* tokens, picodollars, ns, thousandths */
	bool		estimated;	/* a part of it */
	bool		part;	/* of the whole, which is not known */
	bool		unpriced;	/* what is not known is a price */
};
void column_figure(struct figure *f, enum column_id c, const struct sums *s);

/*
 * Appends the figure as a JSON number, exact: seconds and USD with as many
 * decimals as they need, shares as 0.653. Nothing is appended for what is not
 * known (CSV), or null.
 */
void column_put(struct buf *b, enum column_id c, const struct figure *f);

/* The figure for people, at most 10 columns of ASCII: 12.3M, ~$0.016738. */
#define COLUMN_TEXT	64
void column_text(char out[COLUMN_TEXT], enum column_id c,
    const struct figure *f);

#endif

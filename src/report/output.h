/*
 * A report as text: a table for a terminal, CSV, JSON, Markdown, or a page of
 * HTML. All append to a buffer, whose error tells of too little memory.
 */
#ifndef REPORT_OUTPUT_H
#define REPORT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "report/budget.h"
#include "report/column.h"
#include "report/report.h"
#include "report/rows.h"

struct output {
	const struct report		*report;
	const struct rows		*rows;	/* report->plan.nby of them */
	const struct sums		*all;
	const struct budget		*budget;	/* NULL: none */
	const struct budget_result	*result;
	bool				 forecast;
	const enum column_id		*chosen;	/* asked for, or NULL */
	size_t				 nchosen;
	uint64_t			 records, bad;	/* lines read */
	size_t				 width;		/* of a terminal */
	bool				 color, ascii;
};

/*
 * The columns of a table for people, at most COL_IDS_: those chosen, or those
 * that are always there and those in which there is anything. Their number.
 */
size_t output_columns(const struct output *o, const struct rows *r,
    enum column_id out[COL_IDS_]);

/* Appends the value of a group for people, "(none)" where there is none. */
void output_value(struct buf *b, const struct table_group *g, size_t dim,
    bool *none);

/*
 * Sentences below the figures, a line each: what has no price, what failed,
 * what was left out, the budget, the forecast.
 */
void output_notes(struct buf *b, const struct output *o);

/*
 * The note at *at of what output_notes appended to an empty buffer, without its
 * line end, and *at the next; false: there are no more. Begin with 0.
 */
bool output_note(const struct buf *notes, size_t *at, const char **p,
    size_t *n);

/* "by day and model" */
void output_title(struct buf *b, const struct table *t);

void output_table(struct buf *b, const struct output *o);
void output_csv(struct buf *b, const struct output *o);
void output_json(struct buf *b, const struct output *o);
void output_markdown(struct buf *b, const struct output *o);
void output_html(struct buf *b, const struct output *o);

#endif

/* Parts of the page of HTML. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stddef.h>

#include "base/buf.h"
#include "report/output.h"

/* The style sheet: light, dark, narrow, printed. */
extern const char html_style[];

/* Foreign text: nothing in it is markup, and it shows no control character. */
void html_text(struct buf *b, const char *p, size_t n);

/* Bars over the time of a table whose first and only dimension is one. */
void html_time_chart(struct buf *b, const struct output *o,
    const struct rows *r);

/* What all tokens were, as one bar, with its legend. */
void html_token_chart(struct buf *b, const struct sums *s);

#endif

/* The rows of the table. All go to d->b and end with a newline. */
#ifndef VIEW_ROWS_H
#define VIEW_ROWS_H

#include <stdint.h>

#include "view/draw.h"

/* The titles above the numbers; without a newline. */
void rows_titles(struct draw *d);

/* A span, the message it failed with, and what went in and out. */
void rows_span(struct draw *d, const struct plan *p, const struct node *n);

/* The sums; with "N traces" when t is of more than one. duration 0: none. */
void rows_tally(struct draw *d, const struct tally *t, uint64_t duration);

/* A right-aligned cell of w columns behind a gap. */
void rows_cell(struct draw *d, enum pen_style s, const char *text, size_t w);

/* The three cells of tokens, or as much room without them. */
void rows_tokens(struct draw *d, enum pen_style s, uint64_t in,
    uint64_t cached, uint64_t out);
void rows_tokens_blank(struct draw *d);

/* Ends the row; spaces at its end are taken back. */
void rows_end(struct draw *d);

#endif

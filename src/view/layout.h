/*
 * How the width of the terminal is shared out among the columns. What does
 * not fit is left out: first the bars, then the tokens.
 */
#ifndef VIEW_LAYOUT_H
#define VIEW_LAYOUT_H

#include <stddef.h>

#define LAYOUT_MIN	40
#define LAYOUT_MAX	1000
#define LAYOUT_TIME	6
#define LAYOUT_TOKENS	5
#define LAYOUT_CACHED	6
#define LAYOUT_COST	10

struct layout {
	size_t	width;
	size_t	gap;		/* between columns */
	size_t	name;
	size_t	bar;		/* 0: no bars */
	int	tokens;		/* are there columns for tokens? */
};

void layout_make(struct layout *l, size_t width);

/* Name and bar together, where a row has no bar. */
size_t layout_wide(const struct layout *l);

#endif

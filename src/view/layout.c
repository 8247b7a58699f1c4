#include "view/layout.h"

#include <stdbool.h>

#define NAME_LEAST	30
#define NAME_MOST	72	/* unless the bar is at its largest */
#define BAR_MIN		8
#define BAR_MAX		100

void
layout_make(struct layout *l, size_t width)
{
	size_t left;

	if (width < LAYOUT_MIN)
		width = LAYOUT_MIN;
	if (width > LAYOUT_MAX)
		width = LAYOUT_MAX;
	l->width = width;
	l->gap = width >= 100 ? 2 : 1;
	l->tokens = width >= 64;
	left = width - LAYOUT_TIME - LAYOUT_COST - 2 * l->gap;
	if (l->tokens)
		left -= 2 * LAYOUT_TOKENS + LAYOUT_CACHED + 3 * l->gap;
	if (left < NAME_LEAST + l->gap + BAR_MIN) {
		l->name = left;
		l->bar = 0;
		return;
	}
	left -= l->gap;
	l->name = left * 3 / 5;
	if (l->name < NAME_LEAST)
		l->name = NAME_LEAST;
	if (l->name > NAME_MOST)
		l->name = NAME_MOST;
	l->bar = left - l->name;
	if (l->bar > BAR_MAX) {
		l->name += l->bar - BAR_MAX;
		l->bar = BAR_MAX;
	}
}

size_t
layout_wide(const struct layout *l)
{
	return l->bar == 0 ? l->name : l->name + l->gap + l->bar;
}

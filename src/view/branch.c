#include "view/branch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STEP		3	/* columns a level */
#define LEVELS_MAX	64	/* shown, however wide the terminal is */
#define NAME_ROOM	16	/* columns to leave for the name */

static uint64_t
levels_shown(const struct draw *d)
{
	size_t n = d->l.name > NAME_ROOM ? (d->l.name - NAME_ROOM) / STEP : 0;

	return n < 2 ? 2 : n > LEVELS_MAX ? LEVELS_MAX : n;
}

size_t
branch_put(struct draw *d, const struct node *n, bool below)
{
	const struct node *level[LEVELS_MAX];
	uint64_t max = levels_shown(d), k = 0;
	char deep[32] = "";
	size_t used;

	for (const struct node *a = n; a->up != NULL && k < max; a = a->up)
		level[k++] = a;
	if (n->depth > max) {
		snprintf(deep, sizeof(deep), "%" PRIu64 " ", n->depth);
		k -= k > 1;
	}
	used = strlen(deep) + (size_t)k * STEP;
	pen_on(&d->pen, PEN_DIM);
	if (below)
		text_pad(&d->b, strlen(deep));
	else
		buf_adds(&d->b, deep);
	while (k-- > 0) {
		bool more = level[k]->next != NULL;

		if (k == 0 && !below)
			pen_glyph(&d->pen, more ? PEN_TEE : PEN_ELBOW);
		else
			pen_glyph(&d->pen, more ? PEN_PIPE : PEN_BLANK);
	}
	if (below) {
		bool more = n->child != NULL && (d->depth < 0 ||
		    n->depth < (uint64_t)d->depth);

		pen_glyph(&d->pen, more ? PEN_PIPE : PEN_BLANK);
		used += STEP;
	}
	pen_off(&d->pen, PEN_DIM);
	return used;
}

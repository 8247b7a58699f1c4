#include "import/once.h"

#include <stdlib.h>

struct once_cell {
	uint64_t	hash;		/* 0: empty */
	uint64_t	owner;
};

void
once_fini(struct once *o)
{
	free(o->cell);
	o->cell = NULL;
	o->cap = o->n = 0;
}

/* The bits of FNV are best at the low end. */
static size_t
place(const struct once *o, uint64_t hash)
{
	size_t i = (size_t)((hash ^ hash >> 32) & (o->cap - 1));

	while (o->cell[i].hash != 0 && o->cell[i].hash != hash)
		i = (i + 1) & (o->cap - 1);
	return i;
}

static int
grow(struct once *o)
{
	struct once big = { .cap = o->cap != 0 ? 2 * o->cap : 1024 };

	big.cell = calloc(big.cap, sizeof(*big.cell));
	if (big.cell == NULL)
		return -1;
	for (size_t i = 0; i < o->cap; i++)
		if (o->cell[i].hash != 0)
			big.cell[place(&big, o->cell[i].hash)] = o->cell[i];
	big.n = o->n;
	big.news = o->news;
	free(o->cell);
	*o = big;
	return 0;
}

int
once_put(struct once *o, uint64_t hash, uint64_t owner)
{
	struct once_cell *c;

	if (o->n * 2 >= o->cap && grow(o) == -1)
		return -1;
	c = &o->cell[place(o, hash)];
	if (c->hash != 0)
		return c->owner == owner ? 1 : 2;
	c->hash = hash;
	c->owner = owner;
	o->n++;
	if (o->news == NULL)
		return 0;
	buf_add(o->news, c, sizeof(*c));
	return o->news->err != 0 ? -1 : 0;
}

uint64_t
once_hash(uint64_t h, const void *p, size_t n)
{
	const unsigned char *s = p;

	if (h == 0)
		h = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < n; i++)
		h = (h ^ s[i]) * UINT64_C(1099511628211);
	return h != 0 ? h : 1;
}

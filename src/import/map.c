#include "import/map.h"

#include <stdlib.h>
#include <string.h>

struct map_cell {
	uint64_t	 hash;
	void		*p;		/* NULL: empty */
};

static inline uint64_t
mix(uint64_t h, uint64_t w)
{
	h = (h ^ w) * UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 32;
}

uint64_t
map_hash(uint64_t h, const void *p, size_t n)
{
	const char *s = p;
	uint64_t w = 0;
	size_t i;

	h = mix(h, n);
	for (i = 0; n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, s + i, sizeof(w));
		h = mix(h, w);
	}
	/* What is left, with some of what was there; of a short one all. */
	if (n > sizeof(w))
		memcpy(&w, s + n - sizeof(w), sizeof(w));
	else if (n > 0 && n < sizeof(w))
		memcpy(&w, s, n);
	return i == n ? h : mix(h, w);
}

void
map_fini(struct map *m)
{
	free(m->cell);
	m->cell = NULL;
	m->cap = m->n = 0;
}

static struct map_cell *
cell_of(const struct map *m, uint64_t hash)
{
	size_t i = (size_t)((hash ^ hash >> 32) & (m->cap - 1));

	while (m->cell[i].p != NULL && m->cell[i].hash != hash)
		i = (i + 1) & (m->cap - 1);
	return &m->cell[i];
}

static int
grow(struct map *m)
{
	struct map big = { .cap = m->cap != 0 ? 2 * m->cap : 64, .n = m->n };

	big.cell = calloc(big.cap, sizeof(*big.cell));
	if (big.cell == NULL)
		return -1;
	for (size_t i = 0; i < m->cap; i++)
		if (m->cell[i].p != NULL)
			*cell_of(&big, m->cell[i].hash) = m->cell[i];
	free(m->cell);
	*m = big;
	return 0;
}

void *
map_get(const struct map *m, uint64_t hash)
{
	return m->cap != 0 ? cell_of(m, hash)->p : NULL;
}

int
map_put(struct map *m, uint64_t hash, void *p)
{
	struct map_cell *c;

	if (2 * m->n >= m->cap && grow(m) == -1)
		return -1;
	c = cell_of(m, hash);
	m->n += c->p == NULL;
	c->hash = hash;
	c->p = p;
	return 0;
}

#include "report/table.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAP	64
#define NO_VALUE	UINT32_MAX

static int
no_common(struct table *t, struct err *e)
{
	return err_set(e, "no span has both a %s and a %s: '%s'",
	    t->dim[0].name, t->dim[t->ndims - 1].name, t->spec);
}

static bool
is_repeated(const struct table *t)
{
	const char *last = t->dim[t->ndims - 1].name;

	for (size_t i = 0; i + 1 < t->ndims; i++)
		if (strcmp(t->dim[i].name, last) == 0)
			return true;
	return false;
}

int
table_init(struct table *t, const char *spec, size_t max, struct pick *p,
    struct err *e)
{
	const char *at = spec;

	memset(t, 0, sizeof(*t));
	t->spec = spec;
	t->max = max;
	t->applies = FACT_ALL;
	while (*at != '\0') {
		size_t n = strcspn(at, ",");

		if (t->ndims == TABLE_DIMS) {
			table_fini(t);
			return err_set(e, "more than %d in '%s'", TABLE_DIMS,
			    spec);
		}
		if (dim_init(&t->dim[t->ndims], at, n, p, e) == -1) {
			table_fini(t);
			return -1;
		}
		t->ndims++;
		if (is_repeated(t)) {
			(void)err_set(e, "%s stands twice in '%s'",
			    t->dim[t->ndims - 1].name, spec);
			table_fini(t);
			return -1;
		}
		t->applies &= t->dim[t->ndims - 1].applies;
		if (t->applies == 0) {
			(void)no_common(t, e);
			table_fini(t);
			return -1;
		}
		at += n;
		if (*at == ',' && *++at == '\0') {
			table_fini(t);
			return err_set(e, "a name is missing in '%s'", spec);
		}
	}
	return 0;
}

static void
group_free(struct table_group *g)
{
	if (g == NULL)
		return;
	sums_fini(&g->sums);
	free(g);
}

void
table_fini(struct table *t)
{
	for (size_t i = 0; i < t->cap; i++)
		group_free(t->slot[i]);
	free(t->slot);
	for (size_t i = 0; i < t->ndims; i++)
		dim_fini(&t->dim[i]);
	sums_fini(&t->over);
	buf_fini(&t->key);
	buf_fini(&t->scratch);
	memset(t, 0, sizeof(*t));
}

static void
add_value(struct buf *key, const char *text, size_t n, bool has)
{
	uint32_t len = has ? (uint32_t)n : NO_VALUE;

	buf_add(key, &len, sizeof(len));
	if (has)
		buf_add(key, text, n);
}

const char *
table_key(const struct table_group *g, size_t i, size_t *n)
{
	const char *p = g->key;
	uint32_t len;

	for (;;) {
		memcpy(&len, p, sizeof(len));
		p += sizeof(len);
		if (i-- == 0)
			break;
		p += len == NO_VALUE ? 0 : len;
	}
	*n = len == NO_VALUE ? 0 : len;
	return len == NO_VALUE ? NULL : p;
}

/* FNV-1a, the bits mixed at the end. */
static uint64_t
hash_of(const char *p, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 29;
}

static int
grow(struct table *t)
{
	size_t cap = t->cap != 0 ? 2 * t->cap : FIRST_CAP;
	struct table_group **slot = calloc(cap, sizeof(struct table_group *));

	if (slot == NULL)
		return -1;
	for (size_t i = 0; i < t->cap; i++) {
		size_t k;

		if (t->slot[i] == NULL)
			continue;
		k = t->slot[i]->hash & (cap - 1);
		while (slot[k] != NULL)
			k = (k + 1) & (cap - 1);
		slot[k] = t->slot[i];
	}
	free(t->slot);
	t->slot = slot;
	t->cap = cap;
	return 0;
}

static bool
is_group(const struct table_group *g, const struct buf *key)
{
	return g->nkey == key->n && memcmp(g->key, key->p, key->n) == 0;
}

/* The sums of the group with t->key; NULL when out of memory. */
static struct sums *
find(struct table *t)
{
	const struct buf *key = &t->key;
	struct table_group *g;
	uint64_t h;
	size_t i;

	if (t->last != NULL && is_group(t->last, key))
		return &t->last->sums;
	if (2 * (t->n + 1) > t->cap && t->n < t->max && grow(t) == -1)
		return NULL;
	h = hash_of(key->p, key->n);
	for (i = h & (t->cap - 1); t->slot[i] != NULL;
	    i = (i + 1) & (t->cap - 1)) {
		if (t->slot[i]->hash == h && is_group(t->slot[i], key)) {
			t->last = t->slot[i];
			return &t->last->sums;
		}
	}
	if (t->n == t->max) {
		t->full = true;
		return &t->over;
	}
	g = calloc(1, sizeof(*g) + key->n);
	if (g == NULL)
		return NULL;
	g->hash = h;
	g->nkey = key->n;
	if (key->n != 0)
		memcpy(g->key, key->p, key->n);
	t->slot[i] = t->last = g;
	t->n++;
	return &g->sums;
}

int
table_add(struct table *t, const struct pick *p, const struct record *r,
    const struct facts *f)
{
	struct facts part;
	struct sums *s;
	const char *text = NULL;
	size_t n = 0;

	if ((f->is & t->applies) == 0)
		return 0;
	buf_reset(&t->key);
	for (size_t i = 0; i < t->ndims; i++) {
		bool has = dim_value(&t->dim[i], p, r, f, &t->scratch, &text,
		    &n);

		add_value(&t->key, text, n, has);
	}
	/* A key of nothing is a key as well. */
	if (buf_room(&t->key, 1) == NULL || t->scratch.err != 0)
		return -1;
	s = find(t);
	if (s == NULL)
		return -1;
	if ((f->is & ~t->applies) == 0)
		return facts_add(s, f);
	part = *f;
	part.is &= t->applies;
	return facts_add(s, &part);
}

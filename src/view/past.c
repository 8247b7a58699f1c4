#include "view/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static int
past_cmp(const struct past *a, const struct past *b)
{
	return memcmp(a->id, b->id, TRACE_ID_LEN);
}

RB_GENERATE(past_map, past, by_id, past_cmp)

void
past_init(struct pasts *ps)
{
	RB_INIT(&ps->map);
	TAILQ_INIT(&ps->age);
	ps->spans = 0;
}

static void
forget(struct pasts *ps, struct past *p)
{
	RB_REMOVE(past_map, &ps->map, p);
	TAILQ_REMOVE(&ps->age, p, by_age);
	ps->spans -= p->n;
	free(p->span);
	free(p);
}

void
past_fini(struct pasts *ps)
{
	struct past *p;

	while ((p = TAILQ_FIRST(&ps->age)) != NULL)
		forget(ps, p);
}

struct past *
past_find(struct pasts *ps, const char id[TRACE_ID_LEN])
{
	struct past key;

	memcpy(key.id, id, TRACE_ID_LEN);
	return RB_FIND(past_map, &ps->map, &key);
}

static int
span_cmp(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

bool
past_has(const struct past *p, uint64_t span)
{
	return p->n != 0 && bsearch(&span, p->span, p->n, sizeof(span),
	    span_cmp) != NULL;
}

static struct past *
past_new(struct pasts *ps, const char id[TRACE_ID_LEN],
    const struct text *name)
{
	struct past *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	memcpy(p->id, id, TRACE_ID_LEN);
	p->name_len = utf8_cut(name->p, name->n, PAST_NAME_MAX);
	if (p->name_len != 0)
		memcpy(p->name, name->p, p->name_len);
	RB_INSERT(past_map, &ps->map, p);
	TAILQ_INSERT_TAIL(&ps->age, p, by_age);
	return p;
}

/* Each trace counts as one span more, so that empty ones are bounded too. */
static void
make_room(struct pasts *ps, const struct past *keep)
{
	struct past *p, *next;

	for (p = TAILQ_FIRST(&ps->age); p != NULL &&
	    ps->spans > PAST_MAX_SPANS; p = next) {
		next = TAILQ_NEXT(p, by_age);
		if (p != keep && p->users == 0)
			forget(ps, p);
	}
}

void
past_add(struct pasts *ps, const char id[TRACE_ID_LEN],
    const struct text *name, const uint64_t *span, size_t n)
{
	struct past *p = past_find(ps, id);
	uint64_t *v;

	if (p == NULL && (p = past_new(ps, id, name)) == NULL)
		return;
	v = reallocarray(p->span, p->n + n, sizeof(*v));
	if (v == NULL)
		return;
	memcpy(v + p->n, span, n * sizeof(*v));
	p->span = v;
	p->n += n;
	ps->spans += n;
	qsort(p->span, p->n, sizeof(*v), span_cmp);
	make_room(ps, p);
}

#include "agent/model.h"

#include <stdlib.h>
#include <string.h>

#include "json/write.h"

/* Open addressing: nodes by kind and key, aliases by span id. */
struct slot {
	uint64_t	 hash;
	struct json_val	 span;		/* of an alias; JSON_NONE: a node */
	struct node	*node;
};

static uint64_t
fnv(uint64_t h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * UINT64_C(1099511628211);
	return h;
}

uint64_t
model_hash(enum node_kind kind, struct json_val key)
{
	char k = (char)kind;
	uint64_t h = fnv(UINT64_C(14695981039346656037), &k, 1);

	return key.type == JSON_NONE ? h : fnv(h, key.p, key.n);
}

static int
by_time(const void *a, const void *b)
{
	const struct held *const *x = a, *const *y = b;

	return held_compare(*x, *y);
}

static bool
twins(const struct held *a, const struct held *b)
{
	return a->n == b->n && memcmp(a->line, b->line, a->n) == 0;
}

int
model_init(struct model *m, struct arena *a, struct group *t)
{
	struct held *h;
	size_t n = 0;

	memset(m, 0, sizeof(*m));
	m->arena = a;
	m->group = t;
	m->session = t->session;
	m->agent = t->session->agent;
	TAILQ_INIT(&m->nodes);
	m->rec = arena_get(a, (t->nheld + 1) * sizeof(*m->rec));
	m->nslot = 64;
	while (m->nslot < 8 * t->nheld)
		m->nslot *= 2;
	m->slot = arena_get(a, m->nslot * sizeof(*m->slot));
	if (m->rec == NULL || m->slot == NULL)
		return -1;
	TAILQ_FOREACH(h, &t->held, link)
		m->rec[n++] = h;
	qsort(m->rec, n, sizeof(*m->rec), by_time);
	for (size_t i = 0; i < n; i++) {
		h = m->rec[i];
		h->node = NULL;
		h->twin = NULL;
		if (i > 0 && twins(m->rec[m->nrec - 1], h))
			h->twin = m->rec[m->nrec - 1];
		else
			m->rec[m->nrec++] = h;
	}
	return 0;
}

static struct slot *
find_slot(const struct model *m, uint64_t hash, struct json_val key,
    bool alias)
{
	for (size_t i = hash & (m->nslot - 1);; i = (i + 1) & (m->nslot - 1)) {
		struct slot *s = &m->slot[i];

		if (s->node == NULL)
			return s;
		if (s->hash != hash || alias != (s->span.type != JSON_NONE))
			continue;
		if (alias ? s->span.n == key.n &&
		    memcmp(s->span.p, key.p, key.n) == 0 :
		    s->node->hash == hash && s->node->key.n == key.n &&
		    (key.n == 0 || memcmp(s->node->key.p, key.p, key.n) == 0))
			return s;
	}
}

struct node *
model_find(const struct model *m, enum node_kind kind, struct json_val key)
{
	return find_slot(m, model_hash(kind, key) ^ m->salt, key, false)->node;
}

struct node *
model_node(struct model *m, enum node_kind kind, struct json_val key)
{
	uint64_t hash = model_hash(kind, key) ^ m->salt;
	struct slot *s = find_slot(m, hash, key, false);
	struct node *n = s->node;

	if (n != NULL)
		return n;
	n = arena_get(m->arena, sizeof(*n));
	if (n == NULL) {
		m->oom = true;
		return NULL;
	}
	n->kind = kind;
	n->key = key;
	n->hash = hash;
	n->exit_code = -1;
	s->hash = hash;
	s->node = n;
	TAILQ_INSERT_TAIL(&m->nodes, n, link);
	return n;
}

static uint64_t
span_hash(struct json_val span)
{
	return fnv(UINT64_C(1469598103934665603), span.p, span.n);
}

void
model_alias(struct model *m, struct json_val span, struct node *n)
{
	struct slot *s;
	uint64_t hash;

	if (span.type != JSON_STRING || n == NULL)
		return;
	hash = span_hash(span);
	s = find_slot(m, hash, span, true);
	s->hash = hash;
	s->span = span;
	s->node = n;
}

struct node *
model_by_span(const struct model *m, struct json_val span)
{
	if (span.type != JSON_STRING)
		return NULL;
	return find_slot(m, span_hash(span), span, true)->node;
}

void
model_take(struct node *n, struct held *h, enum take how)
{
	h->node = n;
	if (h->arrived > n->touched)
		n->touched = h->arrived;
	if (n->resource.type == JSON_NONE)
		n->resource = h->resource;
	for (size_t i = 0; i < h->nfact; i++) {
		struct json_val *v = &n->val[h->fact[i].id];

		if (how == TAKE_OVER || v->type == JSON_NONE)
			*v = fact_val(&h->fact[i]);
	}
}

struct json_val
model_string(struct model *m, const char *p, size_t n)
{
	struct json_val v = { NULL, 0, JSON_NONE };
	struct buf b = { 0 };
	char *copy = NULL;

	(void)json_put_str(&b, p, n);
	if (b.err == 0)
		copy = arena_copy(m->arena, b.p, b.n);
	if (copy != NULL)
		v = (struct json_val){ copy, b.n, JSON_STRING };
	else
		m->oom = true;
	buf_fini(&b);
	return v;
}

const char *
model_text(struct model *m, struct json_val v, size_t *n)
{
	struct buf b = { 0 };
	char *copy;

	*n = 0;
	if (v.type != JSON_STRING)
		return "";
	if (memchr(v.p, '\\', v.n) == NULL) {
		*n = v.n - 2;
		return v.p + 1;
	}
	(void)json_unescape(&b, v);
	copy = b.err == 0 ? arena_copy(m->arena, b.p != NULL ? b.p : "", b.n) :
	    NULL;
	if (copy == NULL)
		m->oom = true;
	else
		*n = b.n;
	buf_fini(&b);
	return copy != NULL ? copy : "";
}

struct json_val
model_inside(struct model *m, struct json_val s)
{
	struct json_val v = { NULL, 0, JSON_NONE };
	const char *why, *text;
	size_t n, i;

	if (s.type == JSON_OBJECT || s.type == JSON_ARRAY)
		return s;
	if (s.type != JSON_STRING)
		return v;
	/* Strings of a build stay where they are: the place is the string. */
	i = ((uintptr_t)s.p ^ (uintptr_t)s.p >> 7) % MODEL_INSIDE;
	if (m->inside[i].p == s.p)
		return m->inside[i].v;
	text = model_text(m, s, &n);
	if (n == 0 || !json_parse(text, n, &v, &why))
		v.type = JSON_NONE;
	m->inside[i].p = s.p;
	m->inside[i].v = v;
	return v;
}

static int
by_start(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a;
	const struct node *y = *(struct node *const *)b;
	int xr = x->kind == NODE_TURN, yr = y->kind == NODE_TURN;

	if (xr != yr)
		return xr - yr;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

#define PARENTS_MAX	1000	/* sub-agents of sub-agents; also of a cycle */

/* The turn above the node; a node without one gets the first. */
static struct node *
root_of(struct model *m, struct node *n)
{
	struct node *p = n;

	for (int i = 0; i < PARENTS_MAX && p->parent != NULL; i++)
		p = p->parent;
	if (p->kind == NODE_TURN)
		return p;
	TAILQ_FOREACH(p, &m->nodes, link)
		if (p->kind == NODE_TURN) {
			n->parent = p;
			n->inferred = true;
			return p;
		}
	m->oom = true;		/* a build without a turn is a bug */
	return n;
}

int
model_order(struct model *m)
{
	struct node **v, *n;
	size_t count = 0;

	TAILQ_FOREACH(n, &m->nodes, link)
		count++;
	v = arena_get(m->arena, (count + 1) * sizeof(*v));
	if (v == NULL)
		return -1;
	count = 0;
	TAILQ_FOREACH(n, &m->nodes, link)
		v[count++] = n;
	qsort(v, count, sizeof(struct node *), by_start);
	TAILQ_INIT(&m->nodes);
	for (size_t i = 0; i < count; i++)
		v[i]->root = root_of(m, v[i]);
	for (size_t i = 0; i < count; i++) {
		struct node **last = v[i]->agent != NULL ?
		    &v[i]->agent->last_call : &v[i]->root->last_call;

		TAILQ_INSERT_TAIL(&m->nodes, v[i], link);
		if (v[i]->kind != NODE_CALL)
			continue;
		v[i]->prev = *last;
		*last = v[i];
	}
	return 0;
}

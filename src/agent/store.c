#include "agent/store.h"

#include <stdlib.h>
#include <string.h>

static int
compare_bytes(const char *a, size_t an, const char *b, size_t bn)
{
	int c = memcmp(a, b, an < bn ? an : bn);

	return c != 0 ? c : (an > bn) - (an < bn);
}

static int
compare_sessions(const struct session *a, const struct session *b)
{
	if (a->agent != b->agent)
		return (uintptr_t)a->agent < (uintptr_t)b->agent ? -1 : 1;
	return compare_bytes(a->id, a->n, b->id, b->n);
}

static int
compare_keys(const struct group_key *a, const struct group_key *b)
{
	return compare_bytes(a->p, a->n, b->p, b->n);
}

/* libbsd's RB_GENERATE_STATIC needs an __unused that glibc has no use for. */
#define MAYBE_STATIC	static __attribute__((unused))
RB_PROTOTYPE_INTERNAL(session_tree, session, entry, compare_sessions,
    MAYBE_STATIC)
RB_PROTOTYPE_INTERNAL(key_tree, group_key, entry, compare_keys, MAYBE_STATIC)
RB_GENERATE_INTERNAL(session_tree, session, entry, compare_sessions,
    MAYBE_STATIC)
RB_GENERATE_INTERNAL(key_tree, group_key, entry, compare_keys, MAYBE_STATIC)

void
store_init(struct store *st)
{
	memset(st, 0, sizeof(*st));
	RB_INIT(&st->sessions);
	RB_INIT(&st->keys);
	TAILQ_INIT(&st->open);
	TAILQ_INIT(&st->finished);
}

/* ---- sessions --------------------------------------------------------------- */

struct session *
store_session(struct store *st, const struct agent *a, struct json_val id)
{
	union { const char *c; char *p; } u = { .c = id.p };
	struct session key = { .agent = a, .id = u.p, .n = id.n };
	struct session *s = RB_FIND(session_tree, &st->sessions, &key);

	if (s != NULL)
		return s;
	s = calloc(1, sizeof(*s) + id.n);
	if (s == NULL)
		return NULL;
	s->agent = a;
	s->id = (char *)(s + 1);
	s->n = id.n;
	memcpy(s->id, id.p, id.n);
	TAILQ_INIT(&s->groups);
	STAILQ_INIT(&s->links);
	RB_INSERT(session_tree, &st->sessions, s);
	return s;
}

static void
free_session(struct store *st, struct session *s)
{
	struct link *l;

	while ((l = STAILQ_FIRST(&s->links)) != NULL) {
		STAILQ_REMOVE_HEAD(&s->links, next);
		free(l);
	}
	RB_REMOVE(session_tree, &st->sessions, s);
	free(s);
}

static struct json_val
copy_val(char **to, struct json_val v)
{
	if (v.type == JSON_NONE)
		return v;
	memcpy(*to, v.p, v.n);
	v.p = *to;
	*to += v.n;
	return v;
}

int
store_link(struct session *s, struct json_val thread, struct json_val tool,
    struct json_val result, bool failed)
{
	struct link *l;
	char *to;

	if (store_find_link(s, thread) != NULL)
		return 0;
	l = malloc(sizeof(*l) + thread.n + tool.n +
	    (result.type != JSON_NONE ? result.n : 0));
	if (l == NULL)
		return -1;
	to = (char *)(l + 1);
	l->thread = copy_val(&to, thread);
	l->tool = copy_val(&to, tool);
	l->result = copy_val(&to, result);
	l->failed = failed;
	STAILQ_INSERT_TAIL(&s->links, l, next);
	return 0;
}

const struct link *
store_find_link(const struct session *s, struct json_val thread)
{
	const struct link *l;

	STAILQ_FOREACH(l, &s->links, next)
		if (json_same(l->thread, thread))
			return l;
	return NULL;
}

/* ---- groups ------------------------------------------------------------------ */

/* The kind, the session (of kinds that are its own), the value. */
static struct group_key *
make_key(const struct session *s, struct key_part part)
{
	bool scoped = part.kind >= 'a' && part.kind <= 'z';
	size_t sn = scoped ? s->n + 1 : 0;
	struct group_key *k = calloc(1, sizeof(*k) + 1 + sn + part.v.n);

	if (k == NULL)
		return NULL;
	k->p[0] = part.kind;
	if (scoped)
		memcpy(k->p + 1, s->id, s->n);
	memcpy(k->p + 1 + sn, part.v.p, part.v.n);
	k->n = 1 + sn + part.v.n;
	return k;
}

static struct group *
new_group(struct store *st, struct session *s)
{
	struct group *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->session = s;
	s->refs++;
	SLIST_INIT(&g->keys);
	TAILQ_INIT(&g->held);
	TAILQ_INSERT_TAIL(&st->open, g, lru);
	TAILQ_INSERT_TAIL(&s->groups, g, sibling);
	st->nopen++;
	g->due = -1;
	return g;
}

static void
unlist(struct store *st, struct group *g)
{
	if (g->done) {
		TAILQ_REMOVE(&st->finished, g, lru);
		st->nfinished--;
	} else {
		TAILQ_REMOVE(&st->open, g, lru);
		st->nopen--;
	}
}

void
store_release(struct store *st, struct group *g)
{
	struct held *h;

	while ((h = TAILQ_FIRST(&g->held)) != NULL) {
		TAILQ_REMOVE(&g->held, h, link);
		held_free(h);
	}
	st->bytes -= g->bytes;
	g->bytes = g->nheld = 0;
}

static void
free_group(struct store *st, struct group *g)
{
	struct session *s = g->session;
	struct group_key *k;

	store_release(st, g);
	while ((k = SLIST_FIRST(&g->keys)) != NULL) {
		SLIST_REMOVE_HEAD(&g->keys, next);
		RB_REMOVE(key_tree, &st->keys, k);
		free(k);
	}
	unlist(st, g);
	TAILQ_REMOVE(&s->groups, g, sibling);
	free(g->written);
	for (size_t i = 0; i < g->nroot; i++)
		free((void *)(uintptr_t)g->root[i].ident.p);
	free(g->root);
	free(g);
	if (--s->refs == 0)
		free_session(st, s);
}

/* Gives everything of from to t. */
static void
merge(struct store *st, struct group *g, struct group *from)
{
	struct group_key *k;
	struct held *h;

	while ((k = SLIST_FIRST(&from->keys)) != NULL) {
		SLIST_REMOVE_HEAD(&from->keys, next);
		SLIST_INSERT_HEAD(&g->keys, k, next);
		k->group = g;
	}
	while ((h = TAILQ_FIRST(&from->held)) != NULL) {
		TAILQ_REMOVE(&from->held, h, link);
		TAILQ_INSERT_TAIL(&g->held, h, link);
	}
	g->nheld += from->nheld;
	g->bytes += from->bytes;
	from->nheld = from->bytes = 0;
	if (from->begun != 0 && (g->begun == 0 || from->begun < g->begun))
		g->begun = from->begun;
	if (from->touched > g->touched)
		g->touched = from->touched;
	if (from->due >= 0 && (g->due < 0 || from->due < g->due))
		g->due = from->due;
	g->ended |= from->ended;
	g->has_trace |= from->has_trace;
	/* What one of them has written stays written. */
	for (size_t i = 0; i < from->nwritten; i++)
		(void)store_written(g, from->written[i].key,
		    from->written[i].span);
	for (size_t i = 0; i < from->nroot; i++)
		(void)store_written_root(g, &from->root[i]);
	if (g->done && !TAILQ_EMPTY(&g->held))
		store_reopen(st, g);
	free_group(st, from);
}

/* Finds or adds the key; *g may be NULL, or become another by merging. */
static int
put_key(struct store *st, struct session *s, struct group **g,
    struct key_part part)
{
	struct group_key *k = make_key(s, part), *old;

	if (k == NULL)
		return -1;
	old = RB_FIND(key_tree, &st->keys, k);
	if (old != NULL) {
		free(k);
		if (*g == NULL)
			*g = old->group;
		else if (old->group != *g)
			merge(st, *g, old->group);
		return 0;
	}
	if (*g == NULL)
		*g = new_group(st, s);
	if (*g == NULL) {
		free(k);
		return -1;
	}
	k->group = *g;
	RB_INSERT(key_tree, &st->keys, k);
	SLIST_INSERT_HEAD(&(*g)->keys, k, next);
	return 0;
}

/* A group that one of the keys already leads to. */
static struct group *
find_group(struct store *st, struct session *s, const struct key_part *key,
    size_t n)
{
	struct group_key *k, *old = NULL;

	for (size_t i = 0; i < n && old == NULL; i++) {
		k = make_key(s, key[i]);
		if (k == NULL)
			return NULL;
		old = RB_FIND(key_tree, &st->keys, k);
		free(k);
	}
	return old != NULL ? old->group : NULL;
}

struct group *
store_group(struct store *st, struct session *s, const struct key_part *key,
    size_t n)
{
	struct group *g = find_group(st, s, key, n);

	for (size_t i = 0; i < n; i++)
		if (put_key(st, s, &g, key[i]) == -1)
			return NULL;
	return g;
}

struct group *
store_add_key(struct store *st, struct group *g, struct key_part key)
{
	return put_key(st, g->session, &g, key) == -1 ? NULL : g;
}

void
store_hold(struct store *st, struct group *g, struct held *h)
{
	if (g->done)
		store_reopen(st, g);
	TAILQ_INSERT_TAIL(&g->held, h, link);
	g->nheld++;
	g->bytes += h->size;
	st->bytes += h->size;
	g->touched = h->arrived;
	if (h->start != 0 && (g->begun == 0 || h->start < g->begun))
		g->begun = h->start;
	TAILQ_REMOVE(&st->open, g, lru);
	TAILQ_INSERT_TAIL(&st->open, g, lru);
}

void
store_finish(struct store *st, struct group *g, size_t max)
{
	store_release(st, g);
	if (!g->done) {
		unlist(st, g);
		g->done = true;
		TAILQ_INSERT_TAIL(&st->finished, g, lru);
		st->nfinished++;
	}
	g->due = -1;
	while (st->nfinished > max)
		free_group(st, TAILQ_FIRST(&st->finished));
}

void
store_reopen(struct store *st, struct group *g)
{
	unlist(st, g);
	g->done = false;
	TAILQ_INSERT_TAIL(&st->open, g, lru);
	st->nopen++;
}

void
store_fini(struct store *st)
{
	struct group *g;
	struct session *s;

	while ((g = TAILQ_FIRST(&st->open)) != NULL)
		free_group(st, g);
	while ((g = TAILQ_FIRST(&st->finished)) != NULL)
		free_group(st, g);
	while ((s = RB_MIN(session_tree, &st->sessions)) != NULL)
		free_session(st, s);
}

int
store_written(struct group *g, uint64_t key, const char span[SPAN_ID_LEN])
{
	if (store_find_written(g, key) != NULL)
		return 0;
	if (g->nwritten == g->capwritten) {
		size_t cap = g->capwritten != 0 ? 2 * g->capwritten : 8;
		struct written *w = reallocarray(g->written, cap, sizeof(*w));

		if (w == NULL)
			return -1;
		g->written = w;
		g->capwritten = cap;
	}
	g->written[g->nwritten].key = key;
	memcpy(g->written[g->nwritten++].span, span, SPAN_ID_LEN);
	return 0;
}

const struct written *
store_find_written(const struct group *g, uint64_t key)
{
	for (size_t i = 0; i < g->nwritten; i++)
		if (g->written[i].key == key)
			return &g->written[i];
	return NULL;
}

int
store_written_root(struct group *g, const struct written_root *root)
{
	char *ident = NULL, *to;

	if (store_find_root(g, root->key) != NULL)
		return 0;
	if (g->nroot == g->caproot) {
		size_t cap = g->caproot != 0 ? 2 * g->caproot : 1;
		struct written_root *r = reallocarray(g->root, cap,
		    sizeof(*r));

		if (r == NULL)
			return -1;
		g->root = r;
		g->caproot = cap;
	}
	if (root->ident.type != JSON_NONE) {
		to = ident = malloc(root->ident.n);
		if (ident == NULL)
			return -1;
		(void)copy_val(&to, root->ident);
	}
	g->root[g->nroot] = *root;
	g->root[g->nroot++].ident.p = ident;
	return 0;
}

const struct written_root *
store_find_root(const struct group *g, uint64_t key)
{
	for (size_t i = 0; i < g->nroot; i++)
		if (g->root[i].key == key)
			return &g->root[i];
	return NULL;
}

void
store_drop(struct store *st, struct group *g, struct held *h)
{
	TAILQ_REMOVE(&g->held, h, link);
	g->nheld--;
	g->bytes -= h->size;
	st->bytes -= h->size;
	held_free(h);
}

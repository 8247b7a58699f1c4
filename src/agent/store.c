#include "agent/store.h"

#include <errno.h>
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
compare_keys(const struct turn_key *a, const struct turn_key *b)
{
	return compare_bytes(a->p, a->n, b->p, b->n);
}

/* libbsd's RB_GENERATE_STATIC needs an __unused that glibc has no use for. */
#define MAYBE_STATIC	static __attribute__((unused))
RB_PROTOTYPE_INTERNAL(session_tree, session, entry, compare_sessions,
    MAYBE_STATIC)
RB_PROTOTYPE_INTERNAL(key_tree, turn_key, entry, compare_keys, MAYBE_STATIC)
RB_GENERATE_INTERNAL(session_tree, session, entry, compare_sessions,
    MAYBE_STATIC)
RB_GENERATE_INTERNAL(key_tree, turn_key, entry, compare_keys, MAYBE_STATIC)

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
	TAILQ_INIT(&s->turns);
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
		if (l->thread.n == thread.n &&
		    memcmp(l->thread.p, thread.p, thread.n) == 0)
			return l;
	return NULL;
}

/* ---- turns ------------------------------------------------------------------- */

/* "T" + trace id, or "P" + session + NUL + turn id: room for both. */
static struct turn_key *
make_key(const struct session *s, char kind, struct json_val v)
{
	size_t sn = kind == 'P' ? s->n + 1 : 0;
	struct turn_key *k = calloc(1, sizeof(*k) + 1 + sn + v.n);

	if (k == NULL)
		return NULL;
	k->p[0] = kind;
	if (sn > 0)
		memcpy(k->p + 1, s->id, s->n);
	memcpy(k->p + 1 + sn, v.p, v.n);
	k->n = 1 + sn + v.n;
	return k;
}

static struct turn *
new_turn(struct store *st, struct session *s)
{
	struct turn *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->session = s;
	s->refs++;
	SLIST_INIT(&t->keys);
	TAILQ_INIT(&t->held);
	TAILQ_INSERT_TAIL(&st->open, t, lru);
	TAILQ_INSERT_TAIL(&s->turns, t, sibling);
	st->nopen++;
	t->due = -1;
	return t;
}

static void
unlist(struct store *st, struct turn *t)
{
	if (t->done) {
		TAILQ_REMOVE(&st->finished, t, lru);
		st->nfinished--;
	} else {
		TAILQ_REMOVE(&st->open, t, lru);
		st->nopen--;
	}
}

void
store_release(struct store *st, struct turn *t)
{
	struct held *h;

	while ((h = TAILQ_FIRST(&t->held)) != NULL) {
		TAILQ_REMOVE(&t->held, h, link);
		held_free(h);
	}
	st->bytes -= t->bytes;
	t->bytes = t->nheld = 0;
}

static void
free_turn(struct store *st, struct turn *t)
{
	struct session *s = t->session;
	struct turn_key *k;

	store_release(st, t);
	while ((k = SLIST_FIRST(&t->keys)) != NULL) {
		SLIST_REMOVE_HEAD(&t->keys, next);
		RB_REMOVE(key_tree, &st->keys, k);
		free(k);
	}
	unlist(st, t);
	TAILQ_REMOVE(&s->turns, t, sibling);
	free(t->written);
	free(t);
	if (--s->refs == 0)
		free_session(st, s);
}

/* Gives everything of from to t. */
static void
merge(struct store *st, struct turn *t, struct turn *from)
{
	struct turn_key *k;
	struct held *h;

	while ((k = SLIST_FIRST(&from->keys)) != NULL) {
		SLIST_REMOVE_HEAD(&from->keys, next);
		SLIST_INSERT_HEAD(&t->keys, k, next);
		k->turn = t;
	}
	while ((h = TAILQ_FIRST(&from->held)) != NULL) {
		TAILQ_REMOVE(&from->held, h, link);
		TAILQ_INSERT_TAIL(&t->held, h, link);
	}
	t->nheld += from->nheld;
	t->bytes += from->bytes;
	from->nheld = from->bytes = 0;
	if (from->begun != 0 && (t->begun == 0 || from->begun < t->begun))
		t->begun = from->begun;
	if (from->touched > t->touched)
		t->touched = from->touched;
	if (from->due >= 0 && (t->due < 0 || from->due < t->due))
		t->due = from->due;
	t->opened |= from->opened;
	t->ended |= from->ended;
	t->has_trace |= from->has_trace;
	t->has_root |= from->has_root;
	/* What one of them has written stays written. */
	for (size_t i = 0; i < from->nwritten; i++)
		(void)store_written(t, from->written[i].key,
		    from->written[i].span);
	if (!t->has_id && from->has_id) {
		t->has_id = true;
		memcpy(t->trace, from->trace, sizeof(t->trace));
		memcpy(t->root, from->root, sizeof(t->root));
	}
	if (t->done && !TAILQ_EMPTY(&t->held))
		store_reopen(st, t);
	free_turn(st, from);
}

struct turn *
store_turn(struct store *st, struct session *s, struct json_val turn_id,
    struct json_val trace_id, bool make)
{
	const struct {
		char		kind;
		struct json_val	v;
	} given[2] = { { 'P', turn_id }, { 'T', trace_id } };
	struct turn_key *k[2] = { NULL, NULL }, *old;
	struct turn *t = NULL;

	errno = 0;
	for (int i = 0; i < 2; i++) {
		if (given[i].v.type != JSON_STRING)
			continue;
		k[i] = make_key(s, given[i].kind, given[i].v);
		if (k[i] == NULL) {
			free(k[0]);
			errno = ENOMEM;
			return NULL;
		}
		old = RB_FIND(key_tree, &st->keys, k[i]);
		if (old == NULL)
			continue;
		free(k[i]);
		k[i] = NULL;
		if (t == NULL)
			t = old->turn;
		else if (old->turn != t)
			merge(st, t, old->turn);
	}
	if (t == NULL && make && (k[0] != NULL || k[1] != NULL)) {
		t = new_turn(st, s);
		if (t == NULL)
			errno = ENOMEM;
	}
	for (int i = 0; i < 2; i++) {
		if (k[i] == NULL)
			continue;
		if (t == NULL) {
			free(k[i]);
			continue;
		}
		k[i]->turn = t;
		RB_INSERT(key_tree, &st->keys, k[i]);
		SLIST_INSERT_HEAD(&t->keys, k[i], next);
	}
	return t;
}

void
store_hold(struct store *st, struct turn *t, struct held *h)
{
	if (t->done)
		store_reopen(st, t);
	TAILQ_INSERT_TAIL(&t->held, h, link);
	t->nheld++;
	t->bytes += h->size;
	st->bytes += h->size;
	t->touched = h->arrived;
	if (h->start != 0 && (t->begun == 0 || h->start < t->begun))
		t->begun = h->start;
	TAILQ_REMOVE(&st->open, t, lru);
	TAILQ_INSERT_TAIL(&st->open, t, lru);
}

void
store_finish(struct store *st, struct turn *t, size_t max)
{
	store_release(st, t);
	if (!t->done) {
		unlist(st, t);
		t->done = true;
		TAILQ_INSERT_TAIL(&st->finished, t, lru);
		st->nfinished++;
	}
	t->due = -1;
	while (st->nfinished > max)
		free_turn(st, TAILQ_FIRST(&st->finished));
}

void
store_reopen(struct store *st, struct turn *t)
{
	unlist(st, t);
	t->done = false;
	TAILQ_INSERT_TAIL(&st->open, t, lru);
	st->nopen++;
}

void
store_fini(struct store *st)
{
	struct turn *t;
	struct session *s;

	while ((t = TAILQ_FIRST(&st->open)) != NULL)
		free_turn(st, t);
	while ((t = TAILQ_FIRST(&st->finished)) != NULL)
		free_turn(st, t);
	while ((s = RB_MIN(session_tree, &st->sessions)) != NULL)
		free_session(st, s);
}

int
store_written(struct turn *t, uint64_t key, const char span[SPAN_ID_LEN])
{
	if (store_find_written(t, key) != NULL)
		return 0;
	if (t->nwritten == t->capwritten) {
		size_t cap = t->capwritten != 0 ? 2 * t->capwritten : 8;
		struct written *w = reallocarray(t->written, cap, sizeof(*w));

		if (w == NULL)
			return -1;
		t->written = w;
		t->capwritten = cap;
	}
	t->written[t->nwritten].key = key;
	memcpy(t->written[t->nwritten++].span, span, SPAN_ID_LEN);
	return 0;
}

const struct written *
store_find_written(const struct turn *t, uint64_t key)
{
	for (size_t i = 0; i < t->nwritten; i++)
		if (t->written[i].key == key)
			return &t->written[i];
	return NULL;
}

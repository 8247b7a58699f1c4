#include "view/store.h"

#include <stdlib.h>
#include <string.h>

#define INFO_MAX_BYTES	160

static int
node_cmp(const struct node *a, const struct node *b)
{
	return a->id < b->id ? -1 : a->id > b->id;
}

static int
trace_cmp(const struct trace *a, const struct trace *b)
{
	return memcmp(a->id, b->id, TRACE_ID_LEN);
}

RB_GENERATE(node_map, node, by_id, node_cmp)
RB_GENERATE(trace_map, trace, by_id, trace_cmp)

void
store_init(struct store *s, size_t max, bool content)
{
	memset(s, 0, sizeof(*s));
	RB_INIT(&s->map);
	TAILQ_INIT(&s->rooted);
	TAILQ_INIT(&s->rootless);
	s->max = max;
	s->content = content;
	past_init(&s->pasts);
}

static struct trace_queue *
queue_of(struct store *s, const struct trace *t)
{
	return t->rooted ? &s->rooted : &s->rootless;
}

static void
trace_free(struct store *s, struct trace *t)
{
	struct node *n, *next;

	for (n = RB_MIN(node_map, &t->nodes); n != NULL; n = next) {
		next = RB_NEXT(node_map, &t->nodes, n);
		RB_REMOVE(node_map, &t->nodes, n);
		free(n);
	}
	for (int i = 0; i < INFO_COUNT_; i++)
		free(t->info[i]);
	if (t->past != NULL)
		t->past->users--;
	RB_REMOVE(trace_map, &s->map, t);
	TAILQ_REMOVE(queue_of(s, t), t, by_age);
	s->ntraces--;
	s->bytes -= t->bytes;
	free(t);
}

void
store_fini(struct store *s)
{
	struct trace *t, *next;

	for (t = RB_MIN(trace_map, &s->map); t != NULL; t = next) {
		next = RB_NEXT(trace_map, &s->map, t);
		trace_free(s, t);
	}
	past_fini(&s->pasts);
	buf_fini(&s->scratch);
}

static struct trace *
trace_get(struct store *s, struct json_val id)
{
	struct trace key, *t;
	struct past *past;

	memcpy(key.id, id.p + 1, TRACE_ID_LEN);
	t = RB_FIND(trace_map, &s->map, &key);
	if (t != NULL)
		return t;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	memcpy(t->id, key.id, TRACE_ID_LEN);
	RB_INIT(&t->nodes);
	past = past_find(&s->pasts, t->id);
	if (past != NULL)
		past->users++;
	t->past = past;
	t->rooted = past != NULL;	/* what follows waits for nothing */
	t->bytes = sizeof(*t);
	s->bytes += t->bytes;
	s->ntraces++;
	RB_INSERT(trace_map, &s->map, t);
	TAILQ_INSERT_TAIL(queue_of(s, t), t, by_age);
	return t;
}

/* The trace has just had news. */
static void
touch(struct store *s, struct trace *t, bool root, int64_t now)
{
	TAILQ_REMOVE(queue_of(s, t), t, by_age);
	t->rooted |= root;
	t->last = now;
	t->order = s->order++;
	TAILQ_INSERT_TAIL(queue_of(s, t), t, by_age);
}

static struct json_val
info_of(const struct record *r, enum trace_info i)
{
	static const char *const key[INFO_COUNT_][3] = {
		[INFO_SESSION] = { "session.id", "langfuse.session.id",
		    "gen_ai.conversation.id" },
		[INFO_AGENT] = { "aitrace.agent", NULL, NULL },
		[INFO_USER] = { "user.id", "langfuse.user.id", NULL },
		[INFO_PROJECT] = { "project.name", NULL, NULL },
	};
	struct json_val v = { NULL, 0, JSON_NONE };

	for (int k = 0; k < 3 && key[i][k] != NULL && v.type != JSON_STRING;
	    k++)
		v = record_attr(r, key[i][k]);
	if (v.type != JSON_STRING && i == INFO_AGENT)
		v = record_resource(r, "service.name");
	return v;
}

/* What a session's heading says; a root knows best. */
static int
learn(struct store *s, struct trace *t, const struct record *r, bool root)
{
	struct buf b = { 0 };
	const char *p;
	size_t n;

	for (int i = 0; i < INFO_COUNT_; i++) {
		if (t->info[i] != NULL && !root)
			continue;
		buf_reset(&s->scratch);
		p = json_str(info_of(r, (enum trace_info)i), &s->scratch, &n);
		if (p == NULL || n == 0)
			continue;
		text_squeeze(&b, p, n, INFO_MAX_BYTES);
		if (buf_cstr(&b)[0] != '\0') {
			free(t->info[i]);
			t->bytes += b.n;
			s->bytes += b.n;
			t->info[i] = buf_take(&b, NULL);
			if (t->info[i] == NULL)
				return -1;
		}
		buf_reset(&b);
	}
	buf_fini(&b);
	return 0;
}

/* Adds the node, in place of one with its id: what came last counts. */
static void
add(struct store *s, struct trace *t, struct node *n)
{
	struct node *old = RB_FIND(node_map, &t->nodes, n);

	if (old != NULL) {
		s->twins++;
		RB_REMOVE(node_map, &t->nodes, old);
		t->bytes -= old->bytes;
		s->bytes -= old->bytes;
		t->n--;
		free(old);
	}
	RB_INSERT(node_map, &t->nodes, n);
	t->n++;
	t->bytes += n->bytes;
	s->bytes += n->bytes;
}

int
store_put(struct store *s, const struct record *r, int64_t now)
{
	struct trace *t;
	struct node *n;
	bool root;

	switch (node_make(&n, r, s->content, &s->scratch)) {
	case NODE_NO_ID:
		s->no_id++;
		return 0;
	case NODE_NO_MEMORY:
		return -1;
	case NODE_OK:
		break;
	}
	t = trace_get(s, r->field[F_TRACE_ID]);
	if (t == NULL) {
		free(n);
		return -1;
	}
	if (t->past != NULL && past_has(t->past, n->id)) {
		s->twins++;
		free(n);
		if (t->n == 0)
			trace_free(s, t);
		return 0;
	}
	root = n->parent == 0;
	add(s, t, n);
	touch(s, t, root, now);
	return learn(s, t, r, root);
}

bool
store_full(const struct store *s)
{
	return s->bytes > s->max;
}

struct trace *
store_oldest(const struct store *s)
{
	struct trace *a = TAILQ_FIRST(&s->rooted);
	struct trace *b = TAILQ_FIRST(&s->rootless);

	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	return a->order < b->order ? a : b;
}

static bool
is_due(const struct trace *t, int64_t now, int64_t wait, int64_t *next)
{
	if (t == NULL)
		return false;
	if (now - t->last >= wait)
		return true;
	if (*next == -1 || t->last + wait < *next)
		*next = t->last + wait;
	return false;
}

struct trace *
store_due(const struct store *s, int64_t now, int64_t rooted,
    int64_t rootless, int64_t *next)
{
	*next = -1;
	if (is_due(TAILQ_FIRST(&s->rooted), now, rooted, next))
		return TAILQ_FIRST(&s->rooted);
	if (is_due(TAILQ_FIRST(&s->rootless), now, rootless, next))
		return TAILQ_FIRST(&s->rootless);
	return NULL;
}

struct trace **
store_all(const struct store *s, size_t *n)
{
	struct trace **all, *t;

	all = calloc(s->ntraces + 1, sizeof(struct trace *));
	*n = 0;
	if (all == NULL)
		return NULL;
	TAILQ_FOREACH(t, &s->rooted, by_age)
		all[(*n)++] = t;
	TAILQ_FOREACH(t, &s->rootless, by_age)
		all[(*n)++] = t;
	return all;
}

void
store_printed(struct store *s, struct trace *t, const struct text *name)
{
	uint64_t *id = calloc(t->n + 1, sizeof(*id));
	struct node *n;
	size_t k = 0;

	if (id != NULL) {
		RB_FOREACH(n, node_map, &t->nodes)
			id[k++] = n->id;
		past_add(&s->pasts, t->id, name, id, k);
		free(id);
	}
	trace_free(s, t);
}

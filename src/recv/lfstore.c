#include "config.h"

#include "recv/lfstore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const char *const member[LF_COUNT_] = {
	[LF_NAME] = "name", [LF_TIMESTAMP] = "timestamp",
	[LF_START_TIME] = "startTime", [LF_END_TIME] = "endTime",
	[LF_COMPLETION_START_TIME] = "completionStartTime",
	[LF_INPUT] = "input", [LF_OUTPUT] = "output", [LF_LEVEL] = "level",
	[LF_STATUS_MESSAGE] = "statusMessage",
	[LF_PARENT_ID] = "parentObservationId", [LF_MODEL] = "model",
	[LF_MODEL_PARAMETERS] = "modelParameters", [LF_USAGE] = "usage",
	[LF_USAGE_DETAILS] = "usageDetails",
	[LF_COST_DETAILS] = "costDetails", [LF_PROMPT_NAME] = "promptName",
	[LF_PROMPT_VERSION] = "promptVersion", [LF_SESSION_ID] = "sessionId",
	[LF_USER_ID] = "userId", [LF_ENVIRONMENT] = "environment",
	[LF_RELEASE] = "release", [LF_VERSION] = "version",
	[LF_PUBLIC] = "public", [LF_TAGS] = "tags",
	[LF_METADATA] = "metadata"
};

int
lf_thing_order(const struct lf_thing *a, const struct lf_thing *b)
{
	size_t n = a->idlen < b->idlen ? a->idlen : b->idlen;
	int c = n > 0 ? memcmp(a->id, b->id, n) : 0;

	if (c != 0)
		return c;
	return a->idlen < b->idlen ? -1 : a->idlen > b->idlen;
}

RB_GENERATE(lf_things, lf_thing, link, lf_thing_order)

void
lf_store_init(struct lf_store *s)
{
	memset(s, 0, sizeof(*s));
	RB_INIT(&s->traces);
	TAILQ_INIT(&s->lru);
}

void
lf_store_fini(struct lf_store *s)
{
	struct lf_trace *t;

	while ((t = TAILQ_FIRST(&s->lru)) != NULL)
		lf_store_drop(s, t);
}

static int
init_thing(struct lf_store *s, struct lf_thing *x, const char *id, size_t n)
{
	x->id = malloc(n + 1);
	if (x->id == NULL)
		return -1;
	memcpy(x->id, id, n);
	x->id[n] = '\0';
	x->idlen = n;
	s->bytes += n + sizeof(*x);
	return 0;
}

static void
fini_thing(struct lf_store *s, struct lf_thing *x)
{
	for (size_t i = 0; i < LF_COUNT_; i++) {
		s->bytes -= x->f[i].n;
		free(x->f[i].p);
	}
	s->bytes -= x->idlen + sizeof(*x);
	free(x->id);
}

static struct lf_thing *
find(struct lf_things *in, const char *id, size_t n)
{
	union { const char *c; char *p; } u = { .c = id };
	struct lf_thing key = { .id = u.p, .idlen = n };

	return RB_FIND(lf_things, in, &key);
}

struct lf_trace *
lf_store_trace(struct lf_store *s, const char *id, size_t n, int64_t now)
{
	struct lf_trace *t = (struct lf_trace *)(void *)find(&s->traces, id,
	    n);

	if (t == NULL) {
		t = calloc(1, sizeof(*t));
		if (t == NULL)
			return NULL;
		if (init_thing(s, &t->t, id, n) == -1) {
			free(t);
			return NULL;
		}
		RB_INIT(&t->obs);
		RB_INSERT(lf_things, &s->traces, &t->t);
	} else
		TAILQ_REMOVE(&s->lru, t, lru);
	t->seen = now;
	t->touched = true;
	TAILQ_INSERT_TAIL(&s->lru, t, lru);
	return t;
}

struct lf_thing *
lf_store_obs(struct lf_store *s, struct lf_trace *t, const char *id, size_t n,
    const char *type)
{
	struct lf_thing *x = find(&t->obs, id, n);

	if (x == NULL) {
		x = calloc(1, sizeof(*x));
		if (x == NULL)
			return NULL;
		if (init_thing(s, x, id, n) == -1) {
			free(x);
			return NULL;
		}
		x->type = type;
		RB_INSERT(lf_things, &t->obs, x);
	}
	return x;
}

struct lf_trace *
lf_store_peek(struct lf_store *s, const char *id, size_t n)
{
	return (struct lf_trace *)(void *)find(&s->traces, id, n);
}

struct lf_thing *
lf_store_peek_obs(struct lf_trace *t, const char *id, size_t n)
{
	return find(&t->obs, id, n);
}

/* Does the new value beat the old? */
static bool
beats(const struct lf_value *old, bool update, const char *when)
{
	if (old->p == NULL)
		return true;
	if (old->update != update)
		return update;
	return strcmp(when, old->when) >= 0;
}

/* Members of the loser that the winner does not have, then the winner's. */
static void
join_objects(struct buf *b, struct json_val loser, struct json_val winner)
{
	struct json_iter it;
	struct json_member m, w;
	bool first = true;

	buf_addc(b, '{');
	for (int pass = 0; pass < 2; pass++) {
		json_iter(&it, pass == 0 ? loser : winner);
		while (json_next_member(&it, &m)) {
			struct json_iter look;
			bool hidden = false;

			json_iter(&look, winner);
			while (pass == 0 && json_next_member(&look, &w))
				hidden |= w.klen == m.klen &&
				    memcmp(w.key, m.key, m.klen) == 0;
			if (hidden)
				continue;
			if (!first)
				buf_addc(b, ',');
			first = false;
			buf_addc(b, '"');
			buf_add(b, m.key, m.klen);
			buf_adds(b, "\":");
			buf_add(b, m.val.p, m.val.n);
		}
	}
	buf_addc(b, '}');
}

static void
unite_arrays(struct buf *b, struct json_val old, struct json_val new)
{
	struct json_iter it, look;
	struct json_val v, w;
	bool first = true;

	buf_addc(b, '[');
	for (int pass = 0; pass < 2; pass++) {
		json_iter(&it, pass == 0 ? old : new);
		while (json_next_elem(&it, &v)) {
			bool there = false;

			json_iter(&look, old);
			while (pass == 1 && json_next_elem(&look, &w))
				there |= json_same(w, v);
			if (there)
				continue;
			if (!first)
				buf_addc(b, ',');
			first = false;
			buf_add(b, v.p, v.n);
		}
	}
	buf_addc(b, ']');
}

static struct json_val
as_val(const struct lf_value *v)
{
	struct json_val j = { v->p, v->n, JSON_NONE };

	if (v->p == NULL)
		return j;
	switch (v->p[0]) {
	case '{':
		j.type = JSON_OBJECT;
		break;
	case '[':
		j.type = JSON_ARRAY;
		break;
	case '"':
		j.type = JSON_STRING;
		break;
	case 't':
		j.type = JSON_TRUE;
		break;
	case 'f':
		j.type = JSON_FALSE;
		break;
	default:
		j.type = JSON_NUMBER;
		break;
	}
	return j;
}

/* Of a trace, what stands on each of its spans. */
static bool
is_shared(enum lf_field f)
{
	return f == LF_NAME || f == LF_SESSION_ID || f == LF_USER_ID ||
	    f == LF_TAGS || f == LF_ENVIRONMENT || f == LF_RELEASE ||
	    f == LF_VERSION;
}

static int
set(struct lf_store *s, struct lf_thing *x, enum lf_field f, struct json_val v,
    bool update, const char *when)
{
	struct lf_value *old = &x->f[f];
	struct json_val was = as_val(old);
	bool wins = beats(old, update, when);
	struct buf b = { 0 };
	size_t n;
	char *p;

	if (f == LF_METADATA && was.type == JSON_OBJECT &&
	    v.type == JSON_OBJECT)
		join_objects(&b, wins ? was : v, wins ? v : was);
	else if (f == LF_TAGS && was.type == JSON_ARRAY &&
	    v.type == JSON_ARRAY)
		unite_arrays(&b, was, v);
	else if (f == LF_TIMESTAMP && was.type == JSON_STRING)
		/* A trace begins when it was first told to begin. */
		buf_add(&b, memcmp(v.p, was.p, v.n < was.n ? v.n : was.n) < 0 ?
		    v.p : was.p, memcmp(v.p, was.p, v.n < was.n ? v.n :
		    was.n) < 0 ? v.n : was.n);
	else if (wins)
		buf_add(&b, v.p, v.n);
	else
		return 0;
	p = buf_take(&b, &n);
	if (p == NULL)
		return -1;
	if (is_shared(f) && (n != old->n || memcmp(p, old->p, n) != 0))
		x->shared = true;
	s->bytes += n - old->n;
	free(old->p);
	old->p = p;
	old->n = n;
	if (wins) {
		old->update = update;
		memcpy(old->when, when, sizeof(old->when));
	}
	return 0;
}

int
lf_store_merge(struct lf_store *s, struct lf_thing *x, struct json_val body,
    bool update, struct json_val timestamp)
{
	char when[sizeof(x->f[0].when)] = "";
	struct json_val v;

	if (timestamp.n > 2 && timestamp.n - 2 < sizeof(when))
		memcpy(when, timestamp.p + 1, timestamp.n - 2);
	for (size_t i = 0; i < LF_COUNT_; i++) {
		v = json_get(body, member[i]);
		if (v.type == JSON_NONE || v.type == JSON_NULL)
			continue;
		if (set(s, x, (enum lf_field)i, v, update, when) == -1)
			return -1;
	}
	x->created |= !update;
	x->touched = true;
	return 0;
}

void
lf_store_drop(struct lf_store *s, struct lf_trace *t)
{
	struct lf_thing *x;

	while ((x = RB_MIN(lf_things, &t->obs)) != NULL) {
		RB_REMOVE(lf_things, &t->obs, x);
		fini_thing(s, x);
		free(x);
	}
	RB_REMOVE(lf_things, &s->traces, &t->t);
	TAILQ_REMOVE(&s->lru, t, lru);
	fini_thing(s, &t->t);
	free(t);
}

struct lf_thing *
lf_first(struct lf_trace *t)
{
	return RB_MIN(lf_things, &t->obs);
}

struct lf_thing *
lf_next(struct lf_thing *x)
{
	return RB_NEXT(lf_things, NULL, x);
}

struct json_val
lf_get(const struct lf_thing *x, enum lf_field f)
{
	return as_val(&x->f[f]);
}

/*
 * A line of which only what a call says is read. Most bytes of a history are
 * the results of tools and what was said: these are passed over by their
 * quotes and brackets, and nobody looks at what is in them but for what no text
 * may hold.
 */
#include <string.h>

#include "base/utf8.h"
#include "import/transcript.h"
#include "json/pass.h"
#include "json/quotes.h"

#define DEPTH	8	/* of what is read */

struct look {
	const char	*end;
	struct tr_line	*l;
	struct tr_memory *memory;
	bool		 ours;		/* nobody else writes such lines */
	bool		 known;		/* the message was looked into */
	const char	*tail;		/* from here on it may end alike */
	struct tr_said	 said[TR_SAID];	/* what that says */
	size_t		 nsaid;
};

#define KEY(m, s)	((m)->klen == sizeof(s) - 1 && \
    memcmp((m)->key, (s), sizeof(s) - 1) == 0)

/* Over an object or a list, whatever is in it. */
static const char *
pass(struct look *x, struct quotes *q, const char *p, struct json_val *v)
{
	const char *to = json_pass(p, x->end);

	if (to == NULL)
		return NULL;
	*v = (struct json_val){ p, (size_t)(to - p), *p == '{' ? JSON_OBJECT :
	    JSON_ARRAY };
	*q = quotes_begin(to, (size_t)(x->end - to));
	return to;
}

/* Reads "name": behind p; where its value begins, or NULL. */
__attribute__((always_inline))
static inline const char *
name(struct quotes *q, const char *p, struct json_member *m)
{
	const char *open = quotes_next(q), *close = quotes_next(q);

	if (open != p + 1 || q->end - close < 3 || close[1] != ':')
		return NULL;
	m->key = open + 1;
	m->klen = (size_t)(close - m->key);
	m->kesc = false;
	/* None of ours has escapes. */
	return q->back > open && memchr(m->key, '\\', m->klen) != NULL ?
	    NULL : close + 2;
}

__attribute__((always_inline))
static inline const char *
value(struct look *x, struct quotes *q, const char *p, struct json_val *v)
{
	const char *open, *close, *why;

	if (*p != '"')
		return *p == '{' || *p == '[' ? pass(x, q, p, v) :
		    json_skip_other(p, x->end, DEPTH, v, &why);
	open = quotes_next(q);
	close = quotes_next(q);
	if (open != p || close == x->end)
		return NULL;
	*v = (struct json_val){ p, (size_t)(close + 1 - p), JSON_STRING };
	return close + 1;
}

/* Counts are few bytes, and must be right: they are checked. */
static const char *
counts(struct look *x, struct quotes *q, const char *p, struct tr_message *m)
{
	struct tr_shape *shape = &x->memory->shape;
	const char *to, *why;

	to = transcript_shape_match(shape, p, x->end, &m->cost);
	m->counted = to != NULL;
	if (m->counted)
		m->usage = (struct json_val){ p, (size_t)(to - p),
		    JSON_OBJECT };
	else {
		to = json_skip(p, x->end, DEPTH, &m->usage, &why);
		if (to == NULL)
			return NULL;
		transcript_shape_learn(shape, m->usage);
	}
	*q = quotes_begin(to, (size_t)(x->end - to));
	return to;
}

/*
 * What the members of a message say, as transcript_message; p is at its brace.
 * No white space.
 */
static const char *
message(struct look *x, struct quotes *at, const char *p)
{
	struct tr_message *to = &x->l->m;
	struct quotes q = *at;
	struct json_member m;

	memset(to, 0, sizeof(*to));
	do {
		if ((p = name(&q, p, &m)) == NULL)
			return NULL;
		if (KEY(&m, "usage"))
			p = counts(x, &q, p, to);
		else
			p = value(x, &q, p, &m.val);
		if (p == NULL || p == x->end)
			return NULL;
		if (KEY(&m, "id"))
			to->id = m.val;
		else if (KEY(&m, "model"))
			to->model = m.val;
		else if (KEY(&m, "stop_reason"))
			to->stop = m.val;
		else if (KEY(&m, "content"))
			to->content = m.val;
	} while (*p == ',');
	*at = q;
	x->known = true;
	return *p == '}' ? p + 1 : NULL;
}

/*
 * Lines end alike: where they were written, by which version. What one ended
 * with, from a member that is a string to the last, is known again in the next
 * by one look. True: l has what it says.
 */
static bool
ends_alike(struct look *x, const char *p)
{
	const struct tr_memory *k = x->memory;

	if (memcmp(p, k->end.p, k->end.n) != 0)
		return false;
	for (size_t i = 0; i < k->n; i++)
		*(struct json_val *)((char *)x->l + k->said[i].to) =
		    (struct json_val){ p + k->said[i].at, k->said[i].n,
		    JSON_STRING };
	return true;
}

/* The member at p, whose value is kept at to, begins the line's end or not. */
static void
tail_member(struct look *x, const char *p, const struct json_member *m, int to)
{
	if (m->val.type != JSON_STRING || to == TRANSCRIPT_FLAG ||
	    KEY(m, "uuid") || KEY(m, "parentUuid") || (to >= 0 &&
	    x->nsaid == TR_SAID)) {
		x->tail = NULL;
		x->nsaid = 0;
		return;
	}
	if (x->tail == NULL)
		x->tail = p;
	if (to >= 0)
		x->said[x->nsaid++] = (struct tr_said){ (size_t)to,
		    (size_t)(m->val.p - x->tail), m->val.n };
}

static void
remember_tail(struct look *x)
{
	struct tr_memory *k = x->memory;

	buf_reset(&k->end);
	if (x->tail == NULL)
		return;
	buf_add(&k->end, x->tail, (size_t)(x->end - x->tail));
	if (k->end.err != 0)
		k->end.n = 0;
	memcpy(k->said, x->said, x->nsaid * sizeof(k->said[0]));
	k->n = x->nsaid;
}

/* The line's members; p is at its brace. */
static const char *
members(struct look *x, const char *p)
{
	struct quotes q = quotes_begin(p, (size_t)(x->end - p));
	const size_t alike = x->memory->end.n;
	struct json_member m;
	const char *from, *at;

	do {
		at = p;
		if ((size_t)(x->end - p) == alike && ends_alike(x, p))
			return x->end;
		if ((from = name(&q, p, &m)) == NULL)
			return NULL;
		/* Of a user's message nothing matters. */
		if (KEY(&m, "message") && *from == '{' &&
		    !json_str_is(x->l->type, "user")) {
			p = message(x, &q, from);
			m.val = (struct json_val){ from, 0, JSON_OBJECT };
		} else
			p = value(x, &q, from, &m.val);
		if (p == NULL || p == x->end || KEY(&m, "projectHash"))
			return NULL;
		if (m.val.n == 0)
			m.val.n = (size_t)(p - from);
		x->ours = x->ours || KEY(&m, "parentUuid") ||
		    KEY(&m, "isSidechain");
		tail_member(x, at, &m, transcript_member(x->l, &m));
	} while (*p == ',');
	if (*p++ != '}' || p != x->end)
		return NULL;
	remember_tail(x);
	return p;
}

bool
transcript_look(struct tr_line *l, const char *p, size_t n,
    struct tr_memory *memory)
{
	struct look x = { .end = p + n, .l = l, .memory = memory };

	if (!QUOTES_ABLE || n < 2 || p[0] != '{' || p[n - 1] != '}' ||
	    !utf8_is_plain(p, p + n))
		return false;
	memset(l, 0, sizeof(*l));
	if (members(&x, p) != x.end)
		return false;
	/* A type that came late, or twice. */
	if (l->message.type == JSON_OBJECT && !x.known &&
	    !json_str_is(l->type, "user"))
		return false;
	return x.ours || (l->type.type == JSON_STRING &&
	    l->session.type == JSON_STRING);
}

/*
 * A line of which only what a call says is read. Most bytes of a history are
 * the results of tools and what was said: these are passed over by their
 * quotes and brackets, and nobody looks at what is in them.
 */
#include <string.h>

#include "base/utf8.h"
#include "import/transcript.h"
#include "json/pass.h"

#define DEPTH	8	/* of what is read */

struct look {
	const char	*end;
	const char	*checked;	/* as UTF-8, and what was passed over */
	struct tr_line	*l;
	bool		 ours;		/* nobody else writes such lines */
	bool		 known;		/* the message was looked into */
};

#define KEY(m, s)	((m)->klen == sizeof(s) - 1 && \
    memcmp((m)->key, (s), sizeof(s) - 1) == 0)

static bool
is_text(struct look *x, const char *to)
{
	return utf8_valid_until(x->checked, to) == to;
}

/* Over an object or a list, whatever is in it. */
static const char *
pass(struct look *x, const char *p, struct json_val *v)
{
	const char *q = json_pass(p, x->end);

	if (q == NULL || !is_text(x, p))
		return NULL;
	*v = (struct json_val){ p, (size_t)(q - p), *p == '{' ? JSON_OBJECT :
	    JSON_ARRAY };
	x->checked = q;
	return q;
}

static const char *
value(struct look *x, const char *p, struct json_val *v)
{
	const char *why;

	if (p < x->end && (*p == '{' || *p == '['))
		return pass(x, p, v);
	return json_skip_string(p, x->end, DEPTH, v, &why);
}

/* Reads a member's value at p: the position behind it; NULL: not usual. */
typedef const char *take_fn(struct look *x, struct json_member *m,
    const char *p);

/* The members of the object at p; no white space, no escapes in names. */
__attribute__((always_inline))
static inline const char *
members(struct look *x, const char *p, take_fn *take)
{
	struct json_member m;
	const char *why;

	do {
		p = json_member_name(p + 1, x->end, &m, &why);
		if (p == NULL || m.kesc)
			return NULL;
		p = take(x, &m, p);
		if (p == NULL || p == x->end)
			return NULL;
	} while (*p == ',');
	return *p == '}' ? p + 1 : NULL;
}

/* As transcript_message. */
static const char *
take_message(struct look *x, struct json_member *m, const char *p)
{
	struct tr_message *to = &x->l->m;
	const char *why;

	/* Small as it is, it is read, and so it is checked. */
	if (KEY(m, "usage"))
		return json_skip(p, x->end, DEPTH, &to->usage, &why);
	p = value(x, p, &m->val);
	if (p == NULL)
		return NULL;
	if (KEY(m, "id"))
		to->id = m->val;
	else if (KEY(m, "model"))
		to->model = m->val;
	else if (KEY(m, "stop_reason"))
		to->stop = m->val;
	else if (KEY(m, "content"))
		to->content = m->val;
	return p;
}

/* Of a user's message nothing matters, if it is known to be one. */
static const char *
take_whole_message(struct look *x, struct json_member *m, const char *p)
{
	const char *from = p;

	if (p == x->end || *p != '{' || json_str_is(x->l->type, "user"))
		return value(x, p, &m->val);
	memset(&x->l->m, 0, sizeof(x->l->m));
	p = members(x, p, take_message);
	if (p == NULL)
		return NULL;
	x->known = true;
	m->val = (struct json_val){ from, (size_t)(p - from), JSON_OBJECT };
	return p;
}

static const char *
take_member(struct look *x, struct json_member *m, const char *p)
{
	p = KEY(m, "message") ? take_whole_message(x, m, p) :
	    value(x, p, &m->val);
	if (p == NULL || KEY(m, "projectHash"))
		return NULL;
	x->ours = x->ours || KEY(m, "parentUuid") || KEY(m, "isSidechain");
	transcript_member(x->l, m);
	return p;
}

bool
transcript_look(struct tr_line *l, const char *p, size_t n)
{
	struct look x = { .end = p + n, .checked = p, .l = l };

	if (n < 2 || p[0] != '{' || p[n - 1] != '}')
		return false;
	memset(l, 0, sizeof(*l));
	if (members(&x, p, take_member) != x.end || !is_text(&x, x.end))
		return false;
	/* A type that came late, or twice. */
	if (l->message.type == JSON_OBJECT && !x.known &&
	    !json_str_is(l->type, "user"))
		return false;
	return x.ours || (l->type.type == JSON_STRING &&
	    l->session.type == JSON_STRING);
}

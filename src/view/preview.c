#include "view/preview.h"

#include "view/text.h"

#define PREVIEW_DEPTH	6	/* levels of content that are looked into */

struct preview {
	struct buf	*b;
	struct buf	*scratch;
	size_t		 end;		/* no further than this in b */
};

/* White space as in any text; a gap between two pieces. */
static void
piece(struct preview *pv, const char *p, size_t n)
{
	size_t room = pv->end > pv->b->n ? pv->end - pv->b->n : 0;

	text_squeeze(pv->b, p, n, room);
	if (n > room)
		buf_adds(pv->b, "\xe2\x80\xa6");
}

static void
string(struct preview *pv, struct json_val v)
{
	const char *p;
	size_t n;

	buf_reset(pv->scratch);
	p = json_str(v, pv->scratch, &n);
	if (p != NULL)
		piece(pv, p, n);
}

static void
gap(struct preview *pv, size_t from)
{
	if (pv->b->n > from)
		buf_addc(pv->b, ' ');
}

/* name(arguments) */
static void
call(struct preview *pv, struct json_val name, struct json_val args)
{
	string(pv, name);
	buf_addc(pv->b, '(');
	if (args.type == JSON_STRING)
		string(pv, args);
	else if (args.type != JSON_NONE)
		piece(pv, args.p, args.n);
	buf_addc(pv->b, ')');
}

static void value(struct preview *pv, struct json_val v, int depth);

/* Parts of a message, or the calls it makes: all, with gaps. */
static void
list(struct preview *pv, struct json_val v, int depth)
{
	size_t from = pv->b->n;
	struct json_iter it;
	struct json_val e;

	json_iter(&it, v);
	while (pv->b->n < pv->end && json_next_elem(&it, &e)) {
		gap(pv, from);
		value(pv, e, depth);
	}
}

static struct json_val
first_of(struct json_val o, const char *const *name)
{
	struct json_val v = { NULL, 0, JSON_NONE };

	for (; *name != NULL && v.type <= JSON_NULL; name++)
		v = json_get(o, *name);
	return v;
}

static void
object(struct preview *pv, struct json_val o, int depth)
{
	static const char *const inner[] = { "text", "content", "parts",
	    "thinking", "input", "output", "response", NULL };
	static const char *const args[] = { "input", "arguments", "args",
	    NULL };
	struct json_val fn = json_get(o, "function"), calls, in;
	size_t from = pv->b->n;

	if (fn.type == JSON_OBJECT) {
		call(pv, json_get(fn, "name"), json_get(fn, "arguments"));
		return;
	}
	in = first_of(o, args);
	if (json_get(o, "name").type == JSON_STRING && in.type > JSON_NULL) {
		call(pv, json_get(o, "name"), in);
		return;
	}
	in = first_of(o, inner);
	if (in.type > JSON_NULL)
		value(pv, in, depth);
	calls = json_get(o, "tool_calls");
	if (calls.type == JSON_ARRAY) {
		gap(pv, from);
		list(pv, calls, depth);
	}
	if (in.type <= JSON_NULL && calls.type != JSON_ARRAY)
		piece(pv, o.p, o.n);
}

/* Recursion ends at PREVIEW_DEPTH; what is deeper stands as JSON. */
static void
value(struct preview *pv, struct json_val v, int depth)
{
	if (v.type == JSON_STRING)
		string(pv, v);
	else if (depth == 0 || v.type < JSON_ARRAY)
		piece(pv, v.p, v.n);
	else if (v.type == JSON_ARRAY)
		list(pv, v, depth - 1);
	else
		object(pv, v, depth - 1);
}

/* Of a conversation only what was said last is news. */
static struct json_val
last_message(struct json_val v)
{
	struct json_val e, last = v;
	struct json_iter it;

	if (v.type != JSON_ARRAY)
		return v;
	json_iter(&it, v);
	while (json_next_elem(&it, &e)) {
		if (e.type != JSON_OBJECT ||
		    json_get(e, "role").type != JSON_STRING)
			return v;
		last = e;
	}
	return last;
}

void
preview_put(struct buf *b, struct json_val v, size_t max, struct buf *scratch)
{
	struct preview pv = { b, scratch, b->n + max };
	struct json_val inner;
	struct buf text = { 0 };
	const char *p, *why;
	size_t n;

	if (v.type <= JSON_NULL)
		return;
	p = json_str(v, &text, &n);
	if (p != NULL && json_parse(p, n, &inner, &why) &&
	    inner.type >= JSON_ARRAY)
		v = inner;
	value(&pv, last_message(v), PREVIEW_DEPTH);
	if (text.err != 0)
		b->err = text.err;
	buf_fini(&text);
}

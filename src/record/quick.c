#include "record/quick.h"

#include <string.h>

#include "json/quotes.h"
#include "record/room.h"

/*
 * Reads "name": at p, whose opening quote is the next one; where the value
 * begins, or NULL.
 */
__attribute__((always_inline))
static inline const char *
name(struct quotes *q, const char *p, struct json_member *m)
{
	const char *open = quotes_next(q), *close = quotes_next(q);

	if (open != p || close == q->end)
		return NULL;
	m->key = open + 1;
	m->klen = (size_t)(close - m->key);
	m->kesc = q->back > open && memchr(m->key, '\\', m->klen) != NULL;
	p = close + 1;
	if (__builtin_expect(q->end - p >= 2 && p[0] == ':' &&
	    (unsigned char)p[1] > ' ', 1))
		return p + 1;
	p = json_ws(p, q->end);
	if (p == q->end || *p != ':')
		return NULL;
	p = json_ws(p + 1, q->end);
	return p == q->end ? NULL : p;
}

/* Passes over a string or a short whole number; NULL when it is neither. */
__attribute__((always_inline))
static inline const char *
word(struct quotes *q, const char *p, struct json_val *v)
{
	const char *open, *close;

	v->p = p;
	if (*p != '"') {
		for (close = p; close < q->end && *close >= '0' &&
		    *close <= '9'; close++)
			;
		v->n = (size_t)(close - p);
		v->type = JSON_NUMBER;
		return close == p || close == q->end || (*close != ',' &&
		    *close != '}') || (*p == '0' && v->n > 1) ? NULL : close;
	}
	open = quotes_next(q);
	close = quotes_next(q);
	if (open != p || close == q->end)
		return NULL;
	v->n = (size_t)(close + 1 - p);
	v->type = JSON_STRING;
	return close + 1;
}

/* Behind a member: the next one, or the closing brace with *more false. */
static inline const char *
after(const char *p, const char *end, bool *more)
{
	if (__builtin_expect(end - p >= 2 && p[0] == ',' &&
	    (unsigned char)p[1] > ' ', 1))
		return p + 1;
	p = json_ws(p, end);
	if (p == end)
		return NULL;
	*more = *p == ',';
	if (*more)
		return json_ws(p + 1, end);
	return *p == '}' ? p : NULL;
}

/*
 * An object or array of strings and plain numbers, as most that stand in a
 * record are: the position behind it. NULL when there is more to it.
 */
static const char *
flat(struct quotes *at, const char *p)
{
	struct quotes q = *at;
	const bool object = *p == '{';
	struct json_member m;
	bool more = true;

	for (p = json_ws(p + 1, q.end); more;) {
		if (object && (p = name(&q, p, &m)) == NULL)
			return NULL;
		if (p == q.end || (p = word(&q, p, &m.val)) == NULL)
			return NULL;
		p = json_no_ws(p, q.end);
		if (p == q.end || (*p != ',' && *p != (object ? '}' : ']')))
			return NULL;
		more = *p == ',';
		if (more)
			p = json_no_ws(p + 1, q.end);
	}
	*at = q;
	return p + 1;
}

/* Passes over the value at p; the position behind it, or NULL. */
__attribute__((always_inline))
static inline const char *
value(struct quotes *q, const char *p, int depth, struct json_val *v)
{
	const char *why, *end = word(q, p, v);

	if (end != NULL || *p == '"')
		return end;
	if (*p == '{' || *p == '[') {
		end = flat(q, p);
		if (end != NULL) {
			v->n = (size_t)(end - p);
			v->type = *p == '{' ? JSON_OBJECT : JSON_ARRAY;
			return end;
		}
	}
	end = json_skip(p, q->end, depth, v, &why);
	if (end != NULL && v->type >= JSON_ARRAY)
		quotes_pass(q, end);
	return end;
}

/*
 * The attributes object at p; the position behind it, or NULL. What the loop
 * works with are variables of its own, which nothing that is stored can be.
 */
static const char *
attributes(struct record *r, struct quotes *at, const char *p)
{
	struct quotes q = *at;
	struct json_member *m = r->attr;
	struct json_val v;
	size_t n = 0, cap = r->capattr;
	bool more = true;

	p = json_ws(p + 1, q.end);
	if (p < q.end && *p == '}')
		return p + 1;
	for (; more; m++) {
		if (n == cap) {
			if (!room_for_attrs(r))
				return NULL;
			cap = r->capattr;
			m = r->attr + n;
		}
		if ((p = name(&q, p, m)) == NULL)
			return NULL;
		room_name(r, m, n++);
		if ((p = value(&q, p, JSON_MAX_DEPTH - 2, &v)) == NULL ||
		    (p = after(p, q.end, &more)) == NULL)
			return NULL;
		room_put(&m->val, v);
	}
	r->nattr = n;
	*at = q;
	return p + 1;
}

/* As record_field_of; nearly always by one look at sixteen bytes. */
static inline enum record_field
field_of(const struct json_member *m, const char *end)
{
#ifdef __SSE2__
	const struct room_place *at;
	__m128i a, b;
	unsigned all;

	if (!m->kesc && end - m->key >= 16) {
		at = room_place_of(m);
		if (at == NULL)
			return F_COUNT_;
		all = (1U << at->n) - 1;
		memcpy(&a, m->key, 16);
		memcpy(&b, at->name, 16);
		return ((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) &
		    all) == all ? (enum record_field)at->field : F_COUNT_;
	}
#else
	(void)end;
#endif
	return record_field_of(m);
}

/* One member of the record; the position behind its value, or NULL. */
static const char *
member(struct record *r, struct quotes *q, const char *p)
{
	struct json_member *m;
	enum record_field f;
	struct json_val v;
	const char *from;

	if (r->ntop == r->captop && !room_for_top(r))
		return NULL;
	m = &r->top[r->ntop++];
	if ((from = name(q, p, m)) == NULL)
		return NULL;
	f = field_of(m, q->end);
	if (f != F_ATTRIBUTES)
		p = value(q, from, JSON_MAX_DEPTH - 1, &v);
	else if (*from != '{' || r->nattr > 0)
		return NULL;	/* the last one counts: seldom enough */
	else {
		p = attributes(r, q, from);
		v.p = from;
		v.n = (size_t)(p - from);
		v.type = JSON_OBJECT;
	}
	if (p == NULL)
		return NULL;
	room_put(&m->val, v);
	room_field(r, f, v);
	return p;
}

bool
quick_index(struct record *r, const char *p, size_t n)
{
	const char *end = p + n;
	struct quotes q;
	bool more = true;

	if (!QUOTES_ABLE || n == 0 || *p != '{')
		return false;
	room_clear(r, p, n);
	q = quotes_begin(p, n);
	p = json_ws(p + 1, end);
	if (p < end && *p == '}')
		more = false;
	while (more) {
		if ((p = member(r, &q, p)) == NULL ||
		    (p = after(p, end, &more)) == NULL)
			return false;
	}
	r->close = p;
	return p + 1 == end;
}

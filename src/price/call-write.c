/* What a call cost, as attributes of its record. */
#include "price/call.h"

#include <string.h>

#include "price/call-attr.h"

#define MAX_LINES	11	/* attributes that are written */
#define HEADS		512	/* more than all their names take */

/*
 * The attributes as they will stand in the record, one behind the other:
 * ,"name":value. A span that has none of them yet, as most do, gets them in
 * one piece. p is where the next byte goes; there is room for all of them.
 */
struct written {
	char		*p;
	struct line {
		const char	*name, *value, *end;
		size_t		 nlen;
	} line[MAX_LINES];
	size_t		 n;
};

/* ,"name": of a constant name. */
#define HEAD(w, s)	head((w), ",\"" s "\":", sizeof(s) + 3)

static inline void
head(struct written *w, const char *text, size_t n)
{
	struct line *l = &w->line[w->n];

	memcpy(w->p, text, n);
	w->p += n;
	l->name = text + 2;
	l->nlen = n - 4;
	l->value = w->p;
}

/* The value of the name that was begun is there. */
static inline void
done(struct written *w)
{
	w->line[w->n++].end = w->p;
}

static inline void
put(struct written *w, const char *raw, size_t n)
{
	memcpy(w->p, raw, n);
	w->p += n;
}

/* An amount in exact decimal text, once it is known. */
struct amount {
	char	text[MONEY_TEXT];
	size_t	n;
};

static void
amount_of(struct amount *a, money m)
{
	a->n = money_text(a->text, m, false);
}

/* As it is: aitrace.cost.* are strings and never read as doubles. */
static inline void
put_amount(struct written *w, const struct amount *a)
{
	put(w, a->text, a->n);
}

/* As a double, which has a point. */
static void
put_double(struct written *w, const struct amount *a)
{
	put_amount(w, a);
	if (memchr(a->text, '.', a->n) == NULL)
		put(w, ".0", 2);
	done(w);
}

static void
put_decimal(struct written *w, const struct amount *a)
{
	*w->p++ = '"';
	put_amount(w, a);
	*w->p++ = '"';
	done(w);
}

/* \"name\":amount, into the text of a JSON string. */
static void
put_bucket(struct written *w, const struct cost_line *l)
{
	const struct usage_bucket *u = l->bucket;

	put(w, "\\\"", 2);
	if (memchr(u->key, '\\', u->klen) == NULL)
		put(w, u->key, u->klen);
	else	/* names are JSON already, once unescaped: escaped again */
		for (size_t i = 0; i < u->klen; i++) {
			if (u->key[i] == '\\' || u->key[i] == '"')
				*w->p++ = '\\';
			*w->p++ = u->key[i];
		}
	put(w, "\\\":", 3);
	w->p += money_text(w->p, l->amount, false);
	*w->p++ = ',';
}

/* {"input":0.000048,...,"total":0.0167384} as the text of a JSON string. */
static void
put_details(struct written *w, const struct cost *c,
    const struct amount *total)
{
	put(w, "\"{", 2);
	for (size_t i = 0; i < c->n; i++) {
		if (c->line[i].bucket->kind != USE_TOTAL)
			put_bucket(w, &c->line[i]);
	}
	put(w, "\\\"total\\\":", 10);
	put_amount(w, total);
	put(w, "}\"", 2);
	done(w);
}

/* How many bytes write_all needs at most. */
static size_t
room_for(const struct call_cost *cc)
{
	size_t n = HEADS + (MAX_LINES + 1) * (MONEY_TEXT + 4) +
	    cc->basis_len;

	for (size_t i = 0; i < cc->shown->n; i++)
		n += 2 * cc->shown->line[i].bucket->klen + MONEY_TEXT + 8;
	return n;
}

static void
put_split(struct written *w, const struct cost *c)
{
	struct amount a;

	HEAD(w, ATTR_PROMPT);
	amount_of(&a, cost_prompt(c));
	put_double(w, &a);
	HEAD(w, ATTR_COMPLETION);
	amount_of(&a, cost_completion(c));
	put_double(w, &a);
}

/* "text" of a constant, or of a name of the book: both need no escapes. */
static void
put_plain(struct written *w, const char *text, size_t n)
{
	*w->p++ = '"';
	put(w, text, n);
	*w->p++ = '"';
	done(w);
}

static void
write_all(struct written *w, const struct call_cost *cc)
{
	static const char *const source[] = {
	    [CALL_COST_REPORTED] = "reported", [CALL_COST_BOOK] = "book",
	    [CALL_COST_ESTIMATE] = "estimate" };
	struct amount total, other;

	amount_of(&total, cc->shown->total);
	HEAD(w, ATTR_DETAILS);
	put_details(w, cc->shown, &total);
	HEAD(w, ATTR_COST);
	put_double(w, &total);
	HEAD(w, ATTR_COST_USD);
	put_double(w, &total);
	HEAD(w, ATTR_COST_OI);
	put_double(w, &total);
	if (cc->shown->n > 0)
		put_split(w, cc->shown);
	if (cc->has_reported) {
		HEAD(w, ATTR_REPORTED);
		amount_of(&other, cc->reported);
		put_decimal(w, &other);
	}
	if (cc->has_computed) {
		HEAD(w, ATTR_COMPUTED);
		if (cc->computed != cc->shown->total)
			amount_of(&total, cc->computed);
		put_decimal(w, &total);
	}
	HEAD(w, ATTR_SOURCE);
	put_plain(w, source[cc->from], strlen(source[cc->from]));
	if (cc->from == CALL_COST_ESTIMATE) {
		HEAD(w, ATTR_ESTIMATED);
		put(w, "true", 4);
		done(w);
	}
	if (cc->basis != NULL) {
		HEAD(w, ATTR_BASIS);
		put_plain(w, cc->basis, cc->basis_len);
	}
}

/* Is the record without any attribute that pricing writes? */
static bool
is_fresh(const struct record *r)
{
#define HAS(s)	(record_attr_member(r, (s), sizeof(s) - 1) != NULL)
	return !HAS(ATTR_DETAILS) && !HAS(ATTR_COST) && !HAS(ATTR_COST_USD) &&
	    !HAS(ATTR_COST_OI) && !HAS(ATTR_PROMPT) && !HAS(ATTR_COMPLETION) &&
	    !HAS(ATTR_REPORTED) && !HAS(ATTR_COMPUTED) && !HAS(ATTR_SOURCE) &&
	    !HAS(ATTR_ESTIMATED) && !HAS(ATTR_BASIS);
#undef HAS
}

/* Takes away what an earlier pricing left and this one does not say. */
static void
drop_stale(struct edit *e, const struct call_cost *cc)
{
	if (cc->shown->n == 0) {
		edit_attr_drop(e, ATTR_PROMPT);
		edit_attr_drop(e, ATTR_COMPLETION);
	}
	if (!cc->has_computed)
		edit_attr_drop(e, ATTR_COMPUTED);
	if (cc->from != CALL_COST_ESTIMATE)
		edit_attr_drop(e, ATTR_ESTIMATED);
	if (cc->basis == NULL)
		edit_attr_drop(e, ATTR_BASIS);
}

void
call_write(struct call *c, struct edit *e, const struct call_cost *cc)
{
	struct written w;
	const char *from;

	buf_reset(&c->out);
	from = w.p = buf_room(&c->out, room_for(cc));
	w.n = 0;
	if (from == NULL) {
		e->err = c->out.err;
		return;
	}
	write_all(&w, cc);
	if (is_fresh(e->r)) {
		edit_attrs_new(e, from, (size_t)(w.p - from));
		return;
	}
	for (size_t i = 0; i < w.n; i++)
		edit_attr_named(e, w.line[i].name, w.line[i].nlen,
		    record_attr_member(e->r, w.line[i].name, w.line[i].nlen),
		    w.line[i].value, (size_t)(w.line[i].end - w.line[i].value));
	if (c->ours || c->foreign)
		drop_stale(e, cc);
}

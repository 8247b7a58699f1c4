#include "record/edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"

/* A name that gets a new value (text[off..off+n)) or goes away. */
struct edit_change {
	const char		*key;
	size_t			 klen;
	enum record_field	 field;		/* of members; F_COUNT_ else */
	size_t			 off, n;
	bool			 drop;
	bool			 there;		/* the record has the name */
};

/* Bytes at..at+len of the line give way to lead, a quoted key, and text. */
struct edit_piece {
	const char			*at;
	size_t				 len;
	const char			*lead;	/* "" or "," before the key */
	const struct edit_change	*c;	/* NULL: only a cut */
	bool				 named;	/* write the key, too */
	const char			*tail;	/* "" or "," behind */
};

void
edit_begin(struct edit *e, const struct record *r)
{
	e->r = r;
	buf_reset(&e->text);
	e->nattr = e->ntop = e->npiece = 0;
	e->err = 0;
}

void
edit_fini(struct edit *e)
{
	buf_fini(&e->text);
	buf_fini(&e->scratch);
	free(e->attr);
	free(e->top);
	free(e->piece);
	memset(e, 0, sizeof(*e));
}

/* Room for one more element of v; NULL with e->err set. */
static void *
grow(struct edit *e, void *v, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap != 0 ? *cap * 2 : 32;
	void *p;

	if (n < *cap)
		return v;
	p = reallocarray(v, want, size);
	if (p == NULL) {
		e->err = ENOMEM;
		return NULL;
	}
	*cap = want;
	return p;
}

static bool
is_named(const struct json_member *m, const char *key, size_t n)
{
	if (m->kesc)
		return json_key_is(m, key, n);
	return m->klen == n && memcmp(m->key, key, n) == 0;
}

static const struct json_member *
find(const struct json_member *m, size_t n, const char *key, size_t klen)
{
	while (n-- > 0)
		if (is_named(&m[n], key, klen))
			return &m[n];
	return NULL;
}

static void
set(struct edit *e, struct edit_change *c, const char *raw, size_t n)
{
	c->drop = raw == NULL;
	c->off = e->text.n;
	c->n = n;
	if (n > 0)
		buf_add(&e->text, raw, n);
}

static bool
same(const struct json_member *m, const char *raw, size_t n)
{
	return m != NULL && raw != NULL && m->val.n == n &&
	    memcmp(m->val.p, raw, n) == 0;
}

void
edit_attr(struct edit *e, const char *key, const char *raw, size_t n)
{
	size_t klen = strlen(key);
	const struct json_member *m = record_may_have(e->r, key, klen) ?
	    find(e->r->attr, e->r->nattr, key, klen) : NULL;
	void *v;

	for (size_t i = 0; i < e->nattr; i++)
		if (e->attr[i].klen == klen &&
		    memcmp(e->attr[i].key, key, klen) == 0) {
			set(e, &e->attr[i], raw, n);
			return;
		}
	if (same(m, raw, n) || (m == NULL && raw == NULL))
		return;
	v = grow(e, e->attr, e->nattr, &e->capattr, sizeof(*e->attr));
	if (v == NULL)
		return;
	e->attr = v;
	e->attr[e->nattr] = (struct edit_change){ .key = key, .klen = klen,
	    .field = F_COUNT_, .there = m != NULL };
	set(e, &e->attr[e->nattr++], raw, n);
}

void
edit_attr_str(struct edit *e, const char *key, const char *s, size_t n)
{
	buf_reset(&e->scratch);
	(void)json_put_str(&e->scratch, s, n);
	if (e->scratch.err != 0)
		e->err = e->scratch.err;
	else
		edit_attr(e, key, e->scratch.p, e->scratch.n);
}

void
edit_attr_int(struct edit *e, const char *key, int64_t v)
{
	char s[24];
	struct buf b = { .p = s, .cap = sizeof(s), .max = sizeof(s) };

	buf_addi(&b, v);
	edit_attr(e, key, s, b.n);
}

void
edit_attr_bool(struct edit *e, const char *key, bool v)
{
	edit_attr(e, key, v ? "true" : "false", v ? 4 : 5);
}

void
edit_attr_drop(struct edit *e, const char *key)
{
	edit_attr(e, key, NULL, 0);
}

void
edit_member(struct edit *e, enum record_field f, const char *raw, size_t n)
{
	const char *key = record_field_name(f);
	size_t klen = strlen(key);
	const struct json_member *m = find(e->r->top, e->r->ntop, key, klen);
	void *v;

	for (size_t i = 0; i < e->ntop; i++)
		if (e->top[i].field == f) {
			set(e, &e->top[i], raw, n);
			return;
		}
	if (same(m, raw, n) || (m == NULL && raw == NULL))
		return;
	v = grow(e, e->top, e->ntop, &e->captop, sizeof(*e->top));
	if (v == NULL)
		return;
	e->top = v;
	e->top[e->ntop] = (struct edit_change){ .key = key, .klen = klen,
	    .field = f, .there = m != NULL };
	set(e, &e->top[e->ntop++], raw, n);
}

void
edit_member_str(struct edit *e, enum record_field f, const char *s, size_t n)
{
	buf_reset(&e->scratch);
	(void)json_put_str(&e->scratch, s, n);
	if (e->scratch.err != 0)
		e->err = e->scratch.err;
	else
		edit_member(e, f, e->scratch.p, e->scratch.n);
}

void
edit_member_drop(struct edit *e, enum record_field f)
{
	edit_member(e, f, NULL, 0);
}

bool
edit_changes(const struct edit *e)
{
	return e->nattr > 0 || e->ntop > 0;
}

/* ---- from changes to splices --------------------------------------------- */

static void
piece(struct edit *e, struct edit_piece p)
{
	void *v = grow(e, e->piece, e->npiece, &e->cappiece,
	    sizeof(*e->piece));

	if (v == NULL)
		return;
	e->piece = v;
	e->piece[e->npiece++] = p;
}

static const struct edit_change *
change_of(const struct edit_change *c, size_t n, const struct json_member *m)
{
	for (size_t i = 0; i < n; i++)
		if (c[i].there && is_named(m, c[i].key, c[i].klen))
			return &c[i];
	return NULL;
}

static const char *
start_of(const struct json_member *m)
{
	return m->key - 1;
}

static const char *
end_of(const struct json_member *m)
{
	return m->val.p + m->val.n;
}

static bool
any_there(const struct edit_change *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (c[i].there)
			return true;
	return false;
}

/*
 * Splices for the members m[0..n) of an object: new values in place, dropped
 * ones cut out with the comma before them (the leading ones with the comma
 * behind). Every duplicate of a changed name is changed. Returns how many
 * members stay.
 */
static size_t
change_members(struct edit *e, const struct json_member *m, size_t n,
    const struct edit_change *change, size_t nchange)
{
	const struct edit_change *c;
	size_t kept = 0, cut = 0;	/* cut: leading members, not yet cut */

	if (!any_there(change, nchange))
		return n;	/* only new names: what is there stays */
	for (size_t i = 0; i < n; i++) {
		c = change_of(change, nchange, &m[i]);
		if (c != NULL && c->drop) {
			if (kept == 0)
				cut++;
			else
				piece(e, (struct edit_piece){ .at =
				    end_of(&m[i - 1]), .len = (size_t)
				    (end_of(&m[i]) - end_of(&m[i - 1])) });
			continue;
		}
		if (kept++ == 0 && cut > 0)
			piece(e, (struct edit_piece){ .at = start_of(&m[0]),
			    .len = (size_t)(start_of(&m[i]) -
			    start_of(&m[0])) });
		if (c != NULL)
			piece(e, (struct edit_piece){ .at = m[i].val.p,
			    .len = m[i].val.n, .c = c });
	}
	if (kept == 0 && n > 0)
		piece(e, (struct edit_piece){ .at = start_of(&m[0]),
		    .len = (size_t)(end_of(&m[n - 1]) - start_of(&m[0])) });
	return kept;
}

/* The first member that stays and belongs behind field f; NULL if none. */
static const struct json_member *
behind(const struct edit *e, enum record_field f)
{
	for (size_t i = 0; i < e->r->ntop; i++) {
		const struct json_member *m = &e->r->top[i];
		const struct edit_change *c = change_of(e->top, e->ntop, m);
		enum record_field g = record_field_of(m);

		if (g != F_COUNT_ && g > f && (c == NULL || !c->drop))
			return m;
	}
	return NULL;
}

static void
change_top(struct edit *e)
{
	size_t kept = change_members(e, e->r->top, e->r->ntop, e->top,
	    e->ntop);

	for (size_t i = 0; i < e->ntop; i++) {
		const struct edit_change *c = &e->top[i];
		const struct json_member *m;

		if (c->there || c->drop)
			continue;
		m = behind(e, c->field);
		if (m != NULL)
			piece(e, (struct edit_piece){ .at = start_of(m),
			    .c = c, .named = true, .tail = "," });
		else
			piece(e, (struct edit_piece){ .at = e->r->close,
			    .lead = kept > 0 ? "," : "", .c = c,
			    .named = true });
		kept++;
	}
}

static void
change_attrs(struct edit *e)
{
	const struct json_val all = e->r->field[F_ATTRIBUTES];
	size_t kept = change_members(e, e->r->attr, e->r->nattr, e->attr,
	    e->nattr);

	for (size_t i = 0; i < e->nattr; i++) {
		const struct edit_change *c = &e->attr[i];

		if (c->there || c->drop)
			continue;
		piece(e, (struct edit_piece){ .at = all.p + all.n - 1,
		    .lead = kept++ > 0 ? "," : "", .c = c, .named = true });
	}
}

/* The record has no attributes object: make the member as a whole. */
static void
make_attrs(struct edit *e)
{
	struct buf b = { 0 };

	buf_addc(&b, '{');
	for (size_t i = 0; i < e->nattr; i++) {
		if (e->attr[i].drop)
			continue;
		json_put_key(&b, e->attr[i].key);
		buf_add(&b, e->text.p + e->attr[i].off, e->attr[i].n);
	}
	buf_addc(&b, '}');
	if (b.err != 0)
		e->err = b.err;
	else
		edit_member(e, F_ATTRIBUTES, b.p, b.n);
	buf_fini(&b);
}

/* Stable, and the pieces are few and nearly in order. */
static void
sort_pieces(struct edit *e)
{
	for (size_t i = 1; i < e->npiece; i++) {
		struct edit_piece p = e->piece[i];
		size_t k = i;

		for (; k > 0 && e->piece[k - 1].at > p.at; k--)
			e->piece[k] = e->piece[k - 1];
		e->piece[k] = p;
	}
}

static int
prepare(struct edit *e)
{
	e->npiece = 0;
	if (e->nattr > 0 && e->r->field[F_ATTRIBUTES].type != JSON_OBJECT)
		make_attrs(e);
	else
		change_attrs(e);
	change_top(e);
	sort_pieces(e);
	if (e->text.err != 0)
		e->err = e->text.err;
	return e->err != 0 ? -1 : 0;
}

/* ---- writing --------------------------------------------------------------- */

typedef int put_fn(void *to, const void *p, size_t n);

static int
put_out(void *to, const void *p, size_t n)
{
	return out_write(to, p, n);
}

static int
put_slice(void *to, const void *p, size_t n)
{
	return out_slice(to, p, n);
}

static int
put_buf(void *to, const void *p, size_t n)
{
	buf_add(to, p, n);
	return ((struct buf *)to)->err != 0 ? -1 : 0;
}

static int
put_piece(const struct edit *e, const struct edit_piece *p, put_fn *put,
    void *to)
{
	const char *lead = p->lead != NULL ? p->lead : "";
	const char *tail = p->tail != NULL ? p->tail : "";

	if (p->c == NULL)
		return 0;
	if (put(to, lead, strlen(lead)) == -1)
		return -1;
	if (p->named && (put(to, "\"", 1) == -1 ||
	    put(to, p->c->key, p->c->klen) == -1 || put(to, "\":", 2) == -1))
		return -1;
	if (put(to, e->text.p + p->c->off, p->c->n) == -1)
		return -1;
	return put(to, tail, strlen(tail));
}

/* keep writes what stays of the line, put the rest. */
static int
put_all(struct edit *e, put_fn *keep, put_fn *put, size_t newline, void *to)
{
	const char *at = e->r->p, *end = e->r->p + e->r->n;

	if (prepare(e) == -1)
		return -1;
	for (size_t i = 0; i < e->npiece; i++) {
		const struct edit_piece *p = &e->piece[i];

		if (keep(to, at, (size_t)(p->at - at)) == -1 ||
		    put_piece(e, p, put, to) == -1)
			return -1;
		at = p->at + p->len;
	}
	return keep(to, at, (size_t)(end - at) + newline);
}

int
edit_write(struct edit *e, struct out *o)
{
	if (put_all(e, put_out, put_out, 0, o) == -1)
		return -1;
	return out_putc(o, '\n');
}

int
edit_pass(struct edit *e, struct out *o, bool newline)
{
	if (put_all(e, put_slice, put_out, newline, o) == -1)
		return -1;
	return newline ? 0 : out_putc(o, '\n');
}

int
edit_append(struct edit *e, struct buf *b)
{
	return put_all(e, put_buf, put_buf, 0, b);
}

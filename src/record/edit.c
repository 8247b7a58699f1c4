#include "record/edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"

/*
 * A name that gets a new value or goes away. What is written for it stands in
 * text: ,"key":value, at off and off + head, all of n bytes. So new attributes
 * that follow one another are written as one piece.
 */
struct edit_change {
	const char		*key;
	size_t			 klen;
	enum record_field	 field;		/* of members; F_COUNT_ else */
	size_t			 off, head, n;
	bool			 drop;
	bool			 there;		/* the record has the name */
};

/* Bytes at..at+len of the line give way to text[off..off+n) and a comma. */
struct edit_piece {
	const char	*at;
	size_t		 len;
	size_t		 off, n;
	bool		 comma;		/* one behind the text */
};

void
edit_begin(struct edit *e, const struct record *r)
{
	e->r = r;
	buf_reset(&e->text);
	e->nattr = e->ntop = e->npiece = 0;
	e->tags = 0;
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

/* ,"key": behind the text there is. */
static void
put_head(struct buf *b, const char *key, size_t n)
{
	char *to = buf_room(b, n + 4);

	if (to == NULL)
		return;
	to[0] = ',';
	to[1] = '"';
	memcpy(to + 2, key, n);
	to[n + 2] = '"';
	to[n + 3] = ':';
	b->n += n + 4;
}

static void
set(struct edit *e, struct edit_change *c, const char *raw, size_t n)
{
	c->drop = raw == NULL;
	c->off = e->text.n;
	put_head(&e->text, c->key, c->klen);
	c->head = e->text.n - c->off;
	if (n > 0)
		buf_add(&e->text, raw, n);
	c->n = e->text.n - c->off;
}

static bool
same(const struct json_member *m, const char *raw, size_t n)
{
	return m != NULL && raw != NULL && m->val.n == n &&
	    memcmp(m->val.p, raw, n) == 0;
}

void
edit_attrs_new(struct edit *e, const char *text, size_t n)
{
	void *v = grow(e, e->attr, e->nattr, &e->capattr, sizeof(*e->attr));

	if (v == NULL)
		return;
	e->attr = v;
	e->attr[e->nattr++] = (struct edit_change){ .key = text,
	    .klen = SIZE_MAX, .field = F_COUNT_, .off = e->text.n, .n = n };
	buf_add(&e->text, text, n);
}

static struct edit_change *
set_before(const struct edit *e, const char *key, size_t klen)
{
	for (size_t i = 0; i < e->nattr; i++)
		if (e->attr[i].klen == klen &&
		    memcmp(e->attr[i].key, key, klen) == 0)
			return &e->attr[i];
	return NULL;
}

void
edit_attr_named(struct edit *e, const char *key, size_t klen,
    const struct json_member *m, const char *raw, size_t n)
{
	const uint64_t tag = UINT64_C(1) << record_name_tag(key, klen) % 64;
	struct edit_change *c;
	void *v;

	/* Names are seldom set twice, and a bit tells most that are not. */
	if ((e->tags & tag) != 0 && (c = set_before(e, key, klen)) != NULL) {
		set(e, c, raw, n);
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
	e->tags |= tag;
	set(e, &e->attr[e->nattr++], raw, n);
}

/* As a JSON string in scratch; false with e->err set. */
static bool
quote(struct edit *e, const char *s, size_t n)
{
	buf_reset(&e->scratch);
	(void)json_put_str(&e->scratch, s, n);
	if (e->scratch.err != 0)
		e->err = e->scratch.err;
	return e->scratch.err == 0;
}

void
edit_attr_str(struct edit *e, const char *key, const char *s, size_t n)
{
	if (quote(e, s, n))
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
	const size_t klen = strlen(key);
	const struct json_member *m = record_top(e->r, key, klen);
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
	if (quote(e, s, n))
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

static void
piece(struct edit *e, struct edit_piece p)
{
	void *v = grow(e, e->piece, e->npiece, &e->cappiece, sizeof(p));

	if (v != NULL) {
		e->piece = v;
		e->piece[e->npiece++] = p;
	}
}

static const struct edit_change *
change_of(const struct edit_change *c, size_t n, const struct json_member *m)
{
	for (size_t i = 0; i < n; i++)
		if (c[i].there && (m->kesc ?
		    json_key_is(m, c[i].key, c[i].klen) :
		    m->klen == c[i].klen &&
		    memcmp(m->key, c[i].key, m->klen) == 0))
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
			    .len = m[i].val.n, .off = c->off + c->head,
			    .n = c->n - c->head });
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

/* A new member before the closing brace at `at`. */
static void
new_last(struct edit *e, const char *at, const struct edit_change *c,
    bool first)
{
	struct edit_piece *last = e->npiece > 0 ?
	    &e->piece[e->npiece - 1] : NULL;

	if (!first && last != NULL && last->at == at && !last->comma &&
	    last->n > 0 && last->off + last->n == c->off)
		last->n += c->n;
	else
		piece(e, (struct edit_piece){ .at = at,
		    .off = c->off + first, .n = c->n - first });
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
			    .off = c->off + 1, .n = c->n - 1,
			    .comma = true });
		else
			new_last(e, e->r->close, c, kept == 0);
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

		if (!c->there && !c->drop)
			new_last(e, all.p + all.n - 1, c, kept++ == 0);
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
		if (b.n == 1)
			buf_add(&b, e->text.p + e->attr[i].off + 1,
			    e->attr[i].n - 1);
		else
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
		    put(to, e->text.p + p->off, p->n) == -1 ||
		    (p->comma && put(to, ",", 1) == -1))
			return -1;
		at = p->at + p->len;
	}
	return keep(to, at, (size_t)(end - at) + newline);
}

int
edit_write(struct edit *e, struct out *o)
{
	return put_all(e, put_out, put_out, 0, o) == -1 ? -1 :
	    out_putc(o, '\n');
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

/* From changes to the edited line: what stays, and what is put between. */
#include "record/edit-parts.h"

#include <stdlib.h>
#include <string.h>

static void
piece(struct edit *e, struct edit_piece p)
{
	void *v = edit_grow(e, e->piece, e->npiece, &e->cappiece, sizeof(p));

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

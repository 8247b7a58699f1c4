#include "record/edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"
#include "record/edit-parts.h"

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

void *
edit_grow(struct edit *e, void *v, size_t n, size_t *cap, size_t size)
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
	void *v = edit_grow(e, e->attr, e->nattr, &e->capattr,
	    sizeof(*e->attr));

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
	v = edit_grow(e, e->attr, e->nattr, &e->capattr, sizeof(*e->attr));
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
	v = edit_grow(e, e->top, e->ntop, &e->captop, sizeof(*e->top));
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

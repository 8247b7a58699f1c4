#include "redact/splice.h"

#include <stdlib.h>
#include <string.h>

#include "json/write.h"

void
splices_reset(struct splices *s)
{
	s->n = 0;
	s->nomem = false;
	buf_reset(&s->text);
}

void
splices_fini(struct splices *s)
{
	free(s->v);
	buf_fini(&s->text);
	memset(s, 0, sizeof(*s));
}

void
splices_add(struct splices *s, size_t beg, size_t end, const char *p, size_t n)
{
	size_t want = s->cap != 0 ? 2 * s->cap : 64;
	struct splice *v;

	if (s->n == s->cap) {
		v = reallocarray(s->v, want, sizeof(*v));
		if (v == NULL) {
			s->nomem = true;
			return;
		}
		s->v = v;
		s->cap = want;
	}
	s->v[s->n++] = (struct splice){ beg, end, s->text.n, n };
	buf_add(&s->text, p, n);
}

static int
by_place(const void *a, const void *b)
{
	const struct splice *x = a, *y = b;

	if (x->beg != y->beg)
		return x->beg < y->beg ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

void
splices_merge(struct splices *s, size_t from)
{
	size_t k = from;
	bool sorted = true;

	for (size_t i = from + 1; i < s->n && sorted; i++)
		sorted = s->v[i - 1].end <= s->v[i].beg;
	if (sorted)
		return;
	qsort(s->v + from, s->n - from, sizeof(*s->v), by_place);
	for (size_t i = from + 1; i < s->n; i++) {
		struct splice *a = &s->v[k], *b = &s->v[i];

		/* Those that only touch stay two; nothing at all is one. */
		if (b->beg >= a->end && !(b->beg == a->beg &&
		    b->end == a->end)) {
			s->v[++k] = *b;
			continue;
		}
		if (b->end - b->beg > a->end - a->beg) {
			a->at = b->at;
			a->n = b->n;
		}
		if (b->end > a->end)
			a->end = b->end;
	}
	s->n = k + 1;
}

/* Bytes of the spelling at p, and of what it says. */
static size_t
unit(const char *p, const char *end, size_t *says)
{
	unsigned long c;
	char hex[5];

	*says = 1;
	if (*p != '\\')
		return 1;
	if (end - p < 6 || p[1] != 'u')
		return 2;
	memcpy(hex, p + 2, 4);
	hex[4] = '\0';
	c = strtoul(hex, NULL, 16);
	if (c >= 0xd800 && c < 0xdc00 && end - p >= 12 && p[6] == '\\' &&
	    p[7] == 'u') {
		memcpy(hex, p + 8, 4);
		c = strtoul(hex, NULL, 16);
		if (c >= 0xdc00 && c < 0xe000) {
			*says = 4;
			return 12;
		}
		c = 0xfffd;
	}
	*says = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
	return 6;
}

/* Where the spelling of the byte number want is, or begins. */
static const char *
seek(const char *p, const char *end, size_t *said, size_t want, bool behind)
{
	size_t says, n;

	while (p < end && *said < want) {
		n = unit(p, end, &says);
		if (!behind && *said + says > want)
			break;
		*said += says;
		p += n;
	}
	return p;
}

void
splices_spell(struct splices *s, size_t from, const char *raw, size_t n,
    size_t off)
{
	const char *p = raw, *end = raw + n;
	size_t said = 0;
	bool plain = memchr(raw, '\\', n) == NULL;

	for (size_t i = from; i < s->n; i++) {
		struct splice *v = &s->v[i];
		size_t at = s->text.n;
		char *copy;

		if (!plain) {
			p = seek(p, end, &said, v->beg, false);
			v->beg = (size_t)(p - raw);
			p = seek(p, end, &said, v->end, true);
			v->end = (size_t)(p - raw);
		}
		v->beg += off;
		v->end += off;
		if (v->n == 0)
			continue;
		copy = malloc(v->n);	/* text moves as it grows */
		if (copy == NULL) {
			s->nomem = true;
			return;
		}
		memcpy(copy, s->text.p + v->at, v->n);
		json_put_chars(&s->text, copy, v->n);
		free(copy);
		v->at = at;
		v->n = s->text.n - at;
	}
}

void
splices_apply(const struct splices *s, const char *p, size_t n,
    struct buf *out)
{
	size_t at = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct splice *v = &s->v[i];

		buf_add(out, p + at, v->beg - at);
		if (v->n > 0)
			buf_add(out, s->text.p + v->at, v->n);
		at = v->end;
	}
	buf_add(out, p + at, n - at);
}

#include "redact/plain.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The number of n hexadecimal digits at p, or -1. */
static long
number(const char *p, const char *end, int n)
{
	long v = 0;

	if (end - p < n)
		return -1;
	for (int i = 0; i < n; i++) {
		int d = hex(p[i]);

		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* The escape at p: how long it is (0: none) and what it stands for. */
static size_t
escape(const char *p, const char *end, uint32_t *c, bool *byte)
{
	static const char from[] = "\"\\/nrt'", to[] = "\"\\/\n\r\t'";
	const char *hit;
	long v;

	*byte = true;
	if (*p == '%') {
		v = number(p + 1, end, 2);
		*c = (uint32_t)v;
		return v < 0 ? 0 : 3;
	}
	if (*p != '\\' || end - p < 2)
		return 0;
	if (p[1] == 'u' && (v = number(p + 2, end, 4)) >= 0) {
		*c = (uint32_t)v;
		*byte = v < 0x80;
		return 6;
	}
	if (p[1] == 'x' && (v = number(p + 2, end, 2)) >= 0) {
		*c = (uint32_t)v;
		return 4;
	}
	hit = p[1] != '\0' ? strchr(from, p[1]) : NULL;
	if (hit == NULL)
		return 0;
	*c = (unsigned char)to[hit - from];
	return 2;
}

static bool
has_escape(const char *p, size_t n)
{
	static const char mark[] = "\\%";
	const char *end = p + n, *q;
	uint32_t c;
	bool byte;

	for (size_t i = 0; i < 2; i++)
		for (q = p; (q = memchr(q, mark[i], (size_t)(end - q))) !=
		    NULL; q++)
			if (escape(q, end, &c, &byte) != 0)
				return true;
	return false;
}

static bool
room(struct plain *x, size_t n)
{
	uint32_t *v;

	if (n <= x->cap)
		return true;
	v = n > UINT32_MAX ? NULL : reallocarray(x->from, n, sizeof(*v));
	if (v == NULL) {
		x->nomem = true;
		return false;
	}
	x->from = v;
	x->cap = n;
	return true;
}

/* One layer; the places are counted back to the original by the old ones. */
static void
round_of(struct plain *x, const char *p, size_t n, bool first)
{
	const char *end = p + n;
	size_t i = 0;

	buf_reset(&x->next);
	if (buf_room(&x->next, n + 1) == NULL) {
		x->nomem = true;
		return;
	}
	while (i < n) {
		size_t was = x->next.n, len;
		uint32_t c, place = first ? (uint32_t)i : x->from[i];
		bool byte;

		len = escape(p + i, end, &c, &byte);
		if (len == 0) {
			x->next.p[x->next.n++] = p[i];
			len = 1;
		} else if (byte)
			x->next.p[x->next.n++] = (char)c;
		else
			utf8_put(&x->next, c);
		/* Never more bytes out than in: the old places are read. */
		for (; was < x->next.n; was++)
			x->from[was] = place;
		i += len;
	}
	x->from[x->next.n] = first ? (uint32_t)n : x->from[n];
}

bool
plain_make(struct plain *x, const char *p, size_t n)
{
	bool found = false;

	if (!has_escape(p, n) || !room(x, n + 1))
		return false;
	for (int k = 0; k < PLAIN_ROUNDS; k++) {
		struct buf old;

		if (k > 0 && !has_escape(x->text.p, x->text.n))
			break;
		round_of(x, k == 0 ? p : x->text.p, k == 0 ? n : x->text.n,
		    k == 0);
		if (x->nomem || x->next.err != 0) {
			x->nomem = true;
			return false;
		}
		old = x->text;
		x->text = x->next;
		x->next = old;
		found = true;
	}
	return found;
}

void
plain_fini(struct plain *x)
{
	buf_fini(&x->text);
	buf_fini(&x->next);
	free(x->from);
	memset(x, 0, sizeof(*x));
}

#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST	256

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_fini(struct buf *b)
{
	size_t max;

	if (b == NULL)
		return;
	max = b->max;
	free(b->p);
	buf_init(b, max);
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->err = 0;
}

static int
buf_grow(struct buf *b, size_t need)
{
	size_t max = b->max != 0 ? b->max : SIZE_MAX / 2;
	size_t cap = b->cap != 0 ? b->cap : BUF_FIRST;
	char *p;

	if (need > max) {
		b->err = EMSGSIZE;
		return -1;
	}
	while (cap < need)
		cap += cap / 2 + BUF_FIRST;
	if (cap > max)
		cap = max;
	p = realloc(b->p, cap);
	if (p == NULL) {
		b->err = ENOMEM;
		return -1;
	}
	b->p = p;
	b->cap = cap;
	return 0;
}

char *
buf_room_more(struct buf *b, size_t n)
{
	if (b->err != 0)
		return NULL;
	if (n > SIZE_MAX / 2 - b->n) {
		b->err = EMSGSIZE;
		return NULL;
	}
	if (b->cap - b->n < n || b->p == NULL) {
		if (buf_grow(b, b->n + n) == -1)
			return NULL;
	}
	return b->p + b->n;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *to;

	if (n == 0)
		return;
	to = buf_room(b, n);
	if (to == NULL)
		return;
	memcpy(to, p, n);
	b->n += n;
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->err = errno != 0 ? errno : EINVAL;
		return;
	}
	to = buf_room(b, (size_t)n + 1);
	if (to == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void
buf_addu(struct buf *b, uint64_t v)
{
	char s[20];
	size_t i = sizeof(s);

	do {
		s[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	buf_add(b, s + i, sizeof(s) - i);
}

void
buf_addi(struct buf *b, int64_t v)
{
	if (v < 0) {
		buf_addc(b, '-');
		buf_addu(b, 0 - (uint64_t)v);
	} else
		buf_addu(b, (uint64_t)v);
}

const char *
buf_cstr(struct buf *b)
{
	char *to = buf_room(b, 1);

	if (to == NULL)
		return "";
	*to = '\0';
	return b->p;
}

char *
buf_take(struct buf *b, size_t *n)
{
	size_t max = b->max;
	char *p;

	if (b->err != 0 || buf_room(b, 1) == NULL) {
		buf_fini(b);
		return NULL;
	}
	b->p[b->n] = '\0';
	p = b->p;
	if (n != NULL)
		*n = b->n;
	buf_init(b, max);
	return p;
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n >= b->n) {
		b->n = 0;
		return;
	}
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

#include "otlp/text.h"

#include <string.h>

#include "base/utf8.h"
#include "json/write.h"

/* Characters without escapes, as they are but for bytes that are no UTF-8. */
static size_t
plain(struct buf *b, const char *p, const char *end)
{
	if (utf8_valid_until(p, end) != end)
		return json_put_chars(b, p, (size_t)(end - p));
	buf_add(b, p, (size_t)(end - p));
	return 0;
}

static uint32_t
hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t c = (unsigned char)p[i];

		v = v << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return v;
}

/* \uXXXX at p, with the low half behind it; how many bytes that were. */
static size_t
unicode(struct buf *b, const char *p, const char *end, size_t *bad)
{
	uint32_t c = hex4(p + 2), low;
	size_t n = 6;
	char s;

	if (c >= 0xd800 && c <= 0xdbff && end - p >= 12 && p[6] == '\\' &&
	    p[7] == 'u') {
		low = hex4(p + 8);
		if (low >= 0xdc00 && low <= 0xdfff) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			n = 12;
		}
	}
	if (c >= 0xd800 && c <= 0xdfff)
		(*bad)++;
	if (c < 0x80) {
		s = (char)c;
		(void)json_put_chars(b, &s, 1);
	} else
		utf8_put(b, c);	/* half a pair becomes U+FFFD */
	return n;
}

size_t
text_string(struct buf *b, const char *p, const char *end, bool esc)
{
	const char *q;
	size_t bad = 0;

	buf_addc(b, '"');
	while (esc && (q = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		if (q > p)
			bad += plain(b, p, q);
		p = q;
		if (p[1] == 'u') {
			p += unicode(b, p, end, &bad);
			continue;
		}
		if (p[1] == '/')
			buf_addc(b, '/');
		else
			buf_add(b, p, 2);
		p += 2;
	}
	if (p < end)
		bad += plain(b, p, end);
	buf_addc(b, '"');
	return bad;
}

/* The text from mark on is not all UTF-8: it is written anew. */
static void
repair(struct buf *b, size_t mark)
{
	struct buf old = { 0 };
	const char *p, *end, *bad;

	buf_add(&old, b->p + mark, b->n - mark);
	b->n = mark;
	p = old.p;
	end = p + old.n;
	while (p < end) {
		bad = utf8_valid_until(p, end);
		buf_add(b, p, (size_t)(bad - p));
		if (bad == end)
			break;
		utf8_put(b, 0xfffd);
		p = bad + 1;
	}
	if (old.err != 0)
		b->err = old.err;
	buf_fini(&old);
}

void
text_chars(struct buf *b, struct json_val v)
{
	size_t mark = b->n;

	if (memchr(v.p, '\\', v.n) != NULL)
		(void)json_unescape(b, v);
	else
		buf_add(b, v.p + 1, v.n - 2);
	if (b->err == 0 && b->n > mark &&
	    utf8_valid_until(b->p + mark, b->p + b->n) != b->p + b->n)
		repair(b, mark);
}

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

static bool
is_hex4(const char *p, const char *end)
{
	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++)
		if (!((p[i] >= '0' && p[i] <= '9') ||
		    ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')))
			return false;
	return true;
}

/* The escape at p, of text that nobody has checked; its length, 0 if broken. */
static size_t
take_escape(struct buf *b, const char *p, const char *end, size_t *bad)
{
	size_t n;

	if (end - p < 2)
		return 0;
	switch (p[1]) {
	case '"': case '\\': case 'b': case 'f': case 'n': case 'r': case 't':
		buf_add(b, p, 2);
		return 2;
	case '/':
		buf_addc(b, '/');
		return 2;
	case 'u':
		if (!is_hex4(p + 2, end))
			return 0;
		n = unicode(b, p, end, bad);
		return n == 6 || is_hex4(p + 8, end) ? n : 0;
	default:
		return 0;
	}
}

const char *
text_take(struct buf *b, const char *p, const char *end, uint64_t *bad)
{
	const char *start = p;
	size_t mark = b->n, n, halves = 0;
	uint64_t high = 0;

	buf_addc(b, '"');
	p = json_put_plain(b, p, end, &high);
	while (p < end && *p == '\\') {
		n = take_escape(b, p, end, &halves);
		if (n == 0)
			break;
		p = json_put_plain(b, p + n, end, &high);
	}
	if (p == end || *p != '"' || b->err != 0) {
		b->n = mark;
		return NULL;
	}
	if (high == 0 || utf8_valid_until(start, p) == p) {
		buf_addc(b, '"');
		*bad += halves;
	} else {
		b->n = mark;
		*bad += text_string(b, start, p, true);
	}
	return p;
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

#include "base/utf8.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/utf8block.h"

static bool
cont(const char *p)
{
	return ((unsigned char)*p & 0xc0) == 0x80;
}

static inline size_t
sequence(const char *p, const char *end)
{
	unsigned char c = (unsigned char)*p;
	unsigned char d;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4 || end - p < 2)
		return 0;
	d = (unsigned char)p[1];
	if (!cont(p + 1))
		return 0;
	if (c < 0xe0)
		return 2;
	if (end - p < 3 || !cont(p + 2))
		return 0;
	if (c < 0xf0) {
		if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f))
			return 0;
		return 3;
	}
	if (end - p < 4 || !cont(p + 3))
		return 0;
	if ((c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f))
		return 0;
	return 4;
}

size_t
utf8_len(const char *p, const char *end)
{
	return sequence(p, end);
}

uint32_t
utf8_decode(const char *p, size_t len)
{
	const unsigned char *s = (const unsigned char *)p;

	switch (len) {
	case 2:
		return (s[0] & 0x1fU) << 6 | (s[1] & 0x3fU);
	case 3:
		return (s[0] & 0x0fU) << 12 | (s[1] & 0x3fU) << 6 |
		    (s[2] & 0x3fU);
	case 4:
		return (s[0] & 0x07U) << 18 | (s[1] & 0x3fU) << 12 |
		    (s[2] & 0x3fU) << 6 | (s[3] & 0x3fU);
	default:
		return s[0];
	}
}

void
utf8_put(struct buf *b, uint32_t c)
{
	char s[4];
	size_t n;

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		s[0] = (char)c;
		n = 1;
	} else if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 0x3f));
		s[2] = (char)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		s[0] = (char)(0xf0 | c >> 18);
		s[1] = (char)(0x80 | (c >> 12 & 0x3f));
		s[2] = (char)(0x80 | (c >> 6 & 0x3f));
		s[3] = (char)(0x80 | (c & 0x3f));
		n = 4;
	}
	buf_add(b, s, n);
}

/* The first byte at or after p that is not ASCII; or end. */
static inline const char *
ascii_end(const char *p, const char *end)
{
#ifdef __SSE2__
	while (end - p >= 16) {
		__m128i v;
		unsigned mask;

		memcpy(&v, p, 16);
		mask = (unsigned)_mm_movemask_epi8(v);
		if (mask != 0)
			return p + __builtin_ctz(mask);
		p += 16;
	}
#endif
	while (end - p >= 8) {
		uint64_t w;

		memcpy(&w, p, 8);
		if ((w & UINT64_C(0x8080808080808080)) != 0)
			break;
		p += 8;
	}
	while (p < end && (unsigned char)*p < 0x80)
		p++;
	return p;
}

const char *
utf8_valid_until(const char *p, const char *end)
{
	p = ascii_end(p, end);
	if (end - p >= 32)
		p = utf8block_skip(p, end);
	while ((p = ascii_end(p, end)) < end) {
		/* Such characters seldom come alone. */
		do {
			size_t n = sequence(p, end);

			if (n == 0)
				return p;
			p += n;
		} while (p < end && (unsigned char)*p >= 0x80);
	}
	return end;
}

bool
utf8_is_plain(const char *p, const char *end)
{
	const char *first = end, *q = p;	/* the first that is not ASCII */

#ifdef __SSE2__
	__m128i a, b, c, d, low = _mm_set1_epi8(0x20);

	for (; end - q >= 64; q += 64) {
		memcpy(&a, q, 16);
		memcpy(&b, q + 16, 16);
		memcpy(&c, q + 32, 16);
		memcpy(&d, q + 48, 16);
		low = _mm_min_epu8(low, _mm_min_epu8(_mm_min_epu8(a, b),
		    _mm_min_epu8(c, d)));
		if (first == end && _mm_movemask_epi8(_mm_or_si128(
		    _mm_or_si128(a, b), _mm_or_si128(c, d))) != 0)
			first = q;
	}
	if (_mm_movemask_epi8(_mm_cmplt_epi8(low, _mm_set1_epi8(0x20))) != 0)
		return false;
#endif
	for (; q < end; q++) {
		if ((unsigned char)*q < 0x20)
			return false;
		if (first == end && (unsigned char)*q >= 0x80)
			first = q;
	}
	return utf8_valid_until(first, end) == end;
}

size_t
utf8_cut(const char *p, size_t n, size_t max)
{
	if (n <= max)
		return n;
	n = max;
	/* At most three continuation bytes belong to a character. */
	for (int i = 0; i < 3 && n > 0 && cont(p + n); i++)
		n--;
	return n;
}

static bool
is_bidi(uint32_t c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void
utf8_vis(struct buf *b, const char *p, size_t n, bool keep_nl)
{
	const char *end = p + n;

	while (p < end) {
		size_t len = utf8_len(p, end);
		uint32_t c = len != 0 ? utf8_decode(p, len) : 0;

		if (len == 0) {
			buf_addf(b, "\\x%02x", (unsigned char)*p++);
			continue;
		}
		if (keep_nl && (c == '\n' || c == '\t'))
			buf_addc(b, (char)c);
		else if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0))
			buf_addf(b, "\\x%02x", (unsigned)c);
		else if (is_bidi(c) || c == 0x2028 || c == 0x2029)
			buf_addf(b, "\\u{%04x}", (unsigned)c);
		else
			buf_add(b, p, len);
		p += len;
	}
}

/*
 * Ranges that take no column: combining marks, joiners, variation selectors.
 * The locale's wcwidth would need setlocale; a viewer of UTF-8 text does not.
 */
static const struct {
	uint32_t from, to;
} zero_width[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x05bf, 0x05bf }, { 0x05c1, 0x05c2 }, { 0x05c4, 0x05c5 },
	{ 0x05c7, 0x05c7 }, { 0x0610, 0x061a }, { 0x064b, 0x065f },
	{ 0x0670, 0x0670 }, { 0x06d6, 0x06dc }, { 0x06df, 0x06e4 },
	{ 0x06e7, 0x06e8 }, { 0x06ea, 0x06ed }, { 0x0900, 0x0902 },
	{ 0x093c, 0x093c }, { 0x0941, 0x0948 }, { 0x094d, 0x094d },
	{ 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200f },
	{ 0x202a, 0x202e }, { 0x2060, 0x2064 }, { 0x20d0, 0x20f0 },
	{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff },
	{ 0x1f3fb, 0x1f3ff }, { 0xe0001, 0xe01ef },
}, wide[] = {
	{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x2329, 0x232a },
	{ 0x23e9, 0x23ec }, { 0x23f0, 0x23f0 }, { 0x23f3, 0x23f3 },
	{ 0x25fd, 0x25fe }, { 0x2614, 0x2615 }, { 0x2648, 0x2653 },
	{ 0x267f, 0x267f }, { 0x2693, 0x2693 }, { 0x26a1, 0x26a1 },
	{ 0x26aa, 0x26ab }, { 0x26bd, 0x26be }, { 0x26c4, 0x26c5 },
	{ 0x26ce, 0x26ce }, { 0x26d4, 0x26d4 }, { 0x26ea, 0x26ea },
	{ 0x26f2, 0x26f3 }, { 0x26f5, 0x26f5 }, { 0x26fa, 0x26fa },
	{ 0x26fd, 0x26fd }, { 0x2705, 0x2705 }, { 0x270a, 0x270b },
	{ 0x2728, 0x2728 }, { 0x274c, 0x274c }, { 0x274e, 0x274e },
	{ 0x2753, 0x2755 }, { 0x2757, 0x2757 }, { 0x2795, 0x2797 },
	{ 0x27b0, 0x27b0 }, { 0x27bf, 0x27bf }, { 0x2b1b, 0x2b1c },
	{ 0x2b50, 0x2b50 }, { 0x2b55, 0x2b55 }, { 0x2e80, 0x303e },
	{ 0x3041, 0x33ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },
	{ 0xa000, 0xa4cf }, { 0xa960, 0xa97c }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 }, { 0x1f004, 0x1f004 }, { 0x1f0cf, 0x1f0cf },
	{ 0x1f18e, 0x1f18e }, { 0x1f191, 0x1f19a }, { 0x1f200, 0x1f320 },
	{ 0x1f32d, 0x1f335 }, { 0x1f337, 0x1f37c }, { 0x1f37e, 0x1f393 },
	{ 0x1f3a0, 0x1f3ca }, { 0x1f3cf, 0x1f3d3 }, { 0x1f3e0, 0x1f3f0 },
	{ 0x1f3f4, 0x1f3f4 }, { 0x1f3f8, 0x1f43e }, { 0x1f440, 0x1f440 },
	{ 0x1f442, 0x1f4fc }, { 0x1f4ff, 0x1f53d }, { 0x1f54b, 0x1f54e },
	{ 0x1f550, 0x1f567 }, { 0x1f57a, 0x1f57a }, { 0x1f595, 0x1f596 },
	{ 0x1f5a4, 0x1f5a4 }, { 0x1f5fb, 0x1f64f }, { 0x1f680, 0x1f6c5 },
	{ 0x1f6cc, 0x1f6cc }, { 0x1f6d0, 0x1f6d2 }, { 0x1f6d5, 0x1f6d7 },
	{ 0x1f6dc, 0x1f6df }, { 0x1f6eb, 0x1f6ec }, { 0x1f6f4, 0x1f6fc },
	{ 0x1f7e0, 0x1f7eb }, { 0x1f90c, 0x1f93a }, { 0x1f93c, 0x1f945 },
	{ 0x1f947, 0x1f9ff }, { 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
};

#define IN_TABLE(t, c)	in_ranges((t), sizeof(t) / sizeof((t)[0]), (c))

static bool
in_ranges(const void *table, size_t n, uint32_t c)
{
	const uint32_t *r = table;	/* pairs from, to */
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c > r[2 * mid + 1])
			lo = mid + 1;
		else if (c < r[2 * mid])
			hi = mid;
		else
			return true;
	}
	return false;
}

int
utf8_width(uint32_t c)
{
	if (c < 0x300)
		return c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0);
	if (IN_TABLE(zero_width, c))
		return 0;
	return IN_TABLE(wide, c) ? 2 : 1;
}

#include "json/write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/utf8.h"

static void
escape(struct buf *b, unsigned char c)
{
	static const char letter[256] = { ['"'] = '"', ['\\'] = '\\',
	    ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
	    ['\t'] = 't' };
	char *to;

	if (letter[c] == '\0') {
		buf_addf(b, "\\u%04x", c);
		return;
	}
	to = buf_room(b, 2);
	if (to == NULL)
		return;
	to[0] = '\\';
	to[1] = letter[c];
	b->n += 2;
}

static inline bool
must_escape(char c)
{
	return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

#define EACH(x)	(UINT64_C(0x0101010101010101) * (x))

/*
 * Must any of these eight be escaped? The byte c ^ 2 is at most 0x20 for '"'
 * and what is below 0x20, and for nothing else.
 */
static inline bool
any_escape(uint64_t x)
{
	uint64_t low = x ^ EACH(2), back = x ^ EACH('\\');

	return ((((low - EACH(0x21)) & ~low) | ((back - EACH(1)) & ~back)) &
	    EACH(0x80)) != 0;
}

/*
 * Copies p..end up to the first byte that must be escaped, whose place is
 * returned, or end. *high is not 0 any more when a byte there is no ASCII; it
 * may be so for one behind. Whole words, the last of which may begin inside
 * the one before.
 */
static inline const char *
copy_words(char *to, const char *p, const char *end, uint64_t *high)
{
	size_t n = (size_t)(end - p), i = 0;
	uint64_t x;

	while (n - i >= 8) {
		memcpy(&x, p + i, 8);
		if (any_escape(x))
			break;
		memcpy(to + i, &x, 8);
		*high |= x & EACH(0x80);
		i += 8;
		if (i < n && n - i < 8)
			i = n - 8;
	}
	for (; i < n && !must_escape(p[i]); i++) {
		to[i] = p[i];
		*high |= (unsigned char)p[i] & 0x80;
	}
	return p + i;
}

/* The same, by sixteen where a processor is known to have such words. */
static inline const char *
copy_plain(char *to, const char *p, const char *end, uint64_t *high)
{
#ifdef __SSE2__
	const __m128i two = _mm_set1_epi8(2), limit = _mm_set1_epi8(0x20);
	const __m128i back = _mm_set1_epi8('\\');
	__m128i x, stop, all = _mm_setzero_si128();
	size_t n = (size_t)(end - p), i = 0;

	if (n < 16)
		return copy_words(to, p, end, high);
	while (n - i >= 16) {
		memcpy(&x, p + i, 16);
		memcpy(to + i, &x, 16);
		all = _mm_or_si128(all, x);
		stop = _mm_cmpeq_epi8(_mm_setzero_si128(), _mm_min_epu8(
		    _mm_subs_epu8(_mm_xor_si128(x, two), limit),
		    _mm_xor_si128(x, back)));
		if (_mm_movemask_epi8(stop) != 0) {
			i += (size_t)__builtin_ctz(
			    (unsigned)_mm_movemask_epi8(stop));
			break;
		}
		i += 16;
		if (i < n && n - i < 16)
			i = n - 16;
	}
	*high |= (unsigned)_mm_movemask_epi8(all);
	return p + i;
#else
	return copy_words(to, p, end, high);
#endif
}

/* All that is UTF-8, or will be found not to be; see copy_plain for *high. */
static inline void
put_chars(struct buf *b, const char *p, const char *end, uint64_t *high)
{
	const char *stop;
	char *to;

	while (p < end) {
		to = buf_room(b, (size_t)(end - p));
		if (to == NULL)
			return;
		stop = copy_plain(to, p, end, high);
		b->n += (size_t)(stop - p);
		p = stop;
		if (p < end)
			escape(b, (unsigned char)*p++);
	}
}

size_t
json_put_chars(struct buf *b, const char *p, size_t n)
{
	const char *end = p + n, *bad;
	uint64_t high = 0;
	size_t broken = 0;

	while (p < end) {
		bad = utf8_valid_until(p, end);
		put_chars(b, p, bad, &high);
		p = bad;
		if (p < end) {
			buf_adds(b, "\xef\xbf\xbd");
			broken++;
			p++;
		}
	}
	return broken;
}

size_t
json_put_str(struct buf *b, const char *p, size_t n)
{
	size_t mark = b->n, broken = 0;
	uint64_t high = 0;

	buf_addc(b, '"');
	put_chars(b, p, p + n, &high);
	/* Most strings are ASCII, and that shows while they are copied. */
	if (high != 0 && utf8_valid_until(p, p + n) != p + n) {
		b->n = mark;
		buf_addc(b, '"');
		broken = json_put_chars(b, p, n);
	}
	buf_addc(b, '"');
	return broken;
}

size_t
json_put_cstr(struct buf *b, const char *s)
{
	return json_put_str(b, s, strlen(s));
}

void
json_put_int(struct buf *b, int64_t v)
{
	buf_addi(b, v);
}

void
json_put_bool(struct buf *b, bool v)
{
	buf_adds(b, v ? "true" : "false");
}

/*
 * Numbers of few decimals, as most are: m / 10^k with m below 10^15 is rounded
 * correctly by one division of two exact doubles (IEEE 754 section 5.4.1), so
 * what divides to v reads back as v. False if v is no such number.
 */
static bool
put_decimals(struct buf *b, double v)
{
	static const double power[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };
	double a = v < 0 ? -v : v;
	char s[32], *end = s + sizeof(s), *p = end;

	if (!(a >= 1e-4 && a < 1e8))
		return false;
	for (int k = 1; k <= 6; k++) {
		uint64_t m = (uint64_t)(a * power[k] + 0.5);

		if ((double)m / power[k] != a)
			continue;
		for (int i = 0; m > 0 || i <= k + 1; i++) {
			if (i == k) {
				*--p = '.';
				continue;
			}
			*--p = (char)('0' + (int)(m % 10));
			m /= 10;
		}
		if (v < 0)
			*--p = '-';
		buf_add(b, p, (size_t)(end - p));
		return true;
	}
	return false;
}

void
json_put_double(struct buf *b, double v)
{
	char s[40];

	if (put_decimals(b, v))
		return;
	if (isnan(v) || isinf(v)) {
		buf_addf(b, "{\"@double\":\"%s\"}",
		    isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(s, sizeof(s), "%.*g", digits, v);
		if (strtod(s, NULL) == v)
			break;
	}
	buf_adds(b, s);
	if (strpbrk(s, ".e") == NULL)
		buf_adds(b, ".0");
}

void
json_put_key(struct buf *b, const char *key)
{
	if (b->n > 0 && b->p[b->n - 1] != '{' && b->p[b->n - 1] != '[')
		buf_addc(b, ',');
	json_put_cstr(b, key);
	buf_addc(b, ':');
}

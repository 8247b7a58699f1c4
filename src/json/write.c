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

#ifdef __SSE2__
/* Zero where a byte must be escaped. */
static inline __m128i
plain16(__m128i x)
{
	return _mm_min_epu8(_mm_subs_epu8(_mm_xor_si128(x, _mm_set1_epi8(2)),
	    _mm_set1_epi8(0x20)), _mm_xor_si128(x, _mm_set1_epi8('\\')));
}

static inline unsigned
zeros(__m128i x)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x,
	    _mm_setzero_si128()));
}

/* The same, by sixteen; at least so many. */
static inline const char *
copy_blocks(char *to, const char *p, const char *end, uint64_t *high)
{
	size_t n = (size_t)(end - p), i = 0;
	__m128i x, y, all = _mm_setzero_si128();
	unsigned mask = 0;

	for (; n - i >= 32; i += 32) {
		memcpy(&x, p + i, 16);
		memcpy(&y, p + i + 16, 16);
		if (zeros(_mm_min_epu8(plain16(x), plain16(y))) != 0)
			break;
		memcpy(to + i, &x, 16);
		memcpy(to + i + 16, &y, 16);
		all = _mm_or_si128(all, _mm_or_si128(x, y));
	}
	while (i < n) {
		if (n - i < 16)
			i = n - 16;
		memcpy(&x, p + i, 16);
		memcpy(to + i, &x, 16);
		all = _mm_or_si128(all, x);
		mask = zeros(plain16(x));
		if (mask != 0) {
			i += (unsigned)__builtin_ctz(mask);
			break;
		}
		i += 16;
	}
	*high |= (unsigned)_mm_movemask_epi8(all);
	return p + i;
}
#endif

__attribute__((always_inline))
static inline const char *
copy_plain(char *to, const char *p, const char *end, uint64_t *high)
{
#ifdef __SSE2__
	if (end - p >= 16)
		return copy_blocks(to, p, end, high);
#endif
	return copy_words(to, p, end, high);
}

const char *
json_put_plain(struct buf *b, const char *p, const char *end, uint64_t *high)
{
	const char *limit, *stop;

	/* Little of what is left may belong to the string. */
	while (p < end && buf_room(b, 1) != NULL) {
		limit = (size_t)(end - p) < b->cap - b->n ? end :
		    p + (b->cap - b->n);
		stop = copy_plain(b->p + b->n, p, limit, high);
		b->n += (size_t)(stop - p);
		p = stop;
		if (p < limit)
			break;
	}
	return p;
}

/* All that is UTF-8, or will be found not to be; see copy_words for *high. */
static void
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
	const char *end = p + n, *stop;
	char *to = buf_room(b, n + 2);
	size_t mark = b->n, broken = 0;
	uint64_t high = 0;

	if (to == NULL)
		return 0;
	to[0] = '"';
	stop = copy_plain(to + 1, p, end, &high);
	/* Most strings are plain ASCII, and that shows while copied. */
	if (stop == end && high == 0) {
		to[n + 1] = '"';
		b->n = mark + n + 2;
		return 0;
	}
	b->n += 1 + (size_t)(stop - p);
	if (stop < end)
		put_chars(b, stop, end, &high);
	if (high != 0 && utf8_valid_until(p, end) != end) {
		b->n = mark + 1;
		broken = json_put_chars(b, p, n);
	}
	buf_addc(b, '"');
	return broken;
}

size_t
json_put_name(struct buf *b, char before, const char *p, size_t n)
{
	char *to = buf_room(b, n + 4);
	uint64_t high = 0;
	size_t broken;

	if (to == NULL)
		return 0;
	to[0] = before;
	to[1] = '"';
	if (copy_plain(to + 2, p, p + n, &high) == p + n && high == 0) {
		to[n + 2] = '"';
		to[n + 3] = ':';
		b->n += n + 4;
		return 0;
	}
	buf_addc(b, before);
	broken = json_put_str(b, p, n);
	buf_addc(b, ':');
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

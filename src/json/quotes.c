#include "json/quotes.h"

#ifdef __SSE2__
/* Bytes of an escape by its second; RFC 8259 section 7. */
static const unsigned char escape_len[256] = {
	['"'] = 2, ['\\'] = 2, ['/'] = 2, ['b'] = 2, ['f'] = 2, ['n'] = 2,
	['r'] = 2, ['t'] = 2, ['u'] = 6,
};

static const bool hex[256] = {
	['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true,
	['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true,
	['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true,
	['f'] = true, ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true,
	['E'] = true, ['F'] = true,
};

/* Is there an escape at p? */
static inline bool
is_escape(const char *p, const char *end)
{
	const unsigned char *u = (const unsigned char *)p;
	unsigned n;

	if (end - p < 2)
		return false;
	n = escape_len[u[1]];
	if (n != 6)
		return n != 0;
	return end - p >= 6 && (hex[u[2]] & hex[u[3]] & hex[u[4]] & hex[u[5]]);
}

/* No quotes any more. */
static void
stop(struct quotes *q)
{
	q->at = q->end;
	q->bits = 0;
}

/*
 * Takes the quotes that are escaped from q->bits; back: the block's
 * backslashes, of which those that are escaped are none.
 */
static void
unescape(struct quotes *q, uint64_t back)
{
	uint64_t quote = q->bits, one = 0;
	const char *at = q->at, *end = q->end;

	while (back != 0) {
		one = back & -back;
		if (!is_escape(at + __builtin_ctzll(back), end)) {
			stop(q);
			return;
		}
		quote &= ~(one << 1);
		back &= ~(one | one << 1);
	}
	q->bits = quote;
	if (one != 0) {
		q->back = at + __builtin_ctzll(one);
		q->skip = one << 1 == 0;
	}
}

static inline uint64_t
hex_digits(const char *p, int i)
{
	__m128i v = quotes_part(p, i);
	__m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));
	__m128i letter = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)),
	    _mm_set1_epi8('a'));

	return quotes_mask(_mm_or_si128(
	    _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit),
	    _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter))) <<
	    16 * i;
}

/*
 * The same where no two backslashes stand side by side, so that each begins an
 * escape. All \uXXXX are looked at together: text that is not English is full
 * of them.
 */
static void
unescape_apart(struct quotes *q, const char *block, uint64_t back)
{
	uint64_t second = back << 1, wide, digit, odd;

	wide = quotes_find(block, 'u') & second;
	digit = hex_digits(block, 0) | hex_digits(block, 1) |
	    hex_digits(block, 2) | hex_digits(block, 3);
	/* Others, and those that go on behind the block. */
	odd = (back & ~(wide >> 1)) | (wide >> 1 & UINT64_C(0xf) << 59);
	if (((wide << 1 | wide << 2 | wide << 3 | wide << 4) & ~digit) != 0) {
		stop(q);
		return;
	}
	for (uint64_t m = odd; m != 0; m &= m - 1) {
		if (!is_escape(q->at + __builtin_ctzll(m), q->end)) {
			stop(q);
			return;
		}
	}
	q->bits &= ~second;
	q->back = q->at + (63 - __builtin_clzll(back));
	q->skip = back >> 63 != 0;
}

/* block: the bytes q is at, or a copy of them with spaces behind. */
static void
look(struct quotes *q, const char *block)
{
	uint64_t back = quotes_find(block, '\\');

	if (quotes_mask(quotes_control(block)) != 0) {
		stop(q);
		return;
	}
	q->bits = quotes_find(block, '"');
	if (q->skip) {
		q->bits &= ~UINT64_C(1);
		back &= ~UINT64_C(1);
		q->skip = false;
	}
	if ((back & back << 1) != 0)
		unescape(q, back);
	else if (back != 0)
		unescape_apart(q, block, back);
}

void
quotes_look_closer(struct quotes *q)
{
	size_t n = (size_t)(q->end - q->at);
	char block[QUOTES_BLOCK];

	if (n >= sizeof(block)) {
		look(q, q->at);
		return;
	}
	memset(block, ' ', sizeof(block));
	memcpy(block, q->at, n);
	look(q, block);
}
#else
void
quotes_look_closer(struct quotes *q)
{
	q->at = q->end;
	q->bits = 0;
}
#endif

struct quotes
quotes_begin(const char *p, size_t n)
{
	struct quotes q = { 0, p, p + n, NULL, false };

	quotes_look_closer(&q);
	return q;
}

#include "base/utf8block.h"

/*
 * John Keiser and Daniel Lemire, "Validating UTF-8 In Less Than One
 * Instruction Per Byte", Software: Practice and Experience 51(5), 2021: each
 * kind of error shows in the upper half of a byte, in its lower half, and in
 * the upper half of the byte behind it; three look-ups of sixteen entries, a
 * bit for each kind, joined by "and". What they say of continuation bytes is
 * then compared with what a lead two or three places before asks for.
 */
#if defined(__x86_64__) && defined(__GNUC__)
#include <stdbool.h>
#include <string.h>
#include <tmmintrin.h>

enum {
	SHORT = 1 << 0,		/* a lead without its continuation */
	LONG = 1 << 1,		/* a continuation behind ASCII */
	OVER3 = 1 << 2,		/* overlong: e0 80..9f */
	LARGE = 1 << 3,		/* over U+10FFFF: f4 90..bf */
	SURROGATE = 1 << 4,	/* ed a0..bf */
	OVER2 = 1 << 5,		/* overlong: c0, c1 */
	OVER4 = 1 << 6,		/* overlong: f0 80..8f; and f5.. with 80..8f */
	TWO = 1 << 7,		/* two continuations: right, if asked for */
	ANY = SHORT | LONG | TWO
};

#define BYTE(x)	((char)(unsigned char)(x))

__attribute__((target("ssse3")))
static inline __m128i
high_half(__m128i v)
{
	return _mm_and_si128(_mm_srli_epi16(v, 4), _mm_set1_epi8(0x0f));
}

/* Zero where v, with `before` in front of it, breaks no rule so far. */
__attribute__((target("ssse3")))
static inline __m128i
errors(__m128i v, __m128i before)
{
	const __m128i first_high = _mm_setr_epi8(
	    LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG,
	    BYTE(TWO), BYTE(TWO), BYTE(TWO), BYTE(TWO),
	    SHORT | OVER2, SHORT, SHORT | OVER3 | SURROGATE,
	    SHORT | LARGE | OVER4);
	const __m128i first_low = _mm_setr_epi8(
	    BYTE(ANY | OVER2 | OVER3 | OVER4), BYTE(ANY | OVER2), BYTE(ANY),
	    BYTE(ANY), BYTE(ANY | LARGE), BYTE(ANY | LARGE | OVER4),
	    BYTE(ANY | LARGE | OVER4), BYTE(ANY | LARGE | OVER4),
	    BYTE(ANY | LARGE | OVER4), BYTE(ANY | LARGE | OVER4),
	    BYTE(ANY | LARGE | OVER4), BYTE(ANY | LARGE | OVER4),
	    BYTE(ANY | LARGE | OVER4), BYTE(ANY | LARGE | OVER4 | SURROGATE),
	    BYTE(ANY | LARGE | OVER4), BYTE(ANY | LARGE | OVER4));
	const __m128i second_high = _mm_setr_epi8(
	    SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT,
	    BYTE(LONG | TWO | OVER2 | OVER3 | OVER4),
	    BYTE(LONG | TWO | OVER2 | OVER3 | LARGE),
	    BYTE(LONG | TWO | OVER2 | SURROGATE | LARGE),
	    BYTE(LONG | TWO | OVER2 | SURROGATE | LARGE),
	    SHORT, SHORT, SHORT, SHORT);
	__m128i prev = _mm_alignr_epi8(v, before, 15);
	__m128i pair = _mm_and_si128(_mm_and_si128(
	    _mm_shuffle_epi8(first_high, high_half(prev)),
	    _mm_shuffle_epi8(first_low,
	    _mm_and_si128(prev, _mm_set1_epi8(0x0f)))),
	    _mm_shuffle_epi8(second_high, high_half(v)));
	/* The upper bit where a lead of three or four asks for this byte. */
	__m128i third = _mm_subs_epu8(_mm_alignr_epi8(v, before, 14),
	    _mm_set1_epi8(BYTE(0xe0 - 0x80)));
	__m128i fourth = _mm_subs_epu8(_mm_alignr_epi8(v, before, 13),
	    _mm_set1_epi8(BYTE(0xf0 - 0x80)));
	__m128i asked = _mm_and_si128(_mm_or_si128(third, fourth),
	    _mm_set1_epi8(BYTE(0x80)));

	return _mm_xor_si128(asked, pair);
}

/* Before p, which is no place of a block any more, to where one may go on. */
static const char *
back_to_lead(const char *start, const char *p)
{
	for (int k = 1; k <= 3 && p - k >= start; k++) {
		unsigned char c = (unsigned char)p[-k];

		if (c >= 0xc0)	/* of a character that p may cut */
			return p - k;
		if (c < 0x80)
			break;
	}
	return p;
}

__attribute__((target("ssse3")))
static const char *
skip(const char *p, const char *end)
{
	const char *start = p;
	__m128i before = _mm_setzero_si128(), v, w, bad;

	for (; end - p >= 32; p += 32) {
		memcpy(&v, p, 16);
		memcpy(&w, p + 16, 16);
		/* Most text has such characters here and there only. */
		if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(v, w),
		    before)) == 0) {
			before = w;
			continue;
		}
		bad = _mm_or_si128(errors(v, before), errors(w, v));
		if (_mm_movemask_epi8(_mm_cmpeq_epi8(bad,
		    _mm_setzero_si128())) != 0xffff)
			break;
		before = w;
	}
	for (; end - p >= 16; p += 16) {
		memcpy(&v, p, 16);
		bad = errors(v, before);
		if (_mm_movemask_epi8(_mm_cmpeq_epi8(bad,
		    _mm_setzero_si128())) != 0xffff)
			break;
		before = v;
	}
	return back_to_lead(start, p);
}

const char *
utf8block_skip(const char *p, const char *end)
{
	return __builtin_cpu_supports("ssse3") ? skip(p, end) : p;
}

#else

const char *
utf8block_skip(const char *p, const char *end)
{
	(void)end;
	return p;
}

#endif

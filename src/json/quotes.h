/*
 * The quotes of a JSON text one after the other, found 64 bytes at a time by
 * looking at nothing else. To know where a string ends one must otherwise know
 * where it begins, and so each member of an object waits for the one before
 * it; here the processor has many of them in the works at once.
 *
 *	struct quotes q = quotes_begin(p, n);
 *	open = quotes_next(&q);
 *	close = quotes_next(&q);
 *
 * Checked on the way: escapes, and that there are no control characters, not
 * even as white space. From where that fails there are no more quotes. What is
 * between two quotes is then a valid string, if the first of them opens one,
 * which only the reader can tell. Not checked: UTF-8.
 */
#ifndef JSON_QUOTES_H
#define JSON_QUOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#define QUOTES_ABLE	1
#else
#define QUOTES_ABLE	0	/* there is never a quote */
#endif

#define QUOTES_BLOCK	64

struct quotes {
	uint64_t	 bits;	/* of this block, not yet handed out */
	const char	*at;	/* the block; end: there is none any more */
	const char	*end;
	const char	*back;	/* a backslash; none known behind it; or NULL */
	bool		 skip;	/* the next block's first byte is escaped */
};

/* At the first quote of p[0..n). */
struct quotes quotes_begin(const char *p, size_t n);

/*
 * The block q is at is not the usual one: it is the last, or there is a
 * backslash or a control character in it, or its first byte is escaped.
 */
void quotes_look_closer(struct quotes *q);

#ifdef __SSE2__
/* Sixteen bytes of the block at p, the i-th from 0. */
static inline __m128i
quotes_part(const char *p, int i)
{
	__m128i v;

	memcpy(&v, p + 16 * i, 16);
	return v;
}

static inline uint64_t
quotes_mask(__m128i yes)
{
	return (unsigned)_mm_movemask_epi8(yes);
}

/* A bit for each of the block's bytes that is c. */
static inline uint64_t
quotes_find(const char *p, char c)
{
	const __m128i w = _mm_set1_epi8(c);

	return quotes_mask(_mm_cmpeq_epi8(quotes_part(p, 0), w)) |
	    quotes_mask(_mm_cmpeq_epi8(quotes_part(p, 1), w)) << 16 |
	    quotes_mask(_mm_cmpeq_epi8(quotes_part(p, 2), w)) << 32 |
	    quotes_mask(_mm_cmpeq_epi8(quotes_part(p, 3), w)) << 48;
}

/* Bytes below 0x20 as ones. */
static inline __m128i
quotes_control(const char *p)
{
	__m128i v = _mm_min_epu8(
	    _mm_min_epu8(quotes_part(p, 0), quotes_part(p, 1)),
	    _mm_min_epu8(quotes_part(p, 2), quotes_part(p, 3)));

	return _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
}

/* Is there a backslash or a control character in the block? */
static inline bool
quotes_special(const char *p)
{
	const __m128i back = _mm_set1_epi8('\\');
	__m128i any = _mm_or_si128(_mm_or_si128(
	    _mm_cmpeq_epi8(quotes_part(p, 0), back),
	    _mm_cmpeq_epi8(quotes_part(p, 1), back)), _mm_or_si128(
	    _mm_cmpeq_epi8(quotes_part(p, 2), back),
	    _mm_cmpeq_epi8(quotes_part(p, 3), back)));

	return quotes_mask(_mm_or_si128(any, quotes_control(p))) != 0;
}
#else
static inline uint64_t
quotes_find(const char *p, char c)
{
	(void)p;
	(void)c;
	return 0;
}

static inline bool
quotes_special(const char *p)
{
	(void)p;
	return true;
}
#endif

/*
 * To the next block with a quote; false at the end. A reader's own struct
 * quotes stays in registers: only a copy of it is looked at more closely.
 */
__attribute__((always_inline))
static inline bool
quotes_fill(struct quotes *q)
{
	while (q->bits == 0) {
		if (q->end - q->at <= QUOTES_BLOCK) {
			q->at = q->end;
			return false;
		}
		q->at += QUOTES_BLOCK;
		if (__builtin_expect(q->end - q->at < QUOTES_BLOCK || q->skip ||
		    quotes_special(q->at), 0)) {
			struct quotes copy = *q;

			quotes_look_closer(&copy);
			*q = copy;
		} else
			q->bits = quotes_find(q->at, '"');
	}
	return true;
}

/* The next quote; the text's end when there is none. */
__attribute__((always_inline))
static inline const char *
quotes_next(struct quotes *q)
{
	const char *p;

	if (__builtin_expect(q->bits == 0, 0) && !quotes_fill(q))
		return q->end;
	p = q->at + __builtin_ctzll(q->bits);
	q->bits &= q->bits - 1;
	return p;
}

/* Over the quotes before p. */
static inline void
quotes_pass(struct quotes *q, const char *p)
{
	while (quotes_fill(q) && q->at + __builtin_ctzll(q->bits) < p)
		q->bits &= q->bits - 1;
}

#endif

#include "json/pass.h"

#include <string.h>

#include "json/quotes.h"

/* What is known between two bytes, or two blocks of them. */
struct passing {
	bool	in;		/* inside a string */
	bool	escaped;	/* the next byte is, in a string */
	size_t	depth;		/* brackets that are open */
};

static bool
is_open(char c)
{
	return c == '{' || c == '[';
}

static bool
is_close(char c)
{
	return c == '}' || c == ']';
}

/* Byte by byte, from p: the end of the value, or NULL. */
static const char *
pass_bytes(struct passing *x, const char *p, const char *end)
{
	for (; p < end; p++) {
		if (x->escaped)
			x->escaped = false;
		else if (x->in) {
			x->escaped = *p == '\\';
			x->in = *p != '"';
			if (!x->in && x->depth == 0)
				return p + 1;
		} else if (*p == '"')
			x->in = true;
		else if (is_open(*p))
			x->depth++;
		else if (is_close(*p) && --x->depth == 0)
			return p + 1;
	}
	return NULL;
}

#ifdef __SSE2__
/* Is there a quote in the block? */
static inline bool
has_quote(const char *p)
{
	const __m128i w = _mm_set1_epi8('"');
	__m128i any = _mm_or_si128(_mm_or_si128(
	    _mm_cmpeq_epi8(quotes_part(p, 0), w),
	    _mm_cmpeq_epi8(quotes_part(p, 1), w)), _mm_or_si128(
	    _mm_cmpeq_epi8(quotes_part(p, 2), w),
	    _mm_cmpeq_epi8(quotes_part(p, 3), w)));

	return quotes_mask(any) != 0;
}

/* A bit for each bracket; only bit 5 tells '[' from '{', ']' from '}'. */
static inline uint64_t
brackets(const char *p, char curly)
{
	const __m128i bit = _mm_set1_epi8(0x20), w = _mm_set1_epi8(curly);

#define PART(i)	quotes_mask(_mm_cmpeq_epi8(_mm_or_si128(quotes_part(p, (i)), \
    bit), w))
	return PART(0) | PART(1) << 16 | PART(2) << 32 | PART(3) << 48;
#undef PART
}

/*
 * The bytes of a block that a backslash escapes; *last: the next block's first
 * byte, and this one's.
 */
static inline uint64_t
escaped(const char *p, bool *last)
{
	const uint64_t begun = *last;
	uint64_t back = quotes_find(p, '\\') & ~begun, out = begun, one;

	/* Mostly they stand apart: then each escapes what is behind it. */
	if ((back & back << 1) == 0) {
		*last = back >> 63 != 0;
		return back << 1 | begun;
	}
	*last = false;
	while (back != 0) {
		one = back & -back;	/* the first, and what it escapes */
		out |= one << 1;
		*last = one >> 63 != 0;
		back &= ~(one | one << 1);
	}
	return out;
}

/* Each bit: whether the bits up to it are odd in number. */
static inline uint64_t
parity(uint64_t bits)
{
	bits ^= bits << 1;
	bits ^= bits << 2;
	bits ^= bits << 4;
	bits ^= bits << 8;
	bits ^= bits << 16;
	return bits ^ bits << 32;
}

/*
 * A block in which a string begins or ends, or that is in none: the value's
 * end, or NULL.
 */
static const char *
pass_block(struct passing *x, const char *p)
{
	uint64_t quote = quotes_find(p, '"'), text, open, both;

	/* Outside of strings a backslash is not valid. */
	quote &= ~escaped(p, &x->escaped);
	if (quote == 0 && x->in)
		return NULL;
	text = parity(quote) ^ (x->in ? UINT64_MAX : 0);
	x->in = text >> 63 != 0;
	open = brackets(p, '{');
	both = (open | brackets(p, '}')) & ~text;
	for (; both != 0; both &= both - 1) {
		if ((open & (both & -both)) != 0)
			x->depth++;
		else if (--x->depth == 0)
			return p + __builtin_ctzll(both) + 1;
	}
	return NULL;
}

/* The blocks of an object or a list: the value's end; or NULL, *at behind. */
static const char *
pass_blocks(struct passing *x, const char **at, const char *end)
{
	const char *p = *at, *q = NULL;

	for (; q == NULL && end - p >= QUOTES_BLOCK; p += QUOTES_BLOCK) {
		if (!x->in || has_quote(p))
			q = pass_block(x, p);
		else if (p[QUOTES_BLOCK - 1] == '\\')
			(void)escaped(p, &x->escaped);
		else
			x->escaped = false;
	}
	*at = p;
	return q;
}

/* The same of a string; p is behind its quote. */
static const char *
pass_text(struct passing *x, const char **at, const char *end)
{
	const char *p = *at;
	uint64_t quote;

	for (; end - p >= QUOTES_BLOCK; p += QUOTES_BLOCK) {
		quote = quotes_find(p, '"');
		if (quote == 0 && p[QUOTES_BLOCK - 1] != '\\') {
			x->escaped = false;
			continue;
		}
		quote &= ~escaped(p, &x->escaped);
		if (quote != 0)
			return p + __builtin_ctzll(quote) + 1;
	}
	*at = p;
	return NULL;
}
#else
static const char *
pass_blocks(struct passing *x, const char **at, const char *end)
{
	(void)x;
	(void)at;
	(void)end;
	return NULL;
}

static const char *
pass_text(struct passing *x, const char **at, const char *end)
{
	return pass_blocks(x, at, end);
}
#endif

/* A number or a literal. */
static const char *
pass_word(const char *p, const char *end)
{
	while (p < end && memchr(",]} \t\r\n", *p, 7) == NULL)
		p++;
	return p;
}

const char *
json_pass(const char *p, const char *end)
{
	struct passing x = { false, false, 0 };
	const char *q;

	if (p == end)
		return NULL;
	if (*p == '"') {
		p++;
		x.in = true;
		q = pass_text(&x, &p, end);
	} else if (is_open(*p))
		q = pass_blocks(&x, &p, end);
	else
		return pass_word(p, end);
	return q != NULL ? q : pass_bytes(&x, p, end);
}

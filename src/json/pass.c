#include "json/pass.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "json/quotes.h"

#ifdef __SSE2__
/* Every other byte of a block: the first, the third, ... */
#define EVEN	UINT64_C(0x5555555555555555)

/* How far ahead of a long text memory is asked for, in bytes. */
#define AHEAD	2048

/* What is known between two blocks. */
struct passing {
	const char	*start;	/* of the value: no backslash */
	size_t		 depth;	/* brackets that are open */
	bool		 in;	/* inside a string */
	bool		 bad;	/* something follows a string that cannot */
};

/*
 * Is the byte at p, in a string that begins behind start or at it, escaped?
 * Nothing is kept from block to block to tell: it is asked for only where a
 * block is looked at closely, and no run of backslashes is walked twice.
 */
static inline bool
is_escaped(const char *start, const char *p)
{
	const char *q = p;

	while (q - 1 > start && q[-1] == '\\')
		q--;
	return ((p - q) & 1) != 0;
}

/*
 * The bytes behind a run of backslashes that is odd in length. Added to its
 * run, a backslash that no other is before carries to the byte behind it.
 */
static inline uint64_t
behind_odd(uint64_t back)
{
	uint64_t first = back & ~(back << 1);
	uint64_t even = back + (first & EVEN), odd = back + (first & ~EVEN);

	return ((even & ~EVEN) | (odd & EVEN)) & ~back;
}

/*
 * The quotes of the block that are not escaped; at: where it is in the text,
 * of which block may be a copy; in: it begins inside a string.
 */
static inline uint64_t
plain_quotes(const char *start, const char *at, const char *block, bool in)
{
	uint64_t quote = quotes_find(block, '"');
	uint64_t back = quotes_find(block, '\\');
	uint64_t first = in && at[-1] == '\\' && is_escaped(start, at);

	if ((back | first) != 0)
		quote &= ~(behind_odd(back & ~first) | first);
	return quote;
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

/* A bit for each byte that may stand behind a string: white space, ,:]}. */
static inline uint64_t
behind_string(const char *p)
{
	const __m128i space = _mm_set1_epi8(' ');

#define PART(i)	quotes_mask(_mm_cmpeq_epi8(_mm_min_epu8(quotes_part(p, (i)), \
    space), quotes_part(p, (i))))
	return PART(0) | PART(1) << 16 | PART(2) << 32 | PART(3) << 48 |
	    brackets(p, '}') | quotes_find(p, ',') | quotes_find(p, ':');
#undef PART
}

/*
 * Sixteen bytes, as ones those quotes that may end a string: all but those
 * behind one backslash alone. So text full of escaped quotes is passed over as
 * fast as other text. The two bytes before p are text, too.
 */
static inline __m128i
maybe_end(const char *p, int i)
{
	const __m128i back = _mm_set1_epi8('\\');
	__m128i quote = _mm_cmpeq_epi8(quotes_part(p, i), _mm_set1_epi8('"'));
	__m128i one = _mm_cmpeq_epi8(quotes_part(p - 1, i), back);
	__m128i two = _mm_cmpeq_epi8(quotes_part(p - 2, i), back);

	return _mm_andnot_si128(_mm_andnot_si128(two, one), quote);
}

/* Within a string: over blocks that it does not end in. As for p above. */
static inline const char *
over_text(const char *p, const char *end)
{
	__m128i any;

	for (; end - p >= QUOTES_BLOCK; p += QUOTES_BLOCK) {
		/* A hint: it may lie behind the end, and reads nothing. */
		__builtin_prefetch((const void *)((uintptr_t)p + AHEAD));
		any = _mm_or_si128(
		    _mm_or_si128(maybe_end(p, 0), maybe_end(p, 1)),
		    _mm_or_si128(maybe_end(p, 2), maybe_end(p, 3)));
		if (quotes_mask(any) != 0)
			break;
	}
	return p;
}

/* Over the brackets of a block: the value's end if it is here, or NULL. */
static const char *
pass_brackets(struct passing *x, const char *at, uint64_t open, uint64_t both)
{
	for (; both != 0; both &= both - 1) {
		if ((open & (both & -both)) != 0)
			x->depth++;
		else if (--x->depth == 0)
			return at + __builtin_ctzll(both) + 1;
	}
	return NULL;
}

/* The same over all of the block; the byte behind it is text, too. */
static inline const char *
pass_block(struct passing *x, const char *at, const char *block)
{
	uint64_t quote, text, open, both, wrong;
	const char *end;

	quote = plain_quotes(x->start, at, block, x->in);
	text = parity(quote) ^ (x->in ? UINT64_MAX : 0);
	x->in = text >> 63 != 0;
	open = brackets(block, '{');
	both = (open | brackets(block, '}')) & ~text;
	end = both == 0 ? NULL : pass_brackets(x, at, open, both);
	/* Where another writer's line stands in a text, the first to tell. */
	wrong = quote & ~text;
	if (wrong != 0)
		wrong &= ~behind_string(block + 1);
	if (wrong == 0 || (end != NULL && at + __builtin_ctzll(wrong) >= end))
		return end;
	x->bad = true;
	return at;
}

/* The text's rest, a block at most, as one and a byte. */
static inline void
fill(char block[QUOTES_BLOCK + 1], const char *p, const char *end)
{
	memset(block, ' ', QUOTES_BLOCK + 1);
	memcpy(block, p, (size_t)(end - p));
}

/* An object or a list: its end, or NULL. */
static const char *
pass_nested(const char *p, const char *end)
{
	struct passing x = { p, 1, false, false };
	char last[QUOTES_BLOCK + 1];
	const char *q;

	p++;
	while (end - p > QUOTES_BLOCK) {
		q = pass_block(&x, p, p);
		if (q != NULL)
			return x.bad ? NULL : q;
		p += QUOTES_BLOCK;
		if (x.in)
			p = over_text(p, end);
	}
	fill(last, p, end);
	q = pass_block(&x, p, last);
	return x.bad ? NULL : q;
}

/* A string: its end, or NULL. */
static const char *
pass_string(const char *p, const char *end)
{
	const char *start = p++;
	char last[QUOTES_BLOCK + 1];
	uint64_t quote;

	while (end - p >= QUOTES_BLOCK) {
		quote = plain_quotes(start, p, p, true);
		if (quote != 0)
			return p + __builtin_ctzll(quote) + 1;
		p = over_text(p + QUOTES_BLOCK, end);
	}
	fill(last, p, end);
	quote = plain_quotes(start, p, last, true);
	return quote == 0 ? NULL : p + __builtin_ctzll(quote) + 1;
}
#else
static const char *
pass_string(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\' && ++p == end)
			break;
	}
	return NULL;
}

static const char *
pass_nested(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = pass_string(p, end);
			if (p == NULL || (p < end &&
			    (unsigned char)*p > ' ' && *p != ',' &&
			    *p != ':' && *p != ']' && *p != '}'))
				break;
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && --depth == 0)
			return p + 1;
		p++;
	}
	return NULL;
}
#endif

/* A number or a literal. */
static const char *
pass_word(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p > ' ' && *p != ',' && *p != ']' &&
	    *p != '}')
		p++;
	return p;
}

const char *
json_pass(const char *p, const char *end)
{
	if (p == end)
		return NULL;
	if (*p == '"')
		return pass_string(p, end);
	if (*p == '{' || *p == '[')
		return pass_nested(p, end);
	return pass_word(p, end);
}

#include "json/pass.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "json/quotes.h"

/* May c stand behind a string, an object or a list? */
static inline bool
may_follow(char c)
{
	return (unsigned char)c <= ' ' || c == ',' || c == ':' || c == ']' ||
	    c == '}';
}

/* May c stand before an object or a list? */
static inline bool
may_precede(char c)
{
	return (unsigned char)c <= ' ' || c == ',' || c == ':' || c == '[';
}

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
	bool		 bad;	/* something stands where it cannot */
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

/* A bit for each byte that is white space. */
static inline uint64_t
spaces(const char *p)
{
	const __m128i space = _mm_set1_epi8(' ');

#define PART(i)	quotes_mask(_mm_cmpeq_epi8(_mm_min_epu8(quotes_part(p, (i)), \
    space), quotes_part(p, (i))))
	return PART(0) | PART(1) << 16 | PART(2) << 32 | PART(3) << 48;
#undef PART
}

/*
 * Where a line that another writer wrote into the value begins or ends: the
 * brackets that cannot open here, of those in open, and the ends of values, of
 * those in close, that something follows which cannot. shut: what closes
 * brackets, in texts, too.
 */
static inline uint64_t
misplaced(const char *block, uint64_t open, uint64_t close, uint64_t shut)
{
	uint64_t any, before, behind;

	if ((open | close) == 0)
		return 0;
	any = spaces(block) | quotes_find(block, ',') |
	    quotes_find(block, ':');
	before = (any | quotes_find(block, '[')) << 1 |
	    (may_precede(block[-1]) ? 1 : 0);
	behind = (any | shut) >> 1 |
	    (uint64_t)may_follow(block[QUOTES_BLOCK]) << (QUOTES_BLOCK - 1);
	return (open & ~before) | (close & ~behind);
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

/* The same over all of the block; the bytes around it are text, too. */
static inline const char *
pass_block(struct passing *x, const char *at, const char *block)
{
	uint64_t quote, text, open, shut, close, wrong;
	const char *end = NULL;

	quote = plain_quotes(x->start, at, block, x->in);
	text = parity(quote) ^ (x->in ? UINT64_MAX : 0);
	x->in = text >> 63 != 0;
	open = brackets(block, '{') & ~text;
	shut = brackets(block, '}');
	close = shut & ~text;
	if ((open | close) != 0)
		end = pass_brackets(x, at, open, open | close);
	/* What follows the whole is not looked at. */
	wrong = misplaced(block, open, close | (quote & ~text), shut);
	if (wrong == 0 || (end != NULL && at + __builtin_ctzll(wrong) >=
	    end - 1))
		return end;
	x->bad = true;
	return at;
}

/* The text's rest, a block at most, as one between two bytes. */
static inline const char *
fill(char block[QUOTES_BLOCK + 2], const char *p, const char *end)
{
	memset(block, ' ', QUOTES_BLOCK + 2);
	memcpy(block, p - 1, (size_t)(end - p) + 1);
	return block + 1;
}

/* An object or a list: its end, or NULL. */
static const char *
pass_nested(const char *p, const char *end)
{
	struct passing x = { p, 1, false, false };
	char last[QUOTES_BLOCK + 2];
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
	q = pass_block(&x, p, fill(last, p, end));
	return x.bad ? NULL : q;
}

/* A string: its end, or NULL. */
static const char *
pass_string(const char *p, const char *end)
{
	const char *start = p++;
	char last[QUOTES_BLOCK + 2];
	uint64_t quote;

	while (end - p >= QUOTES_BLOCK) {
		quote = plain_quotes(start, p, p, true);
		if (quote != 0)
			return p + __builtin_ctzll(quote) + 1;
		p = over_text(p + QUOTES_BLOCK, end);
	}
	quote = plain_quotes(start, p, fill(last, p, end), true);
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
	const char *start = p;
	size_t depth = 0;

	while (p < end) {
		if (*p == '{' || *p == '[') {
			if (p > start && !may_precede(p[-1]))
				break;
			depth++;
			p++;
			continue;
		}
		if (*p != '"' && *p != '}' && *p != ']') {
			p++;
			continue;
		}
		if (*p == '"') {
			p = pass_string(p, end);
			if (p == NULL)
				break;
		} else {
			p++;
			if (--depth == 0)
				return p;
		}
		if (p < end && !may_follow(*p))
			break;
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

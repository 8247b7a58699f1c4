/*
 * Reads JSON (RFC 8259) in place: no tree, no copies, no allocation. A value
 * is a slice of the text it stands in. Everything is checked while it is
 * passed over: structure, number grammar, literals, escapes, raw control
 * characters. Not checked: UTF-8 (see base/utf8) and duplicate names.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#include <string.h>
#endif

#include "base/buf.h"

#define JSON_MAX_DEPTH	128

enum json_type {
	JSON_NONE = 0,		/* absent */
	JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING,
	JSON_ARRAY, JSON_OBJECT
};

struct json_val {
	const char	*p;	/* raw text: strings with their quotes */
	size_t		 n;
	enum json_type	 type;
};

struct json_member {
	const char	*key;	/* between the quotes, raw */
	size_t		 klen;
	bool		 kesc;	/* key holds escapes */
	struct json_val	 val;
};

/* First byte at or after p that is not JSON white space. */
static inline const char *
json_ws(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p <= ' ' && (*p == ' ' ||
	    *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* The same, where nearly always there is none. */
static inline const char *
json_no_ws(const char *p, const char *end)
{
	if (__builtin_expect(p < end && (unsigned char)*p > ' ', 1))
		return p;
	return json_ws(p, end);
}

#ifdef __SSE2__
/*
 * Sixteen bytes, those that end a run of plain characters as zero: v ^ 2 is at
 * most 0x20 for '"' (0x22) and what is below 0x20, and for nothing else; so one
 * saturating subtraction finds both.
 */
static inline __m128i
json_look(const char *p)
{
	__m128i v;

	memcpy(&v, p, 16);
	return _mm_min_epu8(_mm_subs_epu8(_mm_xor_si128(v, _mm_set1_epi8(2)),
	    _mm_set1_epi8(0x20)), _mm_xor_si128(v, _mm_set1_epi8('\\')));
}

/* A bit for each byte that is zero. */
static inline unsigned
json_stops(__m128i look)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(look,
	    _mm_setzero_si128()));
}
#endif

/*
 * First byte at or after p that is '"', '\\' or below 0x20; or end. Most
 * strings of a record are names and short values: one look at sixteen bytes;
 * most bytes are of long texts: two looks at a time.
 */
static inline const char *
json_string_stop(const char *p, const char *end)
{
#ifdef __SSE2__
	if (end - p >= 16) {
		unsigned mask = json_stops(json_look(p));

		if (mask != 0)
			return p + __builtin_ctz(mask);
		p += 16;
	}
	while (end - p >= 32) {
		__m128i a = json_look(p), b = json_look(p + 16);

		if (json_stops(_mm_min_epu8(a, b)) != 0) {
			unsigned mask = json_stops(a) | json_stops(b) << 16;

			return p + __builtin_ctz(mask);
		}
		p += 32;
	}
#endif
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

/* The rest of a string from where json_string_stop stopped; see below. */
const char *json_string_rest(const char *p, const char *end, bool *esc,
    const char **why);

/*
 * p is behind an opening quote: the position of the closing quote, or NULL
 * with *why. *esc is set to true if an escape was passed (never to false).
 */
static inline const char *
json_string_end(const char *p, const char *end, bool *esc, const char **why)
{
	p = json_string_stop(p, end);
	if (p < end && *p == '"')
		return p;
	return json_string_rest(p, end, esc, why);
}

/*
 * Passes over the value at p (leading white space allowed), at most depth
 * levels deep: the position behind it, v filled; or NULL with *why, a
 * constant text. v may be NULL.
 */
const char *json_skip(const char *p, const char *end, int depth,
    struct json_val *v, const char **why);

/*
 * The same for what is no string; most of that are short whole numbers, of
 * which nothing is left out here (RFC 8259 section 6).
 */
static inline const char *
json_skip_other(const char *p, const char *end, int depth, struct json_val *v,
    const char **why)
{
	const char *q = p;

	while (q < end && *q >= '0' && *q <= '9')
		q++;
	if (q == p || q == end || (*q != ',' && *q != '}') ||
	    (*p == '0' && q - p > 1))
		return json_skip(p, end, depth, v, why);
	v->p = p;
	v->n = (size_t)(q - p);
	v->type = JSON_NUMBER;
	return q;
}

/*
 * The same where the value is most likely a string, as the attributes of a
 * span are; v is not NULL.
 */
static inline const char *
json_skip_string(const char *p, const char *end, int depth,
    struct json_val *v, const char **why)
{
	const char *q;

	if (p == end || *p != '"')
		return json_skip_other(p, end, depth, v, why);
	q = json_string_stop(p + 1, end);
	if (q == end || *q != '"') {
		bool esc;

		q = json_string_rest(q, end, &esc, why);
		if (q == NULL)
			return NULL;
	}
	q++;
	v->p = p;
	v->n = (size_t)(q - p);
	v->type = JSON_STRING;
	return q;
}

/*
 * Reads "name" and the colon; p is at the opening quote. The position of the
 * value, with the key's members of m filled; or NULL with *why.
 */
static inline const char *
json_member_name(const char *p, const char *end, struct json_member *m,
    const char **why)
{
	if (p == end || *p != '"') {
		*why = "member name expected";
		return NULL;
	}
	m->key = p + 1;
	m->kesc = false;
	p = json_string_end(p + 1, end, &m->kesc, why);
	if (p == NULL)
		return NULL;
	m->klen = (size_t)(p - m->key);
	p++;
	if (__builtin_expect(end - p >= 2 && p[0] == ':' &&
	    (unsigned char)p[1] > ' ', 1))
		return p + 1;
	p = json_ws(p, end);
	if (p == end || *p != ':') {
		*why = "':' expected";
		return NULL;
	}
	return json_ws(p + 1, end);
}

/*
 * As json_skip for the object at p, whose '{' p is at; its first members go to
 * m, which has room for cap. *n is how many it has: more than cap, and the
 * rest of them were only checked.
 */
const char *json_index(const char *p, const char *end, struct json_member *m,
    size_t cap, size_t *n, const char **why);

/* The text p[0..n) is exactly one value with white space around. */
bool json_parse(const char *p, size_t n, struct json_val *v, const char **why);

/*
 * Walks the members of an object or the elements of an array that is known to
 * be valid (from json_skip or json_parse).
 *
 *	struct json_iter it;
 *	json_iter(&it, v);
 *	while (json_next_member(&it, &m)) ...
 */
struct json_iter {
	const char	*p, *end;
};
void json_iter(struct json_iter *it, struct json_val v);
bool json_next_member(struct json_iter *it, struct json_member *m);
bool json_next_elem(struct json_iter *it, struct json_val *v);

/* Several at once, in one walk: out[i] is the member name[i]. */
struct json_name {
	const char	*s;
	size_t		 n;
};
#define JSON_NAME(s)	{ (s), sizeof(s) - 1 }
void json_get_all(struct json_val object, const struct json_name *name,
    struct json_val *out, size_t n);

/* The next element's members as json_get_all gives them, in one walk. */
bool json_next_elem_all(struct json_iter *it, const struct json_name *name,
    struct json_val *out, size_t n);

/* Does the member have this name? Escapes in the name are understood. */
bool json_key_is(const struct json_member *m, const char *name, size_t n);

/* Last member of that name in a valid object, val.type JSON_NONE if absent. */
struct json_val json_get(struct json_val object, const char *name);

/* The same along a path of names: json_path(v, "a", "b", NULL). */
struct json_val json_path(struct json_val object, ...)
    __attribute__((sentinel));

/*
 * Appends the characters a JSON string stands for. Lone surrogate escapes
 * become U+FFFD. \u0000 becomes a NUL byte. Returns 0, -1 if v is no string.
 */
int json_unescape(struct buf *b, struct json_val v);

/*
 * The string's characters without a copy when it holds no escapes, else
 * unescaped into scratch (appended: earlier results stay valid only until
 * scratch grows; reset it between uses). NULL when v is no string.
 */
const char *json_str(struct json_val v, struct buf *scratch, size_t *n);

/* Is v the string s? Escapes are understood. */
bool json_str_is(struct json_val v, const char *s);

/*
 * Are they written alike: the same type, the same bytes? Escapes are not
 * understood. Two that are absent are the same.
 */
bool json_same(struct json_val a, struct json_val b);

/* The same, and neither absent nor null: what ids have to be. */
bool json_equal(struct json_val a, struct json_val b);

/*
 * An exact integer: a number without fraction or exponent in int64 range, or
 * a string of such digits (CLIs send both). 0, or -1.
 */
int json_int(struct json_val v, int64_t *out);

/* A number (or numeric string) as double, for display only. 0, or -1. */
int json_double(struct json_val v, double *out);

/* true/false or the strings "true"/"false". 0, or -1. */
int json_bool(struct json_val v, bool *out);

#endif

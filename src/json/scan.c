#include "json/scan.h"

#include <string.h>

/*
 * Passing over a value. Everything is checked; the fast ways are in scan.h.
 */

static bool
is_hex4(const char *p, const char *end)
{
	static const bool hex[256] = {
		['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true,
		['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true,
		['8'] = true, ['9'] = true, ['a'] = true, ['b'] = true,
		['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true,
		['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true,
		['E'] = true, ['F'] = true,
	};
	const unsigned char *u = (const unsigned char *)p;

	return end - p >= 4 && (hex[u[0]] & hex[u[1]] & hex[u[2]] &
	    hex[u[3]]);
}

/* Bytes of an escape by its second; RFC 8259 section 7. */
static const unsigned char escape_len[256] = {
	['"'] = 2, ['\\'] = 2, ['/'] = 2, ['b'] = 2, ['f'] = 2, ['n'] = 2,
	['r'] = 2, ['t'] = 2, ['u'] = 6,
};

const char *
json_string_rest(const char *p, const char *end, bool *esc, const char **why)
{
	unsigned char n;

	for (;; p = json_string_stop(p, end)) {
		if (p == end) {
			*why = "unterminated string";
			return NULL;
		}
		if (*p == '"')
			return p;
		if (*p != '\\') {
			*why = "control character in a string";
			return NULL;
		}
		*esc = true;
		if (end - p < 2) {
			*why = "unterminated string";
			return NULL;
		}
		n = escape_len[(unsigned char)p[1]];
		if (n == 0) {
			*why = "bad escape";
			return NULL;
		}
		if (n == 6 && !is_hex4(p + 2, end)) {
			*why = "bad \\u escape";
			return NULL;
		}
		p += n;
	}
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* RFC 8259 section 6. */
static const char *
number_end(const char *p, const char *end, const char **why)
{
	const char *q;

	*why = "bad number";
	if (p < end && *p == '-')
		p++;
	q = digits(p, end);
	if (q == p || (*p == '0' && q - p > 1))
		return NULL;
	p = q;
	if (p < end && *p == '.') {
		q = digits(p + 1, end);
		if (q == p + 1)
			return NULL;
		p = q;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		q = digits(p, end);
		if (q == p)
			return NULL;
		p = q;
	}
	return p;
}

static const char *
literal(const char *p, const char *end, const char *word, const char **why)
{
	size_t n = strlen(word);

	if ((size_t)(end - p) < n || memcmp(p, word, n) != 0) {
		*why = "bad literal";
		return NULL;
	}
	return p + n;
}

/* A value that is no array or object; p is at its first byte. */
static const char *
scalar(const char *p, const char *end, enum json_type *type, const char **why)
{
	bool esc = false;

	if (p == end) {
		*why = "value missing";
		return NULL;
	}
	switch (*p) {
	case '"':
		*type = JSON_STRING;
		p = json_string_end(p + 1, end, &esc, why);
		return p != NULL ? p + 1 : NULL;
	case 't':
		*type = JSON_TRUE;
		return literal(p, end, "true", why);
	case 'f':
		*type = JSON_FALSE;
		return literal(p, end, "false", why);
	case 'n':
		*type = JSON_NULL;
		return literal(p, end, "null", why);
	default:
		if (*p != '-' && (*p < '0' || *p > '9')) {
			*why = "value expected";
			return NULL;
		}
		*type = JSON_NUMBER;
		return number_end(p, end, why);
	}
}

/*
 * Arrays and objects without recursion: the kinds of the open ones stand in a
 * stack of bits.
 */
static const char *
nested(const char *p, const char *end, int depth, const char **why)
{
	uint64_t stack[JSON_MAX_DEPTH / 64 + 1] = { 0 };
	enum json_type type;
	int open = 0;
	struct json_member m;
	bool object;

	if (depth > JSON_MAX_DEPTH)
		depth = JSON_MAX_DEPTH;
open_one:
	object = *p == '{';
	if (open == depth) {
		*why = "nested too deeply";
		return NULL;
	}
	if (object)
		stack[open / 64] |= UINT64_C(1) << (open % 64);
	else
		stack[open / 64] &= ~(UINT64_C(1) << (open % 64));
	open++;
	p = json_ws(p + 1, end);
	if (p < end && *p == (object ? '}' : ']'))
		goto close_one;
next_value:
	if (object && (p = json_member_name(p, end, &m, why)) == NULL)
		return NULL;
	if (p < end && (*p == '{' || *p == '['))
		goto open_one;
	if (p < end && *p == '"') {
		p = json_string_end(p + 1, end, &m.kesc, why);
		if (p != NULL)
			p++;
	} else
		p = scalar(p, end, &type, why);
	if (p == NULL)
		return NULL;
after_value:
	p = json_no_ws(p, end);
	if (p == end) {
		*why = object ? "unterminated object" : "unterminated array";
		return NULL;
	}
	if (*p == ',') {
		p = json_no_ws(p + 1, end);
		goto next_value;
	}
	if (*p != (object ? '}' : ']')) {
		*why = object ? "',' or '}' expected" : "',' or ']' expected";
		return NULL;
	}
close_one:
	p++;
	if (--open == 0)
		return p;
	object = (stack[(open - 1) / 64] >> ((open - 1) % 64) & 1) != 0;
	goto after_value;
}

const char *
json_skip(const char *p, const char *end, int depth, struct json_val *v,
    const char **why)
{
	enum json_type type;
	const char *q;
	bool esc = false;

	p = json_ws(p, end);
	if (p < end && *p == '"') {
		type = JSON_STRING;
		q = json_string_end(p + 1, end, &esc, why);
		if (q != NULL)
			q++;
	} else if (p < end && (*p == '{' || *p == '[')) {
		type = *p == '{' ? JSON_OBJECT : JSON_ARRAY;
		q = nested(p, end, depth, why);
	} else
		q = scalar(p, end, &type, why);
	if (q != NULL && v != NULL)
		*v = (struct json_val){ p, (size_t)(q - p), type };
	return q;
}

const char *
json_index(const char *p, const char *end, struct json_member *m, size_t cap,
    size_t *n, const char **why)
{
	struct json_member one, *to;

	*n = 0;
	p = json_ws(p + 1, end);
	if (p < end && *p == '}')
		return p + 1;
	for (;;) {
		to = *n < cap ? &m[*n] : &one;
		++*n;
		if ((p = json_member_name(p, end, to, why)) == NULL ||
		    (p = json_skip_string(p, end, JSON_MAX_DEPTH - 1, &to->val,
		    why)) == NULL)
			return NULL;
		p = json_no_ws(p, end);
		if (p == end) {
			*why = "unterminated object";
			return NULL;
		}
		if (*p == '}')
			return p + 1;
		if (*p != ',') {
			*why = "',' or '}' expected";
			return NULL;
		}
		p = json_no_ws(p + 1, end);
	}
}

bool
json_parse(const char *p, size_t n, struct json_val *v, const char **why)
{
	const char *end = p + n;

	p = json_skip(p, end, JSON_MAX_DEPTH, v, why);
	if (p == NULL)
		return false;
	if (json_ws(p, end) != end) {
		*why = "text behind the value";
		return false;
	}
	return true;
}

void
json_iter(struct json_iter *it, struct json_val v)
{
	if (v.type != JSON_OBJECT && v.type != JSON_ARRAY) {
		it->p = it->end = NULL;
		return;
	}
	it->p = v.p + 1;
	it->end = v.p + v.n - 1;
}

/* Behind a member or element: to the next, over the comma. */
static void
step(struct json_iter *it, const char *p)
{
	p = json_ws(p, it->end);
	if (p < it->end && *p == ',')
		p++;
	it->p = p;
}

bool
json_next_elem(struct json_iter *it, struct json_val *v)
{
	const char *why, *p;

	if (it->p == NULL)
		return false;
	p = json_ws(it->p, it->end);
	if (p >= it->end)
		return false;
	p = json_skip(p, it->end, JSON_MAX_DEPTH, v, &why);
	if (p == NULL)		/* the caller broke the promise */
		return false;
	step(it, p);
	return true;
}

bool
json_next_member(struct json_iter *it, struct json_member *m)
{
	const char *why, *p;

	if (it->p == NULL)
		return false;
	p = json_ws(it->p, it->end);
	if (p >= it->end || *p != '"')
		return false;
	m->key = p + 1;
	m->kesc = false;
	p = json_string_end(p + 1, it->end, &m->kesc, &why);
	if (p == NULL)
		return false;
	m->klen = (size_t)(p - m->key);
	p = json_ws(p + 1, it->end);
	if (p >= it->end || *p != ':')
		return false;
	p = json_skip(p + 1, it->end, JSON_MAX_DEPTH, &m->val, &why);
	if (p == NULL)
		return false;
	step(it, p);
	return true;
}

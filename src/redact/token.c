#include "redact/token.h"

#include <string.h>

#include "base/buf.h"
#include "base/enc.h"

#define JUDGE_MAX	256	/* bytes that decide whether it is a secret */
#define RUN_MAX		8192	/* of base64 around an exact value */
#define MARK_HASH	16

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A digit and a letter, and not always the same few. */
static bool
is_varied(const struct rule *r, const char *p, size_t n)
{
	bool digit = false, letter = false, seen[256] = { false };
	size_t distinct = 0;

	if (!r->mixed && r->distinct == 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		digit = digit || (c >= '0' && c <= '9');
		letter = letter || (unsigned)(c | 0x20) - 'a' < 26;
		distinct += !seen[c];
		seen[c] = true;
	}
	return (!r->mixed || (digit && letter)) && distinct >= r->distinct;
}

/* user:password, so encoded */
static bool
is_basic(const char *p, size_t n)
{
	struct buf b = { 0 };
	bool yes;

	while (n > 0 && p[n - 1] == '=')
		n--;
	yes = enc_unbase64(&b, p, n) == 0 && b.n > 2 &&
	    memchr(b.p, ':', b.n) != NULL;
	for (size_t i = 0; yes && i < b.n; i++)
		yes = (unsigned char)b.p[i] >= ' ';
	if (b.p != NULL)
		explicit_bzero(b.p, b.n);
	buf_fini(&b);
	return yes;
}

/* eyJ... . eyJ..., the second part being JSON too */
static bool
is_jwt(const char *p, size_t n)
{
	const char *dot = memchr(p, '.', n);

	return dot != NULL && dot - p >= 8 &&
	    (size_t)(p + n - dot) > 4 && memcmp(dot, ".eyJ", 4) == 0;
}

bool
token_excepted(const struct rule *r, const char *p, size_t n)
{
	for (size_t i = 0; i < r->nexcept; i++)
		if (strlen(r->except[i]) == n &&
		    memcmp(r->except[i], p, n) == 0)
			return true;
	return false;
}

bool
token_look(struct shape *s, const struct literal *lit, size_t at)
{
	const struct rule *r = lit->rule;
	size_t beg = at + lit->n, i = beg, judged;
	char c = at > 0 ? s->p[at - 1] : ' ';

	if (!r->anywhere && (is_alnum(c) || (r->kind == RULE_JWT && (c == '_' ||
	    c == '-'))))
		return false;
	while (i < s->n && i - beg < JUDGE_MAX && rule_has(r,
	    (unsigned char)s->p[i]))
		i++;
	judged = i - beg;
	/* The end of a sentence is none of a token. */
	while (judged > 0 && s->p[beg + judged - 1] == '.')
		judged--;
	if (judged < r->min || (r->max != 0 && judged > r->max) ||
	    !is_varied(r, s->p + beg, judged) ||
	    token_excepted(r, s->p + beg, judged))
		return false;
	/* A token of fixed length that goes on is something else. */
	if (r->max != 0 && r->max == r->min && beg + judged < s->n &&
	    is_alnum(s->p[beg + judged]))
		return false;
	/* Judged by its beginning, and only then read to its end. */
	if (r->kind == RULE_JWT && !is_jwt(s->p + at, judged + lit->n))
		return false;
	if (r->kind == RULE_BASIC && !is_basic(s->p + beg, judged))
		return false;
	if (judged == JUDGE_MAX) {
		while (i < s->n && rule_has(r, (unsigned char)s->p[i]))
			i++;
		judged = i - beg;
	}
	s->beg = r->keep ? beg : at;
	s->end = beg + judged;
	return true;
}

static bool
in_base64(char c)
{
	return is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_' ||
	    c == '=';
}

bool
token_exact(struct shape *s, const struct literal *lit, size_t at)
{
	size_t low = at > RUN_MAX ? at - RUN_MAX : 0;

	s->beg = at;
	s->end = at + lit->n;
	if (lit->rule->kind == RULE_WORD)
		return !(at > 0 && is_alnum(s->p[at - 1])) &&
		    !(s->end < s->n && is_alnum(s->p[s->end]));
	if (!lit->in_base64)
		return true;
	while (s->beg > low && in_base64(s->p[s->beg - 1]))
		s->beg--;
	while (s->end < s->n && s->end - at < RUN_MAX &&
	    in_base64(s->p[s->end]))
		s->end++;
	return true;
}

size_t
token_mark(const struct rules *rules, const struct shape *s, size_t at)
{
	size_t i = at + sizeof(TOKEN_MARK) - 1, k = 0, hash;
	char name[41];

	for (; i < s->n && k < sizeof(name) - 1 && (s->p[i] == '-' ||
	    is_alnum(s->p[i])); i++)
		name[k++] = s->p[i];
	name[k] = '\0';
	/* Nothing hides in a mark whose name is that of a rule. */
	if (i == s->n || rules_find(rules, name) == NULL)
		return at;
	if (s->p[i] == ':') {
		for (hash = ++i; i < s->n && i - hash < MARK_HASH &&
		    (is_digit(s->p[i]) || (s->p[i] >= 'a' &&
		    s->p[i] <= 'f')); i++)
			continue;
		if (i - hash != MARK_HASH)
			return at;
	}
	return i < s->n && s->p[i] == ']' ? i + 1 : at;
}

#include "filter/token.h"

#include <string.h>

#include "base/utf8.h"
#include "record/rtime.h"

#define US	INT64_C(1000)
#define MS	(1000 * US)
#define SEC	(1000 * MS)
#define NUMBER_MAX	64	/* characters of a number without its unit */

static const struct {
	const char	*text;
	enum token_kind	 kind;
} sign[] = {	/* longer ones first */
	{ "||", TOKEN_OR }, { "&&", TOKEN_AND }, { "==", TOKEN_EQ },
	{ "!=", TOKEN_NE }, { "<=", TOKEN_LE }, { ">=", TOKEN_GE },
	{ "=~", TOKEN_MATCH }, { "!~", TOKEN_NO_MATCH }, { "=", TOKEN_EQ },
	{ "<", TOKEN_LT }, { ">", TOKEN_GT }, { "!", TOKEN_NOT },
	{ "(", TOKEN_OPEN }, { ")", TOKEN_CLOSE }, { ",", TOKEN_COMMA },
	{ "}", TOKEN_BRACE },
	{ "+", TOKEN_PLUS }, { "-", TOKEN_MINUS }, { "*", TOKEN_TIMES },
	{ "/", TOKEN_DIVIDE }, { "%", TOKEN_REST },
}, word[] = {
	{ "or", TOKEN_OR }, { "and", TOKEN_AND }, { "not", TOKEN_NOT },
	{ "in", TOKEN_IN }, { "contains", TOKEN_CONTAINS },
};

/* Numbers with units; the durations count nanoseconds. */
static const struct {
	const char	*text;
	int64_t		 factor;
	enum value_type	 type;
} unit[] = {
	{ "", 1, VALUE_NUM }, { "k", 1000, VALUE_NUM },
	{ "M", 1000000, VALUE_NUM }, { "G", 1000000000, VALUE_NUM },
	{ "ns", 1, VALUE_DURATION }, { "us", US, VALUE_DURATION },
	{ "ms", MS, VALUE_DURATION }, { "s", SEC, VALUE_DURATION },
	{ "m", 60 * SEC, VALUE_DURATION }, { "h", 3600 * SEC, VALUE_DURATION },
	{ "d", 86400 * SEC, VALUE_DURATION },
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (unsigned char)c >= 0x80;
}

/* The byte at at + k, NUL behind the end. */
static char
peek(const struct lexer *l, size_t k)
{
	return l->n - l->at > k ? l->p[l->at + k] : '\0';
}

static int
fail(struct lexer *l, struct token *t, const char *why)
{
	l->why = why;
	t->pos = l->at;
	return -1;
}

/* The character that an escape stands for, or NUL if it is none of ours. */
static char
unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '"':
	case '\'':
	case '\\':
		return c;
	default:
		return '\0';
	}
}

/*
 * "text" or 'text'. A reverse solidus before anything but a quote, itself, n
 * and t stays, so that "\d+" is the expression that it looks like.
 */
static int
text(struct lexer *l, struct token *t)
{
	char quote = l->p[l->at++], c;
	char *to = arena_get(l->mem, l->n - l->at + 1);
	size_t n = 0;

	if (to == NULL)
		return fail(l, t, "out of memory");
	for (; l->at < l->n && l->p[l->at] != quote; l->at++) {
		c = '\0';
		if (l->p[l->at] == '\\')
			c = unescape(peek(l, 1));
		if (c != '\0')
			l->at++;
		to[n++] = c != '\0' ? c : l->p[l->at];
	}
	if (l->at == l->n) {
		l->at = t->pos;
		return fail(l, t, "the text has no end");
	}
	l->at++;
	if (utf8_valid_until(to, to + n) != to + n) {
		l->at = t->pos;
		return fail(l, t, "the text is not UTF-8");
	}
	t->kind = TOKEN_VALUE;
	t->value = value_str(to, n);
	return 0;
}

static bool
digits(const struct lexer *l, size_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_digit(peek(l, from + i)))
			return false;
	return true;
}

static bool
is_date(const struct lexer *l)
{
	return digits(l, 0, 4) && peek(l, 4) == '-' && digits(l, 5, 2) &&
	    peek(l, 7) == '-' && digits(l, 8, 2) && !is_digit(peek(l, 10));
}

/* 2026-11-21, or with T10:15, T10:15:30, T10:15:30.5, and Z or +01:00. */
static int
date(struct lexer *l, struct token *t)
{
	char full[64] = "";
	size_t n = 10, zone;

	if (peek(l, n) == 'T' && digits(l, n + 1, 2) && peek(l, 13) == ':' &&
	    digits(l, 14, 2)) {
		n = 16;
		if (peek(l, n) == ':' && digits(l, n + 1, 2))
			n += 3;
		if (n == 19 && peek(l, n) == '.' && is_digit(peek(l, n + 1)))
			for (n++; is_digit(peek(l, n)) && n < 40; n++)
				;
	}
	memcpy(full, l->p + l->at, n);
	zone = n;
	if (n == 10)
		memcpy(full + n, "T00:00:00", 10);
	else if (n == 16)
		memcpy(full + n, ":00", 4);
	n = strlen(full);
	if (peek(l, zone) == 'Z')
		full[n++] = l->p[l->at + zone++];
	else if (zone > 10 && (peek(l, zone) == '+' || peek(l, zone) == '-') &&
	    digits(l, zone + 1, 2) && peek(l, zone + 3) == ':') {
		memcpy(full + n, l->p + l->at + zone, 4);
		full[n + 4] = peek(l, zone + 4);
		full[n + 5] = peek(l, zone + 5);
		n += 6;
		zone += 6;
	} else
		full[n++] = 'Z';
	if (rtime_parse(full, n, &t->value.time) == -1)
		return fail(l, t, "not a time");
	l->at += zone;
	t->kind = TOKEN_VALUE;
	t->value.type = VALUE_TIME;
	return 0;
}

/* Digits with a fraction, an exponent, a unit; $ before them is for show. */
static int
number(struct lexer *l, struct token *t)
{
	char num[NUMBER_MAX];
	struct num factor;
	size_t n = 0, from, i;

	l->at += peek(l, 0) == '$';
	from = l->at;
	while (is_digit(peek(l, n)))
		n++;
	if (peek(l, n) == '.' && is_digit(peek(l, n + 1)))
		for (n++; is_digit(peek(l, n)); n++)
			;
	if ((peek(l, n) == 'e' || peek(l, n) == 'E') && (is_digit(peek(l,
	    n + 1)) || ((peek(l, n + 1) == '-' || peek(l, n + 1) == '+') &&
	    is_digit(peek(l, n + 2)))))
		for (n += 2; is_digit(peek(l, n)); n++)
			;
	if (n >= sizeof(num))
		return fail(l, t, "the number is too long");
	memcpy(num, l->p + from, n);
	if (num_parse(num, n, &t->value.num) == -1)
		return fail(l, t, "not a number");
	l->at += n;
	for (n = 0; is_letter(peek(l, n)) || is_digit(peek(l, n)); n++)
		;
	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++)
		if (strlen(unit[i].text) == n && (n == 0 || memcmp(unit[i].text,
		    l->p + l->at, n) == 0))
			break;
	if (i == sizeof(unit) / sizeof(unit[0]))
		return fail(l, t, "not a unit; there are ns us ms s m h d, "
		    "and k M G for large numbers");
	factor = num_int(unit[i].factor);
	if (!num_mul(&t->value.num, &factor, &t->value.num))
		return fail(l, t, "the number is too large");
	l->at += n;
	t->kind = TOKEN_VALUE;
	t->value.type = unit[i].type;
	return 0;
}

static int
name(struct lexer *l, struct token *t)
{
	while (is_letter(peek(l, 0)) || is_digit(peek(l, 0)) ||
	    (peek(l, 0) == '.' && (is_letter(peek(l, 1)) ||
	    is_digit(peek(l, 1)))))
		l->at++;
	t->n = l->at - t->pos;
	t->kind = TOKEN_NAME;
	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (strlen(word[i].text) == t->n && word[i].text != NULL &&
		    memcmp(l->p + t->pos, word[i].text, t->n) == 0)
			t->kind = word[i].kind;
	if (t->n == 4 && memcmp(l->p + t->pos, "true", 4) == 0) {
		t->kind = TOKEN_VALUE;
		t->value = value_bool(true);
	} else if (t->n == 5 && memcmp(l->p + t->pos, "false", 5) == 0) {
		t->kind = TOKEN_VALUE;
		t->value = value_bool(false);
	}
	return 0;
}

static int
symbol(struct lexer *l, struct token *t)
{
	for (size_t i = 0; i < sizeof(sign) / sizeof(sign[0]); i++) {
		size_t n = strlen(sign[i].text);

		if (l->n - l->at >= n && memcmp(l->p + l->at, sign[i].text,
		    n) == 0) {
			t->kind = sign[i].kind;
			l->at += n;
			return 0;
		}
	}
	return fail(l, t, "this has no meaning here");
}

int
token_next(struct lexer *l, struct token *t)
{
	char c;
	int res;

	while (l->at < l->n && strchr(" \t\r\n", l->p[l->at]) != NULL &&
	    l->p[l->at] != '\0')
		l->at++;
	memset(t, 0, sizeof(*t));
	t->pos = l->at;
	t->kind = TOKEN_END;
	if (l->at == l->n)
		return 0;
	c = l->p[l->at];
	if (c == '"' || c == '\'')
		res = text(l, t);
	else if (is_digit(c) && is_date(l))
		res = date(l, t);
	else if (is_digit(c) || (c == '$' && is_digit(peek(l, 1))))
		res = number(l, t);
	else if (is_letter(c))
		res = name(l, t);
	else
		res = symbol(l, t);
	if (res == 0)
		t->n = l->at - t->pos;
	return res;
}

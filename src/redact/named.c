/* What stands behind a name: password=x, "api_key": "x", --token x. */
#include "redact/shape.h"

#include <string.h>

#define NAME_MAX	64
#define VALUE_MAX	4096	/* a value longer than this is cut in two */
#define JUDGE_MAX	256	/* so much of it says whether it is one */

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static size_t
blanks(const struct shape *s, size_t at, size_t max)
{
	while (at < s->n && max-- > 0 && (s->p[at] == ' ' || s->p[at] == '\t'))
		at++;
	return at;
}

/*
 * The name that ends before the mark: blanks, a closing quote (with what
 * escapes it) and a bracket are passed over.
 */
static bool
name_before(const struct shape *s, size_t mark, size_t *beg, size_t *end)
{
	const char *p = s->p;
	size_t i = mark, low;

	for (int k = 0; k < 2 && i > 0 && (p[i - 1] == ' ' ||
	    p[i - 1] == '\t'); k++)
		i--;
	/* env["NAME"] = is one, a [mark] is none. */
	if (i > 1 && p[i - 1] == ']' && (p[i - 2] == '"' || p[i - 2] == '\''))
		i--;
	if (i > 0 && (p[i - 1] == '"' || p[i - 1] == '\'')) {
		i--;
		for (int k = 0; k < 4 && i > 0 && p[i - 1] == '\\'; k++)
			i--;
	}
	*end = i;
	low = i > NAME_MAX ? i - NAME_MAX : 0;
	while (i > low && is_word(p[i - 1]))
		i--;
	*beg = i;
	return *end - *beg >= 2;
}

/* "value" or \"value\": up to the same quote, a line end, or what is cut. */
static bool
quoted(struct shape *s, size_t at, size_t slashes)
{
	char quote = s->p[at + slashes];
	size_t i = at + slashes + 1;

	s->beg = i;
	for (; i < s->n && i - s->beg < VALUE_MAX; i++) {
		if (s->p[i] == quote || s->p[i] == '\n')
			break;
		if (s->p[i] == '\\' && i + 1 < s->n) {
			if (slashes > 0 && s->p[i + 1] == quote)
				break;
			i++;
		}
	}
	s->end = i < s->n ? i : s->n;
	return true;
}

static bool
bare(struct shape *s, size_t at, size_t max)
{
	static const char stop[] = " \t\r\n\"'`,;&()}]<>\\|";
	size_t i = at;

	while (i < s->n && i - at < max && s->p[i] != '\0' &&
	    strchr(stop, s->p[i]) == NULL)
		i++;
	s->beg = at;
	s->end = i;
	return i > at;
}

static bool
line(struct shape *s, size_t at)
{
	size_t i = at;

	while (i < s->n && i - at < VALUE_MAX && s->p[i] != '\n' &&
	    s->p[i] != '"' && s->p[i] != '\'' && s->p[i] != '\\' &&
	    s->p[i] != '\r')
		i++;
	while (i > at && (s->p[i - 1] == ' ' || s->p[i - 1] == '\t'))
		i--;
	s->beg = at;
	s->end = i;
	return i > at;
}

/*
 * Without quotes a value may as well be code, a type or prose: f(x), a.b,
 * "password: the". spaced: it does not follow its mark at once.
 */
static bool
is_code(const struct shape *s, bool spaced)
{
	const char *p = s->p + s->beg;
	size_t n = s->end - s->beg;
	bool digit = false;

	if (n < 4 || p[0] == '[' || p[0] == '{' || p[0] == '/' ||
	    p[0] == '~' || (s->end < s->n && s->p[s->end] == '('))
		return true;
	for (size_t i = 0; i < n; i++)
		digit = digit || (p[i] >= '0' && p[i] <= '9') ||
		    p[i] == '!' || p[i] == '#' || p[i] == '@';
	return spaced && !digit;
}

static bool
worth(const struct shape *s, const struct names *names,
    enum names_verdict verdict)
{
	return s->end > s->beg && names_value(names, verdict, s->p + s->beg,
	    s->end - s->beg);
}

/* Seen at its first byte, a place for a value is not read to its end. */
static bool
after_quote(const struct shape *s, size_t at, size_t slashes)
{
	size_t i = at + slashes + 1;

	return i < s->n && s->p[i] != '$' && s->p[i] != '<';
}

static bool
value(struct shape *s, const struct names *names, enum names_verdict verdict,
    size_t at, bool spaced)
{
	size_t slashes = 0;

	while (slashes < 4 && at + slashes < s->n &&
	    s->p[at + slashes] == '\\')
		slashes++;
	if (at + slashes < s->n && (s->p[at + slashes] == '"' ||
	    s->p[at + slashes] == '\''))
		return after_quote(s, at, slashes) &&
		    quoted(s, at, slashes) && worth(s, names, verdict);
	if (s->p[at] == '$' || s->p[at] == '<')
		return false;
	if (verdict == NAMES_LINE)
		return line(s, at) && worth(s, names, verdict);
	return bare(s, at, JUDGE_MAX) && !is_code(s, spaced) &&
	    worth(s, names, verdict) && bare(s, at, VALUE_MAX);
}

/* --token x, --token=x */
static bool
option(struct shape *s, const struct names *names, size_t at)
{
	enum names_verdict verdict;
	size_t beg = at + 2, i = beg;

	if (at > 0 && s->p[at - 1] == '-')
		return false;
	while (i < s->n && i - beg < NAME_MAX && is_word(s->p[i]))
		i++;
	if (i == s->n || s->p[i] != ' ')
		return false;
	verdict = names_look(names, s->p + beg, i - beg);
	if (verdict == NAMES_NO)
		return false;
	if (verdict == NAMES_LINE)
		verdict = NAMES_YES;
	i = blanks(s, i, 4);
	return i < s->n && s->p[i] != '-' && value(s, names, verdict, i, true);
}

bool
shape_named(struct shape *s, const struct names *names, size_t at)
{
	enum names_verdict verdict;
	size_t beg, end, i = at + 1;

	if (s->p[at] == '-')
		return option(s, names, at);
	if (!name_before(s, at, &beg, &end))
		return false;
	verdict = names_look(names, s->p + beg, end - beg);
	if (verdict == NAMES_NO)
		return false;
	/* ==, =>, :=, :: */
	if (i < s->n && (s->p[i] == '=' || s->p[i] == '>'))
		i++;
	else if (i < s->n && s->p[i] == ':')
		return false;
	beg = i;
	i = blanks(s, i, 4);
	if (s->p[at] == ':' && i + 1 < s->n && s->p[i] == '/' &&
	    s->p[i + 1] == '/')
		return false;
	return i < s->n && value(s, names, verdict, i, i > beg ||
	    s->p[at] == ':');
}

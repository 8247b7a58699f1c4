#include "redact/shape.h"

#include <string.h>

#define LOCAL_MAX	64	/* RFC 5321, 4.5.3.1.1 */
#define DOMAIN_MAX	253
#define USERINFO_MAX	512
#define HEADER_MAX	64	/* of -----BEGIN ... ----- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_alnum(char c)
{
	return is_digit(c) || is_alpha(c);
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The byte, or a blank outside of the text. */
static char
byte(const struct shape *s, size_t i)
{
	return i < s->n ? s->p[i] : ' ';
}

static char
before(const struct shape *s, size_t i)
{
	return i > 0 ? s->p[i - 1] : ' ';
}

/* The end of a host name with a dot in it and letters behind the last one. */
static size_t
domain_end(const struct shape *s, size_t at)
{
	size_t i = at, last = at, dots = 0;

	while (i < s->n && i - at < DOMAIN_MAX && (is_alnum(s->p[i]) ||
	    s->p[i] == '-' || (s->p[i] == '.' && is_alnum(byte(s, i + 1))))) {
		if (s->p[i] == '.') {
			dots++;
			last = i + 1;
		}
		i++;
	}
	while (i > at && s->p[i - 1] == '-')
		i--;
	if (dots == 0 || i < last + 2 || !is_alpha(byte(s, last)))
		return at;
	return i;
}

bool
shape_email(struct shape *s, size_t at)
{
	size_t low = at > LOCAL_MAX ? at - LOCAL_MAX : 0, i = at;

	while (i > low && (is_alnum(s->p[i - 1]) || (s->p[i - 1] != '\0' &&
	    strchr("._%+-", s->p[i - 1]) != NULL)))
		i--;
	while (i < at && !is_alnum(s->p[i]))
		i++;
	/* package@1.2.3 and user@host have no such domain. */
	if (i == at || !is_alnum(byte(s, at + 1)))
		return false;
	s->beg = i;
	s->end = domain_end(s, at + 1);
	return s->end > at + 1;
}

/* A number up to 255 without leading zeros; its end, or at. */
static size_t
octet_end(const struct shape *s, size_t at, unsigned *v)
{
	size_t i = at;

	*v = 0;
	while (i < s->n && i - at < 4 && is_digit(s->p[i]))
		*v = *v * 10 + (unsigned)(s->p[i++] - '0');
	if (*v > 255 || (i - at > 1 && s->p[at] == '0'))
		return at;
	return i;
}

bool
shape_ipv4(struct shape *s, size_t at)
{
	unsigned v[4];
	size_t i = at, from;
	char c;

	for (int k = 0; k < 3 && i > 0 && is_digit(s->p[i - 1]); k++)
		i--;
	s->beg = i;
	c = before(s, i);
	/* No version (v1.2.3.4, Name/1.2.3.4), no part of a longer one. */
	if (is_alnum(c) || c == '.' || c == '-' || c == '_' ||
	    (c == '/' && is_alnum(before(s, i - 1))))
		return false;
	for (int k = 0; k < 4; k++) {
		if (k > 0 && byte(s, i++) != '.')
			return false;
		from = i;
		i = octet_end(s, i, &v[k]);
		if (i == from)
			return false;
	}
	c = byte(s, i);
	if (is_alnum(c) || c == '_' || (c == '.' && is_alnum(byte(s, i + 1))) ||
	    (c == '-' && is_alpha(byte(s, i + 1))))
		return false;
	s->end = i;
	/* This machine, no machine, all machines. */
	return v[0] != 127 && v[0] != 0 && v[0] != 255;
}

/*
 * Eight groups, or fewer with one "::" in place of the rest. Times (12:34:56),
 * MAC addresses and a::b of programs are none.
 */
bool
shape_ipv6(struct shape *s, size_t at)
{
	size_t i = at, groups = 0, gaps = 0, digits = 0;

	for (int k = 0; k < 4 && i > 0 && is_hex(s->p[i - 1]); k++)
		i--;
	if (is_alnum(before(s, i)) || before(s, i) == ':' ||
	    before(s, i) == '_' || before(s, i) == '.')
		return false;
	s->beg = i;
	while (i < s->n && groups <= 8) {
		size_t from = i;

		while (i - from < 5 && is_hex(byte(s, i)))
			digits += is_digit(s->p[i++]);
		if (i - from > 4)
			return false;
		groups += i > from;
		if (byte(s, i) != ':')
			break;
		if (byte(s, i + 1) == ':') {
			gaps++;
			i += 2;
		} else if (is_hex(byte(s, i + 1)))
			i++;
		else
			break;
	}
	if (is_alnum(byte(s, i)) || byte(s, i) == '_')
		return false;
	s->end = i;
	return digits > 0 && ((gaps == 1 && groups >= 3 && groups < 8) ||
	    (gaps == 0 && groups == 8));
}

static bool
luhn(const char *d, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned v = (unsigned)(d[n - 1 - i] - '0');

		if (i % 2 == 1)
			v = v > 4 ? 2 * v - 9 : 2 * v;
		sum += v;
	}
	return sum % 10 == 0;
}

/* The first digits that issuers have, and how long their numbers are. */
static bool
is_issued(const char *d, size_t n)
{
	unsigned two = (unsigned)(d[0] - '0') * 10 + (unsigned)(d[1] - '0');

	if (d[0] == '4')
		return n == 13 || n == 16 || n == 19;
	if ((two >= 51 && two <= 55) || (two >= 22 && two <= 27))
		return n == 16;
	if (two == 34 || two == 37)
		return n == 15;
	if (two == 36 || two == 38 || two == 30)
		return n == 14;
	return (two == 60 || two == 62 || two == 64 || two == 65 ||
	    two == 35) && n == 16;
}

bool
shape_card(struct shape *s, size_t at)
{
	char d[20], sep = 0, c = before(s, at);
	size_t n = 0, i = at, group = 0, groups = 0;

	if (is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '+')
		return false;
	for (; i < s->n && n < sizeof(d); i++) {
		c = s->p[i];
		if (is_digit(c)) {
			d[n++] = c;
			group++;
			continue;
		}
		if ((c != ' ' && c != '-') || !is_digit(byte(s, i + 1)) ||
		    (sep != 0 && c != sep) || (group != 4 && group != 6))
			break;
		sep = c;
		group = 0;
		groups++;
	}
	c = byte(s, i);
	if (n < 13 || n > 19 || is_alnum(c) || c == '_' || c == '-' ||
	    (c == '.' && is_digit(byte(s, i + 1))) || (sep != 0 &&
	    (groups < 2 || group < 3)))
		return false;
	s->beg = at;
	s->end = i;
	return is_issued(d, n) && luhn(d, n);
}

/* 555-123-4567, (555) 123-4567, 555.123.4567 */
static bool
national(struct shape *s, size_t at)
{
	static const char form[] = "ddd-ddd-dddd";
	size_t i = at;
	bool open = byte(s, i) == '(';

	i += open;
	for (const char *f = form; *f != '\0'; f++) {
		if (*f == 'd') {
			if (!is_digit(byte(s, i)))
				return false;
			i++;
			continue;
		}
		if (open && f == form + 3) {
			if (byte(s, i++) != ')')
				return false;
			i += byte(s, i) == ' ';
			continue;
		}
		if (byte(s, i) != '-')
			return false;
		i++;
	}
	if (is_alnum(byte(s, i)) || byte(s, i) == '-' || byte(s, i) == '_')
		return false;
	s->beg = at;
	s->end = i;
	return true;
}

bool
shape_phone(struct shape *s, size_t at)
{
	size_t i = at + 1, digits = 0, passed = 0, seps = 0, end = at;
	char c = before(s, at);

	if (is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '+' ||
	    c == '/')
		return false;
	if (s->p[at] != '+')
		return national(s, at);
	if (byte(s, i) == '0')
		return false;
	for (; i < s->n && i - at < 24; i++) {
		c = s->p[i];
		if (is_digit(c)) {
			digits++;
			seps = passed;
			end = i + 1;
		} else if (c == ' ' || c == '-' || c == '(' || c == ')' ||
		    c == '.') {
			if (!is_alnum(s->p[i - 1]) && c != '(' &&
			    s->p[i - 1] != ')')
				break;
			passed++;
		} else
			break;
	}
	/* A line of a patch begins with '+', a sum goes on. */
	if (digits < 8 || digits > 15 || is_alnum(byte(s, end)) ||
	    (seps == 0 && (at == 0 || before(s, at) == '\n')) ||
	    (seps > 0 && digits < 9))
		return false;
	s->beg = at;
	s->end = end;
	return true;
}

bool
shape_url(struct shape *s, size_t at)
{
	size_t i = at + 3, colon = 0;

	s->beg = i;
	for (; i < s->n && i - s->beg < USERINFO_MAX; i++) {
		char c = s->p[i];

		if (c == '@')
			break;
		if (c == ':' && colon == 0)
			colon = i;
		if ((unsigned char)c <= ' ' || c == '/' || c == '"' ||
		    c == '\'' || c == '<' || c == '>' || c == '\\' ||
		    c == '`')
			return false;
	}
	s->end = i;
	if (byte(s, i) != '@' || i == s->beg)
		return false;
	/* A user's name alone is none, a token in its place is. */
	if (colon == 0)
		return i - s->beg >= 20;
	return i - colon > 1 && s->p[colon + 1] != '$' &&
	    s->p[colon + 1] != '{' && memcmp(s->p + s->beg, "[REDACTED:",
	    i - s->beg < 10 ? i - s->beg : 10) != 0;
}

/* Base64, headers of old PEM, and line ends however escaped. */
static bool
in_block(char c)
{
	return is_alnum(c) || (c != '\0' && strchr("+/=-:,. \t\r\n\\", c) !=
	    NULL);
}

bool
shape_block(struct shape *s, size_t at)
{
	static const char key[] = "PRIVATE KEY";
	const char *p = s->p + at + 11, *dashes, *hit;
	size_t left = s->n - at - 11, i;

	if (left > HEADER_MAX)
		left = HEADER_MAX;
	hit = memmem(p, left, key, sizeof(key) - 1);
	if (hit == NULL)
		return false;
	left -= (size_t)(hit - p);
	dashes = memmem(hit, left, "-----", 5);
	if (dashes == NULL)
		return false;
	s->beg = at;
	i = (size_t)(dashes - s->p) + 5;
	while (i < s->n && in_block(s->p[i])) {
		if (s->p[i] == '-' && s->n - i >= 9 &&
		    memcmp(s->p + i, "-----END ", 9) == 0) {
			dashes = memmem(s->p + i + 9, s->n - i - 9 < HEADER_MAX
			    ? s->n - i - 9 : HEADER_MAX, "-----", 5);
			s->end = dashes != NULL ?
			    (size_t)(dashes - s->p) + 5 : s->n;
			return true;
		}
		i++;
	}
	s->end = i;
	return true;
}

#include "redact/names.h"

#include <string.h>
#include <strings.h>

#define NAMES_MAX	64	/* of a name, its end */
#define WEAK_MIN	12	/* length of a value under a weak name */

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned
pair(char a, char b)
{
	return (unsigned)(unsigned char)(a | 0x20) << 8 |
	    (unsigned char)(b | 0x20);
}

static void
note(struct names *x, const struct rule_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		size_t n = strlen(l->v[i]);
		unsigned k;

		if (n < 2)
			continue;
		k = pair(l->v[i][n - 2], l->v[i][n - 1]);
		x->last[k >> 3] |= (uint8_t)(1U << (k & 7));
	}
}

void
names_init(struct names *x, const struct rules *r)
{
	x->rules = r;
	note(x, &r->names);
	note(x, &r->weak_names);
	note(x, &r->lines);
}

/* The words of the name, one space between them; how long. */
static size_t
words(const char *p, size_t n, char out[NAMES_MAX + NAMES_MAX])
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		char c = p[i];
		bool next = i > 0 && is_upper(c) && (is_lower(p[i - 1]) ||
		    is_digit(p[i - 1]) || (is_upper(p[i - 1]) && i + 1 < n &&
		    is_lower(p[i + 1])));

		if (!is_lower(c) && !is_upper(c) && !is_digit(c)) {
			if (k > 0 && out[k - 1] != ' ')
				out[k++] = ' ';
			continue;
		}
		if (next && k > 0 && out[k - 1] != ' ')
			out[k++] = ' ';
		out[k++] = is_upper(c) ? (char)(c | 0x20) : c;
	}
	return k;
}

static bool
ends_in(const struct rule_list *l, const char *p, size_t n)
{
	for (size_t i = 0; i < l->n; i++) {
		size_t len = strlen(l->v[i]);

		if (len <= n && memcmp(p + n - len, l->v[i], len) == 0 &&
		    (len == n || p[n - len - 1] == ' '))
			return true;
	}
	return false;
}

enum names_verdict
names_look(const struct names *x, const char *p, size_t n)
{
	char text[NAMES_MAX + NAMES_MAX];
	unsigned k;

	/* PASSWORD_2 and password1 are passwords too. */
	while (n > 0 && !is_lower(p[n - 1]) && !is_upper(p[n - 1]))
		n--;
	if (n < 2)
		return NAMES_NO;
	k = pair(p[n - 2], p[n - 1]);
	if ((x->last[k >> 3] >> (k & 7) & 1) == 0)
		return NAMES_NO;
	if (n > NAMES_MAX) {
		p += n - NAMES_MAX;
		n = NAMES_MAX;
	}
	n = words(p, n, text);
	if (ends_in(&x->rules->not_names, text, n))
		return NAMES_NO;
	if (ends_in(&x->rules->lines, text, n))
		return NAMES_LINE;
	if (ends_in(&x->rules->names, text, n))
		return NAMES_YES;
	return ends_in(&x->rules->weak_names, text, n) ? NAMES_WEAK :
	    NAMES_NO;
}

/* ${X}, $X, <your key>, %s, {{x}}, ***, xxxx: places for a value. */
static bool
is_placeholder(const char *p, size_t n)
{
	size_t same = 1;

	if (p[0] == '$' || p[0] == '<' || (p[0] == '%' && n <= 4) ||
	    (n >= 2 && p[0] == '{' && p[1] == '{'))
		return true;
	if (n >= 10 && (memcmp(p, "[REDACTED:", 10) == 0 ||
	    memcmp(p, "[DROPPED:", 9) == 0))
		return true;
	while (same < n && p[same] == p[0])
		same++;
	return same == n && (p[0] == '*' || p[0] == '.' || p[0] == '-' ||
	    p[0] == '?' || (n >= 3 && (p[0] == 'x' || p[0] == 'X')));
}

bool
names_value(const struct names *x, enum names_verdict verdict, const char *p,
    size_t n)
{
	const struct rule_list *l = &x->rules->not_values;
	bool digit = false, letter = false;

	if (n == 0 || is_placeholder(p, n))
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (strlen(l->v[i]) == n && strncasecmp(l->v[i], p, n) == 0)
			return false;
	if (verdict != NAMES_WEAK)
		return true;
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '(')
			return false;
		digit = digit || is_digit(p[i]);
		letter = letter || is_lower(p[i]) || is_upper(p[i]);
	}
	return n >= WEAK_MIN && digit && letter;
}

#include "price/reader.h"

#include <stdint.h>
#include <string.h>

const struct book_text reader_nothing = { "", 0 };

int
reader_bad(struct reader *r, const char *p, const char *why,
    struct book_text what)
{
	size_t line = 1;

	for (const char *q = r->text->p; q < p; q++)
		line += *q == '\n';
	if (what.n == 0)
		return err_set(r->e, "%s:%zu: %s", r->name, line, why);
	return err_set(r->e, "%s:%zu: %s: %.*s", r->name, line, why,
	    (int)(what.n > 200 ? 200 : what.n), what.p);
}

bool
reader_is(struct book_text t, const char *s)
{
	size_t n = strlen(s);

	return t.n == n && memcmp(t.p, s, n) == 0;
}

int
reader_string(struct reader *r, struct book_text *out, const char *why_not)
{
	const char *why = "", *q;
	bool esc = false;

	r->p = json_ws(r->p, r->end);
	if (r->p == r->end)
		return reader_bad(r, r->p, "the file ends early",
		    reader_nothing);
	if (*r->p != '"')
		return reader_bad(r, r->p, why_not, reader_nothing);
	q = json_string_end(r->p + 1, r->end, &esc, &why);
	if (q == NULL)
		return reader_bad(r, r->p, why, reader_nothing);
	out->p = r->p + 1;
	out->n = (size_t)(q - out->p);
	if (esc)
		return reader_bad(r, r->p, "escapes are not allowed here",
		    *out);
	r->p = q + 1;
	return 0;
}

int
reader_skip(struct reader *r, struct json_val *v)
{
	const char *why = "", *q;

	q = json_skip(r->p, r->end, JSON_MAX_DEPTH, v, &why);
	if (q == NULL)
		return reader_bad(r, r->p, why, reader_nothing);
	r->p = q;
	return 0;
}

int
reader_enter(struct reader *r, char bracket, const char *why_not)
{
	r->p = json_ws(r->p, r->end);
	if (r->p == r->end || *r->p != bracket)
		return reader_bad(r, r->p, why_not, reader_nothing);
	r->p++;
	return 0;
}

int
reader_more(struct reader *r, char close, bool *first)
{
	r->p = json_ws(r->p, r->end);
	if (r->p == r->end)
		return reader_bad(r, r->p, "the file ends early", reader_nothing);
	if (*r->p == close) {
		r->p++;
		return 0;
	}
	if (!*first) {
		if (*r->p != ',')
			return reader_bad(r, r->p, "',' expected", reader_nothing);
		r->p = json_ws(r->p + 1, r->end);
	}
	*first = false;
	return 1;
}

int
reader_member(struct reader *r, bool *first, struct book_text *key)
{
	int got = reader_more(r, '}', first);

	if (got <= 0)
		return got;
	if (reader_string(r, key, "name expected") != 0)
		return -1;
	r->p = json_ws(r->p, r->end);
	if (r->p == r->end || *r->p != ':')
		return reader_bad(r, r->p, "':' expected", reader_nothing);
	r->p++;
	return 1;
}

/* Is one of eight bytes a capital letter? Nearly never, in a book. */
static bool
has_capital(const char *p)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t w, low;

	memcpy(&w, p, sizeof(w));
	low = w & 0x7f * each;
	/* The upper bits: is it 'A' or more, is it more than 'Z', ASCII? */
	return ((low + 0x3f * each) & ~(low + 0x25 * each) & ~w &
	    0x80 * each) != 0;
}

void
reader_lower(struct reader *r, struct book_text t)
{
	char *q = r->text->p + (t.p - r->text->p);
	size_t i = 0;

	while (t.n - i >= sizeof(uint64_t) && !has_capital(q + i))
		i += sizeof(uint64_t);
	for (; i < t.n; i++) {
		if (q[i] >= 'A' && q[i] <= 'Z')
			q[i] = (char)(q[i] + ('a' - 'A'));
	}
}

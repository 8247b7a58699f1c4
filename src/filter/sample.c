#include "filter/sample.h"

#include <string.h>

#include "filter/num.h"
#include "record/ids.h"

#define DIGITS	14	/* hexadecimal digits of 56 bits */

int
sample_parse(const char *s, uint64_t *threshold)
{
	size_t n = strlen(s);
	bool percent = n > 0 && s[n - 1] == '%';
	num_fixed reject;
	struct num p;

	if (num_parse(s, n - percent, &p) == -1 || !p.exact)
		return -1;
	reject = (percent ? 100 : 1) * (num_fixed)NUM_ONE - p.fix;
	if (p.fix < 0 || reject < 0)
		return -1;
	/* Rounded; a probability over 0 keeps at least one value in 2^56. */
	reject = (reject * (num_fixed)SAMPLE_ONE +
	    (percent ? 100 : 1) * (num_fixed)NUM_ONE / 2) /
	    ((percent ? 100 : 1) * (num_fixed)NUM_ONE);
	if (reject == (num_fixed)SAMPLE_ONE && p.fix > 0)
		reject--;
	*threshold = (uint64_t)reject;
	return 0;
}

static bool
hex56(const char *p, uint64_t *out)
{
	uint64_t v = 0;

	for (int i = 0; i < DIGITS; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

static const char *
find(const char *p, const char *end, char c)
{
	const char *q = p < end ? memchr(p, c, (size_t)(end - p)) : NULL;

	return q != NULL ? q : end;
}

/* rv:HEX14 in the entry ot=a:b;rv:HEX14 of a list with commas. */
static bool
explicit_value(struct json_val state, uint64_t *out)
{
	const char *p, *end, *entry, *sub;

	if (state.type != JSON_STRING)
		return false;
	p = state.p + 1;
	end = state.p + state.n - 1;
	for (; p < end; p = entry + 1) {
		entry = find(p, end, ',');
		while (p < entry && *p == ' ')
			p++;
		if (entry - p < 3 || memcmp(p, "ot=", 3) != 0)
			continue;
		for (p += 3; p < entry; p = sub + 1) {
			sub = find(p, entry, ';');
			if (sub - p >= 3 + DIGITS && memcmp(p, "rv:", 3) == 0)
				return hex56(p + 3, out);
		}
		return false;
	}
	return false;
}

bool
sample_keeps(uint64_t threshold, const struct record *r)
{
	struct json_val id = r->field[F_TRACE_ID];
	uint64_t v;

	if (!ids_is_trace(id))
		return true;
	if (explicit_value(r->field[F_TRACE_STATE], &v) ||
	    hex56(id.p + 1 + TRACE_ID_LEN - DIGITS, &v))
		return v >= threshold;
	return true;
}

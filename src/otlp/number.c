#include "otlp/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"

int
number_double(struct json_val v, double *out)
{
	char s[512], *end;
	const char *why;
	struct json_val inner;

	if (v.type == JSON_STRING) {
		if (json_str_is(v, "NaN"))
			*out = (double)NAN;
		else if (json_str_is(v, "Infinity"))
			*out = (double)INFINITY;
		else if (json_str_is(v, "-Infinity"))
			*out = (double)-INFINITY;
		else if (json_parse(v.p + 1, v.n - 2, &inner, &why) &&
		    inner.type == JSON_NUMBER)
			return number_double(inner, out);
		else
			return -1;
		return 0;
	}
	if (v.type != JSON_NUMBER || v.n >= sizeof(s))
		return -1;
	memcpy(s, v.p, v.n);
	s[v.n] = '\0';
	*out = strtod(s, &end);	/* too large: infinity */
	return *end == '\0' ? 0 : -1;
}

#define TWO_53	9007199254740992.0	/* from here on doubles are whole */

/* A whole number in another spelling: 1e3, 5.0. */
static int
whole_double(struct json_val v, double *out)
{
	double whole;

	if (number_double(v, out) == -1 || isnan(*out) || isinf(*out))
		return -1;
	if (*out <= -TWO_53 || *out >= TWO_53)
		return 0;
	whole = (double)(int64_t)*out;
	return whole < *out || whole > *out ? -1 : 0;
}

int
number_i64(struct json_val v, int64_t *out)
{
	double x;

	if (json_int(v, out) == 0)
		return 0;
	if (whole_double(v, &x) == -1 || x < -0x1p63 || x >= 0x1p63 ||
	    (memchr(v.p, '.', v.n) == NULL &&
	    memchr(v.p, 'e', v.n) == NULL && memchr(v.p, 'E', v.n) == NULL))
		return -1;
	*out = (int64_t)x;
	return 0;
}

int
number_u64(struct json_val v, uint64_t *out)
{
	const char *p = v.p, *end = v.p + v.n;
	uint64_t u = 0;
	double x;

	if (v.type == JSON_STRING) {
		p++;
		end--;
	} else if (v.type != JSON_NUMBER)
		return -1;
	if (p == end)
		return -1;
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (u > (UINT64_MAX - digit) / 10)
			return -1;
		u = u * 10 + digit;
	}
	if (p == end) {
		*out = u;
		return 0;
	}
	if (whole_double(v, &x) == -1 || x < 0 || x >= 0x1p64)
		return -1;
	*out = (uint64_t)x;
	return 0;
}

/* NaN and the infinities: a string in OTLP/JSON, wrapped in a record. */
static void
put_plain(struct buf *b, double x, bool record)
{
	if (record || isfinite(x))
		json_put_double(b, x);
	else
		(void)json_put_cstr(b, isnan(x) ? "NaN" :
		    x > 0 ? "Infinity" : "-Infinity");
}

/*
 * May the digits stay? Not when the exponent has three digits or more: the
 * number may then be beyond a double.
 */
static bool
is_tame(struct json_val v, bool *whole)
{
	const char *end = v.p + v.n, *e;

	*whole = false;
	if (v.type != JSON_NUMBER || v.n >= 40)
		return false;
	e = memchr(v.p, 'e', v.n);
	if (e == NULL)
		e = memchr(v.p, 'E', v.n);
	if (e == NULL) {
		*whole = memchr(v.p, '.', v.n) == NULL;
		return true;
	}
	e++;
	if (*e == '+' || *e == '-')
		e++;
	return end - e <= 2;
}

int
number_put(struct buf *b, struct json_val v, bool record)
{
	bool whole;
	double x;

	if (is_tame(v, &whole)) {
		buf_add(b, v.p, v.n);
		if (whole)
			buf_add(b, ".0", 2);
		return 0;
	}
	if (number_double(v, &x) == -1)
		return -1;
	put_plain(b, x, record);
	return 0;
}

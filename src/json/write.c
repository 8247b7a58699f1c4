#include "json/write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json/scan.h"

static void
escape(struct buf *b, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";
	const char *at = c != 0 ? strchr(from, c) : NULL;

	if (at == NULL) {
		buf_addf(b, "\\u%04x", c);
		return;
	}
	buf_addc(b, '\\');
	buf_addc(b, to[at - from]);
}

size_t
json_put_chars(struct buf *b, const char *p, size_t n)
{
	const char *end = p + n, *bad, *stop;
	size_t broken = 0;

	while (p < end) {
		bad = utf8_valid_until(p, end);
		while (p < bad) {
			stop = json_string_stop(p, bad);
			buf_add(b, p, (size_t)(stop - p));
			p = stop;
			if (p < bad)
				escape(b, (unsigned char)*p++);
		}
		if (bad < end) {
			buf_adds(b, "\xef\xbf\xbd");
			broken++;
			p++;
		}
	}
	return broken;
}

size_t
json_put_str(struct buf *b, const char *p, size_t n)
{
	size_t broken = 0;
	char *to;

	/* Most strings are fit as they are: then they are copied at once. */
	if (json_string_stop(p, p + n) == p + n &&
	    utf8_valid_until(p, p + n) == p + n) {
		to = buf_room(b, n + 2);
		if (to == NULL)
			return 0;
		to[0] = '"';
		if (n > 0)
			memcpy(to + 1, p, n);
		to[n + 1] = '"';
		b->n += n + 2;
		return 0;
	}
	buf_addc(b, '"');
	broken = json_put_chars(b, p, n);
	buf_addc(b, '"');
	return broken;
}

size_t
json_put_cstr(struct buf *b, const char *s)
{
	return json_put_str(b, s, strlen(s));
}

void
json_put_int(struct buf *b, int64_t v)
{
	buf_addi(b, v);
}

void
json_put_bool(struct buf *b, bool v)
{
	buf_adds(b, v ? "true" : "false");
}

/*
 * Numbers of few decimals, as most are: m / 10^k with m below 10^15 is rounded
 * correctly by one division of two exact doubles (IEEE 754 section 5.4.1), so
 * what divides to v reads back as v. False if v is no such number.
 */
static bool
put_decimals(struct buf *b, double v)
{
	static const double power[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };
	double a = v < 0 ? -v : v;
	char s[32], *end = s + sizeof(s), *p = end;

	if (!(a >= 1e-4 && a < 1e8))
		return false;
	for (int k = 1; k <= 6; k++) {
		uint64_t m = (uint64_t)(a * power[k] + 0.5);

		if ((double)m / power[k] != a)
			continue;
		for (int i = 0; m > 0 || i <= k + 1; i++) {
			if (i == k) {
				*--p = '.';
				continue;
			}
			*--p = (char)('0' + (int)(m % 10));
			m /= 10;
		}
		if (v < 0)
			*--p = '-';
		buf_add(b, p, (size_t)(end - p));
		return true;
	}
	return false;
}

void
json_put_double(struct buf *b, double v)
{
	char s[40];

	if (put_decimals(b, v))
		return;
	if (isnan(v) || isinf(v)) {
		buf_addf(b, "{\"@double\":\"%s\"}",
		    isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(s, sizeof(s), "%.*g", digits, v);
		if (strtod(s, NULL) == v)
			break;
	}
	buf_adds(b, s);
	if (strpbrk(s, ".e") == NULL)
		buf_adds(b, ".0");
}

void
json_put_key(struct buf *b, const char *key)
{
	if (b->n > 0 && b->p[b->n - 1] != '{' && b->p[b->n - 1] != '[')
		buf_addc(b, ',');
	json_put_cstr(b, key);
	buf_addc(b, ':');
}

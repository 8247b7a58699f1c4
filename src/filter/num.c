#include "filter/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES		12
#define FIX_MAX		((num_fixed)1 << 126)
#define TEXT_MAX	400	/* digits that a double can need */

struct num
num_int(int64_t v)
{
	return (struct num){ .exact = true, .fix = (num_fixed)v * NUM_ONE };
}

static double
to_double(const struct num *a)
{
	return a->exact ? (double)a->fix / (double)NUM_ONE : a->dbl;
}

static bool
from_double(double v, struct num *out)
{
	*out = (struct num){ .dbl = v };
	return isfinite(v) != 0;
}

static bool
from_fixed(num_fixed v, struct num *out)
{
	*out = (struct num){ .exact = true, .fix = v };
	return true;
}

/* Plain decimals of few places; false when it is anything else. */
static bool
parse_fixed(const char *p, size_t n, num_fixed *out)
{
	size_t i = 0, places = 0;
	num_fixed v = 0;
	bool neg, point = false;

	neg = n > 0 && p[0] == '-';
	for (i = neg; i < n; i++) {
		if (p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (p[i] < '0' || p[i] > '9' || v > FIX_MAX / 1000)
			return false;
		if (places == PLACES) {
			if (p[i] != '0')
				return false;
			continue;
		}
		v = v * 10 + (p[i] - '0');
		places += point;
	}
	for (; places < PLACES; places++) {
		if (v > FIX_MAX / 10)
			return false;
		v *= 10;
	}
	*out = neg ? -v : v;
	return true;
}

static size_t
digits(const char *p, size_t n, size_t i)
{
	size_t from = i;

	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	return i - from;
}

static bool
is_number(const char *p, size_t n)
{
	size_t i = n > 0 && p[0] == '-', k = digits(p, n, i);

	if (k == 0 || (k > 1 && p[i] == '0'))
		return false;
	i += k;
	if (i < n && p[i] == '.') {
		k = digits(p, n, i + 1);
		if (k == 0)
			return false;
		i += 1 + k;
	}
	if (i < n && (p[i] == 'e' || p[i] == 'E')) {
		i++;
		i += i < n && (p[i] == '+' || p[i] == '-');
		k = digits(p, n, i);
		if (k == 0)
			return false;
		i += k;
	}
	return i == n;
}

int
num_parse(const char *p, size_t n, struct num *out)
{
	char text[TEXT_MAX];
	num_fixed v;

	if (!is_number(p, n))
		return -1;
	if (parse_fixed(p, n, &v))
		return from_fixed(v, out) ? 0 : -1;
	if (n >= sizeof(text))
		return -1;
	memcpy(text, p, n);
	text[n] = '\0';
	return from_double(strtod(text, NULL), out) ? 0 : -1;
}

int
num_cmp(const struct num *a, const struct num *b)
{
	double x, y;

	if (a->exact && b->exact)
		return a->fix < b->fix ? -1 : a->fix > b->fix;
	x = to_double(a);
	y = to_double(b);
	return x < y ? -1 : x > y;
}

bool
num_add(const struct num *a, const struct num *b, struct num *out)
{
	num_fixed v;

	if (a->exact && b->exact && !__builtin_add_overflow(a->fix, b->fix,
	    &v))
		return from_fixed(v, out);
	return from_double(to_double(a) + to_double(b), out);
}

bool
num_sub(const struct num *a, const struct num *b, struct num *out)
{
	num_fixed v;

	if (a->exact && b->exact && !__builtin_sub_overflow(a->fix, b->fix,
	    &v))
		return from_fixed(v, out);
	return from_double(to_double(a) - to_double(b), out);
}

bool
num_mul(const struct num *a, const struct num *b, struct num *out)
{
	num_fixed v;

	if (a->exact && b->exact && !__builtin_mul_overflow(a->fix, b->fix,
	    &v) && v % NUM_ONE == 0)
		return from_fixed(v / NUM_ONE, out);
	return from_double(to_double(a) * to_double(b), out);
}

bool
num_div(const struct num *a, const struct num *b, struct num *out)
{
	num_fixed v;

	if (a->exact && b->exact && b->fix != 0 && !__builtin_mul_overflow(
	    a->fix, (num_fixed)NUM_ONE, &v) && v % b->fix == 0)
		return from_fixed(v / b->fix, out);
	return from_double(to_double(a) / to_double(b), out);
}

bool
num_mod(const struct num *a, const struct num *b, struct num *out)
{
	if (a->exact && b->exact && b->fix != 0)
		return from_fixed(a->fix % b->fix, out);
	return from_double(fmod(to_double(a), to_double(b)), out);
}

bool
num_to_int(const struct num *a, int64_t *out)
{
	num_fixed v = a->fix / NUM_ONE;

	if (!a->exact || a->fix % NUM_ONE != 0 || v > INT64_MAX ||
	    v < INT64_MIN)
		return false;
	*out = (int64_t)v;
	return true;
}

static void
put_fixed(struct buf *b, num_fixed v)
{
	char tmp[48];
	size_t n = sizeof(tmp);
	int place = 0;
	bool neg = v < 0, shown = false;

	for (; place <= PLACES || v != 0; place++) {
		int d = (int)(v % 10);

		v /= 10;
		if (place == PLACES && shown)
			tmp[--n] = '.';
		if (place < PLACES && !shown && d == 0)
			continue;
		shown = true;
		tmp[--n] = (char)('0' + (d < 0 ? -d : d));
	}
	if (neg)
		buf_addc(b, '-');
	buf_add(b, tmp + n, sizeof(tmp) - n);
}

void
num_put(struct buf *b, const struct num *a)
{
	char text[40];
	int prec = 15;

	if (a->exact) {
		put_fixed(b, a->fix);
		return;
	}
	do
		(void)snprintf(text, sizeof(text), "%.*g", prec, a->dbl);
	while (strtod(text, NULL) != a->dbl && prec++ < 17);
	buf_adds(b, text);
}

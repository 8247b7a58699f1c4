#include "record/rtime.h"

#include <string.h>

#define NS		UINT64_C(1000000000)
#define DAY		86400

/*
 * Days since 1970-01-01 and back, for the proleptic Gregorian calendar, in
 * eras of 400 years that begin on 1 March, so that the leap day is the last
 * of its year.
 */
static int64_t
days_from_civil(int64_t y, unsigned m, unsigned d)
{
	int64_t era;
	unsigned yoe, doy, doe;

	y -= m <= 2;
	era = y / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + (int64_t)doe - 719468;
}

static void
civil_from_days(int64_t days, unsigned *y, unsigned *m, unsigned *d)
{
	int64_t era;
	unsigned doe, yoe, doy, mp;

	days += 719468;
	era = days / 146097;
	doe = (unsigned)(days - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = (unsigned)(yoe + (unsigned)(era * 400)) + (*m <= 2);
}

static void
put_digits(char *out, unsigned v, int n)
{
	while (n-- > 0) {
		out[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

void
rtime_format(uint64_t ns, char out[RTIME_LEN])
{
	uint64_t s = ns / NS;
	unsigned y, m, d, sod = (unsigned)(s % DAY);

	civil_from_days((int64_t)(s / DAY), &y, &m, &d);
	put_digits(out, y, 4);
	out[4] = '-';
	put_digits(out + 5, m, 2);
	out[7] = '-';
	put_digits(out + 8, d, 2);
	out[10] = 'T';
	put_digits(out + 11, sod / 3600, 2);
	out[13] = ':';
	put_digits(out + 14, sod / 60 % 60, 2);
	out[16] = ':';
	put_digits(out + 17, sod % 60, 2);
	out[19] = '.';
	put_digits(out + 20, (unsigned)(ns % NS), 9);
	out[29] = 'Z';
}

void
rtime_put(struct buf *b, uint64_t ns)
{
	char *to = buf_room(b, RTIME_LEN + 2);

	if (to == NULL)
		return;
	to[0] = '"';
	rtime_format(ns, to + 1);
	to[RTIME_LEN + 1] = '"';
	b->n += RTIME_LEN + 2;
}

/* n digits at p as a number; -1 if there is anything else. */
static int
get_digits(const char *p, const char *end, int n)
{
	int v = 0;

	if (end - p < n)
		return -1;
	for (int i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

/* "Z" or "+hh:mm" to the end: seconds east of Greenwich; -1 on error. */
static int
get_offset(const char *p, const char *end, int *seconds)
{
	int h, m;

	*seconds = 0;
	if (end - p == 1 && (*p == 'Z' || *p == 'z'))
		return 0;
	if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':')
		return -1;
	h = get_digits(p + 1, end, 2);
	m = get_digits(p + 4, end, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return -1;
	*seconds = (h * 60 + m) * 60 * (*p == '-' ? -1 : 1);
	return 0;
}

static unsigned
days_in_month(int y, int m)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
	    30, 31, 30, 31 };
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return m == 2 && leap ? 29 : days[m - 1];
}

/* Two digits; what is none makes *bad over 9. */
static inline unsigned
two(const char *p, unsigned *bad)
{
	unsigned a = (unsigned char)p[0] - (unsigned)'0';
	unsigned b = (unsigned char)p[1] - (unsigned)'0';

	*bad |= a > 9 || b > 9;
	return a * 10 + b;
}

/* The record format's own form, of 30 characters: nearly all there is. */
static bool
own_form(const char *p, uint64_t *ns)
{
	unsigned bad = 0, y = two(p, &bad) * 100 + two(p + 2, &bad);
	unsigned mo = two(p + 5, &bad), d = two(p + 8, &bad);
	unsigned h = two(p + 11, &bad), mi = two(p + 14, &bad);
	unsigned s = two(p + 17, &bad), last = (unsigned char)p[28] -
	    (unsigned)'0';
	uint64_t frac = ((two(p + 20, &bad) * 100 + two(p + 22, &bad)) * 100 +
	    two(p + 24, &bad)) * 100 + two(p + 26, &bad);

	/* The last months of the range are left to the other parser. */
	if (bad || last > 9 || p[4] != '-' || p[7] != '-' || p[10] != 'T' ||
	    p[13] != ':' || p[16] != ':' || p[19] != '.' || p[29] != 'Z' ||
	    y < 1970 || y > 2553 || mo < 1 || mo > 12 || d < 1 ||
	    (d > 28 && d > days_in_month((int)y, (int)mo)) || h > 23 ||
	    mi > 59 || s > 60)
		return false;
	*ns = (uint64_t)(days_from_civil(y, mo, d) * DAY + h * 3600 + mi * 60 +
	    s) * NS + frac * 10 + last;
	return true;
}

int
rtime_parse(const char *p, size_t n, uint64_t *ns)
{
	const char *end = p + n;
	int y, mo, d, h, mi, s, off, scale = 9;
	uint64_t frac = 0;
	int64_t t;

	if (n == RTIME_LEN && own_form(p, ns))
		return 0;
	if (n < 20 || p[4] != '-' || p[7] != '-' ||
	    (p[10] != 'T' && p[10] != 't') || p[13] != ':' || p[16] != ':')
		return -1;
	y = get_digits(p, end, 4);
	mo = get_digits(p + 5, end, 2);
	d = get_digits(p + 8, end, 2);
	h = get_digits(p + 11, end, 2);
	mi = get_digits(p + 14, end, 2);
	s = get_digits(p + 17, end, 2);
	if (y < 1970 || mo < 1 || mo > 12 || d < 1 ||
	    (unsigned)d > days_in_month(y, mo) || h < 0 || h > 23 ||
	    mi < 0 || mi > 59 || s < 0 || s > 60)
		return -1;
	p += 19;
	if (*p == '.') {
		for (p++; p < end && *p >= '0' && *p <= '9'; p++) {
			if (scale == 0)
				return -1;
			frac = frac * 10 + (uint64_t)(*p - '0');
			scale--;
		}
		if (scale == 9)
			return -1;
		while (scale-- > 0)
			frac *= 10;
	}
	if (p == end || get_offset(p, end, &off) == -1)
		return -1;
	t = days_from_civil(y, (unsigned)mo, (unsigned)d) * DAY + h * 3600 +
	    mi * 60 + s - off;
	if (t < 0 || (uint64_t)t > (UINT64_MAX - frac) / NS)
		return -1;
	*ns = (uint64_t)t * NS + frac;
	return 0;
}

int
rtime_get(struct json_val v, uint64_t *ns)
{
	if (v.type != JSON_STRING)
		return -1;
	return rtime_parse(v.p + 1, v.n - 2, ns);
}

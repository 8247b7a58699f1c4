#include "price/money.h"

#include <string.h>

#define MICRO		INT64_C(1000000)
#define MAX_PRICE	(INT64_C(1000000) * MICRO)

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int
money_price(const char *p, size_t n, int64_t *per_token, const char **why)
{
	int64_t v = 0;
	size_t i = 0, frac = 0;

	for (; i < n && is_digit(p[i]); i++) {
		v = v * 10 + (p[i] - '0');
		if (v > MAX_PRICE / MICRO) {
			*why = "price over 1000000";
			return -1;
		}
	}
	if (i == 0) {
		*why = "price is no decimal number";
		return -1;
	}
	if (i < n && p[i] == '.') {
		for (i++; i < n && is_digit(p[i]); i++) {
			if (++frac > 6) {
				*why = "price has more than 6 decimals";
				return -1;
			}
			v = v * 10 + (p[i] - '0');
		}
		if (frac == 0) {
			*why = "price is no decimal number";
			return -1;
		}
	}
	if (i != n) {
		*why = "price is no decimal number";
		return -1;
	}
	for (; frac < 6; frac++)
		v *= 10;
	if (v > MAX_PRICE) {
		*why = "price over 1000000";
		return -1;
	}
	*per_token = v;
	return 0;
}

/* The exponent behind e or E, capped: -1 on bad syntax. */
static int
parse_exponent(const char *p, const char *end, int *out)
{
	int e = 0, neg = 0;

	if (p < end && (*p == '+' || *p == '-'))
		neg = *p++ == '-';
	if (p == end)
		return -1;
	for (; p < end; p++) {
		if (!is_digit(*p))
			return -1;
		if (e < 10000)
			e = e * 10 + (*p - '0');
	}
	*out = neg ? -e : e;
	return 0;
}

/*
 * The value is digits * 10^scale; brought to 10^-12. Digits beyond what 128
 * bits hold only matter when they lie behind the 12th decimal.
 */
int
money_parse(const char *p, size_t n, money *out)
{
	const money max = (money)MAX_PRICE * MICRO * MICRO;
	const char *end = p + n;
	money v = 0;
	int scale = 0, exp = 0, digits = 0, shift;
	bool point = false;

	for (; p < end; p++) {
		if (*p == '.' && !point && digits > 0) {
			point = true;
			continue;
		}
		if (!is_digit(*p))
			break;
		digits++;
		if (v < max * 1000)
			v = v * 10 + (*p - '0');
		else
			scale++;
		if (point)
			scale--;
	}
	if (digits == 0 || p[-1] == '.')
		return -1;
	if (p < end && (*p == 'e' || *p == 'E')) {
		if (parse_exponent(p + 1, end, &exp) != 0)
			return -1;
		p = end;
	}
	if (p != end)
		return -1;
	if (v == 0) {
		*out = 0;
		return 0;
	}
	for (shift = scale + exp + MONEY_DECIMALS; shift > 0; shift--) {
		if (v > max)
			return -1;
		v *= 10;
	}
	for (; shift < -1 && v != 0; shift++)
		v /= 10;
	if (shift == -1)
		v = (v + 5) / 10;
	if (v > max)
		return -1;
	*out = v;
	return 0;
}

/* The decimal digits of v before the position p; where the first stands. */
static char *
put_digits(char *p, uint64_t v)
{
	do {
		*--p = (char)('0' + (int)(v % 10));
		v /= 10;
	} while (v != 0);
	return p;
}

/*
 * Exactly six digits before p, v below 10^6; in halves, which do not wait for
 * one another.
 */
static char *
put_six(char *p, uint32_t v)
{
	uint32_t high = v / 1000, low = v % 1000;

	p[-1] = (char)('0' + low % 10);
	p[-2] = (char)('0' + low / 10 % 10);
	p[-3] = (char)('0' + low / 100);
	p[-4] = (char)('0' + high % 10);
	p[-5] = (char)('0' + high / 10 % 10);
	p[-6] = (char)('0' + high / 100);
	return p - 6;
}

/*
 * Writes whole and, behind a point, the digits from p to end, which have room
 * for more before them; zeros at their end trimmed. The length of the text.
 */
static size_t
finish(char out[MONEY_TEXT], uint64_t whole, char *p, char *end, bool point)
{
	size_t n;

	while (end > p && end[-1] == '0')
		end--;
	point = point && end == p;
	if (end > p)
		*--p = '.';
	p = put_digits(p, whole);
	n = (size_t)(end - p);
	memcpy(out, p, n);
	if (point) {
		memcpy(out + n, ".0", 2);
		n += 2;
	}
	return n;
}

/* Amounts stay below 10^27 picodollars: 10^15 USD. */
size_t
money_text(char out[MONEY_TEXT], money m, bool point)
{
	const uint64_t unit = (uint64_t)MICRO * (uint64_t)MICRO;
	char tmp[MONEY_TEXT], *end = tmp + sizeof(tmp), *p;
	uint64_t whole, frac;

	if (m <= INT64_MAX) {	/* most do, and divide much faster */
		whole = (uint64_t)m / unit;
		frac = (uint64_t)m % unit;
	} else {
		whole = (uint64_t)(m / unit);
		frac = (uint64_t)(m % unit);
	}
	p = put_six(end, (uint32_t)(frac % (uint64_t)MICRO));
	p = put_six(p, (uint32_t)(frac / (uint64_t)MICRO));
	return finish(out, whole, p, end, point);
}

void
money_put(struct buf *b, money m, bool point)
{
	char tmp[MONEY_TEXT];

	buf_add(b, tmp, money_text(tmp, m, point));
}

void
money_put_price(struct buf *b, int64_t per_token)
{
	char tmp[MONEY_TEXT], out[MONEY_TEXT], *end = tmp + sizeof(tmp);
	uint64_t v = (uint64_t)per_token;

	buf_add(b, out, finish(out, v / (uint64_t)MICRO,
	    put_six(end, (uint32_t)(v % (uint64_t)MICRO)), end, false));
}

int64_t
money_scale(int64_t per_token, int64_t factor)
{
	return (int64_t)(((money)per_token * factor + MICRO / 2) / MICRO);
}

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

/* digits of v, the last `decimals` of them behind a point, zeros trimmed */
static void
put_decimal(struct buf *b, money v, int decimals, bool point)
{
	char tmp[48];
	size_t n = sizeof(tmp);
	int d;
	bool shown = false;

	if (v < 0) {
		buf_addc(b, '-');
		v = -v;
	}
	for (d = 0; d < decimals || v != 0 || d == decimals; d++) {
		char c = (char)('0' + (int)(v % 10));

		if (d == decimals && shown)
			tmp[--n] = '.';
		v /= 10;
		if (d < decimals && !shown && c == '0')
			continue;
		shown = true;
		tmp[--n] = c;
	}
	buf_add(b, tmp + n, sizeof(tmp) - n);
	if (point && memchr(tmp + n, '.', sizeof(tmp) - n) == NULL)
		buf_adds(b, ".0");
}

void
money_put(struct buf *b, money m, bool point)
{
	put_decimal(b, m, MONEY_DECIMALS, point);
}

void
money_put_price(struct buf *b, int64_t per_token)
{
	put_decimal(b, per_token, 6, false);
}

int64_t
money_scale(int64_t per_token, int64_t factor)
{
	return (int64_t)(((money)per_token * factor + MICRO / 2) / MICRO);
}

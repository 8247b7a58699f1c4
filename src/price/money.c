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

/* Exactly six digits before p, v below 10^6; two at a time. */
static void
put_six(char *p, uint32_t v)
{
	static const char two[] =
	    "00010203040506070809101112131415161718192021222324"
	    "25262728293031323334353637383940414243444546474849"
	    "50515253545556575859606162636465666768697071727374"
	    "75767778798081828384858687888990919293949596979899";

	p -= 6;
	memcpy(p, two + v / 10000 * 2, 2);
	memcpy(p + 2, two + v / 100 % 100 * 2, 2);
	memcpy(p + 4, two + v % 100 * 2, 2);
}

/*
 * out + 2 holds n digits that belong behind the point. Writes whole and the
 * point before them, and leaves out zeros at their end; the text's length.
 */
static size_t
finish(char *out, uint64_t whole, size_t n, bool point)
{
	char tmp[24], *end = tmp + sizeof(tmp), *digits;
	size_t len = 1;

	while (n > 0 && out[n + 1] == '0')
		n--;
	if (whole < 10)
		out[0] = (char)('0' + (int)whole);
	else {
		digits = put_digits(end, whole);
		len = (size_t)(end - digits);
		memmove(out + len + 1, out + 2, n);
		memcpy(out, digits, len);
	}
	if (n == 0 && !point)
		return len;
	out[len] = '.';
	if (n == 0)
		out[len + 1] = '0';
	return len + 1 + (n > 0 ? n : 1);
}

/* Amounts stay below 10^27 picodollars: 10^15 USD. */
size_t
money_text(char out[MONEY_TEXT], money m, bool point)
{
	const uint64_t unit = (uint64_t)MICRO * (uint64_t)MICRO;
	uint64_t whole, frac, low;

	if (m <= INT64_MAX) {	/* most do, and divide much faster */
		whole = (uint64_t)m / unit;
		frac = (uint64_t)m % unit;
	} else {
		whole = (uint64_t)(m / unit);
		frac = (uint64_t)(m % unit);
	}
	low = frac % (uint64_t)MICRO;
	put_six(out + 8, (uint32_t)(frac / (uint64_t)MICRO));
	if (low == 0)		/* mostly whole microdollars */
		return finish(out, whole, 6, point);
	put_six(out + 14, (uint32_t)low);
	return finish(out, whole, 12, point);
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
	char out[MONEY_TEXT];
	uint64_t v = (uint64_t)per_token;

	put_six(out + 8, (uint32_t)(v % (uint64_t)MICRO));
	buf_add(b, out, finish(out, v / (uint64_t)MICRO, 6, false));
}

int64_t
money_scale(int64_t per_token, int64_t factor)
{
	return (int64_t)(((money)per_token * factor + MICRO / 2) / MICRO);
}

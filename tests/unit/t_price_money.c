/* Amounts and prices: exact in, exact out, refused with a reason. */
#include "price/money.h"

#include "tap.h"

static const char *
shown(money m, bool point)
{
	static struct buf b;

	buf_reset(&b);
	money_put(&b, m, point);
	return buf_cstr(&b);
}

static void
check_price(const char *text, int64_t want)
{
	struct buf b = { 0 };
	const char *why = NULL;
	int64_t got = -1;

	is_int(money_price(text, strlen(text), &got, &why), 0, text);
	is_int(got, want, "picodollars a token");
	money_put_price(&b, got);
	is_str(buf_cstr(&b), text, "and back");
	buf_fini(&b);
}

static void
refuse_price(const char *text)
{
	const char *why = NULL;
	int64_t got = 77;

	ok(money_price(text, strlen(text), &got, &why) == -1 && why != NULL &&
	    got == 77, "no price: \"%s\"", text);
}

static void
check_amount(const char *text, const char *want)
{
	money m;

	if (ok(money_parse(text, strlen(text), &m) == 0, "amount %s", text))
		is_str(shown(m, false), want, "as decimal");
}

static void
refuse_amount(const char *text)
{
	money m;

	ok(money_parse(text, strlen(text), &m) == -1, "no amount: \"%s\"",
	    text);
}

int
main(void)
{
	static const char *const bad_prices[] = { "", ".5", "5.", "1.0000001",
	    "-1", "+1", "1e3", "0x1", " 1", "1 ", "1,5", "1000001", "NaN",
	    "99999999999999999999", NULL };
	static const char *const bad_amounts[] = { "", "-1", "+1", ".", "1.",
	    ".5", "1e", "1e+", "1.5.2", "NaN", "Infinity", "0x10", "1 ",
	    "1000000000001", "1e13", "1e99999", "12a", NULL };

	/* USD per million tokens is picodollars per token times 10^-6. */
	check_price("0", 0);
	check_price("1", 1000000);
	check_price("0.2", 200000);
	check_price("6.25", 6250000);
	check_price("0.000001", 1);
	check_price("0.075", 75000);
	check_price("1000000", INT64_C(1000000000000));
	for (const char *const *p = bad_prices; *p != NULL; p++)
		refuse_price(*p);

	check_amount("0", "0");
	check_amount("0.0", "0");
	check_amount("3.0", "3");
	check_amount("3e0", "3");
	check_amount("0.016738", "0.016738");
	check_amount("0.0040360000000000005", "0.004036");	/* a double */
	check_amount("4.8e-05", "0.000048");
	check_amount("4.8E-5", "0.000048");
	check_amount("1.5e+2", "150");
	check_amount("0.000000000001", "0.000000000001");
	check_amount("0.0000000000005", "0.000000000001");	/* half up */
	check_amount("0.0000000000004999", "0");
	check_amount("1e-99999", "0");
	check_amount("1000000000000", "1000000000000");
	check_amount("000123.4500", "123.45");
	check_amount("0.1234567890123456789012345678901234567890",
	    "0.123456789012");
	for (const char *const *p = bad_amounts; *p != NULL; p++)
		refuse_amount(*p);

	is_str(shown(0, true), "0.0", "a whole number reads as a double");
	is_str(shown((money)3000000 * 1000000, true), "3.0", "3.0");
	is_str(shown(1, true), "0.000000000001", "one picodollar");
	is_str(shown((money)MONEY_MAX_TOKENS * INT64_C(1000000000000), false),
	    "1000000000000000", "most tokens at the highest price");
	is_int(money_scale(500000, 1100000), 550000, "0.5 times 1.1");
	is_int(money_scale(1, 1500000), 2, "half a picodollar goes up");
	return done_testing();
}

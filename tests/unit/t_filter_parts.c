/* filter/num, filter/sample, filter/rate, filter/regex. */
#include "tap.h"

#include <stdlib.h>

#include "filter/num.h"
#include "filter/rate.h"
#include "filter/regex.h"
#include "filter/sample.h"
#include "base/clock.h"

static void
shows(const char *text, const char *want)
{
	struct buf b = { 0 };
	struct num n;

	if (ok(num_parse(text, strlen(text), &n) == 0, "%s is a number",
	    text)) {
		num_put(&b, &n);
		is_str(buf_cstr(&b), want, text);
	}
	buf_fini(&b);
}

static void
no_number(const char *text)
{
	struct num n;

	ok(num_parse(text, strlen(text), &n) == -1, "'%s' is none", text);
}

static void
threshold(const char *text, uint64_t want)
{
	uint64_t got = 1;

	ok(sample_parse(text, &got) == 0, "%s is a probability", text);
	ok(got == want, "%s: %" PRIx64 ", want %" PRIx64, text, got, want);
}

static void
no_sample(const char *text)
{
	uint64_t got;

	ok(sample_parse(text, &got) == -1, "'%s' is none", text);
}

/* The last 14 digits of the id, and what the trace state says. */
static bool
kept(const char *p, const char *low, const char *state)
{
	char line[400];
	struct record r = { 0 };
	const char *why = "";
	uint64_t t;
	bool yes;

	snprintf(line, sizeof(line), "{\"trace_id\":\"ffffffffffffffffff%s\"%s"
	    "%s%s}", low, state != NULL ? ",\"trace_state\":\"" : "",
	    state != NULL ? state : "", state != NULL ? "\"" : "");
	if (sample_parse(p, &t) == -1 || record_index(&r, line, strlen(line),
	    &why) == -1)
		ok(false, "%s %s %s", p, line, why);
	yes = sample_keeps(t, &r);
	record_fini(&r);
	return yes;
}

static void
samples(void)
{
	/* (1 - p) * 2^56, worked out by hand */
	threshold("1", 0);
	threshold("100%", 0);
	threshold("0.5", UINT64_C(0x80000000000000));
	threshold("25%", UINT64_C(0xc0000000000000));
	threshold("0.1", UINT64_C(0xe6666666666666));
	threshold("0", UINT64_C(1) << 56);
	threshold("0%", UINT64_C(1) << 56);
	no_sample("1.1");
	no_sample("-0.1");
	no_sample("101%");
	no_sample("x");
	no_sample("");
	no_sample("%");
	ok(kept("0.5", "80000000000000", NULL), "at the threshold: kept");
	ok(!kept("0.5", "7fffffffffffff", NULL), "below it: not");
	ok(kept("0.1", "e6666666666666", NULL), "one in ten, at it");
	ok(!kept("0.1", "e6666666666665", NULL), "and below");
	ok(!kept("0", "ffffffffffffff", NULL), "0 keeps none");
	ok(kept("1", "00000000000000", NULL), "1 keeps all");
	ok(kept("0.1", "00000000000000", "ot=rv:ffffffffffffff"),
	    "the trace state's randomness counts");
	ok(!kept("0.1", "ffffffffffffff", "a=b,ot=th:0;rv:00000000000000"),
	    "wherever it stands");
	ok(kept("0.1", "ffffffffffffff", "ot=rv:xyz"), "unless it is broken");
	ok(kept("0.1", "ffffffffffffff", "x=rv:00000000000000"),
	    "or somebody else's");
}

static void
rates(void)
{
	struct rate r;
	int64_t t = 5 * CLOCK_S;
	int n = 0;

	ok(rate_parse("10/s", &r) == 0, "ten a second");
	for (int i = 0; i < 100; i++)
		n += rate_take(&r, t);
	is_int(n, 10, "ten at once");
	ok(!rate_take(&r, t + CLOCK_S / 10 - 1), "no more before a tenth");
	ok(rate_take(&r, t + CLOCK_S / 10), "one after it");
	n = 0;
	for (int i = 0; i < 1000; i++)
		n += rate_take(&r, t + 10 * CLOCK_S + i * CLOCK_S / 100);
	is_int(n, 109, "ten seconds: what is there and what comes");
	ok(rate_parse("2/m", &r) == 0, "two a minute");
	ok(rate_take(&r, t), "one at first");
	ok(!rate_take(&r, t + 29 * CLOCK_S), "none before half a minute");
	ok(rate_take(&r, t + 30 * CLOCK_S), "one then");
	ok(rate_take(&r, INT64_MAX), "and one much later");
	ok(rate_parse("0.5", &r) == 0 && r.each == 2 * CLOCK_S, "bare: 1/s");
	ok(rate_parse("0/s", &r) == -1 && rate_parse("-1/s", &r) == -1 &&
	    rate_parse("1/d", &r) == -1 && rate_parse("", &r) == -1 &&
	    rate_parse("1e9/s", &r) == -1, "what is no rate");
}

static void
limits(void)
{
	static const char pattern[] = "^(a+)+$";
	char why[100], *text;
	struct regex *re;
	size_t at, n = 100000;

	re = regex_new(pattern, sizeof(pattern) - 1, why, sizeof(why), &at);
	text = malloc(n);
	if (re == NULL || text == NULL) {
		ok(false, "memory");
		return;
	}
	memset(text, 'a', n);
	text[n - 1] = 'b';
	is_int(regex_match(re, text, n), REGEX_LIMIT,
	    "a match that would take for ever is given up");
	is_int(regex_match(re, "aaa", 3), REGEX_YES, "others are not");
	is_int(regex_match(re, "\xff\xfe", 2), REGEX_NO, "bytes that are no "
	    "UTF-8 do not match");
	is_int(regex_match(re, NULL, 0), REGEX_NO, "nor nothing at all");
	free(text);
	regex_free(re);
	regex_free(NULL);
}

int
main(void)
{
	shows("0", "0");
	shows("-0", "0");
	shows("3.0", "3");
	shows("-12.50", "-12.5");
	shows("0.000000000001", "0.000000000001");
	shows("9223372036854775807", "9223372036854775807");
	shows("-9223372036854775808", "-9223372036854775808");
	shows("1e3", "1000");
	shows("0.1234567890123456", "0.1234567890123456");
	shows("1e300", "1e+300");
	no_number("");
	no_number("-");
	no_number("01");
	no_number("1.");
	no_number(".5");
	no_number("1e");
	no_number("+1");
	no_number("0x10");
	no_number("NaN");
	no_number("1e999");
	no_number("1 ");
	samples();
	rates();
	limits();
	return done_testing();
}

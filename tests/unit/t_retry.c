/* Verdicts, delays and Retry-After. Expected values by hand and RFC 9110. */
#include "net/retry.h"

#include "base/clock.h"
#include "tests/unit/tap.h"

static const struct {
	int			status;
	enum retry_verdict	want;
} table[] = {
	{ 0, RETRY_AGAIN }, { 200, RETRY_DONE }, { 202, RETRY_DONE },
	{ 207, RETRY_DONE }, { 301, RETRY_MISTAKE }, { 308, RETRY_MISTAKE },
	{ 400, RETRY_BISECT }, { 401, RETRY_DENIED }, { 403, RETRY_DENIED },
	{ 404, RETRY_MISTAKE }, { 405, RETRY_MISTAKE }, { 407, RETRY_DENIED },
	{ 408, RETRY_AGAIN }, { 413, RETRY_SPLIT }, { 415, RETRY_MISTAKE },
	{ 422, RETRY_BISECT }, { 429, RETRY_AGAIN }, { 500, RETRY_AGAIN },
	{ 501, RETRY_MISTAKE }, { 502, RETRY_AGAIN }, { 503, RETRY_AGAIN },
	{ 504, RETRY_AGAIN }, { 529, RETRY_AGAIN }, { 999, RETRY_MISTAKE },
};

static void
t_verdicts(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		ok(retry_verdict(table[i].status) == table[i].want,
		    "verdict of %d", table[i].status);
}

static void
t_delay(void)
{
	const struct retry_policy *p = &retry_default;

	is_int(retry_delay(p, 1, 0, -1), CLOCK_S / 4, "half of 0.5 s is sure");
	ok(retry_delay(p, 1, UINT32_MAX, -1) > CLOCK_S / 2 - CLOCK_MS &&
	    retry_delay(p, 1, UINT32_MAX, -1) <= CLOCK_S / 2,
	    "the other half is chance");
	is_int(retry_delay(p, 2, 0, -1), CLOCK_S / 2, "doubles");
	is_int(retry_delay(p, 3, 0, -1), CLOCK_S, "and doubles");
	is_int(retry_delay(p, 7, 0, -1), 15 * CLOCK_S, "up to 30 s");
	is_int(retry_delay(p, 4000000000U, 0, -1), 15 * CLOCK_S,
	    "for ever after");
	ok(retry_delay(p, 4000000000U, UINT32_MAX, -1) <= 30 * CLOCK_S,
	    "never longer than 30 s");
	is_int(retry_delay(p, 1, 0, 7 * CLOCK_S), 7 * CLOCK_S,
	    "what the server asks for counts");
	ok(retry_delay(p, 1, UINT32_MAX, 7 * CLOCK_S) >= 7 * CLOCK_S,
	    "never less than it asks for");
	is_int(retry_delay(p, 9, 0, CLOCK_S), 15 * CLOCK_S,
	    "asking for less does not shorten the wait");
	is_int(retry_delay(p, 1, 0, 86400 * CLOCK_S), 3600 * CLOCK_S,
	    "a day is too long");
}

/* 784111777: RFC 9110's own example, 1994-11-06 08:49:37 UTC */
#define THEN	(INT64_C(784111777) * CLOCK_S)

static void
t_after(void)
{
	is_int(retry_after("120", THEN), 120 * CLOCK_S, "seconds");
	is_int(retry_after("0", THEN), 0, "no seconds");
	is_int(retry_after("99999999999999999999999", THEN),
	    INT64_C(31536000) * CLOCK_S, "more than a year is a year");
	is_int(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", THEN - 5 * CLOCK_S),
	    5 * CLOCK_S, "IMF-fixdate");
	is_int(retry_after("Sunday, 06-Nov-94 08:49:37 GMT",
	    THEN - 6 * CLOCK_S), 6 * CLOCK_S, "RFC 850 date");
	is_int(retry_after("Sun Nov  6 08:49:37 1994", THEN - 7 * CLOCK_S),
	    7 * CLOCK_S, "asctime date");
	is_int(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", THEN + CLOCK_S),
	    0, "a date that has passed");
	is_int(retry_after("Thu, 01 Jan 2099 00:00:00 GMT", THEN),
	    INT64_C(31536000) * CLOCK_S, "a date far away is a year");
	/* In 1994, 06-Nov-60 is 1960: more than 50 years ahead otherwise. */
	is_int(retry_after("Sunday, 06-Nov-60 08:49:37 GMT", THEN), 0,
	    "two digits of a year gone by");
	is_int(retry_after("", THEN), -1, "empty");
	is_int(retry_after("soon", THEN), -1, "a word");
	is_int(retry_after("-5", THEN), -1, "less than nothing");
	is_int(retry_after("1.5", THEN), -1, "a fraction");
	is_int(retry_after("12 ", THEN), -1, "something behind");
	is_int(retry_after("Sun, 06 Nov 1994 08:49:37", THEN), -1, "no GMT");
	is_int(retry_after("Sun, 06 Nov 1994 25:49:37 GMT", THEN), -1,
	    "no such hour");
	is_int(retry_after("Sun, 99 Nov 1994 08:49:37 GMT", THEN), -1,
	    "no such day");
	is_int(retry_after("Sun, 06 Nov", THEN), -1, "cut short");
	is_int(retry_after("Sun,", THEN), -1, "cut shorter");
	is_int(retry_after("Sun Nov  6 08:49:37 199x", THEN), -1,
	    "no such year");
}

int
main(void)
{
	t_verdicts();
	t_delay();
	t_after();
	return done_testing();
}

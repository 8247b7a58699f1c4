#include "net/retry.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define YEAR_S	(365 * 86400)

const struct retry_policy retry_default = {
	CLOCK_S / 2, 30 * CLOCK_S, 3600 * CLOCK_S
};

static const struct verdict_row {
	int			from, to;
	enum retry_verdict	verdict;
} verdicts[] = {
	{ 0, 0, RETRY_AGAIN },
	{ 200, 299, RETRY_DONE },
	{ 300, 399, RETRY_MISTAKE },	/* redirects are not followed */
	{ 401, 401, RETRY_DENIED },
	{ 402, 402, RETRY_DENIED },
	{ 403, 403, RETRY_DENIED },
	{ 404, 406, RETRY_MISTAKE },
	{ 407, 407, RETRY_DENIED },	/* by a proxy */
	{ 408, 408, RETRY_AGAIN },
	{ 410, 411, RETRY_MISTAKE },
	{ 413, 413, RETRY_SPLIT },
	{ 414, 415, RETRY_MISTAKE },
	{ 425, 425, RETRY_AGAIN },
	{ 426, 426, RETRY_MISTAKE },
	{ 429, 429, RETRY_AGAIN },
	{ 431, 431, RETRY_MISTAKE },
	{ 400, 499, RETRY_BISECT },
	{ 501, 501, RETRY_MISTAKE },
	{ 505, 505, RETRY_MISTAKE },
	{ 500, 599, RETRY_AGAIN },
};

enum retry_verdict
retry_verdict(int status)
{
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (status >= verdicts[i].from && status <= verdicts[i].to)
			return verdicts[i].verdict;
	return RETRY_MISTAKE;	/* no HTTP status we know of */
}

/* random / 2^32 of ns, to the microsecond; exact for up to 71 minutes. */
static int64_t
part(int64_t ns, uint32_t random)
{
	return (int64_t)((uint64_t)(ns / 1000) * random >> 32) * 1000;
}

int64_t
retry_delay(const struct retry_policy *p, unsigned failures, uint32_t random,
    int64_t asked_ns)
{
	int64_t wait = p->first_ns;

	for (unsigned i = 1; i < failures && wait < p->most_ns; i++)
		wait *= 2;
	if (wait > p->most_ns)
		wait = p->most_ns;
	wait = wait / 2 + part(wait - wait / 2, random);
	if (asked_ns > wait) {
		wait = asked_ns + part(p->first_ns / 10, random);
		if (wait > p->most_asked_ns)
			wait = p->most_asked_ns;
	}
	return wait;
}

static bool
seconds(const char *s, int64_t *ns)
{
	int64_t v = 0;

	if (*s == '\0')
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		if (v < YEAR_S)
			v = v * 10 + (*s - '0');
	if (*s != '\0')
		return false;
	*ns = (v < YEAR_S ? v : YEAR_S) * CLOCK_S;
	return true;
}

/* n digits at *s, which moves behind them; -1 when there are none. */
static int
digits(const char **s, int n)
{
	int v = 0;

	if (**s == ' ' && n == 2) {	/* asctime: " 6" */
		(*s)++;
		n = 1;
	}
	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (**s - '0');
	}
	return v;
}

static bool
expect(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static int
month(const char **s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (strncmp(*s, names + i * 3, 3) == 0) {
			*s += 3;
			return i;
		}
	return -1;
}

static bool
hms(const char **s, struct tm *tm)
{
	tm->tm_hour = digits(s, 2);
	if (!expect(s, ':'))
		return false;
	tm->tm_min = digits(s, 2);
	if (!expect(s, ':'))
		return false;
	tm->tm_sec = digits(s, 2);
	return tm->tm_hour >= 0 && tm->tm_hour < 24 && tm->tm_min >= 0 &&
	    tm->tm_min < 60 && tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" and "Sunday, 06-Nov-94 08:49:37 GMT" */
static bool
date_comma(const char *s, int this_year, struct tm *tm)
{
	char sep;
	int y;

	s = strchr(s, ',');
	if (s == NULL || s[1] != ' ')
		return false;
	s += 2;
	tm->tm_mday = digits(&s, 2);
	sep = *s;
	if ((sep != ' ' && sep != '-') || !expect(&s, sep))
		return false;
	tm->tm_mon = month(&s);
	if (!expect(&s, sep))
		return false;
	y = digits(&s, sep == ' ' ? 4 : 2);
	if (y < 0 || tm->tm_mon < 0 || !expect(&s, ' ') || !hms(&s, tm))
		return false;
	if (sep == '-') {
		/* More than 50 years ahead means the century before. */
		y += this_year / 100 * 100;
		if (y > this_year + 50)
			y -= 100;
	}
	tm->tm_year = y - 1900;
	return strcmp(s, " GMT") == 0;
}

/* "Sun Nov  6 08:49:37 1994" */
static bool
date_asctime(const char *s, struct tm *tm)
{
	int y;

	if (strlen(s) != 24)
		return false;
	s += 4;
	tm->tm_mon = month(&s);
	if (!expect(&s, ' '))
		return false;
	tm->tm_mday = digits(&s, 2);
	if (tm->tm_mon < 0 || !expect(&s, ' ') || !hms(&s, tm) ||
	    !expect(&s, ' '))
		return false;
	y = digits(&s, 4);
	tm->tm_year = y - 1900;
	return y >= 0;
}

int64_t
retry_after(const char *value, int64_t wall_ns)
{
	time_t now = (time_t)(wall_ns / CLOCK_S), then;
	struct tm tm = { 0 }, today;
	int64_t ns;

	if (seconds(value, &ns))
		return ns;
	if (gmtime_r(&now, &today) == NULL)
		return -1;
	if (!date_comma(value, today.tm_year + 1900, &tm) &&
	    !date_asctime(value, &tm))
		return -1;
	if (tm.tm_mday < 1 || tm.tm_mday > 31)
		return -1;
	then = timegm(&tm);
	if (then == (time_t)-1)
		return -1;
	if (then <= now)
		return 0;
	return then - now < YEAR_S ? (then - now) * CLOCK_S : YEAR_S * CLOCK_S;
}

#include "agent/errclass.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* 529 is Anthropic's "overloaded": come back later, like 429. */
static const char *
by_status(int64_t status)
{
	if (status == 401 || status == 403)
		return "auth";
	if (status == 429 || status == 529)
		return "rate_limit";
	if (status == 408 || status == 504)
		return "timeout";
	if (status >= 500 && status <= 599)
		return "server";
	if (status >= 400 && status <= 499)
		return "client";
	return NULL;
}

/*
 * Phrases of one to three words, in the order they are tried. A word of the
 * text ends at anything but a letter or digit. A number counts only where it
 * may be a status: not as an amount, a port, or a part of a decimal.
 */
static const struct {
	const char	*word[3];
	const char	*class;
} phrase[] = {
	{ { "401" }, "auth" }, { { "403" }, "auth" },
	{ { "429" }, "rate_limit" }, { { "529" }, "rate_limit" },
	{ { "408" }, "timeout" }, { { "504" }, "timeout" },
	{ { "500" }, "server" }, { { "502" }, "server" },
	{ { "503" }, "server" },
	{ { "400" }, "client" }, { { "404" }, "client" },
	{ { "413" }, "client" }, { { "422" }, "client" },
	{ { "overloaded" }, "rate_limit" },
	{ { "rate", "limit" }, "rate_limit" },
	{ { "rate", "limited" }, "rate_limit" },
	{ { "rate", "limits" }, "rate_limit" },
	{ { "ratelimit" }, "rate_limit" },
	{ { "too", "many", "requests" }, "rate_limit" },
	{ { "ratelimiterror" }, "rate_limit" },
	{ { "quota" }, "rate_limit" },
	{ { "resource", "exhausted" }, "rate_limit" },
	{ { "throttled" }, "rate_limit" },
	{ { "throttling" }, "rate_limit" },
	{ { "unauthorized" }, "auth" }, { { "unauthenticated" }, "auth" },
	{ { "forbidden" }, "auth" }, { { "authentication" }, "auth" },
	{ { "authenticationerror" }, "auth" },
	{ { "permission", "denied" }, "auth" },
	{ { "permission", "error" }, "auth" },
	{ { "api", "key" }, "auth" }, { { "auth" }, "auth" },
	{ { "timeout" }, "timeout" }, { { "timed", "out" }, "timeout" },
	{ { "etimedout" }, "timeout" }, { { "timeouterror" }, "timeout" },
	{ { "deadline", "exceeded" }, "timeout" },
	{ { "internal", "error" }, "server" },
	{ { "internal", "server" }, "server" },
	{ { "server", "error" }, "server" },
	{ { "bad", "gateway" }, "server" },
	{ { "unavailable" }, "server" },
	{ { "invalid" }, "client" }, { { "bad", "request" }, "client" },
	{ { "not", "found" }, "client" },
};

/* The next word at or after *p: its length, *p at its start; 0 at the end. */
static size_t
next_word(const char **p, const char *end)
{
	const char *q;

	while (*p < end && !isalnum((unsigned char)**p))
		(*p)++;
	for (q = *p; q < end && isalnum((unsigned char)*q); q++)
		continue;
	return (size_t)(q - *p);
}

/* Is the number at p[0..3) an amount, a port, or a part of a decimal? */
static bool
is_amount(const char *begin, const char *p, const char *end)
{
	static const char *const unit[] = { "tokens", "token", "ms", "s",
	    "seconds", "bytes", "kb", "mb", "characters", "messages", "lines",
	    "times", "items" };
	const char *next = p + 3;
	size_t n;

	if (p - begin >= 2 && (p[-1] == ':' || p[-1] == '.') &&
	    isdigit((unsigned char)p[-2]))
		return true;
	if (end - next >= 2 && *next == '.' && isdigit((unsigned char)next[1]))
		return true;
	n = next_word(&next, end);
	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++)
		if (strlen(unit[i]) == n && strncasecmp(next, unit[i], n) == 0)
			return true;
	return false;
}

static bool
begins(const char *p, const char *end, const char *const word[3])
{
	for (int i = 0; i < 3 && word[i] != NULL; i++) {
		size_t n = next_word(&p, end);

		if (n != strlen(word[i]) || strncasecmp(p, word[i], n) != 0)
			return false;
		p += n;
	}
	return true;
}

static bool
has(const char *p, const char *end, const char *const word[3])
{
	const char *begin = p;
	size_t n;

	while ((n = next_word(&p, end)) > 0) {
		if (begins(p, end, word) && !(isdigit((unsigned char)*p) &&
		    is_amount(begin, p, end)))
			return true;
		p += n;
	}
	return false;
}

const char *
errclass(int64_t status, const char *text, size_t n)
{
	const char *class = by_status(status);

	if (class != NULL)
		return class;
	for (size_t i = 0; i < sizeof(phrase) / sizeof(phrase[0]); i++)
		if (has(text, text + n, phrase[i].word))
			return phrase[i].class;
	return NULL;
}

/*
 * Classes of failure. Expected values are those of the design: HTTP statuses
 * first, then what is said, read as words; the traps are texts that hold a
 * telling word only as a part of another, or a number that is no status.
 */
#include <stdlib.h>

#include "agent/errclass.h"
#include "tap.h"

struct by_status {
	int64_t		 status;
	const char	*class;
};

struct by_text {
	const char	*text;
	const char	*class;
};

static const struct by_status statuses[] = {
	{ 401, "auth" }, { 403, "auth" },
	{ 429, "rate_limit" }, { 529, "rate_limit" },
	{ 408, "timeout" }, { 504, "timeout" },
	{ 500, "server" }, { 502, "server" }, { 503, "server" },
	{ 599, "server" },
	{ 400, "client" }, { 404, "client" }, { 413, "client" },
	{ 422, "client" }, { 499, "client" },
	{ 0, NULL }, { 200, NULL }, { 304, NULL }, { 600, NULL },
	{ -1, NULL },
};

static const struct by_text texts[] = {
	/* what clients and providers really say */
	{ "{\"error\":{\"code\":429,\"message\":\"fake quota, retry\","
	    "\"status\":\"RESOURCE_EXHAUSTED\"}}", "rate_limit" },
	{ "{\"error\":{\"code\":500,\"message\":\"internal error\"}}",
	    "server" },
	{ "fake: rate limit, try again in 1s", "rate_limit" },
	{ "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\"}}",
	    "rate_limit" },
	{ "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
	    "\"message\":\"Overloaded\"}}", "rate_limit" },
	{ "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\","
	    "\"message\":\"invalid x-api-key\"}}", "auth" },
	{ "{\"type\":\"error\",\"error\":{\"type\":\"permission_error\"}}",
	    "auth" },
	{ "{\"type\":\"error\",\"error\":{\"type\":"
	    "\"invalid_request_error\"}}", "client" },
	{ "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":"
	    "\"Internal server error\"}}", "server" },
	{ "API Error: 529 try later", "rate_limit" },
	{ "unexpected status 503 Service Unavailable", "server" },
	{ "Request failed with status code 401", "auth" },
	{ "HTTP/1.1 403 Forbidden", "auth" },
	{ "429 Too Many Requests", "rate_limit" },
	{ "Request timed out.", "timeout" },
	{ "context deadline exceeded", "timeout" },
	{ "connect ETIMEDOUT 10.0.0.1:443", "timeout" },
	{ "RateLimitError: slow down", "rate_limit" },
	{ "AuthenticationError", "auth" },
	{ "Unauthorized", "auth" },
	{ "throttling exception", "rate_limit" },
	{ "Bad Gateway", "server" },

	/* a word inside another is not that word */
	{ "could not generate an answer", NULL },
	{ "the operation was separated", NULL },
	{ "unknown author", NULL },
	{ "the authority of the document", NULL },
	{ "observer failed", NULL },
	{ "serverless function crashed", NULL },
	{ "internally consistent", NULL },
	{ "delimiter expected", NULL },

	/* a limit need not be of the rate, nor a rate be limited */
	{ "output token limit reached", NULL },
	{ "the frame rate is low", NULL },
	{ "time limit", NULL },

	/* exact codes before words, numbers before words */
	{ "server says 401", "auth" },
	{ "the server returned 429 for this request", "rate_limit" },
	{ "auth server: 503", "server" },
	{ "status=504 internal", "timeout" },

	/* numbers that are no status */
	{ "used 500 tokens and stopped", NULL },
	{ "waited 429 ms", NULL },
	{ "line 1401", NULL },
	{ "connect refused 127.0.0.1:500", NULL },
	{ "cost 0.429 dollars", NULL },
	{ "4290 things", NULL },
	{ "req_500abc", NULL },

	{ "", NULL },
	{ "   ", NULL },
	{ "\xff\xfe 429", "rate_limit" },
};

static void
same(const char *got, const char *want, const char *name)
{
	if (!ok((got == NULL) == (want == NULL) &&
	    (got == NULL || strcmp(got, want) == 0), "%s", name))
		note("got %s, want %s", got != NULL ? got : "none",
		    want != NULL ? want : "none");
}

int
main(void)
{
	char name[200];

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		(void)snprintf(name, sizeof(name), "status %d",
		    (int)statuses[i].status);
		same(errclass(statuses[i].status, "", 0), statuses[i].class,
		    name);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		same(errclass(0, texts[i].text, strlen(texts[i].text)),
		    texts[i].class, texts[i].text);

	/* The status is what happened; the words only tell of it. */
	same(errclass(500, "rate limit", 10), "server",
	    "a status wins over words");
	same(errclass(200, "rate limit", 10), "rate_limit",
	    "a status of success tells nothing");
	/* Not one byte behind the end is read. */
	same(errclass(0, "4290", 3), "rate_limit", "the length counts");
	return done_testing();
}

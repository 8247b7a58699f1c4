/* Which model a name means, on a small book. */
#include "price/bookfile.h"
#include "price/match.h"
#include "price/name.h"

#include "tap.h"

static const char text[] = "{\"aitrace_prices\":1,\"models\":{"
    "\"claude-opus-5\":[{\"input\":\"5\"}],"
    "\"claude-opus-4-8\":[{\"input\":\"5\"}],"
    "\"claude-sonnet-4-5\":[{\"input\":\"3\"}],"
    "\"us.anthropic.claude-sonnet-4-5-20250929-v1:0\":[{\"input\":\"3.3\"}],"
    "\"claude-3-5-sonnet-20241022\":[{\"input\":\"3\"}],"
    "\"gpt-5\":[{\"input\":\"1.25\"}],\"gpt-4o\":[{\"input\":\"2.5\"}],"
    "\"gpt-4o-2024-05-13\":[{\"input\":\"5\"}],"
    "\"gpt-4o-mini\":[{\"input\":\"0.15\"}],"
    "\"azure/gpt-5\":[{\"input\":\"1.3\"}],"
    "\"gemini-2.5-pro\":[{\"input\":\"1.25\"}],"
    "\"gemini-2.0-flash\":[{\"input\":\"0.1\"}],"
    "\"gemini-3.6-flash\":[{\"input\":\"0.75\"}],"
    "\"gemini-3.7-flash\":[{\"input\":\"0.75\"}],"
    "\"vertex_ai/gemini-2.0-flash\":[{\"input\":\"0.15\"}],"
    "\"o3\":[{\"input\":\"2\"}],\"o4-mini\":[{\"input\":\"1.1\"}],"
    "\"llama-3-8b\":[{\"input\":\"0.1\"}],"
    "\"xai/grok-4\":[{\"input\":\"3\"}]},"
    "\"aliases\":{\"grok-4\":\"xai/grok-4\"}}";

static const struct {
	const char	*name, *provider, *want;
	enum match_how	 how;
} cases[] = {
	{ "claude-opus-5", "", "claude-opus-5", MATCH_EXACT },
	{ "Claude-OPUS-5", "anthropic", "claude-opus-5", MATCH_EXACT },
	{ " claude-opus-5\n", "", "claude-opus-5", MATCH_EXACT },
	{ "claude-opus-4-8[1m]", "anthropic", "claude-opus-4-8", MATCH_PLAIN },
	{ "anthropic/claude-opus-5", "", "claude-opus-5", MATCH_PLAIN },
	{ "openrouter/anthropic/claude-opus-5", "", "claude-opus-5",
	    MATCH_PLAIN },
	{ "anthropic/claude-sonnet-4.5", "", "claude-sonnet-4-5",
	    MATCH_PLAIN },
	{ "claude-4.5-sonnet", "", "claude-sonnet-4-5", MATCH_PLAIN },
	{ "claude-sonnet-4-5-20250929", "", "claude-sonnet-4-5",
	    MATCH_PLAIN },
	{ "claude-sonnet-4-5@20250929", "", "claude-sonnet-4-5",
	    MATCH_PLAIN },
	{ "vertex_ai/claude-sonnet-4-5@default", "", "claude-sonnet-4-5",
	    MATCH_PLAIN },
	{ "claude-sonnet-4-5-latest", "", "claude-sonnet-4-5", MATCH_PLAIN },
	{ "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "",
	    "us.anthropic.claude-sonnet-4-5-20250929-v1:0", MATCH_EXACT },
	{ "us.anthropic.claude-sonnet-4-5-20250929-v1:0[1m]", "",
	    "us.anthropic.claude-sonnet-4-5-20250929-v1:0", MATCH_PLAIN },
	{ "jp.anthropic.claude-sonnet-4-5-20250929-v1:0", "",
	    "claude-sonnet-4-5", MATCH_PLAIN },
	{ "anthropic.claude-opus-5-v1:0", "", "claude-opus-5", MATCH_PLAIN },
	{ "anthropic.claude-opus-5-v1", "", "claude-opus-5", MATCH_PLAIN },
	{ "bedrock/us-east-1/anthropic.claude-opus-5-v1:0", "",
	    "claude-opus-5", MATCH_PLAIN },
	{ "arn:aws:bedrock:us-east-1:123456789012:inference-profile/"
	    "us.anthropic.claude-opus-5-v1:0", "", "claude-opus-5",
	    MATCH_PLAIN },
	{ "publishers/anthropic/models/claude-opus-5", "", "claude-opus-5",
	    MATCH_PLAIN },
	{ "projects/p/locations/l/publishers/google/models/gemini-2.5-pro", "",
	    "gemini-2.5-pro", MATCH_PLAIN },
	{ "models/gemini-2.5-pro", "", "gemini-2.5-pro", MATCH_PLAIN },
	{ "google/gemini-2.5-pro", "gcp.gemini", "gemini-2.5-pro",
	    MATCH_PLAIN },
	{ "gemini-2.0-flash-001", "", "gemini-2.0-flash", MATCH_PLAIN },
	{ "gemini-2.0-flash", "gcp.vertex_ai", "vertex_ai/gemini-2.0-flash",
	    MATCH_EXACT },
	{ "gpt-5", "azure.ai.openai", "azure/gpt-5", MATCH_EXACT },
	{ "openai/gpt-5", "openai", "gpt-5", MATCH_PLAIN },
	{ "openai/gpt-4o:extended", "", "gpt-4o", MATCH_PLAIN },
	{ "gpt-4o-2024-05-13", "", "gpt-4o-2024-05-13", MATCH_EXACT },
	{ "openai/gpt-4o-2024-05-13", "", "gpt-4o-2024-05-13", MATCH_PLAIN },
	{ "gpt-4o-2024-11-20", "", "gpt-4o", MATCH_PLAIN },
	{ "gpt-4o-mini-2024-07-18", "", "gpt-4o-mini", MATCH_PLAIN },
	{ "x-ai/grok-4", "", "xai/grok-4", MATCH_PLAIN },
	{ "grok-4", "", "xai/grok-4", MATCH_EXACT },
	{ "gpt-35-turbo-9999", "", NULL, MATCH_NONE },
	{ "ft:gpt-4o:org:name:id", "", NULL, MATCH_NONE },
	{ "claude-opus-5-v1@20260701", "", "claude-opus-5", MATCH_PLAIN },
	/* another version is another model */
	{ "claude-opus-5-5", "anthropic", "claude-opus-5", MATCH_RELATIVE },
	{ "claude-opus-5-5-20260922", "", "claude-opus-5", MATCH_RELATIVE },
	{ "claude-opus-5.5", "", "claude-opus-5", MATCH_RELATIVE },
	{ "us.anthropic.claude-opus-5-5-v1:0", "", "claude-opus-5",
	    MATCH_RELATIVE },
	{ "gpt-5.6", "", "gpt-5", MATCH_RELATIVE },
	{ "gpt-5-codex", "", "gpt-5", MATCH_RELATIVE },
	{ "gpt-4o-mini-x", "", "gpt-4o-mini", MATCH_RELATIVE },
	{ "azure/gpt-5.1", "", "azure/gpt-5", MATCH_RELATIVE },
	{ "openai/azure/gpt-5.1-mini", "", "azure/gpt-5", MATCH_RELATIVE },
	{ "gateway/gpt-5", "", "gpt-5", MATCH_RELATIVE },
	{ "gemini-3.8-flash", "", "gemini-3.7-flash", MATCH_RELATIVE },
	{ "gemini-3.1-flash", "", "gemini-2.0-flash", MATCH_RELATIVE },
	{ "gemini-3-pro-preview", "", NULL, MATCH_NONE },
	{ "gemini-3.0-pro-preview", "", "gemini-2.5-pro", MATCH_RELATIVE },
	{ "o1-mini", "", "o4-mini", MATCH_RELATIVE },
	{ "o5", "", "o3", MATCH_RELATIVE },
	/* no relative: another size, a part of a word, nothing known */
	{ "llama-3-70b", "", NULL, MATCH_NONE },
	{ "gpt-41x", "", NULL, MATCH_NONE },
	{ "gpt", "", NULL, MATCH_NONE },
	{ "claude", "", NULL, MATCH_NONE },
	{ "claude-test", "", NULL, MATCH_NONE },
	{ "auto", "", NULL, MATCH_NONE },
	{ "", "", NULL, MATCH_NONE },
	{ "/", "", NULL, MATCH_NONE },
	{ "openai/", "", NULL, MATCH_NONE },
	{ "[1m]", "", NULL, MATCH_NONE },
	{ ":free", "", NULL, MATCH_NONE },
};

static void
table(const struct book *b)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct match m = match_find(b, cases[i].provider,
		    strlen(cases[i].provider), cases[i].name,
		    strlen(cases[i].name));
		char got[256] = "";

		if (m.model != NULL)
			snprintf(got, sizeof(got), "%.*s",
			    (int)m.model->name.n, m.model->name.p);
		is_str(got, cases[i].want != NULL ? cases[i].want : "",
		    cases[i].name);
		is_int((int)m.how, (int)cases[i].how, "how it was found");
	}
}

int
main(void)
{
	struct book *b = book_new();
	struct buf t = { 0 };
	struct err e = { "" };
	char big[600];
	struct match m;
	int order;
	struct name n;

	buf_adds(&t, text);
	if (!ok(bookfile_parse(b, &t, "book", &e) == 0, "book %s", e.msg))
		return done_testing();
	table(b);
	m = match_find(b, "", 0, "openai/gpt-4o:free", 18);
	ok(m.is_free && m.how == MATCH_PLAIN, "a free variant is free");
	memset(big, 'a', sizeof(big));
	m = match_find(b, "", 0, big, sizeof(big));
	is_int((int)m.how, MATCH_NONE, "an endless name is unknown");
	memset(big, '/', sizeof(big));
	m = match_find(b, "", 0, big, 255);
	is_int((int)m.how, MATCH_NONE, "255 slashes");
	memset(big, '.', sizeof(big));
	m = match_find(b, "x", 1, big, 255);
	is_int((int)m.how, MATCH_NONE, "255 dots");
	ok(name_init(&n, "gpt-5.10", 8) && name_same_family(&n, "gpt-5.9", 7,
	    &order) && order < 0, "5.9 is lower than 5.10");
	ok(!name_same_family(&n, "gpt-5", 5, &order),
	    "gpt-5 is no version of gpt-#.#");
	book_free(b);
	return done_testing();
}

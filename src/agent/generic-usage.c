#include "agent/generic-usage.h"

#include <string.h>

#include "agent/usage.h"
#include "record/edit.h"

/* The first of the names that is there; 0 when none is. */
static int64_t
count(const struct record *r, const char *const name[], bool *known)
{
	int64_t n;

	for (; *name != NULL; name++)
		if (json_int(record_attr(r, *name), &n) == 0 && n >= 0) {
			*known = true;
			return n;
		}
	return 0;
}

/*
 * Names old and new; inclusive counts, as the conventions define them.
 * Anthropic does not price what was thought apart: it stays in the output.
 */
static void
read_usage(const struct record *r, struct usage *u)
{
	static const char *const in[] = { "gen_ai.usage.input_tokens",
	    "gen_ai.usage.prompt_tokens", "llm.token_count.prompt",
	    "llm.usage.prompt_tokens", "ai.usage.inputTokens",
	    "ai.usage.promptTokens", NULL };
	static const char *const out[] = { "gen_ai.usage.output_tokens",
	    "gen_ai.usage.completion_tokens", "llm.token_count.completion",
	    "llm.usage.completion_tokens", "ai.usage.outputTokens",
	    "ai.usage.completionTokens", NULL };
	static const char *const cached[] = {
	    "gen_ai.usage.cache_read.input_tokens",
	    "gen_ai.usage.cache_read_input_tokens",
	    "llm.token_count.prompt_details.cache_read",
	    "ai.usage.inputTokenDetails.cacheReadTokens",
	    "ai.usage.cachedInputTokens", NULL };
	static const char *const write[] = {
	    "gen_ai.usage.cache_write.input_tokens",
	    "gen_ai.usage.cache_creation.input_tokens",
	    "gen_ai.usage.cache_creation_input_tokens",
	    "llm.token_count.prompt_details.cache_write",
	    "ai.usage.inputTokenDetails.cacheWriteTokens", NULL };
	static const char *const reasoning[] = {
	    "gen_ai.usage.reasoning.output_tokens",
	    "gen_ai.usage.output_tokens.reasoning",
	    "llm.token_count.completion_details.reasoning",
	    "ai.usage.outputTokenDetails.reasoningTokens",
	    "ai.usage.reasoningTokens", NULL };
	struct json_val provider = record_attr(r, "gen_ai.provider.name");
	bool any = false, ignored = false;
	int64_t total_in, total_out;

	memset(u, 0, sizeof(*u));
	total_in = count(r, in, &any);
	total_out = count(r, out, &any);
	u->known = any;
	u->cache_read = count(r, cached, &ignored);
	u->write = count(r, write, &ignored);
	u->reasoning = count(r, reasoning, &ignored);
	u->input = total_in - u->cache_read - u->write;
	u->output = total_out - u->reasoning;
	/* Counts that exclude what they should include: take them apart. */
	if (u->input < 0)
		u->input = total_in;
	if (u->output < 0)
		u->output = total_out;
	if (provider.type == JSON_NONE)
		provider = record_attr(r, "gen_ai.system");
	u->fold = json_str_is(provider, "anthropic");
}

static void
give_int(struct emit *e, const char *key, int64_t v)
{
	if (record_attr(&e->rec, key).type == JSON_NONE)
		edit_attr_int(&e->edit, key, v);
}

static void
give_some(struct emit *e, const char *key, int64_t v)
{
	if (v > 0)
		give_int(e, key, v);
}

void
generic_usage(struct emit *e)
{
	struct usage u;

	read_usage(&e->rec, &u);
	if (!u.known)
		return;
	buf_reset(&e->text);
	usage_details(&e->text, &u);
	if (record_attr(&e->rec, "langfuse.observation.usage_details").type ==
	    JSON_NONE)
		edit_attr_str(&e->edit, "langfuse.observation.usage_details",
		    e->text.p, e->text.n);
	give_int(e, "gen_ai.usage.input_tokens", usage_input(&u));
	give_int(e, "gen_ai.usage.output_tokens", usage_output(&u));
	give_some(e, "gen_ai.usage.cache_read.input_tokens", u.cache_read);
	give_some(e, "gen_ai.usage.cache_creation.input_tokens", u.write);
	give_some(e, "gen_ai.usage.reasoning.output_tokens", u.reasoning);
	give_int(e, "llm.token_count.prompt", usage_input(&u));
	give_int(e, "llm.token_count.completion", usage_output(&u));
	give_int(e, "llm.token_count.total", usage_total(&u));
	give_some(e, "llm.token_count.prompt_details.cache_read",
	    u.cache_read);
	give_some(e, "llm.token_count.prompt_details.cache_write", u.write);
	give_some(e, "llm.token_count.completion_details.reasoning",
	    u.reasoning);
}

void
generic_drop_usage(struct emit *e)
{
	static const char *const name[] = { "gen_ai.usage.input_tokens",
	    "gen_ai.usage.output_tokens", "gen_ai.usage.total_tokens",
	    "gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens",
	    "gen_ai.usage.cost", "gen_ai.usage.cache_read.input_tokens",
	    "gen_ai.usage.cache_creation.input_tokens",
	    "gen_ai.usage.reasoning.output_tokens" };

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (record_attr(&e->rec, name[i]).type != JSON_NONE)
			edit_attr_drop(&e->edit, name[i]);
}

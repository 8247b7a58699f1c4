#include "agent/generic.h"

#include <string.h>

#include "agent/enrich.h"
#include "agent/usage.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "record/edit.h"

/* What kind of thing a span is, in the three vocabularies. */
static const struct kind {
	const char	*operation;	/* gen_ai.operation.name */
	const char	*openinference;	/* openinference.span.kind */
	const char	*langfuse;	/* langfuse.observation.type */
} kinds[] = {
	{ "chat", "LLM", "generation" },
	{ "generate_content", "LLM", "generation" },
	{ "text_completion", "LLM", "generation" },
	{ "embeddings", "EMBEDDING", "embedding" },
	{ "execute_tool", "TOOL", "tool" },
	{ "invoke_agent", "AGENT", "agent" },
	{ "create_agent", "AGENT", "agent" },
	{ NULL, "RETRIEVER", "retriever" },
	{ NULL, "CHAIN", "chain" },
	{ NULL, "GUARDRAIL", "guardrail" },
	{ NULL, "EVALUATOR", "evaluator" },
};

static const struct kind *
kind_of(const struct record *r)
{
	struct json_val op = record_attr(r, "gen_ai.operation.name");
	struct json_val oi = record_attr(r, "openinference.span.kind");
	struct json_val lf = record_attr(r, "langfuse.observation.type");
	const struct kind *k = kinds;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++, k++)
		if (lf.type != JSON_NONE ? json_str_is(lf, k->langfuse) :
		    oi.type != JSON_NONE ? json_str_is(oi, k->openinference) :
		    k->operation != NULL && json_str_is(op, k->operation))
			return k;
	return NULL;
}

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

/* Names old and new; inclusive counts, as both conventions define them. */
static void
read_usage(const struct record *r, struct usage *u)
{
	static const char *const in[] = { "gen_ai.usage.input_tokens",
	    "gen_ai.usage.prompt_tokens", "llm.token_count.prompt", NULL };
	static const char *const out[] = { "gen_ai.usage.output_tokens",
	    "gen_ai.usage.completion_tokens", "llm.token_count.completion",
	    NULL };
	static const char *const cached[] = {
	    "gen_ai.usage.cache_read.input_tokens",
	    "gen_ai.usage.cache_read_input_tokens",
	    "llm.token_count.prompt_details.cache_read", NULL };
	static const char *const write[] = {
	    "gen_ai.usage.cache_write.input_tokens",
	    "gen_ai.usage.cache_creation.input_tokens",
	    "gen_ai.usage.cache_creation_input_tokens",
	    "llm.token_count.prompt_details.cache_write", NULL };
	static const char *const reasoning[] = {
	    "gen_ai.usage.reasoning.output_tokens",
	    "llm.token_count.completion_details.reasoning", NULL };
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
}

static void
give_int(struct emit *e, const char *key, int64_t v)
{
	if (record_attr(&e->rec, key).type == JSON_NONE)
		edit_attr_int(&e->edit, key, v);
}

static void
give_text(struct emit *e, const char *key, const char *s)
{
	if (record_attr(&e->rec, key).type == JSON_NONE)
		edit_attr_str(&e->edit, key, s, strlen(s));
}

static void
give_usage(struct emit *e, const struct usage *u)
{
	buf_reset(&e->text);
	usage_details(&e->text, u);
	if (record_attr(&e->rec, "langfuse.observation.usage_details").type ==
	    JSON_NONE)
		edit_attr_str(&e->edit, "langfuse.observation.usage_details",
		    e->text.p, e->text.n);
	give_int(e, "gen_ai.usage.input_tokens", usage_input(u));
	give_int(e, "gen_ai.usage.output_tokens", usage_output(u));
	give_int(e, "llm.token_count.prompt", usage_input(u));
	give_int(e, "llm.token_count.completion", usage_output(u));
	give_int(e, "llm.token_count.total", usage_total(u));
}

int
generic_span(struct emit *e, const struct record *r, struct out *out)
{
	const struct kind *k = kind_of(r);
	struct json_val session;
	struct usage u;
	const char *why;

	if (k == NULL || json_str_is(record_scope(r, "name"), "langfuse-sdk"))
		return ENRICH_PASS;
	if (record_index(&e->rec, r->p, r->n, &why) == -1)
		return ENRICH_PASS;
	edit_begin(&e->edit, &e->rec);
	give_text(e, "langfuse.observation.type", k->langfuse);
	give_text(e, "openinference.span.kind", k->openinference);
	session = record_attr(r, "gen_ai.conversation.id");
	if (session.type == JSON_STRING &&
	    record_attr(r, "session.id").type == JSON_NONE)
		edit_attr(&e->edit, "session.id", session.p, session.n);
	if (strcmp(k->langfuse, "generation") == 0) {
		read_usage(r, &u);
		if (u.known)
			give_usage(e, &u);
	}
	if (edit_write(&e->edit, out) == -1) {
		if (out->err != 0)
			return EXIT_IO;
		log_error("out of memory");
		return EXIT_SOFT;
	}
	return 0;
}

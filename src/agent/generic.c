#include "agent/generic.h"

#include <string.h>

#include "agent/enrich.h"
#include "agent/errclass.h"
#include "agent/generic-usage.h"
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
	{ "completion", "LLM", "generation" },
	{ "embeddings", "EMBEDDING", "embedding" },
	{ "execute_tool", "TOOL", "tool" },
	{ "invoke_agent", "AGENT", "agent" },
	{ "create_agent", "AGENT", "agent" },
	{ NULL, "RETRIEVER", "retriever" },
	{ NULL, "CHAIN", "chain" },
	{ NULL, "GUARDRAIL", "guardrail" },
	{ NULL, "EVALUATOR", "evaluator" },
};

/* The Vercel AI SDK: what is around a call repeats what the call tells. */
static const struct kind ai_call = { NULL, "LLM", "generation" };
static const struct kind ai_tool = { NULL, "TOOL", "tool" };
static const struct kind ai_embed = { NULL, "EMBEDDING", "embedding" };
static const struct kind ai_outer = { NULL, "CHAIN", "span" };

static bool
ends(struct json_val v, const char *tail)
{
	size_t n = strlen(tail);

	return v.n >= n + 2 && memcmp(v.p + v.n - 1 - n, tail, n) == 0;
}

static const struct kind *
ai_kind(struct json_val operation)
{
	if (ends(operation, ".doGenerate") || ends(operation, ".doStream"))
		return &ai_call;
	if (ends(operation, ".doEmbed"))
		return &ai_embed;
	return json_str_is(operation, "ai.toolCall") ? &ai_tool : &ai_outer;
}

static const struct kind *
kind_of(const struct record *r)
{
	struct json_val op = record_attr(r, "gen_ai.operation.name");
	struct json_val oi = record_attr(r, "openinference.span.kind");
	struct json_val lf = record_attr(r, "langfuse.observation.type");
	struct json_val ai = record_attr(r, "ai.operationId");
	const struct kind *k = kinds;

	if (op.type == JSON_NONE)	/* before the conventions */
		op = record_attr(r, "llm.request.type");
	if (lf.type == JSON_NONE && oi.type == JSON_NONE &&
	    ai.type == JSON_STRING)
		return ai_kind(ai);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++, k++)
		if (lf.type != JSON_NONE ? json_str_is(lf, k->langfuse) :
		    oi.type != JSON_NONE ? json_str_is(oi, k->openinference) :
		    k->operation != NULL && json_str_is(op, k->operation))
			return k;
	return NULL;
}

/* ---- one name from another ---------------------------------------------------------- */

static void
give(struct emit *e, const char *key, struct json_val v)
{
	if (v.type != JSON_NONE &&
	    record_attr(&e->rec, key).type == JSON_NONE)
		edit_attr(&e->edit, key, v.p, v.n);
}

static void
give_text(struct emit *e, const char *key, const char *s)
{
	if (s != NULL && record_attr(&e->rec, key).type == JSON_NONE)
		edit_attr_str(&e->edit, key, s, strlen(s));
}

/* Names of one thing: each that is missing gets what the first one says. */
static const struct same {
	const char	*type;		/* of the span; NULL: any */
	const char	*give[3];
	const char	*from[6];
} same[] = {
	{ NULL, { "session.id" },
	    { "session.id", "langfuse.session.id", "gen_ai.conversation.id",
	    "ai.telemetry.metadata.sessionId" } },
	{ NULL, { "user.id" },
	    { "user.id", "langfuse.user.id",
	    "ai.telemetry.metadata.userId" } },
	{ NULL, { "gen_ai.provider.name", "gen_ai.system" },
	    { "gen_ai.provider.name", "gen_ai.system", "llm.provider",
	    "llm.system", "ai.model.provider" } },
	{ "generation", { "gen_ai.request.model" },
	    { "gen_ai.request.model", "gen_ai.response.model",
	    "llm.model_name", "langfuse.observation.model.name",
	    "ai.model.id" } },
	{ "tool", { "gen_ai.tool.name" },
	    { "gen_ai.tool.name", "tool.name", "ai.toolCall.name" } },
	{ "tool", { "gen_ai.tool.call.id" },
	    { "gen_ai.tool.call.id", "tool_call.id", "ai.toolCall.id" } },
};

static void
give_same(struct emit *e, const struct kind *k)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		const struct same *s = &same[i];
		struct json_val v = { NULL, 0, JSON_NONE };

		if (s->type != NULL && strcmp(s->type, k->langfuse) != 0)
			continue;
		for (size_t j = 0; j < 6 && s->from[j] != NULL &&
		    v.type != JSON_STRING; j++)
			v = record_attr(&e->rec, s->from[j]);
		if (v.type != JSON_STRING)
			continue;
		for (size_t j = 0; j < 3 && s->give[j] != NULL; j++)
			give(e, s->give[j], v);
	}
}

/* The class of a failed call, by its status, else by what it says. */
static void
give_error(struct emit *e)
{
	struct json_val status = e->rec.field[F_STATUS];
	struct json_val v = record_attr(&e->rec, "http.response.status_code");
	const char *text;
	int64_t code;
	size_t n;

	if (!json_str_is(json_get(status, "code"), "ERROR"))
		return;
	if (v.type == JSON_NONE)
		v = record_attr(&e->rec, "http.status_code");
	if (json_int(v, &code) == -1)
		code = 0;
	buf_reset(&e->text);
	text = json_str(json_get(status, "message"), &e->text, &n);
	give_text(e, "error.type", errclass(code, text != NULL ? text : "",
	    text != NULL ? n : 0));
}

int
generic_span(struct emit *e, const struct record *r, struct out *out)
{
	const struct kind *k = kind_of(r);
	const char *why;

	if (k == NULL || json_str_is(record_scope(r, "name"), "langfuse-sdk"))
		return ENRICH_PASS;
	if (record_index(&e->rec, r->p, r->n, &why) == -1)
		return ENRICH_PASS;
	edit_begin(&e->edit, &e->rec);
	give_text(e, "langfuse.observation.type", k->langfuse);
	give_text(e, "openinference.span.kind", k->openinference);
	give_same(e, k);
	if (k == &ai_outer)
		generic_drop_usage(e);
	if (strcmp(k->langfuse, "generation") == 0) {
		generic_usage(e);
		give_error(e);
	}
	if (edit_write(&e->edit, out) == -1) {
		if (out->err != 0)
			return EXIT_IO;
		log_error("out of memory");
		return EXIT_SOFT;
	}
	return 0;
}

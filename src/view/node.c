#include "view/node.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "record/ids.h"
#include "record/rtime.h"
#include "view/preview.h"

#define NAME_MAX_BYTES		512
#define MESSAGE_MAX_BYTES	1024
#define CONTENT_MAX_BYTES	2048

static const char *const type_name[NODE_TYPES_] = {
	[NODE_SPAN] = "span", [NODE_CHAIN] = "chain", [NODE_LLM] = "llm",
	[NODE_TOOL] = "tool", [NODE_AGENT] = "agent",
	[NODE_EMBEDDING] = "embedding", [NODE_RETRIEVER] = "retriever",
	[NODE_RERANKER] = "reranker", [NODE_GUARDRAIL] = "guardrail",
	[NODE_EVALUATOR] = "evaluator", [NODE_EVENT] = "event",
};

/* The attributes that tell a type, the surest first. */
static const char *const type_key[] = { "langfuse.observation.type",
    "openinference.span.kind", "span.type", "gen_ai.operation.name" };

/* Their values; other values (LLM, TOOL, chain...) are type_name's. */
static const struct {
	const char	*value;
	enum node_type	 type;
} type_value[] = {
	{ "chat", NODE_LLM }, { "generate_content", NODE_LLM },
	{ "generation", NODE_LLM }, { "llm_request", NODE_LLM },
	{ "text_completion", NODE_LLM }, { "embeddings", NODE_EMBEDDING },
	{ "execute_tool", NODE_TOOL }, { "create_agent", NODE_AGENT },
	{ "invoke_agent", NODE_AGENT }, { "interaction", NODE_CHAIN },
};

const char *
node_type_name(enum node_type t)
{
	return type_name[t];
}

uint64_t
node_id(struct json_val v)
{
	uint64_t id = 0;

	for (size_t i = 1; i + 1 < v.n; i++) {
		char c = v.p[i];

		id = id << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return id;
}

static bool
is_word(struct json_val v, const char *s)
{
	size_t n = strlen(s);

	return v.n == n + 2 && strncasecmp(v.p + 1, s, n) == 0;
}

static bool
type_of_value(struct json_val v, enum node_type *out)
{
	if (v.type != JSON_STRING)
		return false;
	for (size_t i = 0; i < sizeof(type_value) / sizeof(type_value[0]);
	    i++) {
		if (is_word(v, type_value[i].value)) {
			*out = type_value[i].type;
			return true;
		}
	}
	for (int t = 0; t < NODE_TYPES_; t++) {
		if (is_word(v, type_name[t])) {
			*out = (enum node_type)t;
			return true;
		}
	}
	return false;
}

static enum node_type
type_of(const struct record *r, const struct node *n)
{
	enum node_type t;

	for (size_t i = 0; i < sizeof(type_key) / sizeof(type_key[0]); i++)
		if (type_of_value(record_attr(r, type_key[i]), &t))
			return t;
	return n->detail.n != 0 && n->spend.used ? NODE_LLM : NODE_SPAN;
}

/* Appends the string's bytes to b: offset and length go into t. */
static void
keep(struct buf *b, struct json_val v, size_t max, struct text *t,
    struct buf *scratch)
{
	size_t at = b->n, n;
	const char *s;

	buf_reset(scratch);
	s = json_str(v, scratch, &n);
	if (s != NULL)
		text_squeeze(b, s, n, max);
	t->n = b->n - at;
}

static void
keep_first(struct buf *b, const struct record *r, const char *const *key,
    size_t max, struct text *t, struct buf *scratch)
{
	for (t->n = 0; *key != NULL && t->n == 0; key++)
		keep(b, record_attr(r, *key), max, t, scratch);
}

/* The message of the last exception among the events. */
static struct json_val
exception(const struct record *r)
{
	struct json_val e, msg = { NULL, 0, JSON_NONE };
	struct json_iter it;

	if (r->field[F_EVENTS].type != JSON_ARRAY)
		return msg;
	json_iter(&it, r->field[F_EVENTS]);
	while (json_next_elem(&it, &e))
		if (e.type == JSON_OBJECT && json_str_is(json_get(e, "name"),
		    "exception"))
			msg = json_path(e, "attributes", "exception.message",
			    NULL);
	return msg;
}

static void
level_of(struct node *n, const struct record *r, struct buf *b,
    struct buf *scratch)
{
	static const char *const key[] = {
	    "langfuse.observation.status_message", NULL };
	static const char *const last[] = { "error.type", "error", NULL };
	struct json_val status = r->field[F_STATUS], code, level;

	level = record_attr(r, "langfuse.observation.level");
	code = status.type == JSON_OBJECT ? json_get(status, "code") : status;
	if (json_str_is(level, "ERROR") || json_str_is(code, "ERROR") ||
	    (level.type == JSON_NONE &&
	    record_attr(r, "error.type").type == JSON_STRING))
		n->level = NODE_ERROR;
	else if (json_str_is(level, "WARNING"))
		n->level = NODE_WARNING;
	keep_first(b, r, key, MESSAGE_MAX_BYTES, &n->message, scratch);
	if (n->message.n == 0 && status.type == JSON_OBJECT)
		keep(b, json_get(status, "message"), MESSAGE_MAX_BYTES,
		    &n->message, scratch);
	if (n->message.n == 0 && n->level == NODE_ERROR)
		keep(b, exception(r), MESSAGE_MAX_BYTES, &n->message, scratch);
	if (n->message.n == 0 && n->level == NODE_ERROR)
		keep_first(b, r, last, MESSAGE_MAX_BYTES, &n->message,
		    scratch);
}

static void
content_of(struct node *n, const struct record *r, struct buf *b,
    struct buf *scratch)
{
	static const char *const in[] = { "langfuse.observation.input",
	    "langfuse.trace.input", "gen_ai.input.messages", "input.value",
	    "gen_ai.tool.call.arguments", NULL };
	static const char *const out[] = { "langfuse.observation.output",
	    "langfuse.trace.output", "gen_ai.output.messages", "output.value",
	    "gen_ai.tool.call.result", NULL };
	size_t at = b->n;

	for (size_t i = 0; in[i] != NULL && b->n == at; i++)
		preview_put(b, record_attr(r, in[i]), CONTENT_MAX_BYTES,
		    scratch);
	n->input.n = b->n - at;
	at = b->n;
	for (size_t i = 0; out[i] != NULL && b->n == at; i++)
		preview_put(b, record_attr(r, out[i]), CONTENT_MAX_BYTES,
		    scratch);
	n->output.n = b->n - at;
}

/* Everything but the texts' places; those are appended to b in order. */
static void
fill(struct node *n, const struct record *r, bool content, struct buf *b,
    struct buf *scratch)
{
	static const char *const model[] = {
	    "langfuse.observation.model.name", "gen_ai.response.model",
	    "gen_ai.request.model", "llm.model_name", "model", NULL };
	static const char *const tool[] = { "gen_ai.tool.name", "tool.name",
	    "tool_name", NULL };
	int64_t v;

	n->id = node_id(r->field[F_SPAN_ID]);
	if (ids_is_span(r->field[F_PARENT_SPAN_ID]))
		n->parent = node_id(r->field[F_PARENT_SPAN_ID]);
	if (rtime_get(r->field[F_START_TIME], &n->start) == -1)
		n->start = 0;
	if (rtime_get(r->field[F_END_TIME], &n->end) == -1)
		n->end = 0;
	spend_read(&n->spend, r, scratch);
	if (json_int(record_attr(r, "aitrace.attempts"), &v) == 0 && v > 0)
		n->attempts = (uint64_t)v;
	(void)json_bool(record_attr(r, "aitrace.incomplete"), &n->incomplete);
	keep(b, r->field[F_NAME], NAME_MAX_BYTES, &n->name, scratch);
	keep_first(b, r, model, NAME_MAX_BYTES, &n->detail, scratch);
	n->type = type_of(r, n);
	if (n->type == NODE_TOOL && n->detail.n == 0)
		keep_first(b, r, tool, NAME_MAX_BYTES, &n->detail, scratch);
	level_of(n, r, b, scratch);
	if (content)
		content_of(n, r, b, scratch);
}

enum node_res
node_make(struct node **out, const struct record *r, bool content,
    struct buf *scratch)
{
	struct node tmp, *n;
	struct buf text = { 0 };
	size_t bytes;
	char *p;

	if (!ids_is_trace(r->field[F_TRACE_ID]) ||
	    !ids_is_span(r->field[F_SPAN_ID]))
		return NODE_NO_ID;
	memset(&tmp, 0, sizeof(tmp));
	fill(&tmp, r, content, &text, scratch);
	bytes = sizeof(*n) + text.n;
	n = text.err == 0 && scratch->err == 0 ? malloc(bytes) : NULL;
	if (n == NULL) {
		buf_fini(&text);
		return NODE_NO_MEMORY;
	}
	*n = tmp;
	n->bytes = bytes;
	p = (char *)(n + 1);
	if (text.n != 0)
		memcpy(p, text.p, text.n);
	buf_fini(&text);
	n->name.p = p;
	n->detail.p = n->name.p + n->name.n;
	n->message.p = n->detail.p + n->detail.n;
	n->input.p = n->message.p + n->message.n;
	n->output.p = n->input.p + n->input.n;
	*out = n;
	return NODE_OK;
}

/* What is particular to turns, calls, tools and sub-agents. */
#include <stdio.h>
#include <string.h>

#include "agent/content.h"
#include "agent/emit-parts.h"
#include "json/write.h"
#include "record/rtime.h"

static void
put_int(struct emit *e, const char *key, int64_t v)
{
	edit_attr_int(&e->edit, key, v);
}

static void
put_type(struct emit *e, const char *langfuse, const char *openinference)
{
	emit_put_text(e, "langfuse.observation.type", langfuse);
	emit_put_text(e, "openinference.span.kind", openinference);
}

static void
put_level(struct emit *e, const struct node *n)
{
	if (n->outcome == OUTCOME_OK)
		return;
	emit_put_text(e, "langfuse.observation.level",
	    n->outcome == OUTCOME_WARNING ? "WARNING" : "ERROR");
	emit_put(e, "langfuse.observation.status_message", n->message);
	emit_put_text(e, "error.type", n->error_type);
	if (n->status_code > 0)
		put_int(e, "http.response.status_code", n->status_code);
}

/* ---- turns --------------------------------------------------------------------------- */

static void
put_turn(struct emit *e, const struct node *n)
{
	put_type(e, "chain", "CHAIN");
	emit_put(e, "aitrace.turn.number", n->val[FACT_TURN_NUMBER]);
	if (n->client)
		emit_put_text(e, "aitrace.turn.kind", "client");
	emit_put_text(e, "aitrace.purpose", n->purpose);
	emit_put(e, "aitrace.turn.id", n->val[FACT_TURN_ID]);
	put_level(e, n);
}

/* ---- calls --------------------------------------------------------------------------- */

static void
put_usage(struct emit *e, const struct usage *u)
{
	struct buf *b = &e->text;

	if (!u->known)
		return;
	buf_reset(b);
	usage_details(b, u);
	edit_attr_str(&e->edit, "langfuse.observation.usage_details",
	    b->p != NULL ? b->p : "", b->n);
	put_int(e, "gen_ai.usage.input_tokens", usage_input(u));
	put_int(e, "gen_ai.usage.output_tokens", usage_output(u));
	if (u->cache_read > 0)
		put_int(e, "gen_ai.usage.cache_read.input_tokens",
		    u->cache_read);
	if (u->write > 0)
		put_int(e, "gen_ai.usage.cache_creation.input_tokens",
		    u->write);
	if (u->reasoning > 0)
		put_int(e, "gen_ai.usage.reasoning.output_tokens",
		    u->reasoning);
	put_int(e, "llm.token_count.prompt", usage_input(u));
	put_int(e, "llm.token_count.completion", usage_output(u));
	put_int(e, "llm.token_count.total", usage_total(u));
	if (u->cache_read > 0)
		put_int(e, "llm.token_count.prompt_details.cache_read",
		    u->cache_read);
	if (u->write > 0)
		put_int(e, "llm.token_count.prompt_details.cache_write",
		    u->write);
	if (u->reasoning > 0)
		put_int(e, "llm.token_count.completion_details.reasoning",
		    u->reasoning);
}

/* {"speed":"normal","effort":"medium"}: some of them select price tiers. */
static void
put_parameters(struct emit *e, const struct node *n)
{
	static const struct {
		enum fact_id	 id;
		const char	*name;
	} p[] = { { FACT_SPEED, "speed" }, { FACT_TIER, "service_tier" },
	    { FACT_EFFORT, "effort" } };
	struct buf *b = &e->text;

	buf_reset(b);
	buf_addc(b, '{');
	for (size_t i = 0; i < sizeof(p) / sizeof(p[0]); i++) {
		struct json_val v = n->val[p[i].id];

		if (v.type == JSON_NONE)
			continue;
		json_put_key(b, p[i].name);
		buf_add(b, v.p, v.n);
	}
	buf_addc(b, '}');
	if (b->n > 2)
		edit_attr_str(&e->edit,
		    "langfuse.observation.model.parameters", b->p, b->n);
}

/* Millionths of a dollar as a decimal: 16738 -> "0.016738". */
static void
put_cost(struct emit *e, const struct node *n)
{
	char s[40];
	int64_t micros;

	if (n->outcome == OUTCOME_ERROR)
		return;
	if (json_int(n->val[FACT_COST_MICROS], &micros) == 0 && micros >= 0) {
		(void)snprintf(s, sizeof(s), "%lld.%06lld",
		    (long long)(micros / 1000000),
		    (long long)(micros % 1000000));
		emit_put_text(e, "aitrace.cost.reported", s);
	} else if (n->val[FACT_COST_USD].type == JSON_NUMBER) {
		edit_attr_str(&e->edit, "aitrace.cost.reported",
		    n->val[FACT_COST_USD].p, n->val[FACT_COST_USD].n);
	}
}

/* Milliseconds are what Langfuse keeps; its date parser takes three digits. */
static void
put_first_token(struct emit *e, const struct node *n)
{
	char t[RTIME_LEN];

	if (n->first_token == 0)
		return;
	rtime_format(n->first_token, t);
	t[23] = 'Z';
	edit_attr_str(&e->edit, "langfuse.observation.completion_start_time",
	    t, 24);
}

static void
put_call(struct emit *e, const struct node *n)
{
	struct json_val name = n->val[FACT_MODEL];
	struct buf *b = &e->text;

	put_type(e, "generation", "LLM");
	emit_put_text(e, "gen_ai.operation.name", "chat");
	emit_put(e, "gen_ai.request.model", name);
	if (n->outcome == OUTCOME_OK)
		emit_put(e, "gen_ai.response.model", name);
	emit_put(e, "langfuse.observation.model.name", name);
	put_parameters(e, n);
	emit_put(e, "gen_ai.response.id",
	    n->val[FACT_MESSAGE_ID].type != JSON_NONE ?
	    n->val[FACT_MESSAGE_ID] : n->val[FACT_RESPONSE_ID]);
	if (n->val[FACT_FINISH].type == JSON_ARRAY)
		emit_put(e, "gen_ai.response.finish_reasons",
		    n->val[FACT_FINISH]);
	else if (n->val[FACT_STOP].type == JSON_STRING) {
		buf_reset(b);
		buf_addc(b, '[');
		buf_add(b, n->val[FACT_STOP].p, n->val[FACT_STOP].n);
		buf_addc(b, ']');
		edit_attr(&e->edit, "gen_ai.response.finish_reasons", b->p,
		    b->n);
	}
	emit_put(e, "aitrace.call.id", n->val[FACT_REQUEST]);
	if (n->attempts > 0)
		put_int(e, "aitrace.attempts", n->attempts);
	emit_put_text(e, "aitrace.purpose", n->purpose);
	put_usage(e, &n->usage);
	put_cost(e, n);
	put_first_token(e, n);
	put_level(e, n);
}

/* ---- tools and sub-agents -------------------------------------------------------------- */

static void
put_exit_code(struct emit *e, const struct node *n)
{
	if (n->exit_code >= 0)
		put_int(e, "aitrace.tool.exit_code", n->exit_code);
}

static void
put_tool(struct emit *e, const struct node *n)
{
	const struct json_val *v = n->val;

	put_type(e, "tool", "TOOL");
	emit_put_text(e, "gen_ai.operation.name", "execute_tool");
	emit_put(e, "gen_ai.tool.name", v[FACT_TOOL_NAME]);
	emit_put(e, "gen_ai.tool.call.id", v[FACT_TOOL_ID]);
	emit_put_text(e, "gen_ai.tool.type",
	    v[FACT_MCP_SERVER].type != JSON_NONE ||
	    json_str_is(v[FACT_TOOL_SOURCE], "mcp") ? "extension" :
	    "function");
	emit_put(e, "mcp.server.name", v[FACT_MCP_SERVER]);
	emit_put(e, "mcp.tool.name", v[FACT_MCP_TOOL]);
	emit_put(e, "aitrace.tool.decision", v[FACT_DECISION]);
	put_exit_code(e, n);
	put_level(e, n);
}

static void
put_agent(struct emit *e, const struct node *n)
{
	const struct json_val *v = n->val;

	put_type(e, "agent", "AGENT");
	emit_put_text(e, "gen_ai.operation.name", "invoke_agent");
	emit_put(e, "gen_ai.agent.name", v[FACT_AGENT_NAME]);
	emit_put(e, "gen_ai.agent.id", n->thread);
	emit_put(e, "gen_ai.tool.call.id", v[FACT_TOOL_ID]);
	emit_put(e, "aitrace.tool.name", v[FACT_TOOL_NAME]);
	/* Langfuse would show the tool's name as the span's. */
	edit_attr_drop(&e->edit, "gen_ai.tool.name");
	put_level(e, n);
}

void
emit_kind(struct emit *e, const struct node *n)
{
	switch (n->kind) {
	case NODE_TURN:
		put_turn(e, n);
		break;
	case NODE_CALL:
		put_call(e, n);
		break;
	case NODE_TOOL:
		put_tool(e, n);
		break;
	case NODE_AGENT:
		put_agent(e, n);
		break;
	case NODE_OTHER:
		emit_give_text(e, "langfuse.observation.type", "span");
		break;
	}
}

/* ---- content ------------------------------------------------------------------------------ */

enum side { INPUT, OUTPUT };

/* What a side of the span is worth: JSON text, or plain text for a turn. */
static bool
side_text(struct model *m, const struct node *n, enum side side,
    struct buf *b)
{
	struct json_val v;
	const char *p;
	size_t len;

	switch (n->kind) {
	case NODE_TURN:
		v = n->val[side == INPUT ? FACT_PROMPT : FACT_TEXT];
		if (v.type != JSON_STRING)
			return false;
		p = model_text(m, v, &len);
		buf_add(b, p, len);
		return true;
	case NODE_CALL:
		return side == INPUT ? content_call_input(m, n, b) :
		    content_call_output(m, n, b);
	case NODE_AGENT:
		if (side == OUTPUT) {
			if (n->val[FACT_OUTPUT].type != JSON_STRING)
				return false;
			p = model_text(m, n->val[FACT_OUTPUT], &len);
			buf_add(b, p, len);
			return true;
		}
		return content_tool_input(m, n, b);
	case NODE_TOOL:
		return side == INPUT ? content_tool_input(m, n, b) :
		    content_tool_output(m, n, b);
	case NODE_OTHER:
		break;
	}
	return false;
}

static const char *
nothing(const struct node *n, enum side side)
{
	switch (n->kind) {
	case NODE_CALL:
		return side == INPUT ? "[]" :
		    "{\"role\":\"assistant\",\"content\":[]}";
	case NODE_TOOL:
		return "{}";
	case NODE_AGENT:
		return side == INPUT ? "{}" : "";
	default:
		return "";
	}
}

static bool
is_json(const struct node *n, enum side side)
{
	return n->kind == NODE_CALL || n->kind == NODE_TOOL ||
	    (n->kind == NODE_AGENT && side == INPUT);
}

static void
put_side(struct emit *e, struct model *m, struct node *n, enum side side,
    const struct buf *b)
{
	static const char *const langfuse[] = { "langfuse.observation.input",
	    "langfuse.observation.output" };
	static const char *const trace[] = { "langfuse.trace.input",
	    "langfuse.trace.output" };
	static const char *const value[] = { "input.value", "output.value" };
	static const char *const mime[] = { "input.mime_type",
	    "output.mime_type" };
	static const char *const genai[] = { "gen_ai.input.messages",
	    "gen_ai.output.messages" };
	static const char *const call[] = { "gen_ai.tool.call.arguments",
	    "gen_ai.tool.call.result" };
	const int mode = e->o->content;
	struct buf parts = { 0 };

	(void)m;
	if (mode == CONTENT_LANGFUSE || mode == CONTENT_ALL) {
		edit_attr_str(&e->edit, langfuse[side], b->p, b->n);
		if (n->kind == NODE_TURN)
			edit_attr_str(&e->edit, trace[side], b->p, b->n);
	}
	if (mode == CONTENT_OPENINFERENCE || mode == CONTENT_ALL) {
		edit_attr_str(&e->edit, value[side], b->p, b->n);
		emit_put_text(e, mime[side], is_json(n, side) ?
		    "application/json" : "text/plain");
	}
	if (mode != CONTENT_GENAI && mode != CONTENT_ALL)
		return;
	if (n->kind == NODE_CALL &&
	    content_parts(b->p, b->n, NULL, &parts) == 0 && parts.err == 0)
		edit_attr_str(&e->edit, genai[side], parts.p, parts.n);
	else if (n->kind == NODE_TOOL)
		edit_attr_str(&e->edit, call[side], b->p, b->n);
	buf_fini(&parts);
}

/* Both sides or neither: a lone one would hide the other in Langfuse. */
void
emit_content(struct emit *e, struct model *m, struct node *n)
{
	struct buf side[2] = { { 0 }, { 0 } };
	bool known[2];

	if (e->o->content == CONTENT_NONE || n->kind == NODE_OTHER)
		return;
	for (int i = 0; i < 2; i++) {
		buf_reset(&e->text);
		known[i] = side_text(m, n, (enum side)i, &e->text);
		if (is_json(n, (enum side)i))
			content_cut(e->text.p != NULL ? e->text.p : "",
			    e->text.n, (size_t)e->o->max_chars, &side[i]);
		else
			content_cut_text(e->text.p != NULL ? e->text.p : "",
			    e->text.n, (size_t)e->o->max_chars, &side[i]);
	}
	for (int i = 0; i < 2 && (known[0] || known[1]); i++) {
		if (!known[i])
			buf_adds(&side[i], nothing(n, (enum side)i));
		(void)buf_cstr(&side[i]);	/* p is not NULL behind this */
		if (side[i].err != 0)
			m->oom = true;
		else
			put_side(e, m, n, (enum side)i, &side[i]);
	}
	buf_fini(&side[0]);
	buf_fini(&side[1]);
}

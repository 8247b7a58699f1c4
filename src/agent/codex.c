/*
 * Codex CLI. What happened is in the logs (scope codex_otel.log_only), which
 * carry trace ids only when spans are exported, too. The spans are its
 * internal tracing, hundreds of them a turn: a few tell turn ids and times,
 * and the whole tree when there are no logs; the rest is noise.
 *
 * `codex.sse_event` is sent for every event of a stream; the one that carries
 * usage is the model call. tool_token_count in it is the call's total.
 */
#include "agent/codex.h"

#include <string.h>

#include "agent/codex-build.h"

/* Sorted by key (strcmp). */
static const struct fact_map map[] = {
	{ "app.version", FACT_VERSION },
	{ "arguments", FACT_TOOL_INPUT },
	{ "attempt", FACT_ATTEMPTS },
	{ "cache_write_token_count", FACT_CACHE_WRITE },
	{ "cached_token_count", FACT_CACHE_READ },
	{ "call_id", FACT_TOOL_ID },
	{ "codex.usage.reasoning_output_tokens", FACT_REASONING },
	{ "conversation.id", FACT_SESSION },
	{ "decision", FACT_DECISION },
	{ "duration_ms", FACT_DURATION_MS },
	{ "error.message", FACT_ERROR },
	{ "gen_ai.usage.cache_read.input_tokens", FACT_CACHE_READ },
	{ "gen_ai.usage.cache_write.input_tokens", FACT_CACHE_WRITE },
	{ "gen_ai.usage.input_tokens", FACT_IN },
	{ "gen_ai.usage.output_tokens", FACT_OUT },
	{ "http.response.status_code", FACT_STATUS_CODE },
	{ "input_token_count", FACT_IN },
	{ "mcp_server", FACT_MCP_SERVER },
	{ "model", FACT_MODEL },
	{ "model_reasoning_effort", FACT_EFFORT },
	{ "originator", FACT_ORIGINATOR },
	{ "output", FACT_OUTPUT },
	{ "output_token_count", FACT_OUT },
	{ "prompt", FACT_PROMPT },
	{ "reasoning_token_count", FACT_REASONING },
	{ "response", FACT_TEXT },
	{ "rpc.request_id", FACT_BODY_ID },
	{ "sandbox_policy", FACT_SANDBOX },
	{ "service_tier", FACT_TIER },
	{ "source", FACT_DECIDER },
	{ "success", FACT_SUCCESS },
	{ "thread.id", FACT_THREAD },
	{ "tool_name", FACT_TOOL_BARE },
	{ "tool_namespace", FACT_NAMESPACE },
	{ "ttft_ms", FACT_TTFT_MS },
	{ "turn.id", FACT_TURN },
	{ "turn_id", FACT_TURN },
	{ "user.account_id", FACT_USER },
	{ "user.email", FACT_EMAIL },
};

/* And these, which tell nothing of the tree. */
static const char *const known[] = {
	"agent_name", "approval_policy", "auth.*", "auth_mode", "config.*",
	"endpoint", "event.kind", "event.name", "event.timestamp",
	"mcp_server_origin", "mcp_servers", "output_truncated",
	"prompt_length", "provider_name", "reasoning_effort",
	"reasoning_summary", "slug", "terminal.type", "tool_result_seq",
	"tool_token_count",
};

/* Some names are ours, see event_name. */
static const struct event_row event[] = {
	{ RECORD_LOG, "codex.conversation_starts", CODEX_START, EVENT_NOTE },
	{ RECORD_LOG, "codex.user_prompt", CODEX_PROMPT, EVENT_OPEN },
	{ RECORD_LOG, "codex.api_request", CODEX_REQUEST, EVENT_OPEN },
	{ RECORD_LOG, "codex.websocket_request", CODEX_WS_REQUEST,
	    EVENT_OPEN },
	{ RECORD_LOG, "codex.sse_event (usage)", CODEX_USAGE, EVENT_OPEN },
	{ RECORD_LOG, "codex.sse_event (error)", CODEX_SSE_ERROR,
	    EVENT_OPEN },
	{ RECORD_LOG, "codex.turn_ttft", CODEX_TTFT, EVENT_OPEN },
	{ RECORD_LOG, "codex.tool_decision", CODEX_DECISION, EVENT_OPEN },
	{ RECORD_LOG, "codex.tool_result", CODEX_RESULT, EVENT_OPEN },
	{ RECORD_LOG, "codex.agent_response", CODEX_ANSWER, EVENT_OPEN },
	/* Known, and no part of a turn's tree. */
	{ RECORD_LOG, "codex.sse_event", CODEX_OTHER, EVENT_PASS },
	{ RECORD_LOG, "(debug)", CODEX_OTHER, EVENT_PASS },
	{ RECORD_LOG, "codex.auth_recovery", CODEX_OTHER, EVENT_PASS },
	{ RECORD_LOG, "codex.guardian_assessment", CODEX_OTHER, EVENT_PASS },
	{ RECORD_LOG, "codex.plugin_install_elicitation_sent", CODEX_OTHER,
	    EVENT_PASS },
	{ RECORD_LOG, "codex.plugin_install_suggestion", CODEX_OTHER,
	    EVENT_PASS },
	{ RECORD_LOG, "codex.sandbox_outcome", CODEX_OTHER, EVENT_PASS },
	{ RECORD_LOG, "codex.skill_invocation", CODEX_OTHER, EVENT_PASS },
	{ RECORD_LOG, "codex.startup_phase", CODEX_OTHER, EVENT_PASS },
	{ RECORD_LOG, "codex.turn_cost", CODEX_OTHER, EVENT_PASS },
	{ RECORD_LOG, "codex.websocket_connect", CODEX_OTHER, EVENT_PASS },
	{ RECORD_LOG, "codex.websocket_event", CODEX_OTHER, EVENT_PASS },
	{ RECORD_SPAN, "turn/start", CODEX_TURN_START, EVENT_OPEN },
	{ RECORD_SPAN, "session_task.turn", CODEX_TASK, EVENT_END },
	{ RECORD_SPAN, "codex.turn_input", CODEX_INPUT, EVENT_OPEN },
	{ RECORD_SPAN, "op.dispatch.turn_input", CODEX_STREAM, EVENT_OPEN },
	{ RECORD_SPAN, "try_run_sampling_request", CODEX_TRY, EVENT_OPEN },
	{ RECORD_SPAN, "receiving_stream", CODEX_STREAM, EVENT_OPEN },
	{ RECORD_SPAN, "handle_responses (usage)", CODEX_USED, EVENT_OPEN },
	{ RECORD_SPAN, "a span with events", CODEX_EVENTS, EVENT_OPEN },
};

static const struct agent_rename rename_list[] = { { NULL, NULL } };
static const char *const content_list[] = { NULL };

static bool
has_prefix(struct json_val v, const char *prefix)
{
	size_t n = strlen(prefix);

	return v.type == JSON_STRING && v.n >= n + 2 &&
	    memcmp(v.p + 1, prefix, n) == 0;
}

/* The service is called after what started it: codex_exec, codex-app-server… */
static bool
is_mine(const struct record *r)
{
	return has_prefix(record_scope(r, "name"), "codex") ||
	    has_prefix(record_resource(r, "service.name"), "codex");
}

static bool
has(const struct record *r, const char *attr)
{
	enum json_type t = record_attr(r, attr).type;

	return t != JSON_NONE && t != JSON_NULL;
}

static size_t
name_of(struct json_val v, const char **name)
{
	if (v.type != JSON_STRING)
		return 0;
	*name = v.p + 1;
	return v.n - 2;
}

static size_t
ours(const char *s, const char **name)
{
	*name = s;
	return strlen(s);
}

/* Events that repeat what logs tell. */
static bool
tells(struct json_val events)
{
	static const char *const name[] = { "\"codex.api_request\"",
	    "\"codex.tool_result\"", "\"codex.user_prompt\"",
	    "\"codex.websocket_request\"", "\"codex.conversation_starts\"" };

	if (events.type != JSON_ARRAY || events.n <= 2)
		return false;
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (memmem(events.p, events.n, name[i], strlen(name[i])) !=
		    NULL)
			return true;
	return false;
}

/* Usage stands on one of many parts; events stand on any span. */
static size_t
span_name(const struct record *r, const char **name)
{
	struct json_val v = r->field[F_NAME];

	if (json_str_is(v, "handle_responses") &&
	    has(r, "gen_ai.usage.input_tokens"))
		return ours("handle_responses (usage)", name);
	if (tells(r->field[F_EVENTS]))
		return ours("a span with events", name);
	return name_of(v, name);
}

static size_t
event_name(const struct record *r, const char **name)
{
	struct json_val v;

	if (r->kind == RECORD_SPAN)
		return span_name(r, name);
	v = record_attr(r, "event.name");
	if (v.type != JSON_STRING)
		return ours("(debug)", name);
	if (json_str_is(v, "codex.sse_event")) {
		if (has(r, "input_token_count"))
			return ours("codex.sse_event (usage)", name);
		if (has(r, "error.message"))
			return ours("codex.sse_event (error)", name);
	}
	return name_of(v, name);
}

/* A conversation; a span may know only its trace. */
static size_t
keys(const struct held *h, struct json_val *session, struct key_part *key)
{
	struct json_val conv = held_fact(h, FACT_SESSION);
	size_t n = 0;

	*session = conv.type == JSON_STRING ? conv : h->trace;
	if (conv.type == JSON_STRING)
		key[n++] = (struct key_part){ 'C', conv };
	/* Starting and warming up have traces of their own. */
	if (h->trace.type == JSON_STRING && h->event != CODEX_START)
		key[n++] = (struct key_part){ 'T', h->trace };
	return n;
}

const struct agent agent_codex = {
	.name = "codex",
	.title = "Codex",
	.provider = "openai",
	.noise = true,
	.made = true,
	.event = event,
	.nevent = sizeof(event) / sizeof(event[0]),
	.map = map,
	.nmap = sizeof(map) / sizeof(map[0]),
	.known = known,
	.nknown = sizeof(known) / sizeof(known[0]),
	.rename = rename_list,
	.content = content_list,
	.is_mine = is_mine,
	.event_name = event_name,
	.keys = keys,
	.arrive = codex_arrive,
	.build = codex_build,
};

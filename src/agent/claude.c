/*
 * Claude Code. Facts: logs of scope com.anthropic.claude_code.events, spans of
 * scope com.anthropic.claude_code.tracing (a beta switch), either, or both.
 * What happened is in the logs, how it nests in the spans; a turn has one
 * prompt.id and one trace id. Versions from 2.1.197 on; everything is optional.
 */
#include "agent/claude.h"

#include <string.h>

#include "agent/claude-build.h"
#include "agent/held.h"
#include "agent/store.h"

/* Sorted by key (strcmp). */
static const struct fact_map map[] = {
	{ "agent.name", FACT_AGENT_NAME },
	{ "agent_id", FACT_THREAD },
	{ "agent_type", FACT_AGENT_NAME },
	{ "anthropic.mcp.server.name", FACT_MCP_SERVER },
	{ "app.version", FACT_VERSION },
	{ "attempt", FACT_ATTEMPTS },
	{ "body", FACT_BODY },
	{ "cache_creation_1h_tokens", FACT_CACHE_WRITE_1H },
	{ "cache_creation_5m_tokens", FACT_CACHE_WRITE_5M },
	{ "cache_creation_tokens", FACT_CACHE_WRITE },
	{ "cache_read_tokens", FACT_CACHE_READ },
	{ "command_name", FACT_COMMAND },
	{ "cost_usd", FACT_COST_USD },
	{ "cost_usd_micros", FACT_COST_MICROS },
	{ "decision", FACT_DECISION },
	{ "delivery.mode", FACT_DELIVERY },
	{ "duration_ms", FACT_DURATION_MS },
	{ "effort", FACT_EFFORT },
	{ "error", FACT_ERROR },
	{ "error_class", FACT_ERROR_TYPE },
	{ "error_type", FACT_ERROR_TYPE },
	{ "event.sequence", FACT_SEQUENCE },
	{ "file_path", FACT_FILE },
	{ "full_command", FACT_COMMAND_LINE },
	{ "gen_ai.response.finish_reasons", FACT_FINISH },
	{ "gen_ai.tool.name", FACT_TOOL_BARE },
	{ "input_tokens", FACT_IN },
	{ "interaction.sequence", FACT_TURN_NUMBER },
	{ "is_async", FACT_ASYNC },
	{ "message.id", FACT_MESSAGE_ID },
	{ "model", FACT_MODEL },
	{ "output_tokens", FACT_OUT },
	{ "parent_agent_id", FACT_PARENT_THREAD },
	{ "prompt", FACT_PROMPT },
	{ "prompt.id", FACT_TURN },
	{ "query_source", FACT_PURPOSE },
	{ "query_source_safe", FACT_PURPOSE },
	{ "request_body_id", FACT_BODY_ID },
	{ "request_id", FACT_REQUEST },
	{ "response", FACT_TEXT },
	{ "session.id", FACT_SESSION },
	{ "source", FACT_DECIDER },
	{ "speed", FACT_SPEED },
	{ "status_code", FACT_STATUS_CODE },
	{ "stop_reason", FACT_STOP },
	{ "subagent_type", FACT_AGENT_NAME },
	{ "success", FACT_SUCCESS },
	{ "tool_input", FACT_TOOL_INPUT },
	{ "tool_name", FACT_TOOL_NAME },
	{ "tool_parameters", FACT_TOOL_PARAMS },
	{ "tool_source", FACT_TOOL_SOURCE },
	{ "tool_use_id", FACT_TOOL_ID },
	{ "total_retry_duration_ms", FACT_RETRY_MS },
	{ "ttft_ms", FACT_TTFT_MS },
	{ "user.email", FACT_EMAIL },
	{ "user.id", FACT_USER },
	{ "user_prompt", FACT_PROMPT },
};

/* And these, which tell nothing of the tree. */
static const char *const known[] = {
	"agent.source", "agent_source", "anthropic.*", "app.entrypoint",
	"bash_argv0", "bash_command", "bash_command_class", "body_length",
	"client_request_id", "command_source", "content", "decision_source",
	"decision_type", "diff", "effort_level", "enduser.*", "error.type",
	"event.name", "event.timestamp", "final_model", "first_content_ms",
	"gen_ai.conversation.id", "gen_ai.operation.name",
	"gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.id",
	"gen_ai.system", "gen_ai.tool.call.id", "interaction.duration_ms",
	"is_built_in", "llm_request.context", "mcp_server.name",
	"mcp_server_scope", "mcp_tool.name", "message.uuid", "model_swapped",
	"new_context", "new_context_message_count", "organization.id",
	"output", "parent.source", "permission_mode", "prompt_length",
	"prompt_text", "queued_sends", "response.has_tool_call",
	"response.model_output", "response_length", "result_tokens",
	"skill.name", "span.type", "system_prompt_hash",
	"system_prompt_length", "system_prompt_preview", "system_reminders",
	"system_reminders_count", "terminal.type", "tool_input_size_bytes",
	"tool_name_safe", "tool_result_size_bytes", "tools", "tools_count",
	"total_attempts", "total_tokens", "total_tool_uses",
	"user.account_id", "user.account_uuid", "user_prompt_length",
	"vcs.*",
};

static const struct event_row event[] = {
	{ RECORD_LOG, "user_prompt", CLAUDE_PROMPT, EVENT_PROMPT },
	{ RECORD_LOG, "api_request", CLAUDE_CALL, EVENT_OPEN },
	{ RECORD_LOG, "api_error", CLAUDE_CALL_ERROR, EVENT_OPEN },
	{ RECORD_LOG, "api_retries_exhausted", CLAUDE_RETRIES, EVENT_OPEN },
	{ RECORD_LOG, "assistant_response", CLAUDE_TEXT, EVENT_OPEN },
	{ RECORD_LOG, "api_request_body", CLAUDE_SENT, EVENT_OPEN },
	{ RECORD_LOG, "api_response_body", CLAUDE_GOT, EVENT_OPEN },
	{ RECORD_LOG, "tool_decision", CLAUDE_DECISION, EVENT_OPEN },
	{ RECORD_LOG, "tool_result", CLAUDE_RESULT, EVENT_OPEN },
	{ RECORD_LOG, "subagent_completed", CLAUDE_AGENT_DONE, EVENT_OPEN },
	/* Known, and no part of a turn's tree. */
	{ RECORD_LOG, "api_refusal", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "at_mention", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "auth", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "compaction", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "feedback_survey", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "hook_execution_complete", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "hook_execution_start", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "hook_plugin_metrics", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "hook_registered", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "internal_error", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "managed_settings_resolved", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "mcp_server_connection", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "permission_mode_changed", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "plugin_installed", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "plugin_loaded", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "retention_sweep", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "safety_event", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "skill_activated", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "system_prompt", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_LOG, "tool", CLAUDE_OTHER, EVENT_PASS },
	{ RECORD_SPAN, "claude_code.interaction", CLAUDE_ROOT, EVENT_END },
	{ RECORD_SPAN, "claude_code.llm_request", CLAUDE_LLM, EVENT_OPEN },
	{ RECORD_SPAN, "claude_code.tool", CLAUDE_TOOL, EVENT_OPEN },
	{ RECORD_SPAN, "claude_code.tool.blocked_on_user", CLAUDE_BLOCKED,
	    EVENT_OPEN },
	{ RECORD_SPAN, "claude_code.tool.execution", CLAUDE_EXECUTION,
	    EVENT_OPEN },
	{ RECORD_SPAN, "claude_code.hook", CLAUDE_SPAN, EVENT_OPEN },
};

/*
 * Langfuse reads `model` and, for this scope, the bare token names, without
 * the arithmetic they need; the others would be taken for something else.
 */
static const struct agent_rename rename_list[] = {
	{ "model", "claude_code.model" },
	{ "input_tokens", "claude_code.input_tokens" },
	{ "output_tokens", "claude_code.output_tokens" },
	{ "cache_read_tokens", "claude_code.cache_read_tokens" },
	{ "cache_creation_tokens", "claude_code.cache_creation_tokens" },
	{ "prompt", "claude_code.prompt" },
	{ "input", "claude_code.input" },
	{ "output", "claude_code.output" },
	{ "events", "claude_code.events" },
	{ NULL, NULL }
};

static const char *const content_list[] = { "user_prompt", "full_command",
    "file_path", "new_context", "response.model_output", "tool_input",
    "system_prompt_preview", "tools", NULL };

static bool
has_prefix(struct json_val v, const char *prefix)
{
	size_t n = strlen(prefix);

	return v.type == JSON_STRING && v.n >= n + 2 &&
	    memcmp(v.p + 1, prefix, n) == 0;
}

static bool
is_mine(const struct record *r)
{
	return has_prefix(record_scope(r, "name"),
	    "com.anthropic.claude_code") ||
	    has_prefix(record_resource(r, "service.name"), "claude-code");
}

static size_t
event_name(const struct record *r, const char **name)
{
	struct json_val v = r->kind == RECORD_LOG ?
	    record_attr(r, "event.name") : r->field[F_NAME];

	if (v.type != JSON_STRING)
		return 0;
	*name = v.p + 1;
	return v.n - 2;
}

/* A turn has one prompt.id (logs) and one trace (spans, and logs then). */
static size_t
keys(const struct held *h, struct json_val *session, struct key_part *key)
{
	struct json_val turn = held_fact(h, FACT_TURN);
	size_t n = 0;

	*session = held_fact(h, FACT_SESSION);
	if (session->type != JSON_STRING)
		return 0;
	if (turn.type == JSON_STRING)
		key[n++] = (struct key_part){ 'p', turn };
	if (h->trace.type == JSON_STRING)
		key[n++] = (struct key_part){ 't', h->trace };
	return n;
}

const struct agent agent_claude = {
	.name = "claude-code",
	.title = "Claude Code",
	.provider = "anthropic",
	.other_span = CLAUDE_SPAN,
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
	.arrive = claude_arrive,
	.build = claude_build,
};

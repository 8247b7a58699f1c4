/*
 * Gemini CLI. Logs and spans of scope gemini-cli; all of a session is one
 * group, since many records name nothing but it. Inside, a turn is a prompt
 * id; a run with -p uses the session's own id for that and sends each step as
 * a trace of its own. Versions around 0.61; everything is optional.
 */
#include "agent/gemini.h"

#include <string.h>

#include "agent/gemini-build.h"
#include "agent/held.h"
#include "agent/store.h"

/* Sorted by key (strcmp). */
static const struct fact_map map[] = {
	{ "agent_id", FACT_THREAD },
	{ "agent_name", FACT_AGENT_NAME },
	{ "cached_content_token_count", FACT_CACHE_READ },
	{ "decision", FACT_DECISION },
	{ "duration_ms", FACT_DURATION_MS },
	{ "error", FACT_ERROR },
	{ "error_type", FACT_ERROR_TYPE },
	{ "event.timestamp", FACT_TIMESTAMP },
	{ "finish_reasons", FACT_FINISH },
	{ "function_args", FACT_TOOL_INPUT },
	{ "function_name", FACT_TOOL_NAME },
	{ "gen_ai.conversation.id", FACT_SESSION },
	{ "gen_ai.input.messages", FACT_BODY },
	{ "gen_ai.output.messages", FACT_OUTPUT },
	{ "gen_ai.prompt.name", FACT_TURN },
	{ "gen_ai.request.model", FACT_MODEL },
	{ "gen_ai.response.finish_reasons", FACT_FINISH },
	{ "gen_ai.response.id", FACT_RESPONSE_ID },
	{ "gen_ai.tool.call_id", FACT_TOOL_ID },
	{ "gen_ai.tool.definitions", FACT_TOOLS },
	{ "gen_ai.tool.name", FACT_TOOL_NAME },
	{ "gen_ai.usage.input_tokens", FACT_SPAN_IN },
	{ "gen_ai.usage.output_tokens", FACT_SPAN_OUT },
	{ "input_token_count", FACT_IN },
	{ "installation.id", FACT_USER },
	{ "mcp_server_name", FACT_MCP_SERVER },
	{ "metadata", FACT_METADATA },
	{ "model", FACT_MODEL },
	{ "output_token_count", FACT_OUT },
	{ "prompt", FACT_PROMPT },
	{ "prompt_id", FACT_TURN },
	{ "request_text", FACT_BODY },
	{ "response_text", FACT_OUTPUT },
	{ "role", FACT_PURPOSE },
	{ "session.id", FACT_SESSION },
	{ "status_code", FACT_STATUS_CODE },
	{ "success", FACT_SUCCESS },
	{ "thoughts_token_count", FACT_REASONING },
	{ "tool_token_count", FACT_TOOL_TOKENS },
	{ "tool_type", FACT_TOOL_SOURCE },
	{ "user.email", FACT_EMAIL },
};

/* And these, which tell nothing of the tree. */
static const char *const known[] = {
	"approvalMode", "auth_type", "content_length", "duration",
	"end_time", "error.message", "error.type", "event.name",
	"exception.*", "extension_id", "extension_name",
	"gen_ai.agent.description", "gen_ai.agent.name",
	"gen_ai.operation.name", "gen_ai.output.type",
	"gen_ai.provider.name", "gen_ai.request.*", "gen_ai.response.model",
	"gen_ai.system_instructions", "gen_ai.tool.description",
	"http.status_code", "interactive", "mode", "model_name",
	"prompt_length", "server.*", "start_time", "terminate_reason",
	"total_token_count", "turnCount", "turn_count",
};

#define OTHER(name)	{ RECORD_LOG, name, GEMINI_OTHER, EVENT_PASS }

static const struct event_row event[] = {
	{ RECORD_LOG, "user_prompt", GEMINI_PROMPT, EVENT_PROMPT },
	{ RECORD_LOG, "api_request", GEMINI_REQUEST, EVENT_OPEN },
	{ RECORD_LOG, "api_response", GEMINI_RESPONSE, EVENT_OPEN },
	{ RECORD_LOG, "api_error", GEMINI_ERROR, EVENT_OPEN },
	{ RECORD_LOG, "gen_ai.client.inference.operation.details",
	    GEMINI_DETAILS, EVENT_OPEN },
	{ RECORD_LOG, "tool_call", GEMINI_TOOL, EVENT_OPEN },
	{ RECORD_LOG, "agent.start", GEMINI_AGENT, EVENT_OPEN },
	{ RECORD_LOG, "agent.finish", GEMINI_AGENT, EVENT_OPEN },
	{ RECORD_LOG, "conversation_finished", GEMINI_END, EVENT_OPEN },
	{ RECORD_LOG, "plan.approval_mode_duration", GEMINI_EXIT,
	    EVENT_OPEN },
	{ RECORD_SPAN, "user_prompt", GEMINI_ROOT, EVENT_OPEN },
	{ RECORD_SPAN, "llm_call", GEMINI_LLM, EVENT_OPEN },
	{ RECORD_SPAN, "schedule_tool_calls", GEMINI_SCHEDULE, EVENT_OPEN },
	{ RECORD_SPAN, "tool_call", GEMINI_TOOL_SPAN, EVENT_OPEN },
	{ RECORD_SPAN, "agent_call", GEMINI_AGENT_SPAN, EVENT_OPEN },
	{ RECORD_SPAN, "system_prompt", GEMINI_PART, EVENT_OPEN },
	/* Known, and no part of a turn's tree. */
	OTHER("agent.recovery_attempt"), OTHER("api_key_updated"),
	OTHER("chat.content_retry"), OTHER("chat.content_retry_failure"),
	OTHER("chat.invalid_chunk"), OTHER("chat_compression"),
	OTHER("config"), OTHER("conseca.policy_generation"),
	OTHER("conseca.verdict"), OTHER("credit_purchase_click"),
	OTHER("credits_used"), OTHER("edit_correction"),
	OTHER("edit_strategy"), OTHER("empty_wallet_menu_shown"),
	OTHER("extension_disable"), OTHER("extension_enable"),
	OTHER("extension_install"), OTHER("extension_uninstall"),
	OTHER("extension_update"), OTHER("file_operation"),
	OTHER("flash_fallback"), OTHER("hook_call"), OTHER("ide_connection"),
	OTHER("keychain.availability"), OTHER("llm_loop_check"),
	OTHER("malformed_json_response"), OTHER("model_routing"),
	OTHER("network_retry_attempt"), OTHER("next_speaker_check"),
	OTHER("onboarding.start"), OTHER("onboarding.success"),
	OTHER("overage_menu_shown"), OTHER("overage_option_selected"),
	OTHER("plan.approval_mode_switch"), OTHER("plan.execution"),
	OTHER("rewind"), OTHER("ripgrep_fallback"), OTHER("slash_command"),
	OTHER("slash_command.model"), OTHER("startup_stats"),
	OTHER("token_storage.initialization"), OTHER("tool_output_masking"),
	OTHER("tool_output_truncated"), OTHER("web_fetch_fallback_attempt"),
};

/*
 * gen_ai.prompt.* are pieces of a prompt to Langfuse; the messages are in
 * Google's shape, not in the convention's; the counts lack what was thought.
 */
static const struct agent_rename rename_list[] = {
	{ "gen_ai.prompt.name", "gemini_cli.prompt_id" },
	{ "gen_ai.input.messages", "gemini_cli.input" },
	{ "gen_ai.output.messages", "gemini_cli.output" },
	{ "gen_ai.usage.input_tokens", "gemini_cli.input_tokens" },
	{ "gen_ai.usage.output_tokens", "gemini_cli.output_tokens" },
	{ NULL, NULL }
};

static const char *const content_list[] = { "gen_ai.input.messages",
    "gen_ai.output.messages", "gen_ai.system_instructions", NULL };

/* They hold the prompt of -p even when prompts are not to be logged. */
static const char *const leak_list[] = { "process.command_args",
    "process.command_line", NULL };

static bool
is_mine(const struct record *r)
{
	return json_str_is(record_scope(r, "name"), "gemini-cli") ||
	    json_str_is(record_resource(r, "service.name"), "gemini-cli");
}

static size_t
event_name(const struct record *r, const char **name)
{
	static const char prefix[] = "gemini_cli.";
	struct json_val v = r->kind == RECORD_LOG ?
	    record_attr(r, "event.name") : r->field[F_NAME];
	size_t n = sizeof(prefix) - 1;

	if (v.type != JSON_STRING)
		return 0;
	*name = v.p + 1;
	if (v.n - 2 <= n || memcmp(*name, prefix, n) != 0)
		return v.n - 2;
	*name += n;
	return v.n - 2 - n;
}

static size_t
keys(const struct held *h, struct json_val *session, struct key_part *key)
{
	*session = held_fact(h, FACT_SESSION);
	if (session->type != JSON_STRING)
		*session = json_get(h->resource, "session.id");
	if (session->type != JSON_STRING)
		return 0;
	key[0] = (struct key_part){ 's', *session };
	return 1;
}

static int
build(struct model *m)
{
	struct gemini g = { .m = m };

	if (gemini_calls(&g) == -1 || gemini_turns(&g) == -1 ||
	    gemini_tools(&g) == -1 || gemini_threads(&g) == -1)
		return -1;
	gemini_attempts(&g);
	gemini_finish_turns(&g);
	gemini_idents(&g);
	return m->oom ? -1 : 0;
}

const struct agent agent_gemini = {
	.name = "gemini-cli",
	.title = "Gemini CLI",
	.provider = "google",
	.other_span = GEMINI_PART,
	.event = event,
	.nevent = sizeof(event) / sizeof(event[0]),
	.map = map,
	.nmap = sizeof(map) / sizeof(map[0]),
	.known = known,
	.nknown = sizeof(known) / sizeof(known[0]),
	.rename = rename_list,
	.content = content_list,
	.leaks = leak_list,
	.no_version = true,	/* it is that of Node */
	.is_mine = is_mine,
	.event_name = event_name,
	.keys = keys,
	.build = build,
	.call_input = gemini_call_input,
	.call_output = gemini_call_output,
};

/*
 * opencode: spans of the Vercel AI SDK among hundreds of its own, all of one
 * trace a prompt. The innermost span of a model call counts; the one around
 * it repeats its usage. Its logs say nothing of turns. Version 1.18.
 */
#include "agent/opencode.h"

#include "agent/held.h"
#include "agent/opencode-build.h"
#include "agent/store.h"

/* Sorted by key (strcmp). */
static const struct fact_map map[] = {
	{ "ai.prompt.messages", FACT_BODY },
	{ "ai.request.headers.x-parent-session-id", FACT_PARENT_THREAD },
	{ "ai.response.msToFirstChunk", FACT_TTFT_MS },
	{ "ai.response.providerMetadata", FACT_METADATA },
	{ "ai.response.reasoning", FACT_THOUGHT },
	{ "ai.response.text", FACT_TEXT },
	{ "ai.response.toolCalls", FACT_TOOL_PARAMS },
	{ "ai.telemetry.metadata.userId", FACT_USER },
	{ "ai.toolCall.args", FACT_TOOL_INPUT },
	{ "ai.toolCall.id", FACT_TOOL_ID },
	{ "ai.toolCall.name", FACT_TOOL_NAME },
	{ "ai.toolCall.result", FACT_OUTPUT },
	{ "ai.usage.inputTokenDetails.cacheReadTokens", FACT_CACHE_READ },
	{ "ai.usage.inputTokenDetails.cacheWriteTokens", FACT_CACHE_WRITE },
	{ "ai.usage.inputTokens", FACT_IN },
	{ "ai.usage.outputTokens", FACT_OUT },
	{ "ai.usage.reasoningTokens", FACT_REASONING },
	{ "gen_ai.request.model", FACT_MODEL },
	{ "gen_ai.response.finish_reasons", FACT_FINISH },
	{ "gen_ai.response.id", FACT_RESPONSE_ID },
	{ "gen_ai.system", FACT_PROVIDER },
	{ "session.id", FACT_SESSION },
	{ "tool.call_id", FACT_TOOL_ID },
	{ "tool.name", FACT_TOOL_NAME },
};

/* And these, which tell nothing of the tree. */
static const char *const known[] = {
	"ai.model.id", "ai.model.provider", "ai.operationId", "ai.prompt",
	"ai.prompt.toolChoice", "ai.prompt.tools", "ai.request.headers.*",
	"ai.response.avgOutputTokensPerSecond", "ai.response.finishReason",
	"ai.response.id", "ai.response.model", "ai.response.msToFinish",
	"ai.response.timestamp", "ai.settings.*", "ai.telemetry.*",
	"ai.usage.*", "gen_ai.*", "message.id", "operation.name",
	"resource.name",
};

static const struct event_row event[] = {
	{ RECORD_SPAN, "ai.streamText.doStream", OPENCODE_CALL, EVENT_OPEN },
	{ RECORD_SPAN, "ai.generateText.doGenerate", OPENCODE_CALL,
	    EVENT_OPEN },
	{ RECORD_SPAN, "ai.streamObject.doStream", OPENCODE_CALL,
	    EVENT_OPEN },
	{ RECORD_SPAN, "ai.generateObject.doGenerate", OPENCODE_CALL,
	    EVENT_OPEN },
	{ RECORD_SPAN, "ai.streamText", OPENCODE_STEP, EVENT_OPEN },
	{ RECORD_SPAN, "ai.generateText", OPENCODE_STEP, EVENT_OPEN },
	{ RECORD_SPAN, "ai.streamObject", OPENCODE_STEP, EVENT_OPEN },
	{ RECORD_SPAN, "ai.generateObject", OPENCODE_STEP, EVENT_OPEN },
	{ RECORD_SPAN, "ai.toolCall", OPENCODE_TOOL, EVENT_OPEN },
	{ RECORD_SPAN, "Tool.execute", OPENCODE_EXECUTE, EVENT_OPEN },
	{ RECORD_SPAN, "LLM.run", OPENCODE_RUN, EVENT_OPEN },
	{ RECORD_SPAN, "SessionPrompt.ensureTitle", OPENCODE_TITLE,
	    EVENT_OPEN },
	{ RECORD_SPAN, "SessionPrompt.prompt", OPENCODE_PROMPT, EVENT_OPEN },
	{ RECORD_LOG, "", OPENCODE_OTHER, EVENT_PASS },
};

/* Langfuse would name spans after these. */
static const struct agent_rename rename_list[] = {
	{ "ai.operationId", "opencode.operation" },
	{ "ai.telemetry.functionId", "opencode.function" },
	{ "ai.toolCall.name", "opencode.tool" },
	{ NULL, NULL }
};

static const char *const content_list[] = { "ai.prompt",
    "ai.prompt.messages", "ai.prompt.tools", "ai.response.text",
    "ai.response.reasoning", "ai.response.toolCalls", "ai.toolCall.args",
    "ai.toolCall.result", NULL };

static bool
is_mine(const struct record *r)
{
	return json_str_is(record_resource(r, "service.name"), "opencode");
}

static size_t
event_name(const struct record *r, const char **name)
{
	struct json_val v = r->field[F_NAME];

	*name = "";
	if (r->kind != RECORD_SPAN || v.type != JSON_STRING)
		return 0;
	*name = v.p + 1;
	return v.n - 2;
}

/* A turn is a trace; its sub-agents in it have sessions of their own. */
static size_t
keys(const struct held *h, struct json_val *session, struct key_part *key)
{
	if (h->trace.type != JSON_STRING)
		return 0;
	*session = h->trace;
	key[0] = (struct key_part){ 'T', h->trace };
	return 1;
}

const struct agent agent_opencode = {
	.name = "opencode",
	.title = "opencode",
	.provider = "unknown",
	.noise = true,
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
	.build = opencode_build,
	.call_input = opencode_call_input,
	.call_output = opencode_call_output,
};

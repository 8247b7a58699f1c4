#include "agent/claude-tools.h"

#include <string.h>

#include "agent/claude-build.h"
#include "agent/claude-threads.h"
#include "base/clock.h"
#include "json/write.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

void
claude_tool_part(struct node *n, struct held *h)
{
	struct json_val input = n->val[FACT_TOOL_INPUT];

	model_take(n, h, TAKE_NEW);
	n->val[FACT_TOOL_INPUT] = input;
	/* Versions up to 2.1.197 do not say who decided. */
	if (json_str_is(n->val[FACT_DECISION], "unknown"))
		n->val[FACT_DECISION] = n->val[FACT_DECIDER] = none;
}

void
claude_tool_log(struct model *m, struct held *h)
{
	struct json_val id = held_fact(h, FACT_TOOL_ID);
	struct node *n;

	if (id.type != JSON_STRING)
		return;
	n = model_node(m, NODE_TOOL, id);
	if (n == NULL)
		return;
	if (n->log == NULL || h->event == CLAUDE_RESULT)
		n->log = h;
	model_take(n, h, TAKE_OVER);
}

/* ---- names and arguments ------------------------------------------------------- */

/* The object inside a JSON string; JSON_NONE when it is none (cut, redacted). */
static struct json_val
inner_object(struct model *m, struct json_val s)
{
	struct json_val v = model_inside(m, s);

	return v.type == JSON_OBJECT ? v : none;
}

static void
add_text(struct model *m, struct buf *b, struct json_val v)
{
	size_t n;
	const char *p = model_text(m, v, &n);

	buf_add(b, p, n);
}

/*
 * Logs call every MCP tool "mcp_tool" and name server and tool in the
 * parameters, if those may be told; spans always name them.
 */
static void
tool_name(struct model *m, struct node *n, struct json_val params)
{
	struct json_val server = json_get(params, "mcp_server_name");
	struct json_val tool = json_get(params, "mcp_tool_name");
	struct json_val *v = n->val, native;
	struct buf b = { 0 };

	if (n->native != NULL) {
		native = held_fact(n->native, FACT_TOOL_NAME);
		if (native.type != JSON_NONE)
			v[FACT_TOOL_NAME] = native;
		if (v[FACT_MCP_SERVER].type != JSON_NONE)
			v[FACT_MCP_TOOL] = v[FACT_TOOL_BARE];
	}
	if (server.type != JSON_STRING || tool.type != JSON_STRING)
		return;
	v[FACT_MCP_SERVER] = server;
	v[FACT_MCP_TOOL] = tool;
	buf_adds(&b, "mcp__");
	add_text(m, &b, server);
	buf_adds(&b, "__");
	add_text(m, &b, tool);
	v[FACT_TOOL_NAME] = model_string(m, b.p != NULL ? b.p : "", b.n);
	buf_fini(&b);
}

static void
argument(struct buf *b, const char *name, struct json_val v)
{
	if (v.type != JSON_STRING || json_str_is(v, "<REDACTED>"))
		return;
	json_put_key(b, name);
	buf_add(b, v.p, v.n);
}

/* What is known of the arguments when the call itself is not told. */
static void
tool_input(struct model *m, struct node *n, struct json_val params)
{
	struct json_val command = json_get(params, "full_command");
	struct json_val *v = n->val;
	struct buf b = { 0 };

	if (v[FACT_TOOL_INPUT].type != JSON_NONE)
		return;
	if (command.type == JSON_NONE)
		command = v[FACT_COMMAND_LINE];
	buf_addc(&b, '{');
	argument(&b, "command", command);
	argument(&b, "description", json_get(params, "description"));
	argument(&b, "file_path", v[FACT_FILE]);
	if (v[FACT_AGENT_NAME].type != JSON_NONE)
		argument(&b, "subagent_type", v[FACT_AGENT_NAME]);
	buf_addc(&b, '}');
	if (b.n > 2 && b.err == 0)
		v[FACT_TOOL_INPUT] = model_string(m, b.p, b.n);
	buf_fini(&b);
}

/* ---- output ---------------------------------------------------------------------- */

/* The tool.output event: its member is named after the kind of tool. */
static struct json_val
span_output(const struct node *n)
{
	static const char *const name[] = { "output", "content", "diff" };
	struct json_iter it;
	struct json_val e, a, v;

	if (n->native == NULL)
		return none;
	json_iter(&it, n->native->events);
	while (json_next_elem(&it, &e)) {
		if (!json_str_is(json_get(e, "name"), "tool.output"))
			continue;
		a = json_get(e, "attributes");
		for (size_t i = 0; i < 3; i++) {
			v = json_get(a, name[i]);
			if (v.type == JSON_STRING)
				return v;
		}
	}
	return none;
}

/* The text of a tool_result's content: a string, or parts of type text. */
static struct json_val
result_text(struct model *m, struct json_val content)
{
	struct json_iter it;
	struct json_val part, v = none;
	struct buf b = { 0 };
	bool any = false;

	if (content.type == JSON_STRING)
		return content;
	json_iter(&it, content);
	while (json_next_elem(&it, &part)) {
		struct json_val text = json_get(part, "text");

		if (text.type != JSON_STRING)
			continue;
		if (any)
			buf_addc(&b, '\n');
		add_text(m, &b, text);
		any = true;
	}
	if (any && b.err == 0)
		v = model_string(m, b.p != NULL ? b.p : "", b.n);
	buf_fini(&b);
	return v;
}

static void
take_results(struct model *m, struct json_val message)
{
	struct json_iter it;
	struct json_val block, v;
	struct node *n;

	json_iter(&it, json_get(message, "content"));
	while (json_next_elem(&it, &block)) {
		if (!json_str_is(json_get(block, "type"), "tool_result"))
			continue;
		n = model_find(m, NODE_TOOL, json_get(block, "tool_use_id"));
		v = result_text(m, json_get(block, "content"));
		if (n != NULL && v.type == JSON_STRING)
			n->val[FACT_OUTPUT] = v;
	}
}

/*
 * A raw request body carries the results of the tools before it, exactly as
 * the model saw them, in its last message.
 */
static void
body_outputs(struct model *m)
{
	struct node *n;

	TAILQ_FOREACH(n, &m->nodes, link) {
		struct json_val body, message, last = none;
		struct json_iter it;

		if (n->kind != NODE_CALL || n->sent.type == JSON_NONE)
			continue;
		body = inner_object(m, n->sent);
		json_iter(&it, json_get(body, "messages"));
		while (json_next_elem(&it, &message))
			last = message;
		take_results(m, last);
	}
}

/* "Exit code 3" begins what the model is shown of a failed command. */
int64_t
claude_exit_code(struct model *m, struct json_val output)
{
	static const char lead[] = "Exit code ";
	size_t n, i;
	const char *p = model_text(m, output, &n);
	int64_t code = 0;

	if (n <= sizeof(lead) - 1 || memcmp(p, lead, sizeof(lead) - 1) != 0)
		return -1;
	for (i = sizeof(lead) - 1; i < n && p[i] >= '0' && p[i] <= '9' &&
	    code < 1000; i++)
		code = code * 10 + (p[i] - '0');
	return i > sizeof(lead) - 1 ? code : -1;
}

/* ---- outcome and times ------------------------------------------------------------ */

static void
tool_outcome(struct model *m, struct node *n)
{
	struct json_val *v = n->val;
	struct buf b = { 0 };
	bool ok;

	if (json_bool(v[FACT_SUCCESS], &ok) == 0) {
		n->outcome = ok ? OUTCOME_OK : OUTCOME_ERROR;
		if (ok)
			return;
		n->message = v[FACT_ERROR];
		n->error_type = "tool_error";
		n->exit_code = claude_exit_code(m, v[FACT_OUTPUT]);
		/* The tool worked; the command it ran did not. */
		if (json_str_is(v[FACT_ERROR_TYPE], "ShellError"))
			n->outcome = OUTCOME_WARNING;
		return;
	}
	if (json_str_is(v[FACT_DECISION], "reject")) {
		n->outcome = OUTCOME_WARNING;
		buf_adds(&b, "rejected");
		if (v[FACT_DECIDER].type == JSON_STRING) {
			buf_adds(&b, " by ");
			add_text(m, &b, v[FACT_DECIDER]);
		}
		n->message = model_string(m, b.p != NULL ? b.p : "", b.n);
		buf_fini(&b);
		return;
	}
	n->outcome = n->native != NULL ? OUTCOME_OK : OUTCOME_PENDING;
}

static void
tool_times(struct node *n)
{
	struct json_val d;
	int64_t ms;

	if (n->native != NULL) {
		n->start = n->native->start;
		n->end = n->native->end;
		return;
	}
	if (n->log == NULL)
		return;
	n->start = n->end = n->log->end;
	d = held_fact(n->log, FACT_DURATION_MS);
	if (n->log->event == CLAUDE_RESULT && json_int(d, &ms) == 0 && ms > 0)
		n->start = n->end - (uint64_t)ms * CLOCK_MS;
}

static void
finish_tool(struct model *m, struct node *n)
{
	const struct session *s = m->session;
	struct json_val params = inner_object(m, n->val[FACT_TOOL_PARAMS]);
	struct json_val type = json_get(params, "subagent_type");

	if (type.type == JSON_STRING)
		n->val[FACT_AGENT_NAME] = type;
	tool_name(m, n, params);
	tool_input(m, n, params);
	if (n->val[FACT_OUTPUT].type == JSON_NONE)
		n->val[FACT_OUTPUT] = span_output(n);
	tool_outcome(m, n);
	tool_times(n);
	n->complete = n->outcome != OUTCOME_PENDING &&
	    (n->native != NULL || !m->group->has_trace) &&
	    (n->log != NULL || s->no_logs);
}

/* ---- the call that asked ----------------------------------------------------------- */

static bool
same_thread(const struct node *a, const struct node *b)
{
	return json_same(a->val[FACT_THREAD], b->val[FACT_THREAD]);
}

/* When the tool was asked for: its decision, its span, or its beginning. */
static uint64_t
asked(const struct node *n)
{
	if (n->native != NULL)
		return n->native->start;
	return n->start;
}

/*
 * By the request id; else the latest call of the same thread that had begun
 * when the tool was asked for (it need not have ended: tools start while the
 * answer still streams).
 */
static void
tool_parent(struct model *m, struct node *t)
{
	struct json_val request = t->val[FACT_REQUEST];
	struct node *n, *best = NULL;
	bool later = false;	/* a call is known that ended after it began */

	if (request.type == JSON_STRING) {
		best = model_find(m, NODE_CALL, request);
		t->parent_rule = "the request id on the tool's events";
		/* Calls are told when they end, tools while they stream. */
		t->waits = best == NULL;
		t->complete = t->complete && best != NULL;
	}
	if (best == NULL && request.type != JSON_STRING) {
		TAILQ_FOREACH(n, &m->nodes, link) {
			if (n->kind != NODE_CALL || !same_thread(n, t))
				continue;
			later = later || n->end >= asked(t);
			if (n->start <= asked(t) &&
			    (best == NULL || n->start > best->start))
				best = n;
		}
		t->inferred = true;
		/* A call that ends now may be the better one. */
		t->complete = t->complete && later;
		t->parent_rule = "the latest call of its thread that had "
		    "begun when it was asked for";
	}
	t->parent = best;
}

int
claude_tools(struct model *m)
{
	struct node *n;

	body_outputs(m);
	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->kind == NODE_TOOL)
			finish_tool(m, n);
	if (claude_threads(m) == -1)
		return -1;
	TAILQ_FOREACH(n, &m->nodes, link) {
		if (n->kind != NODE_TOOL && n->kind != NODE_AGENT)
			continue;
		tool_parent(m, n);
		if (n->parent != NULL)
			continue;
		n->parent = n->agent != NULL ? n->agent : m->root;
		n->inferred = true;
		n->parent_rule = "the call that asked for it is not known: "
		    "whoever's thread it ran in";
	}
	return m->oom ? -1 : 0;
}

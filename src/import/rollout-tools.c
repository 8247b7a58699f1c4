/*
 * Tools of a Codex turn: asked for by an item of the answer, run by the client,
 * answered by an item of the next request. Code mode runs scripts, which call
 * tools that the model never asked for by name.
 */
#include "import/rollout-parts.h"

#include <string.h>

#include "base/clock.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

static struct rollout_tool *
tool_find(struct rollout *x, struct json_val id)
{
	struct rollout_tool *t;

	STAILQ_FOREACH(t, &x->turn.tools, next)
		if (json_equal(t->id, id))
			return t;
	return NULL;
}

static struct rollout_tool *
tool_new(struct rollout *x, struct json_val id, struct json_val name)
{
	struct rollout_tool *t = id.type == JSON_STRING ? rollout_get(x, sizeof(*t)) :
	    NULL;

	if (t == NULL)
		return NULL;
	t->id = id;
	t->name = name;
	t->start = t->end = x->now;
	t->exit_code = -1;
	x->turn.n++;
	STAILQ_INSERT_TAIL(&x->turn.tools, t, next);
	return t;
}

/* function_call, custom_tool_call, local_shell_call, web_search_call… */
void
rollout_tool_call(struct rollout *x, struct json_val v, struct json_val type)
{
	struct json_val id = json_get(v, "call_id"), name, input;
	struct rollout_call *c = rollout_call(x);
	struct rollout_tool *t;

	if (id.type != JSON_STRING)
		id = json_get(v, "id");
	name = json_get(v, "name");
	if (name.type != JSON_STRING)	/* web_search_call: web_search */
		name = rollout_quoted(x, type.p + 1, type.n - 2 - strlen("_call"));
	input = json_get(v, "arguments");
	if (input.type != JSON_STRING)
		input = json_get(v, "input");
	if (input.type != JSON_STRING)
		input = json_get(v, "action");
	if (input.type == JSON_OBJECT)
		input = rollout_quoted(x, input.p, input.n);
	t = c != NULL && tool_find(x, id) == NULL ? tool_new(x, id, name) :
	    NULL;
	if (t == NULL)
		return;
	t->call = c;
	t->space = json_get(v, "namespace");
	t->input = input;
	/* What the provider did itself is told when it is done. */
	t->ended = json_str_is(type, "web_search_call");
}

/* A text, a list of parts, or {"content":…,"success":…}. */
static struct json_val
output_of(struct rollout *x, struct json_val v, struct rollout_tool *t)
{
	bool ok;

	if (v.type == JSON_OBJECT) {
		if (json_bool(json_get(v, "success"), &ok) == 0)
			t->failed = !ok;
		v = json_get(v, "content");
	}
	if (v.type == JSON_ARRAY)
		v = rollout_texts(x, v);
	return v.type == JSON_STRING ? v : none;
}

static void
sub_agents(struct rollout *x, struct rollout_tool *t)
{
	struct json_val v = rollout_object(x, t->output), status;
	struct json_iter it;
	struct json_member m;

	if (json_str_is(t->name, "spawn_agent")) {
		v = json_get(v, "agent_id");
		if (v.type == JSON_STRING)
			t->thread = v;
		return;
	}
	status = json_get(v, "status");
	if (status.type != JSON_OBJECT)
		return;
	json_iter(&it, status);
	while (json_next_member(&it, &m))
		rollout_told(x, (struct json_val){ m.key - 1, m.klen + 2,
		    JSON_STRING }, m.val);
}

void
rollout_tool_output(struct rollout *x, struct json_val v)
{
	struct rollout_tool *t = tool_find(x, json_get(v, "call_id"));

	x->turn.last = x->now;
	if (t == NULL)
		return;
	t->output = output_of(x, json_get(v, "output"), t);
	if (!t->ended)
		t->end = x->now;
	t->ended = true;
	if (t->call != NULL)
		t->call->answered = true;
	if (json_str_is(t->name, "spawn_agent") ||
	    json_str_is(t->name, "wait_agent") ||
	    json_str_is(t->name, "wait") ||
	    json_str_is(t->name, "close_agent"))
		sub_agents(x, t);
}

/* Code mode: the script that runs calls tools by itself. */
static struct rollout_tool *
nested(struct rollout *x, struct json_val id, struct json_val type)
{
	struct rollout_tool *t, *script = NULL, *n;

	if (!rollout_has_prefix(id, "exec-"))
		return NULL;
	STAILQ_FOREACH(t, &x->turn.tools, next)
		if (!t->ended && t->script == NULL &&
		    json_str_is(t->name, "exec"))
			script = t;
	n = tool_new(x, id, json_str_is(type, "CommandExecution") ?
	    rollout_quoted(x, "exec_command", 12) : type);
	if (n != NULL)
		n->script = script;
	return n;
}

/* The item names the threads, whatever the model is told of them. */
static void
collab(struct rollout *x, struct rollout_tool *t, struct json_val v)
{
	struct json_val states = json_get(v, "agents_states"), id;
	struct json_val ids = json_get(v, "receiver_thread_ids");
	struct json_iter it;
	struct json_member m;

	if (ids.type == JSON_ARRAY) {
		json_iter(&it, ids);
		if (json_str_is(json_get(v, "tool"), "spawn_agent") &&
		    json_next_elem(&it, &id) && id.type == JSON_STRING)
			t->thread = id;
	}
	if (states.type != JSON_OBJECT)
		return;
	json_iter(&it, states);
	while (json_next_member(&it, &m))
		rollout_told(x, (struct json_val){ m.key - 1, m.klen + 2,
		    JSON_STRING }, m.val);
}

/* What became of a tool: an item, or an event of older versions. */
void
rollout_tool_done(struct rollout *x, struct json_val v, struct json_val id,
    uint64_t began, uint64_t end)
{
	struct json_val type = json_get(v, "type");
	struct rollout_tool *t = tool_find(x, id);
	uint64_t took = rollout_duration(json_get(v, "duration"));
	struct json_val result, command;
	bool bad;

	if (t == NULL && (t = nested(x, id, type)) == NULL)
		return;
	if (t->script != NULL && !t->ended) {
		t->start = took != 0 && took < end ? end - took : began;
		command = json_get(v, "arguments");
		if (command.type == JSON_NONE)
			command = json_get(v, "command");
		t->input = command.type != JSON_NONE ? rollout_quoted(x, command.p,
		    command.n) : none;
		t->output = json_get(v, "aggregated_output");
	}
	t->end = end;
	t->ended = true;
	if (json_str_is(type, "CollabAgentToolCall"))
		collab(x, t, v);
	if (json_int(json_get(v, "exit_code"), &t->exit_code) == -1)
		t->exit_code = -1;
	if (json_get(v, "server").type == JSON_STRING)
		t->server = json_get(v, "server");
	if (t->exit_code >= 0)
		return;
	result = json_get(v, "result");
	t->failed |= json_str_is(json_get(v, "status"), "failed") ||
	    json_get(result, "Err").type != JSON_NONE ||
	    (json_bool(json_get(result, "isError"), &bad) == 0 && bad);
}


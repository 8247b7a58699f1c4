/* Messages of the Vercel AI SDK as those in which Langfuse finds tool calls. */
#include "agent/opencode-build.h"

#include "json/write.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

struct json_val
opencode_inside(struct model *m, struct json_val s)
{
	struct json_val v;
	const char *why, *text;
	size_t n;

	text = model_text(m, s, &n);
	if (n == 0 || !json_parse(text, n, &v, &why))
		return none;
	return v;
}

static void
comma(struct buf *b)
{
	if (b->n > 0 && b->p[b->n - 1] != '[')
		buf_addc(b, ',');
}

static void
member(struct buf *b, const char *key, struct json_val v)
{
	if (v.type == JSON_NONE)
		return;
	json_put_key(b, key);
	buf_add(b, v.p, v.n);
}

static void
put_block(struct buf *b, const char *type, const char *key,
    struct json_val text)
{
	comma(b);
	buf_addf(b, "{\"type\":\"%s\"", type);
	member(b, key, text);
	buf_addc(b, '}');
}

static void
put_tool_use(struct buf *b, struct json_val part)
{
	comma(b);
	buf_adds(b, "{\"type\":\"tool_use\"");
	member(b, "id", json_get(part, "toolCallId"));
	member(b, "name", json_get(part, "toolName"));
	member(b, "input", json_get(part, "input"));
	buf_addc(b, '}');
}

/* A result is {"type":"text","value":…}, or an error of that form. */
static void
put_result(struct buf *b, struct json_val part)
{
	struct json_val out = json_get(part, "output");
	struct json_val value = json_get(out, "value");

	comma(b);
	buf_adds(b, "{\"type\":\"tool_result\"");
	member(b, "tool_use_id", json_get(part, "toolCallId"));
	member(b, "content", value.type != JSON_NONE ? value : out);
	if (json_str_is(json_get(out, "type"), "error-text") ||
	    json_str_is(json_get(out, "type"), "error-json"))
		buf_adds(b, ",\"is_error\":true");
	buf_addc(b, '}');
}

static void
put_part(struct buf *b, struct json_val part)
{
	struct json_val type = json_get(part, "type");

	if (json_str_is(type, "text"))
		put_block(b, "text", "text", json_get(part, "text"));
	else if (json_str_is(type, "reasoning"))
		put_block(b, "thinking", "thinking", json_get(part, "text"));
	else if (json_str_is(type, "tool-call"))
		put_tool_use(b, part);
	else if (json_str_is(type, "tool-result"))
		put_result(b, part);
}

static void
put_message(struct buf *b, struct json_val message)
{
	struct json_val content = json_get(message, "content"), part;
	struct json_val role = json_get(message, "role");
	struct json_iter it;

	comma(b);
	buf_adds(b, "{\"role\":");
	if (role.type != JSON_STRING || json_str_is(role, "tool"))
		buf_adds(b, "\"user\"");
	else
		buf_add(b, role.p, role.n);
	json_put_key(b, "content");
	if (content.type == JSON_STRING) {
		buf_add(b, content.p, content.n);
	} else {
		buf_addc(b, '[');
		json_iter(&it, content);
		while (content.type == JSON_ARRAY &&
		    json_next_elem(&it, &part))
			put_part(b, part);
		buf_addc(b, ']');
	}
	buf_addc(b, '}');
}

bool
opencode_call_input(struct model *m, const struct node *n, struct buf *b)
{
	struct json_val all = opencode_inside(m, n->val[FACT_BODY]), message;
	struct json_iter it;

	if (all.type != JSON_ARRAY)
		return false;
	buf_addc(b, '[');
	json_iter(&it, all);
	while (json_next_elem(&it, &message))
		put_message(b, message);
	buf_addc(b, ']');
	return true;
}

bool
opencode_call_output(struct model *m, const struct node *n, struct buf *b)
{
	struct json_val calls = opencode_inside(m, n->val[FACT_TOOL_PARAMS]);
	struct json_val call;
	struct json_iter it;

	if (n->val[FACT_TEXT].type == JSON_NONE &&
	    n->val[FACT_THOUGHT].type == JSON_NONE &&
	    calls.type != JSON_ARRAY)
		return false;
	buf_adds(b, "{\"role\":\"assistant\",\"content\":[");
	if (n->val[FACT_THOUGHT].type == JSON_STRING)
		put_block(b, "thinking", "thinking", n->val[FACT_THOUGHT]);
	if (n->val[FACT_TEXT].type == JSON_STRING)
		put_block(b, "text", "text", n->val[FACT_TEXT]);
	json_iter(&it, calls);
	while (calls.type == JSON_ARRAY && json_next_elem(&it, &call))
		put_tool_use(b, call);
	buf_adds(b, "]}");
	return true;
}

struct json_val
opencode_prompt(struct model *m, const struct node *n)
{
	struct json_val all = opencode_inside(m, n->val[FACT_BODY]);
	struct json_val message, content, part, last = none;
	struct json_iter it, parts;

	json_iter(&it, all);
	while (all.type == JSON_ARRAY && json_next_elem(&it, &message)) {
		if (!json_str_is(json_get(message, "role"), "user"))
			continue;
		content = json_get(message, "content");
		if (content.type == JSON_STRING)
			last = content;
		json_iter(&parts, content);
		while (content.type == JSON_ARRAY &&
		    json_next_elem(&parts, &part))
			if (json_str_is(json_get(part, "type"), "text"))
				last = json_get(part, "text");
	}
	return last;
}

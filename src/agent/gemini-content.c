/*
 * What Gemini CLI says was sent and answered, in three spellings: Google's
 * contents and candidates (logs), contents alone (spans, perhaps cut), and
 * typed parts (inference.operation.details). Read into parts, and written as
 * messages in which Langfuse finds tool calls.
 */
#include <string.h>

#include "agent/gemini-build.h"
#include "json/write.h"

/* ---- reading -------------------------------------------------------------------- */

/* Google's part, or a typed one; false: neither text nor a call. */
static bool
read_part(struct model *m, struct json_val v, struct gemini_part *p)
{
	struct json_val call = json_get(v, "functionCall");
	struct json_val type = json_get(v, "type");

	memset(p, 0, sizeof(*p));
	if (call.type == JSON_OBJECT) {
		p->kind = PART_CALL;
		p->id = json_get(call, "id");
		p->name = json_get(call, "name");
		p->args = json_get(call, "args");
		return true;
	}
	if (json_str_is(type, "tool_call")) {
		p->kind = PART_CALL;
		p->id = json_get(v, "id");
		p->name = json_get(v, "name");
		p->args = json_get(v, "arguments");
		if (p->args.type == JSON_STRING)
			p->args = gemini_inside(m, p->args);
		return true;
	}
	p->text = json_get(v, type.type == JSON_STRING ? "content" : "text");
	p->kind = json_str_is(type, "reasoning") ||
	    json_get(v, "thought").type == JSON_TRUE ? PART_THOUGHT : PART_TEXT;
	return p->text.type == JSON_STRING;
}

/* The parts of a chunk, a candidate's content, or a message. */
static struct json_val
parts_of(struct json_val v)
{
	struct json_iter it;
	struct json_val one = json_get(v, "candidates");

	if (one.type == JSON_ARRAY) {
		json_iter(&it, one);
		if (!json_next_elem(&it, &one))
			return gemini_none;
		v = json_get(one, "content");
	}
	v = json_get(v, "parts");
	return v.type == JSON_ARRAY ? v : gemini_none;
}

/* Into part[], or only counted when that is NULL. */
static size_t
read_parts(struct model *m, struct json_val v, struct gemini_part *part)
{
	struct json_val parts = parts_of(v), one;
	struct gemini_part p;
	struct json_iter it;
	size_t n = 0;

	json_iter(&it, parts);
	while (parts.type != JSON_NONE && json_next_elem(&it, &one)) {
		if (!read_part(m, one, &p))
			continue;
		if (part != NULL)
			part[n] = p;
		n++;
	}
	return n;
}

static size_t
read_all(struct model *m, struct json_val v, struct gemini_part *part)
{
	struct json_val one;
	struct json_iter it;
	size_t n = 0;

	if (v.type != JSON_ARRAY)
		return read_parts(m, v, part);
	json_iter(&it, v);
	while (json_next_elem(&it, &one))
		n += read_parts(m, one, part != NULL ? part + n : NULL);
	return n;
}

void
gemini_parse_answer(struct model *m, struct gemini_call *c,
    struct json_val text)
{
	struct json_val v = gemini_inside(m, text);
	size_t n;

	if (v.type != JSON_ARRAY && v.type != JSON_OBJECT)
		return;
	n = read_all(m, v, NULL);
	c->part = arena_get(m->arena, (n + 1) * sizeof(*c->part));
	if (c->part == NULL) {
		m->oom = true;
		return;
	}
	c->npart = read_all(m, v, c->part);
}

static void
add_chars(struct buf *b, struct json_val s)
{
	buf_add(b, s.p + 1, s.n - 2);
}

struct json_val
gemini_answer_text(struct model *m, const struct gemini_call *c)
{
	struct json_val v = gemini_none;
	struct buf b = { 0 };
	char *copy;

	buf_addc(&b, '"');
	for (size_t i = 0; i < c->npart; i++)
		if (c->part[i].kind == PART_TEXT)
			add_chars(&b, c->part[i].text);
	buf_addc(&b, '"');
	if (b.err == 0 && b.n > 2) {
		copy = arena_copy(m->arena, b.p, b.n);
		if (copy != NULL)
			v = (struct json_val){ copy, b.n, JSON_STRING };
		else
			m->oom = true;
	}
	buf_fini(&b);
	return v;
}

/* What was sent: an array of contents. The log's is whole, others are cut. */
static struct json_val
sent(struct model *m, const struct node *n)
{
	const struct gemini_call *c = n->priv;
	const struct held *from[] = { c->request, n->native, c->details };
	struct json_val v;

	for (size_t i = 0; i < 3; i++) {
		if (from[i] == NULL)
			continue;
		v = gemini_inside(m, held_fact(from[i], FACT_BODY));
		if (v.type == JSON_ARRAY)
			return v;
	}
	return gemini_none;
}

static struct json_val
last_content(struct json_val all)
{
	struct json_val one, last = gemini_none;
	struct json_iter it;

	json_iter(&it, all);
	while (all.type == JSON_ARRAY && json_next_elem(&it, &one))
		last = one;
	return last;
}

struct json_val
gemini_last_prompt(struct model *m, const struct node *n)
{
	static const char context[] = "<session_context>";
	struct json_val parts = parts_of(last_content(sent(m, n))), one;
	struct json_val last = gemini_none;
	struct gemini_part p;
	struct json_iter it;

	json_iter(&it, parts);
	while (parts.type != JSON_NONE && json_next_elem(&it, &one))
		if (read_part(m, one, &p) && p.kind == PART_TEXT &&
		    (p.text.n < sizeof(context) ||
		    memcmp(p.text.p + 1, context, sizeof(context) - 1) != 0))
			last = p.text;
	return last;
}

/* ---- tools in messages ------------------------------------------------------------ */

/*
 * The tool a part speaks of. The history a request repeats leaves out the
 * "<name>__" before the id.
 */
static struct node *
tool_of(struct model *m, struct json_val name, struct json_val id)
{
	struct node *n = model_find(m, NODE_TOOL, id);
	struct buf b = { 0 };
	const char *p;
	size_t len;

	if (n != NULL || id.type != JSON_STRING || name.type != JSON_STRING)
		return n;
	p = model_text(m, name, &len);
	buf_add(&b, p, len);
	buf_adds(&b, "__");
	p = model_text(m, id, &len);
	buf_add(&b, p, len);
	n = model_find(m, NODE_TOOL, model_string(m, b.p, b.n));
	buf_fini(&b);
	return n;
}

/* {"functionResponse":{"id","name","response"}}, or typed without a name. */
static bool
read_result(struct model *m, struct json_val v, struct node **tool,
    struct json_val *id, struct json_val *text)
{
	struct json_val f = json_get(v, "functionResponse"), response;

	if (f.type == JSON_OBJECT) {
		*id = json_get(f, "id");
		response = json_get(f, "response");
		*tool = tool_of(m, json_get(f, "name"), *id);
	} else if (json_str_is(json_get(v, "type"), "tool_call_response")) {
		*id = json_get(v, "id");
		response = gemini_inside(m, json_get(v, "response"));
		*tool = tool_of(m, gemini_none, *id);
	} else
		return false;
	*text = json_get(response, "output");
	if (text->type != JSON_STRING)
		*text = json_get(response, "error");
	if (text->type != JSON_STRING)
		*text = gemini_outside(m, response);
	return text->type == JSON_STRING;
}

void
gemini_take_results(struct model *m, const struct node *n)
{
	struct json_val parts = parts_of(last_content(sent(m, n))), one, id;
	struct json_val text;
	struct json_iter it;
	struct node *tool;

	json_iter(&it, parts);
	while (parts.type != JSON_NONE && json_next_elem(&it, &one))
		if (read_result(m, one, &tool, &id, &text) && tool != NULL &&
		    tool->val[FACT_OUTPUT].type == JSON_NONE)
			tool->val[FACT_OUTPUT] = text;
}

/* ---- writing ---------------------------------------------------------------------- */

static void
comma(struct buf *b)
{
	if (b->n > 0 && b->p[b->n - 1] != '[')
		buf_addc(b, ',');
}

static void
put_call(struct model *m, const struct gemini_part *p, struct buf *b)
{
	const struct node *t = tool_of(m, p->name, p->id);
	struct json_val id = t != NULL ? t->key : p->id;
	struct json_val name = t != NULL ? t->val[FACT_TOOL_NAME] : p->name;

	comma(b);
	buf_adds(b, "{\"type\":\"tool_use\"");
	if (id.type == JSON_STRING) {
		json_put_key(b, "id");
		buf_add(b, id.p, id.n);
	}
	if (name.type == JSON_STRING) {
		json_put_key(b, "name");
		buf_add(b, name.p, name.n);
	}
	json_put_key(b, "input");
	if (p->args.type != JSON_NONE)
		buf_add(b, p->args.p, p->args.n);
	else
		buf_adds(b, "{}");
	buf_addc(b, '}');
}

/* Chunks of one kind are one block. */
static void
put_text(const struct gemini_part *p, size_t n, struct buf *b)
{
	const char *kind = p->kind == PART_TEXT ? "text" : "thinking";

	comma(b);
	buf_addf(b, "{\"type\":\"%s\",\"%s\":\"", kind, kind);
	while (n-- > 0)
		add_chars(b, p++->text);
	buf_adds(b, "\"}");
}

static void
put_parts(struct model *m, const struct gemini_part *p, size_t n,
    struct buf *b)
{
	for (size_t i = 0, j; i < n; i = j) {
		j = i + 1;
		if (p[i].kind == PART_CALL) {
			put_call(m, &p[i], b);
			continue;
		}
		while (j < n && p[j].kind == p[i].kind)
			j++;
		put_text(p + i, j - i, b);
	}
}

static void
put_result(struct model *m, struct json_val part, struct buf *b)
{
	struct json_val id, text;
	struct node *tool;

	if (!read_result(m, part, &tool, &id, &text))
		return;
	if (tool != NULL)
		id = tool->key;
	comma(b);
	buf_adds(b, "{\"type\":\"tool_result\"");
	if (id.type == JSON_STRING) {
		json_put_key(b, "tool_use_id");
		buf_add(b, id.p, id.n);
	}
	json_put_key(b, "content");
	buf_add(b, text.p, text.n);
	if (tool != NULL && tool->outcome != OUTCOME_OK)
		buf_adds(b, ",\"is_error\":true");
	buf_addc(b, '}');
}

static void
put_content(struct model *m, struct json_val content, struct buf *b)
{
	struct json_val parts = parts_of(content), one;
	struct gemini_part p;
	struct json_iter it;
	bool user = json_str_is(json_get(content, "role"), "user");

	comma(b);
	buf_addf(b, "{\"role\":\"%s\",\"content\":[", user ? "user" :
	    "assistant");
	json_iter(&it, parts);
	while (parts.type != JSON_NONE && json_next_elem(&it, &one)) {
		if (read_part(m, one, &p))
			put_parts(m, &p, 1, b);
		else
			put_result(m, one, b);
	}
	buf_adds(b, "]}");
}

bool
gemini_call_input(struct model *m, const struct node *n, struct buf *b)
{
	struct json_val all = sent(m, n), one;
	struct json_iter it;

	if (all.type != JSON_ARRAY)
		return false;
	buf_addc(b, '[');
	json_iter(&it, all);
	while (json_next_elem(&it, &one))
		put_content(m, one, b);
	buf_addc(b, ']');
	return true;
}

bool
gemini_call_output(struct model *m, const struct node *n, struct buf *b)
{
	const struct gemini_call *c = n->priv;

	if (c->npart == 0)
		return false;
	buf_adds(b, "{\"role\":\"assistant\",\"content\":[");
	put_parts(m, c->part, c->npart, b);
	buf_adds(b, "]}");
	return true;
}

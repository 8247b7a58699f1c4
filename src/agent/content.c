#include "agent/content.h"

#include <string.h>

#include "json/write.h"

#define HISTORY_MAX	(32 * 1024)	/* bytes of earlier exchanges */

/* Arguments as JSON; what is cut or no JSON is kept as the text it is. */
static void
put_arguments(struct model *m, struct json_val s, struct buf *b)
{
	struct json_val v = model_inside(m, s);

	if (v.type != JSON_NONE)
		buf_add(b, v.p, v.n);
	else if (s.type == JSON_STRING)
		buf_add(b, s.p, s.n);
	else
		buf_adds(b, "{}");
}

/* The provider's id of the call: the key, where that is unique enough. */
static struct json_val
tool_id(const struct node *t)
{
	return t->val[FACT_TOOL_ID].type == JSON_STRING ?
	    t->val[FACT_TOOL_ID] : t->key;
}

static bool
is_tool(const struct node *n)
{
	return n->kind == NODE_TOOL || n->kind == NODE_AGENT;
}

/* ---- messages ------------------------------------------------------------------- */

static void
put_text_part(struct buf *b, struct json_val text)
{
	buf_adds(b, "{\"type\":\"text\",\"text\":");
	buf_add(b, text.p, text.n);
	buf_addc(b, '}');
}

static void
put_thought_part(struct buf *b, struct json_val text)
{
	buf_adds(b, "{\"type\":\"thinking\",\"thinking\":");
	buf_add(b, text.p, text.n);
	buf_addc(b, '}');
}

static void
put_tool_use(struct model *m, const struct node *t, struct buf *b)
{
	struct json_val id = tool_id(t);

	buf_adds(b, "{\"type\":\"tool_use\",\"id\":");
	buf_add(b, id.p, id.n);
	if (t->val[FACT_TOOL_NAME].type == JSON_STRING) {
		buf_adds(b, ",\"name\":");
		buf_add(b, t->val[FACT_TOOL_NAME].p, t->val[FACT_TOOL_NAME].n);
	}
	buf_adds(b, ",\"input\":");
	put_arguments(m, t->val[FACT_TOOL_INPUT], b);
	buf_addc(b, '}');
}

static void
comma(struct buf *b)
{
	if (b->n > 0 && b->p[b->n - 1] != '[')
		buf_addc(b, ',');
}

/* The content array of a raw response body. */
static struct json_val
raw_answer(struct model *m, const struct node *n)
{
	struct json_val v = json_get(model_inside(m, n->got), "content");

	if (v.type != JSON_ARRAY)
		v.type = JSON_NONE;
	return v;
}

/* {"role":"assistant","content":[…]}: how many parts it has. */
static size_t
put_answer(struct model *m, const struct node *n, struct buf *b)
{
	struct json_val raw = raw_answer(m, n);
	struct node *t;
	size_t parts = 0;

	buf_adds(b, "{\"role\":\"assistant\",\"content\":");
	if (raw.type != JSON_NONE) {
		buf_add(b, raw.p, raw.n);
		buf_addc(b, '}');
		return 1;
	}
	buf_addc(b, '[');
	if (n->val[FACT_THOUGHT].type == JSON_STRING) {
		put_thought_part(b, n->val[FACT_THOUGHT]);
		parts++;
	}
	if (n->val[FACT_TEXT].type == JSON_STRING) {
		comma(b);
		put_text_part(b, n->val[FACT_TEXT]);
		parts++;
	}
	TAILQ_FOREACH(t, &m->nodes, link) {
		if (!is_tool(t) || t->parent != n ||
		    t->key.type != JSON_STRING)
			continue;
		comma(b);
		put_tool_use(m, t, b);
		/* Without arguments the call alone is no content. */
		parts += t->val[FACT_TOOL_INPUT].type != JSON_NONE;
	}
	buf_adds(b, "]}");
	return parts;
}

/* The results of the call's tools, as the next message; false: none. */
static bool
put_results(struct model *m, const struct node *n, struct buf *b)
{
	size_t start = b->n;
	struct node *t;
	bool any = false;

	buf_adds(b, "{\"role\":\"user\",\"content\":[");
	TAILQ_FOREACH(t, &m->nodes, link) {
		struct json_val out = t->val[FACT_OUTPUT];

		if (!is_tool(t) || t->parent != n)
			continue;
		/* What an agent said in the end is not what its call gave. */
		if (t->kind == NODE_AGENT &&
		    t->val[FACT_BODY].type == JSON_STRING)
			out = t->val[FACT_BODY];
		if (out.type == JSON_NONE)
			out = t->message;
		if (out.type != JSON_STRING)
			continue;
		comma(b);
		buf_adds(b, "{\"type\":\"tool_result\",\"tool_use_id\":");
		buf_add(b, tool_id(t).p, tool_id(t).n);
		buf_adds(b, ",\"content\":");
		buf_add(b, out.p, out.n);
		if (t->outcome != OUTCOME_OK)
			buf_adds(b, ",\"is_error\":true");
		buf_addc(b, '}');
		any = true;
	}
	buf_adds(b, "]}");
	if (!any)
		b->n = start;
	return any;
}

static bool
put_prompt(struct json_val text, struct buf *b)
{
	if (text.type != JSON_STRING || json_str_is(text, "<REDACTED>") ||
	    json_str_is(text, "[REDACTED]"))
		return false;
	comma(b);
	buf_adds(b, "{\"role\":\"user\",\"content\":");
	buf_add(b, text.p, text.n);
	buf_addc(b, '}');
	return true;
}

/* What began the thread, and what was typed before the call. */
static bool
put_prompts(struct model *m, const struct node *n, struct buf *b)
{
	const struct node *root = n->root;
	bool any = false;

	if (n->agent != NULL) {
		struct json_val input = model_inside(m,
		    n->agent->val[FACT_TOOL_INPUT]);

		return put_prompt(json_get(input, "prompt"), b) ||
		    put_prompt(json_get(input, "message"), b);
	}
	if (root->nprompt == 0)
		return put_prompt(root->val[FACT_PROMPT], b);
	for (size_t i = 0; i < root->nprompt; i++)
		if (i == 0 || root->prompt[i]->start <= n->start)
			any |= put_prompt(held_fact(root->prompt[i],
			    FACT_PROMPT), b);
	return any;
}

/* A call's answer and its tools' results, one behind the other. */
struct exchange {
	const char	*p;
	size_t		 answer;	/* bytes */
	size_t		 parts;		/* of the answer */
	size_t		 results;	/* bytes, 0: none */
};

/* Every later call of the thread was sent it: it is made once. */
static const struct exchange *
exchange_of(struct model *m, struct node *n, struct buf *scratch)
{
	struct exchange *x;

	if (n->exchange != NULL)
		return n->exchange;
	x = arena_get(m->arena, sizeof(*x));
	if (x == NULL) {
		m->oom = true;
		return NULL;
	}
	buf_reset(scratch);
	x->parts = put_answer(m, n, scratch);
	x->answer = scratch->n;
	(void)put_results(m, n, scratch);
	x->results = scratch->n - x->answer;
	x->p = arena_copy(m->arena, scratch->p, scratch->n);
	if (scratch->err != 0 || x->p == NULL) {
		m->oom = true;
		return NULL;
	}
	n->exchange = x;
	return x;
}

/* Exchanges before the call, oldest first, as many as there is room for. */
static bool
put_history(struct model *m, const struct node *n, struct buf *b)
{
	const struct exchange **chain, *x;
	struct buf one = { 0 };
	size_t len = 0, used = 0, count = 0;
	bool any = false;

	for (const struct node *c = n->prev; c != NULL; c = c->prev)
		count++;
	chain = arena_get(m->arena, (count + 1) * sizeof(*chain));
	if (chain == NULL) {
		m->oom = true;
		return false;
	}
	for (struct node *c = n->prev; c != NULL; c = c->prev) {
		x = exchange_of(m, c, &one);
		if (x == NULL)
			break;
		used += x->answer + x->results;
		if (len > 0 && used > HISTORY_MAX)
			break;
		chain[len++] = x;
	}
	while (len-- > 0) {
		x = chain[len];
		if (x->parts > 0) {
			comma(b);
			buf_add(b, x->p, x->answer);
			any = true;
		}
		if (x->results > 0) {
			comma(b);
			buf_add(b, x->p + x->answer, x->results);
			any = true;
		}
	}
	buf_fini(&one);
	return any;
}

bool
content_call_input(struct model *m, const struct node *n, struct buf *b)
{
	struct json_val raw = json_get(model_inside(m, n->sent), "messages");
	size_t start = b->n;
	bool any;

	if (m->agent->call_input != NULL && m->agent->call_input(m, n, b))
		return true;
	if (raw.type == JSON_ARRAY) {
		buf_add(b, raw.p, raw.n);
		return true;
	}
	buf_addc(b, '[');
	any = put_prompts(m, n, b);
	any |= put_history(m, n, b);
	buf_addc(b, ']');
	if (!any)
		b->n = start;
	return any;
}

bool
content_call_output(struct model *m, const struct node *n, struct buf *b)
{
	size_t start = b->n;

	if (m->agent->call_output != NULL && m->agent->call_output(m, n, b))
		return true;
	if (put_answer(m, n, b) > 0)
		return true;
	b->n = start;
	return false;
}

/* ---- tools ------------------------------------------------------------------------ */

bool
content_tool_input(struct model *m, const struct node *n, struct buf *b)
{
	if (n->val[FACT_TOOL_INPUT].type == JSON_NONE)
		return false;
	buf_adds(b, "{\"input\":");
	put_arguments(m, n->val[FACT_TOOL_INPUT], b);
	buf_addc(b, '}');
	return true;
}

bool
content_tool_output(struct model *m, const struct node *n, struct buf *b)
{
	struct json_val out = n->val[FACT_OUTPUT];
	bool bad = n->outcome != OUTCOME_OK;

	(void)m;
	if (out.type == JSON_NONE && bad)
		out = n->message;
	if (out.type == JSON_NONE)
		return false;
	buf_adds(b, "{\"output\":");
	buf_add(b, out.p, out.n);
	if (bad)
		buf_adds(b, ",\"is_error\":true");
	buf_addc(b, '}');
	return true;
}

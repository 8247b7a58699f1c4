/*
 * A turn of a chat as spans, with ids from what agent/gemini makes those of a
 * headless run from: tokens of answers, and call ids of tools.
 */
#include "import/chat.h"

#include <string.h>

#include "agent/errclass.h"
#include "agent/gemini-build.h"
#include "import/made.h"
#include "import/spawned.h"
#include "json/write.h"
#include "record/rtime.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

struct tree {
	struct chat	*x;
	struct gemini	 g;		/* for the rules of agent/gemini */
	struct model	*m;
	struct node	*root, *agent;
	struct json_val	 key;		/* of the root */
	struct node	*last;		/* the latest call */
	uint64_t	 asked;		/* when what is asked was there */
	bool		 wants;		/* the latest call wants tools */
};

static int64_t
number(struct json_val v)
{
	int64_t n;

	return json_int(v, &n) == 0 && n > 0 ? n : 0;
}

/* ---- what was said ----------------------------------------------------------------- */

/* The texts of a message's parts as one JSON string; JSON_NONE: no text. */
static struct json_val
text_of(struct chat *x, struct json_val content)
{
	struct buf *b = &x->scratch;
	struct json_iter it;
	struct json_val part, t = none;
	size_t n = 0;

	if (content.type == JSON_STRING)
		return content;
	if (content.type != JSON_ARRAY)
		return none;
	buf_reset(b);
	json_iter(&it, content);
	while (json_next_elem(&it, &part)) {
		struct json_val s = part.type == JSON_STRING ? part :
		    json_get(part, "text");

		if (s.type != JSON_STRING)
			continue;
		if (n++ > 0)
			buf_addc(b, '\n');
		(void)json_unescape(b, s);
		t = s;
	}
	if (n > 1) {
		struct buf q = { 0 };

		(void)json_put_str(&q, b->p != NULL ? b->p : "", b->n);
		t.p = q.err == 0 ? arena_copy(&x->turn, q.p, q.n) : NULL;
		t.n = q.n;
		x->oom |= t.p == NULL;
		buf_fini(&q);
	}
	return t.p != NULL ? t : none;
}

struct json_val
chat_text(struct model *m, struct json_val v)
{
	struct buf b = { 0 };
	bool string = false;

	if (v.type == JSON_NONE)
		return v;
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];

		if (!string && (c == ' ' || c == '\n' || c == '\t' || c == '\r'))
			continue;
		buf_addc(&b, c);
		if (string && c == '\\' && i + 1 < v.n)
			buf_addc(&b, v.p[++i]);
		else if (c == '"')
			string = !string;
	}
	m->oom |= b.err != 0;
	v = model_string(m, b.p != NULL ? b.p : "", b.n);
	buf_fini(&b);
	return v;
}

static bool
starts(struct json_val s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n + 2 && memcmp(s.p + 1, with, n) == 0;
}

/* Results of tools and what the client adds are no prompts. */
struct json_val
chat_prompt(struct chat *x, const struct chat_message *m)
{
	struct json_val t;

	if (!json_str_is(json_get(m->v, "type"), "user"))
		return none;
	t = text_of(x, json_get(m->v, "content"));
	if (t.type != JSON_STRING || starts(t, "<session_context>") ||
	    t.n <= 2)
		return none;
	return t;
}

/* {"subject":…,"description":…}: the heading, and what it is about. */
static struct json_val
thoughts(struct tree *t, struct json_val list)
{
	struct buf b = { 0 };
	struct json_iter it;
	struct json_val v = none, one;

	if (list.type != JSON_ARRAY)
		return none;
	json_iter(&it, list);
	while (json_next_elem(&it, &one)) {
		struct json_val subject = json_get(one, "subject");
		struct json_val text = json_get(one, "description");

		if (b.n > 0)
			buf_addc(&b, '\n');
		if (subject.type == JSON_STRING && subject.n > 2) {
			(void)json_unescape(&b, subject);
			buf_adds(&b, text.type == JSON_STRING ? ": " : "");
		}
		if (text.type == JSON_STRING)
			(void)json_unescape(&b, text);
	}
	if (b.n > 0)
		v = model_string(t->m, b.p, b.n);
	buf_fini(&b);
	return v;
}

/* ---- calls ------------------------------------------------------------------------- */

/* Google's counts: the input holds what was cached, tools come on top. */
static void
count(struct usage *u, struct json_val v)
{
	u->known = v.type == JSON_OBJECT;
	u->cache_read = number(json_get(v, "cached"));
	u->input = number(json_get(v, "input")) - u->cache_read;
	if (u->input < 0)
		u->input = 0;
	u->output = number(json_get(v, "output"));
	u->reasoning = number(json_get(v, "thoughts"));
	u->tool = number(json_get(v, "tool"));
}

static struct node *
call(struct tree *t, const struct chat_message *m)
{
	struct node *n = model_node(t->m, NODE_CALL, m->id);
	struct json_val text = text_of(t->x, json_get(m->v, "content"));

	if (n == NULL)
		return NULL;
	n->resource = t->x->resource;
	n->parent = t->agent != NULL ? t->agent : t->root;
	n->agent = t->agent;
	if (t->x->sub) {
		n->val[FACT_THREAD] = t->x->id;
		n->inferred = t->agent == NULL;
	}
	n->start = t->asked != 0 && t->asked < m->time ? t->asked : m->time;
	n->end = m->time;
	n->guess = "start";	/* a chat tells when it was answered */
	n->val[FACT_REQUEST] = m->id;
	n->val[FACT_MODEL] = json_get(m->v, "model");
	if (text.type == JSON_STRING && text.n > 2)
		n->val[FACT_TEXT] = text;
	n->val[FACT_THOUGHT] = thoughts(t, json_get(m->v, "thoughts"));
	count(&n->usage, json_get(m->v, "tokens"));
	n->ident = chat_call_ident(t->m, m, t->x->sub ? t->x->id : t->key);
	t->last = n;
	t->asked = m->time;
	return n;
}

/* ---- tools ------------------------------------------------------------------------- */

/* The result in the form in which a span tells it. */
static struct json_val
result_of(struct tree *t, struct json_val call)
{
	struct json_val v = json_get(call, "status");
	struct json_val parts = json_get(call, "result");
	struct buf b = { 0 };
	const char *p, *why;

	buf_adds(&b, "{\"status\":");
	if (v.type == JSON_STRING)
		buf_add(&b, v.p, v.n);
	else
		buf_adds(&b, "\"success\"");
	if (parts.type == JSON_ARRAY) {
		buf_adds(&b, ",\"response\":{\"responseParts\":");
		buf_add(&b, parts.p, parts.n);
		buf_addc(&b, '}');
	}
	buf_addc(&b, '}');
	p = b.err == 0 ? arena_copy(t->m->arena, b.p, b.n) : NULL;
	v = none;
	if (p == NULL)
		t->m->oom = true;
	else if (!json_parse(p, b.n, &v, &why))
		v = none;
	buf_fini(&b);
	return v;
}

/* "Exit Code: 3" is a line of what the shell tool answered. */
static int64_t
exit_code(const char *p, size_t n)
{
	static const char lead[] = "\nExit Code: ";
	const char *at = memmem(p, n, lead, sizeof(lead) - 1), *end;
	int64_t code;

	if (at == NULL)
		return -1;
	at += sizeof(lead) - 1;
	for (end = at; end < p + n && *end >= '0' && *end <= '9'; end++)
		;
	return end > at && json_int((struct json_val){ at, (size_t)(end - at),
	    JSON_NUMBER }, &code) == 0 ? code : -1;
}

static void
outcome(struct tree *t, struct node *n)
{
	size_t len;
	const char *out = model_text(t->m, n->val[FACT_OUTPUT], &len);

	if (json_str_is(n->val[FACT_TOOL_NAME], "run_shell_command") &&
	    n->outcome == OUTCOME_OK && n->exit_code < 0) {
		n->exit_code = exit_code(out, len);
		if (n->exit_code > 0) {
			n->outcome = OUTCOME_WARNING;
			n->error_type = "tool_error";
		}
	}
	/* The chat has the words only. */
	if (n->outcome == OUTCOME_ERROR && memmem(out, len,
	    "denied by policy", 16) != NULL)
		n->outcome = OUTCOME_WARNING;
}

static void
make_agent(struct tree *t, struct node *n, struct json_val call)
{
	struct spawn s = { .thread = json_get(call, "agentId"),
	    .tool = n->key, .turn = t->key, .trace = t->root->own_trace,
	    .session = t->x->id };
	struct json_val args = json_get(call, "args");

	if (s.thread.type != JSON_STRING)
		return;
	n->kind = NODE_AGENT;
	n->thread = s.thread;
	n->val[FACT_AGENT_NAME] = json_get(args, "agent_name");
	if (spawned_put(t->x->spawned, &s) == -1)
		t->m->oom = true;
}

static void
tool(struct tree *t, struct node *asker, struct json_val v)
{
	struct json_val id = json_get(v, "id"), args = json_get(v, "args");
	struct gemini_tool *g;
	struct node *n;

	if (id.type != JSON_STRING)
		return;
	n = model_node(t->m, NODE_TOOL, id);
	g = arena_get(t->m->arena, sizeof(*g));
	if (n == NULL || g == NULL) {
		t->m->oom = true;
		return;
	}
	n->priv = g;
	g->display = json_get(v, "displayName");
	if (json_get(v, "status").type == JSON_STRING ||
	    json_get(v, "result").type == JSON_ARRAY)
		g->result = result_of(t, v);
	if (t->x->sub)
		g->thread = t->x->id;
	n->resource = t->x->resource;
	n->parent = asker;
	n->agent = t->agent;
	n->val[FACT_TOOL_ID] = id;
	n->val[FACT_TOOL_NAME] = json_get(v, "name");
	n->val[FACT_TOOL_INPUT] = chat_text(t->m, args);
	n->start = asker->end;
	if (rtime_get(json_get(v, "timestamp"), &n->end) == -1 ||
	    n->end < n->start)
		n->end = n->start;
	gemini_finish_tool(&t->g, n);
	outcome(t, n);
	make_agent(t, n, v);
	if (n->end > t->asked)
		t->asked = n->end;
	t->wants = true;
}

static void
answer(struct tree *t, const struct chat_message *m)
{
	struct json_val list = json_get(m->v, "toolCalls"), v;
	struct json_iter it;
	struct node *n = call(t, m);

	t->wants = false;
	if (n == NULL || list.type != JSON_ARRAY)
		return;
	json_iter(&it, list);
	while (json_next_elem(&it, &v))
		tool(t, n, v);
}

/* ---- the turn ------------------------------------------------------------------------ */

/* The turn of a sub-agent's thread is the user's. */
static int
find_root(struct tree *t, const struct chat_message *from,
    const struct chat_message *to, struct json_val prompt)
{
	struct chat *x = t->x;
	const struct spawn *s = x->sub ? spawned_find(x->spawned, x->id) :
	    NULL;
	struct json_val text;

	t->key = s != NULL ? s->turn : chat_turn_ident(x, t->m, from, to);
	if (x->oom)
		return -1;
	t->root = model_node(t->m, NODE_TURN, t->key);
	if (t->root == NULL)
		return -1;
	t->root->ident = t->key;
	t->root->session = s != NULL ? s->session : x->id;
	t->root->start = t->root->end = from->time;
	t->root->resource = x->resource;
	if (prompt.type == JSON_STRING)
		made_prompt(x->made, t->root, prompt, from->time);
	if (s == NULL)
		return 0;
	made_elsewhere(t->root);
	t->agent = model_node(t->m, NODE_AGENT, s->tool);
	if (t->agent == NULL)
		return -1;
	made_elsewhere(t->agent);
	t->agent->parent = t->root;
	t->agent->start = t->agent->end = from->time;
	if (prompt.type != JSON_STRING)
		return 0;
	buf_reset(&x->scratch);
	buf_adds(&x->scratch, "{\"prompt\":");
	buf_add(&x->scratch, prompt.p, prompt.n);
	buf_addc(&x->scratch, '}');
	text = model_string(t->m, buf_cstr(&x->scratch), x->scratch.n);
	t->agent->val[FACT_TOOL_INPUT] = text;
	return 0;
}

static void
finish_root(struct tree *t, struct json_val error)
{
	struct node *root = t->root, *n;
	const char *text;
	size_t len;

	TAILQ_FOREACH(n, &t->m->nodes, link)
		if (n->end > root->end)
			root->end = n->end;
	if (t->last != NULL)
		root->val[FACT_TEXT] = t->last->val[FACT_TEXT];
	root->incomplete = t->last == NULL || t->wants;
	if (error.type != JSON_STRING)
		return;
	text = model_text(t->m, error, &len);
	root->outcome = OUTCOME_ERROR;
	root->message = error;
	root->error_type = errclass(0, text, len);
}

/* A command to the client, a greeting: no turn. */
static bool
is_turn(const struct chat_message *from, const struct chat_message *to,
    struct json_val prompt, size_t *n)
{
	bool any = false;

	*n = 4;
	for (const struct chat_message *m = from; m != to;
	    m = TAILQ_NEXT(m, next)) {
		struct json_val list = json_get(m->v, "toolCalls"), v;
		struct json_iter it;

		++*n;
		any |= json_str_is(json_get(m->v, "type"), "gemini");
		if (list.type != JSON_ARRAY)
			continue;
		json_iter(&it, list);
		while (json_next_elem(&it, &v))
			++*n;
	}
	return any || (prompt.type == JSON_STRING && !starts(prompt, "/"));
}

int
chat_write(struct chat *x, struct chat_message *from,
    struct chat_message *to)
{
	struct tree t = { .x = x, .m = &x->made->m, .g.m = &x->made->m };
	struct json_val prompt = chat_prompt(x, from), error = none, type;
	int res = 0;
	size_t n;

	if (is_turn(from, to, prompt, &n)) {
		if (made_begin(x->made, &x->turn, &made_gemini, x->id, n) ==
		    -1 || find_root(&t, from, to, prompt) == -1)
			return -1;
		t.asked = from->time;
		for (; from != to; from = TAILQ_NEXT(from, next)) {
			type = json_get(from->v, "type");
			if (json_str_is(type, "error"))
				error = text_of(x, json_get(from->v,
				    "content"));
			else if (json_str_is(type, "user"))
				t.asked = from->time;
			else if (json_str_is(type, "gemini")) {
				error = none;
				answer(&t, from);
			}
		}
		finish_root(&t, error);
		res = made_end(x->made);
	}
	arena_reset(&x->turn);
	return x->oom ? -1 : res;
}

/*
 * What `gemini -o json` and `gemini -o stream-json` print: the answer or the
 * conversation, and the sums of each model's tokens. One call stands for all
 * calls to a model (in a role, where that is told).
 *
 * The stream's sums tell no thoughts and no prompts of tools: what is missing
 * to the total is counted as thoughts.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/errclass.h"
#include "agent/gemini-build.h"
#include "import/chat.h"
#include "import/import.h"
#include "import/made.h"
#include "json/write.h"
#include "record/rtime.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

struct use {
	STAILQ_ENTRY(use) next;
	struct json_val	 tool, result;		/* lines; result: JSON_NONE */
	uint64_t	 start, end;
};

struct printed {
	struct import	*im;
	struct arena	 arena;
	struct buf	 scratch;
	bool		 open, oom;
	struct json_val	 session, prompt, stats, error, status;
	struct buf	 said;		/* all the model said */
	struct buf	 last;		/* since its last tool */
	bool		 tools;		/* one was called since */
	bool		 vague;		/* only the file has a time */
	uint64_t	 start, end;
	STAILQ_HEAD(, use) uses;
	size_t		 n;
};

/* ---- what a line is ------------------------------------------------------------------ */

static bool
is_document(struct json_val v)
{
	return json_get(v, "stats").type == JSON_OBJECT &&
	    json_get(v, "type").type == JSON_NONE &&
	    json_path(v, "stats", "models", NULL).type == JSON_OBJECT;
}

static bool
is(struct json_val v)
{
	struct json_val t = json_get(v, "type");

	if (is_document(v))
		return true;
	if (json_get(v, "timestamp").type != JSON_STRING)
		return false;
	if (json_str_is(t, "init"))
		return json_get(v, "session_id").type == JSON_STRING;
	if (json_str_is(t, "message"))
		return json_get(v, "role").type == JSON_STRING &&
		    json_get(v, "content").type == JSON_STRING;
	if (json_str_is(t, "tool_use") || json_str_is(t, "tool_result"))
		return json_get(v, "tool_id").type == JSON_STRING;
	if (json_str_is(t, "error"))
		return json_get(v, "severity").type == JSON_STRING;
	return json_str_is(t, "result") &&
	    json_get(v, "status").type == JSON_STRING;
}

/* ---- gathering ---------------------------------------------------------------------- */

static struct json_val
keep(struct printed *p, struct json_val v)
{
	if (v.type == JSON_NONE || v.type == JSON_NULL)
		return none;
	v.p = arena_copy(&p->arena, v.p, v.n);
	if (v.p == NULL) {
		p->oom = true;
		return none;
	}
	return v;
}

static void
begin(struct printed *p, uint64_t now)
{
	if (p->open)
		return;
	p->open = true;
	p->start = p->end = now;
	STAILQ_INIT(&p->uses);
}

static void
message(struct printed *p, struct json_val v)
{
	struct json_val text = json_get(v, "content");

	if (json_str_is(json_get(v, "role"), "user")) {
		if (p->prompt.type == JSON_NONE)
			p->prompt = keep(p, text);
		return;
	}
	if (p->tools) {
		buf_reset(&p->last);
		buf_adds(&p->said, "\n\n");
	}
	p->tools = false;
	(void)json_unescape(&p->said, text);
	(void)json_unescape(&p->last, text);
}

static void
tool_use(struct printed *p, struct json_val v, uint64_t now)
{
	struct use *u = arena_get(&p->arena, sizeof(*u));

	p->oom |= u == NULL;
	if (u == NULL)
		return;
	u->tool = keep(p, v);
	u->result = none;
	u->start = u->end = now;
	p->tools = true;
	p->n++;
	STAILQ_INSERT_TAIL(&p->uses, u, next);
}

static void
tool_result(struct printed *p, struct json_val v, uint64_t now)
{
	struct json_val id = json_get(v, "tool_id");
	struct use *u;

	STAILQ_FOREACH(u, &p->uses, next)
		if (u->result.type == JSON_NONE &&
		    json_equal(json_get(u->tool, "tool_id"), id)) {
			u->result = keep(p, v);
			u->end = now;
			return;
		}
}

/* ---- calls -------------------------------------------------------------------------- */

static int64_t
number(struct json_val v)
{
	int64_t n;

	return json_int(v, &n) == 0 && n > 0 ? n : 0;
}

/* Of the document: everything by name; of the stream: less. */
static void
count(struct usage *u, struct json_val v)
{
	int64_t rest;

	u->cache_read = number(json_get(v, "cached"));
	if (json_get(v, "prompt").type == JSON_NUMBER) {
		u->input = number(json_get(v, "prompt")) - u->cache_read;
		u->output = number(json_get(v, "candidates"));
		u->reasoning = number(json_get(v, "thoughts"));
		u->tool = number(json_get(v, "tool"));
	} else {
		u->input = number(json_get(v, "input_tokens")) -
		    u->cache_read;
		u->output = number(json_get(v, "output_tokens"));
		rest = number(json_get(v, "total_tokens")) - u->input -
		    u->cache_read - u->output;
		u->reasoning = rest > 0 ? rest : 0;
	}
	if (u->input < 0)
		u->input = 0;
	u->known = usage_total(u) > 0;
}

struct tree {
	struct printed	*p;
	struct gemini	 g;
	struct model	*m;
	struct node	*root, *main;
	struct json_val	 resource;
};

/* A purpose for those that are not the conversation's own. */
static const char *
purpose_of(struct json_val role)
{
	if (json_str_is(role, "utility_router"))
		return "router";
	return NULL;
}

static void
call(struct tree *t, struct json_member *model, struct json_val role,
    struct json_val tokens)
{
	struct json_val name = { model->key - 1, model->klen + 2,
	    JSON_STRING };
	struct buf b = { 0 };
	struct usage u = { 0 };
	struct node *n;

	count(&u, tokens);
	if (!u.known)
		return;
	buf_add(&b, model->key, model->klen);
	if (role.type == JSON_STRING) {
		buf_addc(&b, ' ');
		buf_add(&b, role.p + 1, role.n - 2);
	}
	n = model_node(t->m, NODE_CALL, model_string(t->m, buf_cstr(&b),
	    b.n));
	buf_fini(&b);
	if (n == NULL)
		return;
	n->parent = t->root;
	n->resource = t->resource;
	n->start = t->p->start;
	n->end = t->p->end;
	n->guess = "calls";
	n->val[FACT_MODEL] = name;
	n->usage = u;
	n->purpose = purpose_of(role);
	if (n->purpose == NULL && (t->main == NULL ||
	    usage_total(&u) > usage_total(&t->main->usage)))
		t->main = n;
}

static void
calls(struct tree *t)
{
	struct json_val models = json_get(t->p->stats, "models"), roles;
	struct json_iter it, in;
	struct json_member m, r;

	if (models.type != JSON_OBJECT)
		return;
	json_iter(&it, models);
	while (json_next_member(&it, &m)) {
		roles = json_get(m.val, "roles");
		if (roles.type != JSON_OBJECT) {
			call(t, &m, none, json_get(m.val, "tokens").type ==
			    JSON_OBJECT ? json_get(m.val, "tokens") : m.val);
			continue;
		}
		json_iter(&in, roles);
		while (json_next_member(&in, &r))
			call(t, &m, (struct json_val){ r.key - 1, r.klen + 2,
			    JSON_STRING }, json_get(r.val, "tokens"));
	}
}

/* ---- tools -------------------------------------------------------------------------- */

static void
tool(struct tree *t, struct use *u)
{
	struct json_val id = json_get(u->tool, "tool_id"), error, output;
	struct gemini_tool *g = arena_get(t->m->arena, sizeof(*g));
	struct node *n = model_node(t->m, NODE_TOOL, id);

	if (n == NULL || g == NULL) {
		t->m->oom = true;
		return;
	}
	n->priv = g;
	n->parent = t->main != NULL ? t->main : t->root;
	n->resource = t->resource;
	n->inferred = t->main == NULL;
	n->start = u->start;
	n->end = u->end;
	n->val[FACT_TOOL_ID] = id;
	n->val[FACT_TOOL_NAME] = json_get(u->tool, "tool_name");
	n->val[FACT_TOOL_INPUT] = chat_text(t->m,
	    json_get(u->tool, "parameters"));
	error = json_get(u->result, "error");
	output = json_get(u->result, "output");
	if (u->result.type == JSON_OBJECT)
		n->val[FACT_SUCCESS] = json_str_is(json_get(u->result,
		    "status"), "success") ? (struct json_val){ "true", 4,
		    JSON_TRUE } : (struct json_val){ "false", 5, JSON_FALSE };
	if (output.type == JSON_STRING)
		n->val[FACT_OUTPUT] = output;
	if (json_get(error, "message").type == JSON_STRING)
		n->val[FACT_ERROR] = json_get(error, "message");
	n->val[FACT_ERROR_TYPE] = json_get(error, "type");
	gemini_finish_tool(&t->g, n);
}

/* ---- the turn ------------------------------------------------------------------------ */

static void
finish(struct tree *t)
{
	struct printed *p = t->p;
	struct node *root = t->root;
	const char *text;
	size_t len;

	root->end = p->end;
	root->guess = p->vague ? "times" : NULL;
	if (p->said.n > 0 && t->main != NULL)
		t->main->val[FACT_TEXT] = model_string(t->m, p->said.p,
		    p->said.n);
	if (p->last.n > 0)
		root->val[FACT_TEXT] = model_string(t->m, p->last.p,
		    p->last.n);
	root->incomplete = p->stats.type != JSON_OBJECT;
	if (p->error.type != JSON_STRING)
		return;
	text = model_text(t->m, p->error, &len);
	root->outcome = OUTCOME_ERROR;
	root->message = p->error;
	root->error_type = errclass(0, text, len);
}

static int
write_turn(struct printed *p)
{
	static const char resource[] = "{\"service.name\":\"gemini-cli\"}";
	struct tree t = { .p = p, .m = &p->im->made.m,
	    .g.m = &p->im->made.m };
	struct json_val key = p->session;
	struct use *u;

	if (p->oom || p->said.err != 0 || p->last.err != 0)
		return -1;
	if (made_begin(&p->im->made, &p->arena, &made_gemini, p->session,
	    p->n + 64) == -1)
		return -1;
	if (key.type != JSON_STRING)
		key = model_string(t.m, "gemini", 6);
	t.resource = (struct json_val){ resource, sizeof(resource) - 1,
	    JSON_OBJECT };
	t.root = model_node(t.m, NODE_TURN, key);
	if (t.root == NULL)
		return -1;
	t.root->ident = t.root->key;
	t.root->session = key;
	t.root->resource = t.resource;
	t.root->start = p->start;
	if (p->prompt.type == JSON_STRING)
		made_prompt(&p->im->made, t.root, p->prompt, p->start);
	calls(&t);
	STAILQ_FOREACH(u, &p->uses, next)
		tool(&t, u);
	finish(&t);
	return made_end(&p->im->made);
}

static int
turn_end(struct printed *p)
{
	int res = 0;

	if (p->open && (p->n > 0 || p->prompt.type == JSON_STRING ||
	    p->stats.type == JSON_OBJECT))
		res = write_turn(p);
	p->open = p->tools = false;
	p->session = p->prompt = p->stats = p->error = none;
	p->n = 0;
	buf_reset(&p->said);
	buf_reset(&p->last);
	arena_reset(&p->arena);
	return p->oom ? -1 : res;
}

/* ---- lines -------------------------------------------------------------------------------- */

static int
document(struct printed *p, struct json_val v)
{
	struct json_val text = json_get(v, "response");

	p->session = keep(p, json_get(v, "session_id"));
	p->stats = keep(p, json_get(v, "stats"));
	p->error = keep(p, json_path(v, "error", "message", NULL));
	if (text.type == JSON_STRING) {
		(void)json_unescape(&p->said, text);
		(void)json_unescape(&p->last, text);
	}
	return turn_end(p);
}

static int
line(void *arg, struct json_val v)
{
	struct printed *p = arg;
	struct json_val type = json_get(v, "type");
	uint64_t now;

	if ((json_str_is(type, "init") || is_document(v)) &&
	    turn_end(p) == -1)
		return -1;
	if (rtime_get(json_get(v, "timestamp"), &now) == -1)
		now = p->im->when != 0 ? p->im->when : p->im->mtime;
	if (now == 0)
		now = 1;
	begin(p, now);
	p->vague = p->im->when == 0 &&
	    json_get(v, "timestamp").type != JSON_STRING;
	if (now > p->end)
		p->end = now;
	if (is_document(v))
		return document(p, v);
	if (json_str_is(type, "init"))
		p->session = keep(p, json_get(v, "session_id"));
	else if (json_str_is(type, "message"))
		message(p, v);
	else if (json_str_is(type, "tool_use"))
		tool_use(p, v, now);
	else if (json_str_is(type, "tool_result"))
		tool_result(p, v, now);
	else if (json_str_is(type, "result")) {
		p->stats = keep(p, json_get(v, "stats"));
		p->error = keep(p, json_path(v, "error", "message", NULL));
		return turn_end(p);
	}
	return p->oom ? -1 : 0;
}

static void *
open_log(struct import *im)
{
	struct printed *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->im = im;
	return p;
}

static int
end(void *arg)
{
	return turn_end(arg);
}

static void
close_log(void *arg)
{
	struct printed *p = arg;

	arena_fini(&p->arena);
	buf_fini(&p->scratch);
	buf_fini(&p->said);
	buf_fini(&p->last);
	free(p);
}

const struct source source_gemini_printed = {
	.name = "output of gemini -o json",
	.is = is,
	.open = open_log,
	.line = line,
	.end = end,
	.close = close_log,
};

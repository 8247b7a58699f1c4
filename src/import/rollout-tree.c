/*
 * A turn of a rollout as spans, with ids from what agent/codex makes them from:
 * the trace id, which the client writes into the rollout where it exports
 * spans, and the tokens of answers.
 */
#include "import/rollout-parts.h"

#include <string.h>

#include "agent/codex-build.h"
#include "agent/errclass.h"
#include "base/clock.h"
#include "import/made.h"
#include "import/spawned.h"

static const struct json_val none = { NULL, 0, JSON_NONE };
static const struct json_val yes = { "true", 4, JSON_TRUE };
static const struct json_val no = { "false", 5, JSON_FALSE };

struct tree {
	struct rollout	*x;
	struct codex	 c;		/* for the keys of agent/codex */
	struct model	*m;
	struct node	*root;
	struct node	*agent;		/* of a sub-agent's thread */
	struct json_val	 key;		/* of the turn of this thread */
	struct json_val	 root_key;	/* of the turn it all belongs to */
};

static struct json_val
turn_key(struct tree *t, struct json_val thread, struct json_val id)
{
	const struct rollout_turn *u = &t->x->turn;

	return codex_key(&t->c, thread, '/', u->trace.type == JSON_STRING ?
	    u->trace : id, u->start);
}

static bool
is_free(const struct rollout *x, struct json_val ident)
{
	const struct rollout_ident *i;

	STAILQ_FOREACH(i, &x->idents, next)
		if (json_equal(i->v, ident))
			return false;
	return true;
}

/*
 * A turn that nothing answered, or of which only sums are printed, has the id
 * that is told here alone.
 */
static struct json_val
own_key(struct tree *t)
{
	struct rollout *x = t->x;
	const struct rollout_call *c;
	struct rollout_ident *i;
	unsigned number = 1;

	STAILQ_FOREACH(c, &x->turn.calls, next)
		if (c->usage.known && x->turn.guess == NULL)
			break;
	if (x->turn.trace.type == JSON_STRING || c == NULL)
		return turn_key(t, x->id, x->turn.id);
	i = arena_get(&x->file, sizeof(*i));
	if (i == NULL) {
		x->oom = true;
		return none;
	}
	do
		i->v = codex_answer_key(&t->c, x->id, &c->usage, number++);
	while (!t->m->oom && !is_free(x, i->v));
	i->v.p = t->m->oom ? NULL : arena_copy(&x->file, i->v.p, i->v.n);
	if (i->v.p == NULL) {
		x->oom = true;
		return none;
	}
	STAILQ_INSERT_TAIL(&x->idents, i, next);
	return i->v;
}

/* ---- the root ---------------------------------------------------------------------- */

static void
prompts(struct tree *t)
{
	struct rollout_turn *u = &t->x->turn;
	struct rollout_prompt *p;

	STAILQ_FOREACH(p, &u->prompts, next)
		made_prompt(t->x->made, t->root, p->text, p->time);
	if (STAILQ_EMPTY(&u->prompts) && u->said.type == JSON_STRING)
		made_prompt(t->x->made, t->root, u->said, u->start);
}

/* A sub-agent's turn stands in the user's, which is in another file. */
static void
find_root(struct tree *t)
{
	struct rollout *x = t->x;
	struct rollout_turn *u = &x->turn;
	const struct spawn *s = spawned_find(x->spawned, x->id);
	struct json_val trace = s != NULL ? s->trace : u->trace;

	t->root_key = s != NULL ? s->turn : x->parent.type == JSON_STRING ?
	    turn_key(t, x->session, u->root_id) : t->key;
	t->root = model_node(t->m, NODE_TURN, t->root_key);
	if (t->root == NULL)
		return;
	t->root->ident = t->root_key;
	t->root->session = s != NULL ? s->session : x->session;
	t->root->own_trace = trace;
	t->root->start = u->start;
	t->root->end = u->end;
	t->root->resource = x->resource;
	prompts(t);
	if (x->parent.type != JSON_STRING)
		return;
	made_elsewhere(t->root);
	if (s == NULL)
		return;
	t->agent = model_node(t->m, NODE_AGENT, s->tool);
	if (t->agent == NULL)
		return;
	made_elsewhere(t->agent);
	t->agent->parent = t->root;
	t->agent->start = t->agent->end = u->start;
}

/* What the agent was told is what its calls answer. */
static void
agent_prompt(struct tree *t)
{
	struct json_val text = t->root->val[FACT_PROMPT];
	struct buf b = { 0 };

	if (t->agent == NULL || text.type != JSON_STRING)
		return;
	buf_adds(&b, "{\"message\":");
	buf_add(&b, text.p, text.n);
	buf_addc(&b, '}');
	if (b.err != 0)
		t->m->oom = true;
	else
		t->agent->val[FACT_TOOL_INPUT] = model_string(t->m, b.p, b.n);
	buf_fini(&b);
}

static void
fail(struct tree *t, struct node *n, struct json_val why)
{
	const char *text;
	size_t len;

	text = model_text(t->m, why, &len);
	n->outcome = OUTCOME_ERROR;
	n->message = why;
	n->error_type = errclass(0, text, len);
}

/* Versions that do not say so: it is over when an answer wants no tools. */
static bool
is_over(struct tree *t, const struct rollout_call *last)
{
	const struct rollout_tool *u;

	if (t->x->marks || last == NULL)
		return false;
	STAILQ_FOREACH(u, &t->x->turn.tools, next)
		if (u->call == last)
			return false;
	return true;
}

static void
finish_root(struct tree *t)
{
	struct rollout_turn *u = &t->x->turn;
	struct rollout_call *c, *last = NULL;
	struct node *root = t->root;

	STAILQ_FOREACH(c, &u->calls, next)
		if (c->node != NULL)
			last = c;
	root->val[FACT_TURN_ID] = u->id;
	if (last != NULL)
		root->val[FACT_TEXT] = last->node->val[FACT_TEXT];
	if (u->answer.type == JSON_STRING)
		root->val[FACT_TEXT] = u->answer;
	root->guess = u->vague;
	root->incomplete = (!u->ended && !is_over(t, last)) || u->aborted;
	if (u->error.type == JSON_STRING)
		fail(t, root, u->error);
}

/* ---- calls --------------------------------------------------------------------------- */

static struct node *
call_node(struct tree *t, struct json_val response, uint64_t when)
{
	struct rollout *x = t->x;
	struct node *n = model_node(t->m, NODE_CALL, codex_key(&t->c, x->id,
	    '@', response, when));

	if (n == NULL)
		return NULL;
	n->resource = x->resource;
	n->parent = t->agent != NULL ? t->agent : t->root;
	n->agent = t->agent;
	n->val[FACT_REQUEST] = n->key;
	/* No line tells when it was asked. */
	n->guess = x->turn.guess != NULL ? x->turn.guess : "start";
	if (x->parent.type == JSON_STRING) {
		n->val[FACT_THREAD] = x->id;
		n->inferred = t->agent == NULL;
	}
	return n;
}

static struct json_val
text_of(struct tree *t, struct rollout_text s)
{
	return s.n > 0 ? model_string(t->m, s.p, s.n) : none;
}

static void
calls(struct tree *t)
{
	struct rollout_turn *u = &t->x->turn;
	struct rollout_call *c;
	struct node *n;

	STAILQ_FOREACH(c, &u->calls, next) {
		c->node = n = call_node(t, c->response, c->end);
		if (n == NULL)
			return;
		n->val[FACT_RESPONSE_ID] = c->response;
		n->val[FACT_MODEL] = c->model;
		n->val[FACT_EFFORT] = c->effort;
		n->val[FACT_TEXT] = text_of(t, c->text);
		n->val[FACT_THOUGHT] = text_of(t, c->thought);
		n->usage = c->usage;
		if (c->usage.known && u->guess == NULL)
			n->ident = codex_answer_key(&t->c, t->key, &c->usage,
			    1);
		n->start = c->began;
		n->end = c->end;
		if (c == STAILQ_FIRST(&u->calls) && u->first_token != 0)
			n->first_token = u->start + u->first_token;
		/* Its id comes with its tokens. */
		n->waits = c == u->call && !u->ended;
		/* What broke off before its tokens came. */
		if (!c->usage.known && u->call == c &&
		    u->error.type == JSON_STRING)
			fail(t, n, u->error);
	}
	if (u->error.type != JSON_STRING || u->call != NULL)
		return;
	/* Nothing came back of the last one. */
	n = call_node(t, u->id, u->end);
	if (n == NULL)
		return;
	n->val[FACT_MODEL] = t->x->model;
	n->start = u->last;
	n->end = u->end;
	fail(t, n, u->error);
}

/* ---- tools --------------------------------------------------------------------------- */

static void
make_agent(struct tree *t, struct rollout_tool *u)
{
	struct node *n = u->node;
	struct json_val args = model_inside(t->m, u->input);
	struct spawn s = { .thread = u->thread, .tool = n->key,
	    .turn = t->root_key, .trace = t->root->own_trace,
	    .session = t->root->session };

	n->kind = NODE_AGENT;
	n->thread = u->thread;
	n->val[FACT_AGENT_NAME] = json_get(args, "agent_type");
	if (n->val[FACT_AGENT_NAME].type != JSON_STRING)
		n->val[FACT_AGENT_NAME] = json_get(model_inside(t->m,
		    u->output), "nickname");
	n->val[FACT_BODY] = u->output;
	n->val[FACT_OUTPUT] = u->words;
	if (u->told > n->end)
		n->end = u->told;
	if (spawned_put(t->x->spawned, &s) == -1)
		t->m->oom = true;
}

/* The tool was told that it may not, or could not be run at all. */
static bool
refused(struct tree *t, const struct rollout_tool *u)
{
	size_t n, k;
	const char *out = model_text(t->m, u->output, &n);
	const char *name = model_text(t->m, u->name, &k);

	return u->exit_code < 0 && n > k + 8 && memcmp(out, name, k) == 0 &&
	    memcmp(out + k, " failed", 7) == 0;
}

static void
outcome(struct tree *t, struct rollout_tool *u)
{
	struct node *n = u->node;
	struct buf b = { 0 };

	if (!u->ended) {
		codex_tool_name(&t->c, n);
		n->outcome = OUTCOME_PENDING;
		return;
	}
	n->val[FACT_SUCCESS] = u->failed || refused(t, u) ? no : yes;
	codex_tool_name(&t->c, n);
	codex_tool_outcome(&t->c, n);
	if (n->exit_code >= 0 || u->exit_code < 0)
		return;
	n->exit_code = u->exit_code;
	if (u->exit_code == 0 || n->outcome != OUTCOME_OK)
		return;
	n->outcome = OUTCOME_WARNING;
	buf_addf(&b, "exit code %lld", (long long)u->exit_code);
	n->message = model_string(t->m, b.p != NULL ? b.p : "", b.n);
	buf_fini(&b);
}

static void
tool(struct tree *t, struct rollout_tool *u)
{
	struct node *n = model_node(t->m, NODE_TOOL, codex_key(&t->c, t->key,
	    '/', u->id, 0));

	u->node = n;
	if (n == NULL)
		return;
	n->resource = t->x->resource;
	n->agent = t->agent;
	n->start = u->start;
	n->end = u->end;
	n->guess = t->x->turn.vague;
	n->val[FACT_TOOL_ID] = u->id;
	n->val[FACT_TOOL_BARE] = u->name;
	n->val[FACT_NAMESPACE] = u->space;
	n->val[FACT_MCP_SERVER] = u->server;
	n->val[FACT_TOOL_INPUT] = u->input;
	n->val[FACT_OUTPUT] = u->output;
	if (t->x->parent.type == JSON_STRING)
		n->val[FACT_THREAD] = t->x->id;
	outcome(t, u);
	if (u->thread.type == JSON_STRING)
		make_agent(t, u);
}

static void
place(struct tree *t, struct rollout_tool *u)
{
	struct node *n = u->node;

	if (n == NULL)
		return;
	n->inferred = u->call == NULL;
	if (u->script != NULL)
		n->parent = u->script->node;
	else if (u->call != NULL)
		n->parent = u->call->node;
	if (n->parent == NULL)
		n->parent = t->agent != NULL ? t->agent : t->root;
	n->waits = n->parent->waits;
}

/* ---- the turn ------------------------------------------------------------------------ */

int
rollout_write(struct rollout *x)
{
	struct rollout_turn *u = &x->turn;
	struct tree t = { .x = x, .m = &x->made->m, .c.m = &x->made->m };
	struct rollout_tool *w;

	/* A turn of nothing: a client that was started and left. */
	if (u->n == 0 && u->said.type == JSON_NONE &&
	    u->error.type == JSON_NONE)
		return 0;
	if (made_begin(x->made, &x->arena, &made_codex, x->session,
	    u->n + 4) == -1)
		return -1;
	t.key = own_key(&t);
	if (x->oom)
		return -1;
	find_root(&t);
	if (t.root == NULL)
		return -1;
	agent_prompt(&t);
	calls(&t);
	STAILQ_FOREACH(w, &u->tools, next)
		tool(&t, w);
	STAILQ_FOREACH(w, &u->tools, next)
		place(&t, w);
	finish_root(&t);
	return made_end(x->made);
}

/*
 * The turns of a session as spans, with the keys of agent/claude: prompt id,
 * request id, tool use id, so that they have the ids of those made from the
 * session's log records.
 */
#include <string.h>

#include "agent/claude-tools.h"
#include "agent/errclass.h"
#include "import/import.h"
#include "import/transcript.h"
#include "json/write.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

struct tree {
	struct tr_session	*s;
	struct model		*m;
	struct tr_turn		*turn;
	struct node		*root;
	struct node		*last;		/* main call */
	bool			 pending;
};

/* ---- resource ---------------------------------------------------------------------------- */

static void
add(struct buf *b, const char *key, const char *p, size_t n)
{
	json_put_key(b, key);
	buf_addc(b, '"');
	buf_add(b, p, n);
	buf_addc(b, '"');
}

void
transcript_resource(struct tr_session *s)
{
	struct buf *b = &s->scratch;
	size_t n = s->cwd.n, from;

	buf_reset(b);
	buf_adds(b, "{\"service.name\":\"claude-code\"");
	if (s->version.type == JSON_STRING)
		add(b, "service.version", s->version.p + 1, s->version.n - 2);
	/* The last part of the folder. */
	if (s->cwd.type == JSON_STRING && n > 3) {
		for (from = n - 1; from > 1 && s->cwd.p[from - 1] != '/' &&
		    s->cwd.p[from - 1] != '\\'; from--)
			;
		add(b, "project.name", s->cwd.p + from, n - 1 - from);
	}
	if (s->branch.type == JSON_STRING && s->branch.n > 2 &&
	    !json_str_is(s->branch, "HEAD"))
		add(b, "vcs.ref.head.name", s->branch.p + 1, s->branch.n - 2);
	buf_addc(b, '}');
	s->oom = s->oom || b->err != 0;
	if (!s->oom)
		s->resource = transcript_keep(s, (struct json_val){ b->p,
		    b->n, JSON_OBJECT });
}

/* ---- calls ------------------------------------------------------------------------------- */

static struct json_val
join_texts(struct tree *t, const struct tr_call *c, bool thought)
{
	struct buf *b = &t->s->scratch;
	const struct tr_text *x;
	char *copy;
	size_t n = 0;

	buf_reset(b);
	buf_addc(b, '"');
	STAILQ_FOREACH(x, &c->texts, next) {
		if (x->thought != thought)
			continue;
		if (n++ > 0)
			buf_adds(b, "\\n");
		buf_add(b, x->v.p + 1, x->v.n - 2);
	}
	buf_addc(b, '"');
	if (n == 0)
		return none;
	copy = b->err == 0 ? arena_copy(t->m->arena, b->p, b->n) : NULL;
	if (copy == NULL) {
		t->m->oom = true;
		return none;
	}
	return (struct json_val){ copy, b->n, JSON_STRING };
}

static void
fail_call(struct tree *t, const struct tr_call *c, struct node *n)
{
	const char *text;
	size_t len;

	n->outcome = OUTCOME_ERROR;
	n->usage.known = false;
	n->message = c->message;
	n->status_code = c->status;
	text = model_text(t->m, c->message, &len);
	n->error_type = errclass(c->status, text, len);
}

/* A provider's id may come twice; then the other tells them apart. */
static struct json_val
call_key(struct tree *t, const struct tr_call *c)
{
	struct json_val key = c->request.type == JSON_STRING ? c->request :
	    c->id;

	return model_find(t->m, NODE_CALL, key) == NULL ? key : c->id;
}

static void
call(struct tree *t, struct tr_call *c)
{
	struct node *n = model_node(t->m, NODE_CALL, call_key(t, c));

	if (n == NULL)
		return;
	c->node = n;
	n->resource = t->s->resource;
	n->start = c->began;
	n->end = c->end;
	n->usage = c->usage;
	n->attempts = c->attempts;
	n->guess = c->guess != NULL ? c->guess : c->asked ? NULL : "start";
	n->val[FACT_REQUEST] = c->request;
	n->val[FACT_MESSAGE_ID] = c->guess != NULL && c->request.type !=
	    JSON_STRING ? none : c->id;
	n->val[FACT_MODEL] = c->model;
	n->val[FACT_STOP] = c->stop;
	n->val[FACT_EFFORT] = c->effort;
	n->val[FACT_SPEED] = c->speed;
	n->val[FACT_TIER] = c->tier;
	n->val[FACT_COST_USD] = c->cost;
	n->val[FACT_TEXT] = join_texts(t, c, false);
	n->val[FACT_THOUGHT] = join_texts(t, c, true);
	if (c->failed)
		fail_call(t, c, n);
	if (c->thread != &t->s->main)
		n->val[FACT_THREAD] = c->thread->id;
	else if (t->last == NULL || n->start >= t->last->start)
		t->last = n;
}

/* ---- tools ------------------------------------------------------------------------------- */

static struct json_val
quoted(struct tree *t, const char *p, size_t n)
{
	return model_string(t->m, p, n);
}

/* mcp__server__tool */
static void
mcp_name(struct tree *t, struct node *n, struct json_val name)
{
	static const char lead[] = "\"mcp__";
	const char *p, *end, *sep;

	if (name.type != JSON_STRING || name.n < sizeof(lead) + 4 ||
	    memcmp(name.p, lead, sizeof(lead) - 1) != 0)
		return;
	end = name.p + name.n - 1;
	p = name.p + sizeof(lead) - 1;
	sep = memmem(p, (size_t)(end - p), "__", 2);
	if (sep == NULL)
		return;
	n->val[FACT_MCP_SERVER] = quoted(t, p, (size_t)(sep - p));
	n->val[FACT_MCP_TOOL] = quoted(t, sep + 2, (size_t)(end - sep - 2));
}

static void
reject(struct tree *t, const struct tr_tool *u, struct node *n)
{
	struct buf b = { 0 };

	n->outcome = OUTCOME_WARNING;
	buf_adds(&b, "rejected");
	if (u->decider.type == JSON_STRING) {
		buf_adds(&b, " by ");
		buf_add(&b, u->decider.p + 1, u->decider.n - 2);
	}
	n->message = model_string(t->m, b.p != NULL ? b.p : "", b.n);
	buf_fini(&b);
}

static void
outcome(struct tree *t, const struct tr_tool *u, struct node *n)
{
	if (!u->ended) {
		n->outcome = OUTCOME_PENDING;
		t->pending = true;
		return;
	}
	n->outcome = OUTCOME_OK;
	if (!u->failed)
		return;
	if (json_str_is(u->decision, "reject")) {
		reject(t, u, n);
		return;
	}
	n->exit_code = claude_exit_code(t->m, u->output);
	/* The tool worked; the command it ran did not. */
	n->outcome = n->exit_code >= 0 ? OUTCOME_WARNING : OUTCOME_ERROR;
	n->error_type = "tool_error";
	n->message = u->output;
}

/* An id that comes again in a turn is told apart by its answer's. */
static struct json_val
tool_key(struct tree *t, const struct tr_tool *u)
{
	struct buf b = { 0 };
	struct json_val key = u->id;

	if (model_find(t->m, NODE_TOOL, u->id) == NULL)
		return u->id;
	buf_add(&b, u->call->id.p + 1, u->call->id.n - 2);
	buf_addc(&b, ' ');
	buf_add(&b, u->id.p + 1, u->id.n - 2);
	if (b.err == 0)
		key = model_string(t->m, b.p, b.n);
	buf_fini(&b);
	return key;
}

static void
tool(struct tree *t, struct tr_tool *u)
{
	struct node *n = model_node(t->m, NODE_TOOL, tool_key(t, u));

	u->node = n;
	if (n == NULL)
		return;
	n->resource = t->s->resource;
	n->parent = u->call->node;
	n->start = u->start;
	n->end = u->end > u->start ? u->end : u->start;
	n->guess = "start";
	n->val[FACT_TOOL_ID] = u->id;
	n->val[FACT_TOOL_NAME] = u->name;
	n->val[FACT_TOOL_INPUT] = t->s->im->content ? u->input : none;
	n->val[FACT_OUTPUT] = u->output;
	n->val[FACT_DECISION] = u->decision;
	if (u->thread != &t->s->main)
		n->val[FACT_THREAD] = u->thread->id;
	mcp_name(t, n, u->name);
	outcome(t, u, n);
}

/* ---- sub-agents ---------------------------------------------------------------------------- */

static const struct tr_call *
last_call(const struct tr_turn *turn, const struct tr_thread *th)
{
	const struct tr_call *c, *best = NULL;

	STAILQ_FOREACH(c, &turn->calls, in_turn)
		if (c->thread == th && c->node != NULL &&
		    (best == NULL || c->end >= best->end))
			best = c;
	return best;
}

static void
make_agent(struct tree *t, struct tr_thread *th, struct node *n)
{
	const struct tr_call *last = last_call(t->turn, th);

	n->kind = NODE_AGENT;
	n->thread = th->id;
	if (n->val[FACT_AGENT_NAME].type != JSON_STRING)
		n->val[FACT_AGENT_NAME] = th->type;
	if (th->end > n->end)
		n->end = th->end;
	if (n->outcome == OUTCOME_PENDING && last != NULL &&
	    json_str_is(last->stop, "end_turn"))
		n->outcome = OUTCOME_OK;
	n->val[FACT_BODY] = n->val[FACT_OUTPUT];
	if (last != NULL && last->node->val[FACT_TEXT].type == JSON_STRING)
		n->val[FACT_OUTPUT] = last->node->val[FACT_TEXT];
	th->node = n;
}

/* Nobody is known to have begun it: it stands for itself. */
static struct node *
orphan(struct tree *t, struct tr_thread *th)
{
	struct node *n = model_node(t->m, NODE_TOOL, th->id);

	if (n == NULL)
		return NULL;
	n->resource = t->s->resource;
	n->start = th->first;
	n->end = th->end;
	n->inferred = true;
	n->parent = t->root;
	return n;
}

static void
agents(struct tree *t)
{
	struct tr_thread *th;
	struct tr_tool *u;
	struct tr_call *c;

	STAILQ_FOREACH(u, &t->turn->tools, in_turn) {
		if (u->node == NULL || !transcript_starts_agents(u))
			continue;
		u->node->val[FACT_AGENT_NAME] = json_get(u->input,
		    "subagent_type");
		if (u->began != NULL)
			make_agent(t, u->began, u->node);
		else if (u->node->outcome != OUTCOME_WARNING)
			u->node->kind = NODE_AGENT;
	}
	STAILQ_FOREACH(c, &t->turn->calls, in_turn) {
		th = c->thread;
		if (c->node == NULL)
			continue;
		c->node->parent = t->root;
		if (th == &t->s->main)
			continue;
		if (th->node == NULL) {
			struct node *n = th->tool != NULL ? th->tool->node :
			    NULL;

			if (n == NULL)
				n = orphan(t, th);
			if (n != NULL)
				make_agent(t, th, n);
		}
		c->node->parent = c->node->agent = th->node;
	}
	STAILQ_FOREACH(u, &t->turn->tools, in_turn)
		if (u->node != NULL && u->thread->node != NULL)
			u->node->agent = u->thread->node;
}

/* ---- the turn ------------------------------------------------------------------------------- */

static void
finish_root(struct tree *t)
{
	struct node *root = t->root;

	root->client = t->turn->client;
	root->guess = t->s->guessed ? "times" : NULL;
	if (t->last != NULL) {
		root->val[FACT_TEXT] = t->last->val[FACT_TEXT];
		if (t->last->outcome == OUTCOME_ERROR) {
			root->outcome = OUTCOME_ERROR;
			root->message = t->last->message;
			root->error_type = t->last->error_type;
			root->status_code = t->last->status_code;
		}
	}
	if (root->val[FACT_TEXT].type != JSON_STRING)
		root->val[FACT_TEXT] = t->turn->said;
	if (t->turn->error.type == JSON_STRING &&
	    root->outcome == OUTCOME_OK) {
		root->outcome = OUTCOME_ERROR;
		root->message = t->turn->error;
	}
	root->incomplete = t->pending || t->turn->interrupted ||
	    t->last == NULL || json_str_is(t->last->val[FACT_STOP],
	    "tool_use") || (t->turn->printed && !t->turn->over);
}

/* Is there anything to tell that is not told elsewhere? */
static bool
says_nothing(const struct tr_turn *u)
{
	if (u->own != 0)
		return false;
	if (u->copied || !STAILQ_EMPTY(&u->calls))
		return true;
	return u->printed ? u->error.type == JSON_NONE : u->command;
}

static int
write_turn(struct tr_session *s, struct tr_turn *u)
{
	struct tree t = { .s = s, .m = &s->im->made.m, .turn = u };
	struct tr_prompt *p;
	struct tr_call *c;
	struct tr_tool *w;

	if (says_nothing(u))
		return 0;
	arena_reset(&s->model);
	if (made_begin(&s->im->made, &s->model, &made_claude, s->id,
	    u->n + 8) == -1)
		return -1;
	t.root = model_node(t.m, NODE_TURN, none);
	if (t.root == NULL)
		return -1;
	t.root->ident = u->ident;
	t.root->resource = s->resource;
	t.root->start = u->start;
	t.root->end = u->end;
	STAILQ_FOREACH(p, &u->prompts, next)
		made_prompt(&s->im->made, t.root, p->text, p->time);
	STAILQ_FOREACH(c, &u->calls, in_turn)
		if (!c->copied)
			call(&t, c);
	STAILQ_FOREACH(w, &u->tools, in_turn)
		if (!w->call->copied)
			tool(&t, w);
	agents(&t);
	finish_root(&t);
	return made_end(&s->im->made);
}

int
transcript_write(struct tr_session *s)
{
	struct tr_turn *u;

	if (s->printed)
		transcript_rest(s);
	transcript_settle(s);
	transcript_resource(s);
	if (s->oom)
		return -1;
	STAILQ_FOREACH(u, &s->turns, next)
		if (write_turn(s, u) == -1)
			return -1;
	return 0;
}

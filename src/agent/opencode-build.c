#include "agent/opencode-build.h"

#include <string.h>

#include "agent/errclass.h"
#include "base/clock.h"
#include "json/write.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

static int64_t
number(struct json_val v)
{
	int64_t n;

	return json_int(v, &n) == 0 && n >= 0 ? n : 0;
}

/* The held span with that id; a turn has few of them. */
static struct held *
span_of(const struct model *m, struct json_val id)
{
	for (size_t i = 0; id.type != JSON_NONE && i < m->nrec; i++)
		if (json_equal(m->rec[i]->span, id))
			return m->rec[i];
	return NULL;
}

/* ---- joining -------------------------------------------------------------------- */

static void
join_span(struct model *m, struct held *h)
{
	struct json_val id = held_fact(h, FACT_TOOL_ID);
	struct node *n;

	if (h->event == OPENCODE_CALL)
		n = model_node(m, NODE_CALL, h->span);
	else if ((h->event == OPENCODE_TOOL || h->event == OPENCODE_EXECUTE) &&
	    id.type == JSON_STRING)
		n = model_node(m, NODE_TOOL, id);
	else
		return;
	if (n == NULL)
		return;
	/* What opencode itself says of a tool stands in when the SDK's is lost. */
	if (n->native == NULL || h->event == OPENCODE_TOOL)
		n->native = h;
	model_take(n, h, h->event == OPENCODE_TOOL ? TAKE_OVER : TAKE_NEW);
	if (h->event == OPENCODE_CALL)	/* tools hang below the step */
		model_alias(m, h->parent, n);
}

/* ---- calls ---------------------------------------------------------------------- */

/* {"anthropic":{"usage":{"cache_creation":{"ephemeral_5m_input_tokens":…}}}} */
static void
call_split(struct model *m, struct node *n)
{
	struct usage *u = &n->usage;
	struct json_val v = json_path(opencode_inside(m,
	    n->val[FACT_METADATA]), "anthropic", "usage", "cache_creation",
	    NULL);

	u->write_5m = number(json_get(v, "ephemeral_5m_input_tokens"));
	u->write_1h = number(json_get(v, "ephemeral_1h_input_tokens"));
	u->split = v.type == JSON_OBJECT &&
	    u->write_5m + u->write_1h == u->write;
}

static void
call_usage(struct model *m, struct node *n)
{
	struct usage *u = &n->usage;
	struct json_val *v = n->val;

	u->known = v[FACT_IN].type != JSON_NONE;
	u->cache_read = number(v[FACT_CACHE_READ]);
	u->write = number(v[FACT_CACHE_WRITE]);
	u->input = number(v[FACT_IN]) - u->cache_read - u->write;
	if (u->input < 0)
		u->input = 0;
	u->reasoning = number(v[FACT_REASONING]);
	u->output = number(v[FACT_OUT]) - u->reasoning;
	if (u->output < 0)
		u->output = 0;
	u->fold = json_str_is(v[FACT_PROVIDER], "anthropic");
	call_split(m, n);
}

/* "openai.responses" is the provider's API, not the provider. */
static struct json_val
provider(struct model *m, struct json_val v)
{
	size_t n;
	const char *p = model_text(m, v, &n), *dot = memchr(p, '.', n);

	return dot == NULL ? v : model_string(m, p, (size_t)(dot - p));
}

static void
finish_call(struct model *m, struct node *n)
{
	struct held *step = span_of(m, n->native->parent), *run, *above;
	const char *text;
	double ttft;
	size_t len;

	n->start = n->native->start;
	n->end = n->native->end;
	n->complete = true;
	n->val[FACT_PROVIDER] = provider(m, n->val[FACT_PROVIDER]);
	call_usage(m, n);
	if (json_double(n->val[FACT_TTFT_MS], &ttft) == 0 && ttft > 0 &&
	    ttft < 1e9)
		n->first_token = n->start + (uint64_t)(ttft *
		    (double)CLOCK_MS);
	if (n->native->failed) {
		n->outcome = OUTCOME_ERROR;
		n->message = n->native->status_message;
		n->usage.known = false;
		text = model_text(m, n->message, &len);
		n->error_type = errclass(0, text, len);
	}
	run = step != NULL ? span_of(m, step->parent) : NULL;
	above = run != NULL ? span_of(m, run->parent) : NULL;
	if (above != NULL && above->event == OPENCODE_TITLE)
		n->purpose = "title";
}

/* ---- turns ---------------------------------------------------------------------- */

static struct node *
turn_new(struct model *m, struct json_val key)
{
	struct node *n = model_node(m, NODE_TURN, key);

	if (n != NULL) {
		n->ident = key;
		n->made = true;
	}
	return n;
}

/* A title is a side thread: a trace of its own. */
static void
place_title(struct model *m, struct node *c)
{
	struct node *n = turn_new(m, c->native->span);

	if (n == NULL)
		return;
	c->parent = n;
	n->stitched = true;
	n->client = true;
	n->ended = n->complete = true;
	n->purpose = c->purpose;
	n->resource = c->resource;
	n->touched = c->touched;
	n->start = c->start;
	n->end = c->end;
	n->outcome = c->outcome;
	n->message = c->message;
	n->error_type = c->error_type;
	n->session = held_fact(c->native, FACT_SESSION);
	n->val[FACT_PROVIDER] = c->val[FACT_PROVIDER];
	n->val[FACT_PROMPT] = opencode_prompt(m, c);
	n->val[FACT_TEXT] = c->val[FACT_TEXT];
}

/* The conversation of the user: that of the first call without a parent. */
static struct json_val
main_session(const struct model *m)
{
	struct json_val v = none;

	for (size_t i = 0; i < m->nrec; i++) {
		const struct held *h = m->rec[i];

		v = held_fact(h, FACT_SESSION);
		if (v.type == JSON_STRING && h->event <= OPENCODE_STEP &&
		    held_fact(h, FACT_PARENT_THREAD).type == JSON_NONE)
			return v;
	}
	for (size_t i = 0; i < m->nrec; i++) {
		v = held_fact(m->rec[i], FACT_PARENT_THREAD);
		if (v.type == JSON_NONE)
			v = held_fact(m->rec[i], FACT_SESSION);
		if (v.type == JSON_STRING)
			return v;
	}
	return v;
}

/* Did the call ask for tools? Some may run still: a span comes at its end. */
static bool
has_tools(const struct model *m, const struct node *call)
{
	const struct json_val asked = call->val[FACT_TOOL_PARAMS];
	const struct node *n;

	if (asked.type == JSON_STRING && asked.n > sizeof("\"[]\"") - 1)
		return true;
	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->parent == call)
			return true;
	return false;
}

static void
finish_turn(struct model *m)
{
	struct node *root = m->root, *n, *first = NULL, *last = NULL;

	TAILQ_FOREACH(n, &m->nodes, link) {
		if (n->kind == NODE_TURN || (n->parent != NULL &&
		    n->parent->purpose != NULL))
			continue;
		if (root->start == 0 || n->start < root->start)
			root->start = n->start;
		if (n->end > root->end)
			root->end = n->end;
		if (root->resource.type == JSON_NONE)
			root->resource = n->resource;
		if (n->kind != NODE_CALL || n->parent != root)
			continue;
		if (first == NULL || n->start < first->start)
			first = n;
		if (last == NULL || n->start >= last->start)
			last = n;
	}
	for (size_t i = 0; i < m->nrec; i++) {
		const struct held *h = m->rec[i];

		if (h->event != OPENCODE_PROMPT || h->end < root->end)
			continue;
		root->start = h->start;
		root->end = h->end;
		root->ended = true;
	}
	root->complete = root->ended;
	root->busy = last != NULL && last->outcome == OUTCOME_OK &&
	    has_tools(m, last) && !root->ended;
	root->incomplete = last == NULL || root->busy;
	if (first != NULL) {
		root->val[FACT_PROMPT] = opencode_prompt(m, first);
		root->val[FACT_PROVIDER] = first->val[FACT_PROVIDER];
	}
	if (last == NULL)
		return;
	if (!root->incomplete)
		root->val[FACT_TEXT] = last->val[FACT_TEXT];
	if (last->outcome == OUTCOME_ERROR) {
		root->outcome = OUTCOME_ERROR;
		root->message = last->message;
		root->error_type = last->error_type;
	}
}

/* ---- tools and sub-agents ----------------------------------------------------------- */

static bool
refused(const struct node *n)
{
	struct json_iter it;
	struct json_val e;

	json_iter(&it, n->native->events);
	while (n->native->events.type == JSON_ARRAY &&
	    json_next_elem(&it, &e))
		if (json_str_is(json_path(e, "attributes", "exception.type",
		    NULL), "PermissionRejectedError"))
			return true;
	return false;
}

static void
finish_tool(struct model *m, struct node *n)
{
	struct json_val result = opencode_inside(m, n->val[FACT_OUTPUT]);
	struct node *call = model_by_span(m, n->native->parent);

	n->start = n->native->start;
	n->end = n->native->end;
	n->complete = n->native->event == OPENCODE_TOOL;
	n->val[FACT_OUTPUT] = json_get(result, "output");
	if (n->val[FACT_OUTPUT].type != JSON_STRING)
		n->val[FACT_OUTPUT] = none;
	if (json_int(json_path(result, "metadata", "exit", NULL),
	    &n->exit_code) == -1)
		n->exit_code = -1;
	if (n->native->failed) {
		n->outcome = refused(n) ? OUTCOME_WARNING : OUTCOME_ERROR;
		n->message = n->native->status_message;
		n->error_type = "tool_error";
	} else if (n->exit_code > 0) {
		n->outcome = OUTCOME_WARNING;
		n->error_type = "tool_error";
	}
	n->thread = json_path(result, "metadata", "sessionId", NULL);
	n->parent = call;
	if (call == NULL) {
		/* It ends after its tools, so it comes after them. */
		n->parent = m->root;
		n->inferred = true;
		n->waits = true;
	} else
		n->val[FACT_PROVIDER] = call->val[FACT_PROVIDER];
}

/* The tool that started the session; by its result, else by its time. */
static struct node *
starter(const struct model *m, struct json_val thread, uint64_t when,
    bool *guess)
{
	struct node *n, *best = NULL;

	*guess = false;
	TAILQ_FOREACH(n, &m->nodes, link)
		if ((n->kind == NODE_TOOL || n->kind == NODE_AGENT) &&
		    json_equal(n->thread, thread))
			return n;
	*guess = true;
	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->kind == NODE_TOOL && n->start <= when &&
		    n->end >= when &&
		    json_str_is(n->val[FACT_TOOL_NAME], "task"))
			best = n;
	return best;
}

/* A session that is not the user's is a sub-agent's. */
static void
place(struct model *m, struct node *n)
{
	struct json_val thread = held_fact(n->native, FACT_SESSION);
	struct node *a;
	bool guess;

	if (thread.type == JSON_NONE || json_equal(thread, m->root->session)) {
		if (n->kind == NODE_CALL)
			n->parent = m->root;
		return;
	}
	n->val[FACT_THREAD] = thread;
	a = starter(m, thread, n->start, &guess);
	if (a != NULL && a != n) {
		struct json_val args = opencode_inside(m,
		    a->val[FACT_TOOL_INPUT]);

		a->kind = NODE_AGENT;
		a->thread = thread;
		a->inferred = a->inferred || guess;
		a->val[FACT_AGENT_NAME] = json_get(args, "subagent_type");
		n->agent = a;
	}
	if (n->kind != NODE_CALL)
		return;
	n->parent = a != NULL ? a : m->root;
	n->inferred = n->waits = a == NULL;	/* it ends after its calls */
	if (a != NULL && n->val[FACT_TEXT].type == JSON_STRING)
		a->val[FACT_OUTPUT] = n->val[FACT_TEXT];
}

/* A failed call of the same thread is the attempt before. */
static void
attempts(struct model *m)
{
	struct node *n, *o;

	TAILQ_FOREACH(n, &m->nodes, link) {
		struct node *before = NULL;

		if (n->kind != NODE_CALL)
			continue;
		TAILQ_FOREACH(o, &m->nodes, link)
			if (o->kind == NODE_CALL && o->parent == n->parent &&
			    o->start < n->start && (before == NULL ||
			    o->start > before->start))
				before = o;
		n->attempts = 1;
		n->val[FACT_REQUEST] = n->key;
		/* Nodes stand in order of time: it was seen to already. */
		if (before == NULL || before->outcome != OUTCOME_ERROR)
			continue;
		n->attempts = before->attempts + 1;
		n->val[FACT_REQUEST] = before->val[FACT_REQUEST];
	}
}

/* What was folded into something, or says no more than it. */
static void
fold(struct model *m)
{
	for (size_t i = 0; i < m->nrec; i++) {
		struct held *h = m->rec[i];

		if (h->node == NULL && h->event == OPENCODE_STEP)
			h->node = model_by_span(m, h->span);
		if (h->node == NULL)
			h->node = m->root;
		if (h->arrived > h->node->touched)
			h->node->touched = h->arrived;
	}
}

int
opencode_build(struct model *m)
{
	struct node *n;
	bool any = false;

	for (size_t i = 0; i < m->nrec; i++)
		join_span(m, m->rec[i]);
	m->root = turn_new(m, (struct json_val){ m->session->id,
	    m->session->n, JSON_STRING });
	if (m->oom || m->root == NULL)
		return -1;
	m->root->session = main_session(m);
	TAILQ_FOREACH(n, &m->nodes, link) {
		any = any || n->kind == NODE_TOOL;
		if (n->kind != NODE_CALL)
			continue;
		finish_call(m, n);
		any = any || n->purpose == NULL;
	}
	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->kind == NODE_TOOL)
			finish_tool(m, n);
	TAILQ_FOREACH(n, &m->nodes, link) {
		if (n->kind == NODE_CALL && n->purpose != NULL)
			place_title(m, n);
		else if (n->kind != NODE_TURN)
			place(m, n);
	}
	attempts(m);
	fold(m);
	if (any)
		finish_turn(m);
	return m->oom ? -1 : 0;
}

/*
 * Tools of Gemini CLI. A call's answer names the tools it wants, with ids; a
 * tool_call span carries the id; a tool_call log does not, but names the
 * schedule_tool_calls span above it, and comes in the order of the calls.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/gemini-build.h"
#include "base/clock.h"

/* What is known of a tool beside its node (node->priv). */
struct gemini_tool {
	struct json_val	schedule;	/* id of the span above it */
	struct json_val	owner;		/* response id of the call that asked */
	struct json_val	result;		/* what its span says of its end */
	struct json_val	thread;
	struct json_val	display;	/* name for people */
};

static struct gemini_tool *
tool_new(struct model *m, struct json_val key, struct node **n)
{
	*n = model_node(m, NODE_TOOL, key);
	if (*n == NULL)
		return NULL;
	if ((*n)->priv == NULL)
		(*n)->priv = arena_get(m->arena, sizeof(struct gemini_tool));
	if ((*n)->priv == NULL)
		m->oom = true;
	return (*n)->priv;
}

static void
keep(struct json_val *v, struct json_val said)
{
	if (v->type == JSON_NONE && said.type != JSON_NULL)
		*v = said;
}

/* ---- joining -------------------------------------------------------------------- */

/* What the answers ask for. */
static void
asked(struct model *m, struct gemini_call *c)
{
	struct node *n;

	for (size_t i = 0; i < c->npart; i++) {
		struct gemini_part *p = &c->part[i];
		struct gemini_tool *t;

		if (p->kind != PART_CALL || p->id.type != JSON_STRING)
			continue;
		t = tool_new(m, p->id, &n);
		if (t == NULL)
			return;
		t->thread = c->thread;
		n->parent = c->n;
		keep(&n->val[FACT_TOOL_ID], p->id);
		keep(&n->val[FACT_TOOL_NAME], p->name);
		keep(&n->val[FACT_TOOL_INPUT], gemini_outside(m, p->args));
		if (c->n->touched > n->touched)
			n->touched = c->n->touched;
		if (n->resource.type == JSON_NONE)
			n->resource = c->n->resource;
		n->start = n->end = c->n->end;
	}
}

/* {"callId":…,"name":…,"args":…,"prompt_id":…,"traceId":…} */
static struct node *
see_request(struct model *m, struct json_val request, struct json_val id)
{
	struct gemini_tool *t;
	struct node *n;

	keep(&id, json_get(request, "callId"));
	if (id.type != JSON_STRING)
		return NULL;
	t = tool_new(m, id, &n);
	if (t == NULL)
		return NULL;
	keep(&n->val[FACT_TOOL_ID], id);
	keep(&n->val[FACT_TOOL_NAME], json_get(request, "name"));
	if (n->val[FACT_TOOL_INPUT].type == JSON_NONE)
		n->val[FACT_TOOL_INPUT] = gemini_outside(m,
		    json_get(request, "args"));
	keep(&t->owner, json_get(request, "traceId"));
	if (t->thread.type == JSON_NONE)
		(void)gemini_scope(m, json_get(request, "prompt_id"),
		    &t->thread);
	return n;
}

/* {"status":…,"request":{…},"response":{…},"tool":{…}} */
static void
see_result(struct node *n, struct json_val result)
{
	struct gemini_tool *t = n->priv;

	keep(&t->display, json_path(result, "tool", "displayName", NULL));
	if (json_get(result, "response").type == JSON_OBJECT)
		keep(&t->result, result);
}

static void
join_schedule(struct model *m, struct held *h)
{
	struct json_val all = gemini_inside(m, held_fact(h, FACT_BODY)), one;
	struct json_iter it;
	struct node *n;

	json_iter(&it, all);
	while (all.type == JSON_ARRAY && json_next_elem(&it, &one)) {
		n = see_request(m, one, gemini_none);
		if (n == NULL)
			continue;
		((struct gemini_tool *)n->priv)->schedule = h->span;
		h->node = n;
	}
	all = gemini_inside(m, held_fact(h, FACT_OUTPUT));
	json_iter(&it, all);
	while (all.type == JSON_ARRAY && json_next_elem(&it, &one)) {
		n = see_request(m, json_get(one, "request"), gemini_none);
		if (n == NULL)
			continue;
		((struct gemini_tool *)n->priv)->schedule = h->span;
		see_result(n, one);
		h->node = n;
	}
}

static void
join_span(struct model *m, struct held *h)
{
	struct json_val id = held_fact(h, FACT_TOOL_ID);
	struct gemini_tool *t;
	struct node *n;

	t = tool_new(m, id.type == JSON_STRING ? id : h->span, &n);
	if (t == NULL)
		return;
	(void)see_request(m, gemini_inside(m, held_fact(h, FACT_BODY)), id);
	see_result(n, gemini_inside(m, held_fact(h, FACT_OUTPUT)));
	t->schedule = h->parent;
	n->native = h;
	model_take(n, h, TAKE_NEW);
	n->val[FACT_OUTPUT] = gemini_none;
	model_alias(m, h->span, n);
}

/* The number at the end of a call id: its place in the answer. */
static uint64_t
place(const struct node *n)
{
	const char *p = memrchr(n->key.p, '_', n->key.n);

	return p == NULL ? 0 : strtoull(p + 1, NULL, 10);
}

static bool
same_args(struct model *m, const struct node *n, const struct held *h)
{
	size_t an, bn;
	const char *a = model_text(m, n->val[FACT_TOOL_INPUT], &an);
	const char *b = model_text(m, held_fact(h, FACT_TOOL_INPUT), &bn);

	return gemini_same_json(a, an, b, bn);
}

static bool
same_thread(struct json_val a, struct json_val b)
{
	return gemini_equal(a, b) ||
	    (a.type == JSON_NONE && b.type == JSON_NONE);
}

/* Could the log be of this tool? */
static bool
fits(const struct node *n, const struct held *h, struct json_val thread)
{
	const struct gemini_tool *t = n->priv;

	if (n->kind != NODE_TOOL || t == NULL || n->log != NULL ||
	    !gemini_equal(n->val[FACT_TOOL_NAME],
	    held_fact(h, FACT_TOOL_NAME)))
		return false;
	if (t->schedule.type == JSON_STRING && h->span.type == JSON_STRING)
		return gemini_equal(t->schedule, h->span);
	return same_thread(t->thread, thread) &&
	    (n->parent == NULL || n->parent->end <= h->end + CLOCK_MS);
}

/* The first in the order of the answer that is free. */
static struct node *
pick(struct model *m, const struct held *h, struct json_val thread, bool args)
{
	struct node *n, *best = NULL;

	TAILQ_FOREACH(n, &m->nodes, link) {
		if (!fits(n, h, thread) || (args && !same_args(m, n, h)))
			continue;
		if (best == NULL || n->start < best->start ||
		    (n->start == best->start && place(n) < place(best)))
			best = n;
	}
	return best;
}

/* A tool whose id nobody tells. */
static struct node *
nameless(struct model *m, const struct held *h)
{
	struct buf b = { 0 };
	struct node *n = NULL;
	const char *p;
	size_t len;

	p = model_text(m, held_fact(h, FACT_TOOL_NAME), &len);
	for (int i = 0; n == NULL || n->log != NULL; i++) {
		buf_reset(&b);
		buf_add(&b, p, len);
		buf_addf(&b, " %llu %d", (unsigned long long)h->end, i);
		if (tool_new(m, model_string(m, buf_cstr(&b), b.n), &n) ==
		    NULL)
			break;
	}
	buf_fini(&b);
	return n;
}

static void
join_log(struct model *m, struct held *h, bool args)
{
	struct json_val thread, input;
	struct node *n;

	if (h->node != NULL)
		return;
	(void)gemini_scope(m, held_fact(h, FACT_TURN), &thread);
	n = pick(m, h, thread, args);
	if (n == NULL && args)
		return;
	if (n == NULL)
		n = nameless(m, h);
	if (n == NULL)
		return;
	((struct gemini_tool *)n->priv)->thread = thread;
	input = n->val[FACT_TOOL_INPUT];
	n->log = h;
	model_take(n, h, TAKE_OVER);
	/* The log's are the same, spread over lines for people. */
	if (input.type != JSON_NONE &&
	    !json_str_is(n->val[FACT_DECISION], "modify"))
		n->val[FACT_TOOL_INPUT] = input;
}

/* ---- finishing ------------------------------------------------------------------ */

/*
 * "mcp_<server>_<tool>" is shown as "mcp__<server>__<tool>". Spans name the
 * server only for people: "add (demo MCP Server)".
 */
static void
mcp_name(struct model *m, struct node *n)
{
	static const char tail[] = " MCP Server)";
	const struct gemini_tool *t = n->priv;
	struct json_val *v = n->val;
	size_t len, sn, dn, k = sizeof(tail) - 1;
	const char *name = model_text(m, v[FACT_TOOL_NAME], &len);
	const char *server = model_text(m, v[FACT_MCP_SERVER], &sn), *p;
	const char *display = model_text(m, t->display, &dn);
	struct buf b = { 0 };

	if (sn == 0 && dn > k && memcmp(display + dn - k, tail, k) == 0 &&
	    (p = memrchr(display, '(', dn)) != NULL) {
		server = p + 1;
		sn = (size_t)(display + dn - k - server);
	}
	if (sn == 0 || len < sn + 6 || memcmp(name, "mcp_", 4) != 0 ||
	    memcmp(name + 4, server, sn) != 0 || name[4 + sn] != '_')
		return;
	v[FACT_MCP_SERVER] = model_string(m, server, sn);
	v[FACT_MCP_TOOL] = model_string(m, name + 5 + sn, len - 5 - sn);
	buf_adds(&b, "mcp__");
	buf_add(&b, server, sn);
	buf_adds(&b, "__");
	buf_add(&b, name + 5 + sn, len - 5 - sn);
	v[FACT_TOOL_NAME] = model_string(m, b.p != NULL ? b.p : "", b.n);
	buf_fini(&b);
}

/* Told to the model: {"output":…} or {"error":…}; error: was it that? */
static struct json_val
told(struct model *m, struct json_val response, bool *error)
{
	struct json_val v = json_get(response, "error");

	*error = v.type == JSON_STRING;
	if (*error)
		return v;
	v = json_get(response, "output");
	if (v.type == JSON_STRING)
		return v;
	return gemini_outside(m, response);
}

static void
read_result(struct model *m, struct node *n)
{
	const struct gemini_tool *t = n->priv;
	struct json_val response = json_get(t->result, "response"), part, v;
	struct json_iter it;
	bool error;

	if (response.type != JSON_OBJECT)
		return;
	json_iter(&it, json_get(response, "responseParts"));
	while (n->val[FACT_OUTPUT].type == JSON_NONE &&
	    json_next_elem(&it, &part)) {
		v = json_path(part, "functionResponse", "response", NULL);
		if (v.type != JSON_OBJECT)
			continue;
		n->val[FACT_OUTPUT] = told(m, v, &error);
		if (error)
			keep(&n->val[FACT_ERROR], n->val[FACT_OUTPUT]);
	}
	keep(&n->val[FACT_ERROR_TYPE], json_get(response, "errorType"));
	if (n->val[FACT_METADATA].type == JSON_NONE)
		n->val[FACT_METADATA] = gemini_outside(m,
		    json_get(response, "data"));
}

/* Policy or the user said no; that is no failure of the tool. */
static bool
refused(const struct node *n)
{
	static const char *const why[] = { "policy_violation",
	    "execution_denied", "cancelled", "user_cancelled" };
	const struct gemini_tool *t = n->priv;

	for (size_t i = 0; i < sizeof(why) / sizeof(why[0]); i++)
		if (json_str_is(n->val[FACT_ERROR_TYPE], why[i]))
			return true;
	return json_str_is(n->val[FACT_DECISION], "reject") ||
	    json_str_is(json_get(t->result, "status"), "cancelled");
}

static void
outcome(struct model *m, struct node *n)
{
	const struct gemini_tool *t = n->priv;
	struct json_val data = gemini_inside(m, n->val[FACT_METADATA]);
	bool ok, bad;

	if (json_bool(n->val[FACT_SUCCESS], &ok) == -1) {
		if (t->result.type == JSON_NONE && n->native == NULL) {
			n->outcome = OUTCOME_PENDING;
			return;
		}
		ok = !json_str_is(json_get(t->result, "status"), "error") &&
		    !json_str_is(json_get(t->result, "status"), "cancelled");
	}
	if (json_int(json_get(data, "exitCode"), &n->exit_code) == -1)
		n->exit_code = -1;
	if (!ok) {
		n->message = n->val[FACT_ERROR];
		n->error_type = "tool_error";
		n->outcome = refused(n) ? OUTCOME_WARNING : OUTCOME_ERROR;
	} else if (n->exit_code > 0 ||
	    (json_bool(json_get(data, "isError"), &bad) == 0 && bad)) {
		/* The tool worked; the command it ran did not. */
		n->outcome = OUTCOME_WARNING;
		n->error_type = "tool_error";
	}
}

static void
times(struct node *n)
{
	int64_t ms;

	if (n->native != NULL) {
		n->start = n->native->start;
		n->end = n->native->end;
	} else if (n->log != NULL) {
		n->start = n->end = n->log->end;
		if (json_int(n->val[FACT_DURATION_MS], &ms) == 0 && ms > 0)
			n->start -= (uint64_t)ms * CLOCK_MS;
	}
}

/* By the answer that asked, its id, or the latest call before it. */
static void
place_tool(struct gemini *g, struct node *n)
{
	const struct gemini_tool *t = n->priv;
	struct gemini_call *best = NULL;

	for (size_t i = 0; n->parent == NULL && i < g->ncall; i++) {
		struct gemini_call *c = g->call[i];

		if (c->n->start > n->start)
			break;
		if (gemini_equal(c->n->val[FACT_RESPONSE_ID], t->owner))
			best = c;
	}
	for (size_t i = 0; n->parent == NULL && best == NULL &&
	    i < g->ncall; i++) {
		struct gemini_call *c = g->call[g->ncall - 1 - i];

		if (c->n->start <= n->start && c->n->purpose == NULL &&
		    c->n->outcome != OUTCOME_ERROR &&
		    same_thread(c->thread, t->thread)) {
			best = c;
			n->inferred = true;
		}
	}
	if (best != NULL)
		n->parent = best->n;
	if (n->parent == NULL) {
		n->parent = gemini_turn_of(g, n->native != NULL ? n->native :
		    n->log);
		n->inferred = true;
	}
}

static void
finish(struct gemini *g, struct node *n)
{
	const struct session *s = g->m->session;
	const struct gemini_tool *t = n->priv;

	mcp_name(g->m, n);
	read_result(g->m, n);
	outcome(g->m, n);
	times(n);
	if (n->parent == NULL && (n->native != NULL || n->log != NULL))
		place_tool(g, n);
	n->val[FACT_THREAD] = t->thread;
	n->complete = n->outcome != OUTCOME_PENDING &&
	    (n->native != NULL || !g->m->group->has_trace) &&
	    (n->log != NULL || (!s->saw_log || s->logs_late));
}

/* Where no span told a result, the next request of the thread does. */
static void
late_results(struct gemini *g)
{
	for (size_t i = 1; i < g->ncall; i++) {
		struct gemini_call *c = g->call[i], *prev = NULL;
		struct node *n;
		bool missing = false;

		if (c->n->purpose != NULL)
			continue;
		for (size_t j = i; j-- > 0 && prev == NULL;)
			if (g->call[j]->n->purpose == NULL &&
			    same_thread(g->call[j]->thread, c->thread))
				prev = g->call[j];
		TAILQ_FOREACH(n, &g->m->nodes, link)
			missing = missing || (n->kind == NODE_TOOL &&
			    prev != NULL && n->parent == prev->n &&
			    n->val[FACT_OUTPUT].type == JSON_NONE);
		if (missing)
			gemini_take_results(g->m, c->n);
	}
}

int
gemini_tools(struct gemini *g)
{
	struct model *m = g->m;
	struct node *n;

	for (size_t i = 0; i < g->ncall; i++)
		asked(m, g->call[i]);
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->event == GEMINI_TOOL_SPAN)
			join_span(m, m->rec[i]);
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->event == GEMINI_SCHEDULE)
			join_schedule(m, m->rec[i]);
	for (int args = 1; args >= 0; args--)
		for (size_t i = 0; i < m->nrec; i++)
			if (m->rec[i]->event == GEMINI_TOOL)
				join_log(m, m->rec[i], args != 0);
	if (m->oom)
		return -1;
	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->kind == NODE_TOOL)
			finish(g, n);
	late_results(g);
	return m->oom ? -1 : 0;
}

/*
 * Tools of Gemini CLI. A call's answer names the tools it wants, with ids; a
 * tool_call span carries the id; a tool_call log does not, but names the
 * schedule_tool_calls span above it, and comes in the order of the calls.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/gemini-build.h"
#include "base/clock.h"

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
		gemini_keep(&n->val[FACT_TOOL_ID], p->id);
		gemini_keep(&n->val[FACT_TOOL_NAME], p->name);
		gemini_keep(&n->val[FACT_TOOL_INPUT], gemini_outside(m, p->args));
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

	gemini_keep(&id, json_get(request, "callId"));
	if (id.type != JSON_STRING)
		return NULL;
	t = tool_new(m, id, &n);
	if (t == NULL)
		return NULL;
	gemini_keep(&n->val[FACT_TOOL_ID], id);
	gemini_keep(&n->val[FACT_TOOL_NAME], json_get(request, "name"));
	if (n->val[FACT_TOOL_INPUT].type == JSON_NONE)
		n->val[FACT_TOOL_INPUT] = gemini_outside(m,
		    json_get(request, "args"));
	gemini_keep(&t->owner, json_get(request, "traceId"));
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

	gemini_keep(&t->display, json_path(result, "tool", "displayName", NULL));
	if (json_get(result, "response").type == JSON_OBJECT)
		gemini_keep(&t->result, result);
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

/* Could the log be of this tool? */
static bool
fits(const struct node *n, const struct held *h, struct json_val thread)
{
	const struct gemini_tool *t = n->priv;

	if (n->kind != NODE_TOOL || t == NULL || n->log != NULL ||
	    !json_equal(n->val[FACT_TOOL_NAME],
	    held_fact(h, FACT_TOOL_NAME)))
		return false;
	if (t->schedule.type == JSON_STRING && h->span.type == JSON_STRING)
		return json_equal(t->schedule, h->span);
	return gemini_same_thread(t->thread, thread) &&
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

/* ---- all of them ------------------------------------------------------------------- */

/* A schedule span that tells no content: part of a tool it holds. */
static void
fold_schedule(struct gemini *g, struct held *h)
{
	struct node *n;

	if (h->event != GEMINI_SCHEDULE || h->node != NULL)
		return;
	TAILQ_FOREACH(n, &g->m->nodes, link)
		if (n->kind == NODE_TOOL && h->node == NULL &&
		    json_equal(((struct gemini_tool *)n->priv)->schedule,
		    h->span))
			h->node = n;
	if (h->node == NULL)
		h->node = gemini_turn_of(g, h);
	if (h->node != NULL && h->arrived > h->node->touched)
		h->node->touched = h->arrived;
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
			    gemini_same_thread(g->call[j]->thread, c->thread))
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
			gemini_finish_tool(g, n);
	for (size_t i = 0; i < m->nrec; i++)
		fold_schedule(g, m->rec[i]);
	late_results(g);
	return m->oom ? -1 : 0;
}

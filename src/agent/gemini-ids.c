/*
 * What ids are made from. A run with -p is many traces, which become one with
 * ids that are all made: a chat, which knows neither spans nor processes, has
 * the same. A call is known by its tokens, a turn by those of its first answer
 * or by how much was asked in vain, a tool by its call id. In the terminal
 * interface the trace is the CLI's own, and its spans keep their ids.
 */
#include "agent/gemini-build.h"
#include "agent/ident.h"

#define PARENTS_MAX	1000

/* Its tokens, as the log tells them, or the span alone. */
static bool
tokens(const struct gemini_call *c, int64_t *in, int64_t *out)
{
	const struct json_val *v = c->n->val;

	if (c->n->outcome == OUTCOME_ERROR || c->n->purpose != NULL)
		return false;
	return (json_int(v[FACT_IN], in) == 0 &&
	    json_int(v[FACT_OUT], out) == 0) ||
	    (json_int(v[FACT_SPAN_IN], in) == 0 &&
	    json_int(v[FACT_SPAN_OUT], out) == 0);
}

static bool
is_free(const struct gemini *g, const struct gemini_turn *t,
    struct json_val ident)
{
	for (size_t i = 0; i < g->nturn; i++)
		if (g->turn[i] != t &&
		    json_equal(g->turn[i]->n->ident, ident))
			return false;
	return !ident_is_written(g->m, t->n->key, ident);
}

static const struct gemini_call *
first_answer(const struct gemini *g, const struct gemini_turn *t, int64_t *in,
    int64_t *out)
{
	for (size_t i = 0; i < g->ncall; i++)
		if (g->call[i]->n->parent == t->n &&
		    tokens(g->call[i], in, out))
			return g->call[i];
	return NULL;
}

/*
 * The first answer of the user's own thread. Until it comes, no id is known;
 * if it never does, the turn is known by how much was asked.
 */
static void
turn_ident(struct gemini *g, struct gemini_turn *t)
{
	struct json_val old = ident_of_written(g->m, t->n->key), v;
	struct json_val base = { g->m->session->id, g->m->session->n,
	    JSON_STRING };
	int64_t in, out;
	unsigned number = 1;

	if (old.type != JSON_NONE) {
		t->n->ident = old;
		return;
	}
	t->n->unsettled = first_answer(g, t, &in, &out) == NULL;
	if (t->n->unsettled && t->n->val[FACT_PROMPT].type != JSON_STRING)
		return;
	do
		v = t->n->unsettled ? ident_prompt(g->m, base,
		    t->n->val[FACT_PROMPT], number++) :
		    ident_answer(g->m, base, in, out, number++);
	while (!is_free(g, t, v) && !g->m->oom);
	t->n->ident = v;
}

/* Its turn, if all ids of that are made. */
static const struct gemini_turn *
made_turn(const struct node *n)
{
	const struct gemini_turn *t;

	for (int i = 0; i < PARENTS_MAX && n->parent != NULL; i++)
		n = n->parent;
	t = n->kind == NODE_TURN ? n->priv : NULL;
	return t != NULL && t->headless && !n->client ? t : NULL;
}

void
gemini_idents(struct gemini *g)
{
	const struct gemini_turn *t;
	struct node *n;
	int64_t in, out;

	for (size_t i = 0; i < g->nturn; i++)
		if (g->turn[i]->headless && !g->turn[i]->n->client)
			turn_ident(g, g->turn[i]);
	for (size_t i = 0; i < g->ncall; i++) {
		struct gemini_call *c = g->call[i];

		t = made_turn(c->n);
		if (t == NULL || !tokens(c, &in, &out))
			continue;
		c->n->ident = ident_answer(g->m,
		    c->thread.type == JSON_STRING ? c->thread : t->n->ident,
		    in, out, 1);
	}
	TAILQ_FOREACH(n, &g->m->nodes, link)
		if ((n->kind == NODE_TOOL || n->kind == NODE_AGENT) &&
		    n->val[FACT_TOOL_ID].type == JSON_STRING &&
		    made_turn(n) != NULL)
			n->ident = n->val[FACT_TOOL_ID];
}

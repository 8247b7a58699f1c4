/*
 * Sub-agents of Gemini CLI: a tool call (invoke_agent) whose own calls carry
 * the sub-agent's id in their prompt ids. Who started one, in order of trust:
 * the tool's log names it, its spans hang below the tool's, or it began while
 * an unclaimed tool of that name ran (inferred).
 */
#include "agent/gemini-build.h"

struct thread {
	struct json_val	 id;
	struct node	*agent;
	struct node	*last;		/* its last call */
	uint64_t	 first, end;
	bool		 inferred;
};

struct threads {
	struct thread	*v;
	size_t		 n;
};

static struct thread *
thread_of(struct threads *all, struct json_val id, bool make)
{
	for (size_t i = 0; i < all->n; i++)
		if (json_equal(all->v[i].id, id))
			return &all->v[i];
	if (!make || id.type != JSON_STRING)
		return NULL;
	all->v[all->n].id = id;
	return &all->v[all->n++];
}

static bool
is_agent_tool(const struct node *n)
{
	return n->kind == NODE_TOOL &&
	    json_str_is(n->val[FACT_TOOL_NAME], "invoke_agent");
}

/* agent_call spans and agent.* logs are parts of their tool. */
static void
join_part(struct gemini *g, struct threads *all, struct held *h)
{
	struct node *n = NULL;
	struct thread *t;

	if (h->event == GEMINI_AGENT_SPAN) {
		n = model_by_span(g->m, h->parent);
		model_alias(g->m, h->span, n);
	} else if (h->event == GEMINI_AGENT) {
		n = model_by_span(g->m, h->span);
		t = thread_of(all, held_fact(h, FACT_THREAD), true);
		if (n == NULL && t != NULL)
			n = t->agent;
		if (n != NULL && n->kind == NODE_TOOL &&
		    n->val[FACT_AGENT_NAME].type == JSON_NONE)
			n->val[FACT_AGENT_NAME] = held_fact(h,
			    FACT_AGENT_NAME);
	} else if (h->event == GEMINI_PART)
		n = gemini_turn_of(g, h);
	if (n == NULL)
		return;
	h->node = n;
	if (h->arrived > n->touched)
		n->touched = h->arrived;
}

static void
see_call(struct gemini *g, struct threads *all, struct gemini_call *c)
{
	struct thread *t = thread_of(all, c->thread, true);
	struct node *n;

	if (t == NULL)
		return;
	if (t->first == 0 || c->n->start < t->first)
		t->first = c->n->start;
	if (c->n->end > t->end)
		t->end = c->n->end;
	t->last = c->n;
	if (t->agent != NULL || c->n->native == NULL)
		return;
	n = model_by_span(g->m, c->n->native->parent);
	if (n != NULL && n->kind == NODE_TOOL)
		t->agent = n;
}

static bool
claimed(const struct threads *all, const struct node *n)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].agent == n)
			return true;
	return false;
}

static void
by_time(struct gemini *g, struct threads *all, struct thread *t)
{
	struct node *n, *best = NULL;

	if (t->agent != NULL)
		return;
	TAILQ_FOREACH(n, &g->m->nodes, link) {
		if (!is_agent_tool(n) || claimed(all, n) ||
		    json_equal(n->val[FACT_THREAD], t->id) ||
		    n->start > t->first ||
		    (n->outcome != OUTCOME_PENDING && n->end < t->first))
			continue;
		if (best == NULL || n->start < best->start)
			best = n;
	}
	t->agent = best;
	t->inferred = best != NULL;
}

/* Nobody is known to have started it: it stands for itself. */
static void
by_itself(struct gemini *g, struct thread *t)
{
	struct gemini_call *first = NULL;
	struct node *n;

	if (t->agent != NULL || t->last == NULL)
		return;
	n = model_node(g->m, NODE_TOOL, t->id);
	for (size_t i = 0; i < g->ncall && first == NULL; i++)
		if (json_equal(g->call[i]->thread, t->id))
			first = g->call[i];
	if (n == NULL || first == NULL)
		return;
	n->start = t->first;
	n->end = t->end;
	n->resource = first->n->resource;
	n->touched = t->last->touched;
	n->complete = n->waits = true;
	n->parent = gemini_turn_of(g, gemini_call_record(first));
	t->agent = n;
	t->inferred = true;
}

static void
make_agent(struct gemini *g, struct thread *t)
{
	struct node *a = t->agent, *n;
	struct json_val args;

	if (a == NULL)
		return;
	args = gemini_inside(g->m, a->val[FACT_TOOL_INPUT]);
	a->kind = NODE_AGENT;
	a->thread = t->id;
	a->inferred = a->inferred || t->inferred;
	if (a->val[FACT_AGENT_NAME].type != JSON_STRING)
		a->val[FACT_AGENT_NAME] = json_get(args, "agent_name");
	TAILQ_FOREACH(n, &g->m->nodes, link) {
		if (n == a || !json_equal(n->val[FACT_THREAD], t->id))
			continue;
		n->agent = a;
		if (n->kind == NODE_CALL || n->parent == NULL)
			n->parent = a;
	}
	if (t->end > a->end)
		a->end = t->end;
	if (t->last != NULL && t->last->val[FACT_TEXT].type == JSON_STRING)
		a->val[FACT_OUTPUT] = t->last->val[FACT_TEXT];
}

int
gemini_threads(struct gemini *g)
{
	struct model *m = g->m;
	struct threads all = { 0 };
	struct node *n;

	all.v = arena_get(m->arena, (m->nrec + g->ncall + 1) *
	    sizeof(*all.v));
	if (all.v == NULL)
		return -1;
	for (size_t i = 0; i < g->ncall; i++)
		if (g->call[i]->thread.type == JSON_STRING)
			(void)thread_of(&all, g->call[i]->thread, true);
	TAILQ_FOREACH(n, &m->nodes, link) {
		struct json_val id = n->kind != NODE_TOOL ? gemini_none :
		    json_get(gemini_inside(m, n->val[FACT_METADATA]),
		    "agentId");
		struct thread *t = thread_of(&all, id, false);

		if (t != NULL)
			t->agent = n;
	}
	for (size_t i = 0; i < m->nrec; i++)
		join_part(g, &all, m->rec[i]);
	for (size_t i = 0; i < g->ncall; i++)
		see_call(g, &all, g->call[i]);
	for (size_t i = 0; i < all.n; i++) {
		by_time(g, &all, &all.v[i]);
		by_itself(g, &all.v[i]);
		make_agent(g, &all.v[i]);
	}
	TAILQ_FOREACH(n, &m->nodes, link)
		if (is_agent_tool(n) && n->outcome != OUTCOME_WARNING)
			n->kind = NODE_AGENT;
	return m->oom ? -1 : 0;
}

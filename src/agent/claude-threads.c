/*
 * Who started a sub-agent, in order of trust: the span its spans hang below;
 * the note that reports its end; the only earlier Agent call of its type that
 * nobody else claims (inferred).
 */
#include "agent/claude-threads.h"

#include <string.h>

#include "agent/claude-build.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

struct thread {
	struct json_val	 id;
	struct json_val	 name;		/* the sub-agent's type */
	struct node	*agent;
	struct held	*done;		/* subagent_completed */
	uint64_t	 first, last;	/* times of its records */
	bool		 inferred;
	const char	*rule;		/* what found the agent */
};

struct threads {
	struct thread	*v;
	size_t		 n;
};

static struct thread *
find_thread(struct threads *t, struct json_val id)
{
	for (size_t i = 0; i < t->n; i++)
		if (json_equal(t->v[i].id, id))
			return &t->v[i];
	return NULL;
}

/* A record of the thread: when it was, what it says of type and parent. */
static void
see(struct model *m, struct threads *all, struct held *h, struct json_val id)
{
	struct thread *t = find_thread(all, id);
	struct json_val name = held_fact(h, FACT_AGENT_NAME);

	if (t == NULL) {
		t = &all->v[all->n++];
		t->id = id;
		t->first = h->start;
	}
	if (h->start < t->first)
		t->first = h->start;
	if (h->end > t->last)
		t->last = h->end;
	if (h->event == CLAUDE_AGENT_DONE)
		t->done = h;
	/* On a tool the type is that of the agent it starts, not of its own. */
	if (name.type == JSON_STRING && (h->event == CLAUDE_CALL ||
	    h->event == CLAUDE_CALL_ERROR || h->event == CLAUDE_AGENT_DONE))
		t->name = name;
	if (t->agent == NULL && h->kind == RECORD_SPAN) {
		t->agent = model_by_span(m, h->parent);
		t->rule = "its spans hang below that tool";
	}
	if (t->agent != NULL && t->agent->kind != NODE_TOOL)
		t->agent = NULL;
}

static bool
starts_agents(const struct node *n)
{
	return n->kind == NODE_TOOL &&
	    (json_str_is(n->val[FACT_TOOL_NAME], "Agent") ||
	    json_str_is(n->val[FACT_TOOL_NAME], "Task"));
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
by_note(struct model *m, struct thread *t)
{
	const struct link *l = store_find_link(m->session, t->id);
	struct node *n;

	if (t->agent != NULL || l == NULL)
		return;
	n = model_find(m, NODE_TOOL, l->tool);
	if (n != NULL && n->kind == NODE_TOOL) {
		t->agent = n;
		t->rule = "the note that reported its end names the tool call";
	}
}

static void
by_type(struct model *m, const struct threads *all, struct thread *t)
{
	struct node *n, *best = NULL;

	if (t->agent != NULL)
		return;
	TAILQ_FOREACH(n, &m->nodes, link) {
		struct json_val type = n->val[FACT_AGENT_NAME];

		if (!starts_agents(n) || claimed(all, n) ||
		    json_equal(n->val[FACT_THREAD], t->id) || n->start > t->first)
			continue;
		if (type.type != JSON_NONE && t->name.type != JSON_NONE &&
		    !json_equal(type, t->name))
			continue;
		if (best == NULL || n->start < best->start)
			best = n;
	}
	t->agent = best;
	t->inferred = best != NULL;
	t->rule = "the earliest tool call of its type before it that nobody "
	    "else claims";
}

/* Nobody is known to have started it: it stands for itself. */
static void
by_itself(struct model *m, struct thread *t)
{
	if (t->agent != NULL)
		return;
	t->agent = model_node(m, NODE_TOOL, t->id);
	if (t->agent == NULL)
		return;
	t->agent->start = t->first;
	t->agent->end = t->last;
	t->agent->resource = m->root->resource;
	t->agent->complete = true;
	t->inferred = true;
	t->rule = "nobody is known to have started it";
}

static void
make_agent(struct model *m, struct thread *t)
{
	const struct link *l = store_find_link(m->session, t->id);
	struct node *a = t->agent, *n, *last = NULL;

	a->kind = NODE_AGENT;
	a->rule = t->rule;
	a->thread = t->id;
	a->inferred = a->inferred || t->inferred;
	if (a->val[FACT_AGENT_NAME].type == JSON_NONE)
		a->val[FACT_AGENT_NAME] = t->name;
	TAILQ_FOREACH(n, &m->nodes, link) {
		if (n == a || !json_equal(n->val[FACT_THREAD], t->id))
			continue;
		n->agent = a;
		if (n->kind == NODE_CALL) {
			n->parent = a;
			n->parent_rule = "the agent id on its records";
			if (last == NULL || n->start >= last->start)
				last = n;
		}
	}
	/* An asynchronous one ends when that is reported, not at launch. */
	if (t->done != NULL) {
		t->done->node = a;
		if (t->done->arrived > a->touched)
			a->touched = t->done->arrived;
	}
	if (t->last > a->end)
		a->end = t->last;
	a->val[FACT_OUTPUT] = none;
	if (last != NULL)
		a->val[FACT_OUTPUT] = last->val[FACT_TEXT];
	if (l != NULL && a->val[FACT_OUTPUT].type == JSON_NONE)
		a->val[FACT_OUTPUT] = l->result;
	if (l != NULL && l->failed)
		a->outcome = OUTCOME_ERROR;
	else if (t->done == NULL && l == NULL && m->session->saw_log)
		a->complete = false;
}

int
claude_threads(struct model *m)
{
	struct threads all = { 0 };
	struct node *n;

	all.v = arena_get(m->arena, (m->nrec + 1) * sizeof(*all.v));
	if (all.v == NULL)
		return -1;
	for (size_t i = 0; i < m->nrec; i++) {
		struct json_val id = held_fact(m->rec[i], FACT_THREAD);

		if (id.type == JSON_STRING)
			see(m, &all, m->rec[i], id);
	}
	for (size_t i = 0; i < all.n; i++)
		by_note(m, &all.v[i]);
	for (size_t i = 0; i < all.n; i++)
		by_type(m, &all, &all.v[i]);
	for (size_t i = 0; i < all.n; i++) {
		by_itself(m, &all.v[i]);
		if (all.v[i].agent == NULL)
			return -1;
		make_agent(m, &all.v[i]);
	}
	TAILQ_FOREACH(n, &m->nodes, link) {
		/* One that never ran anything we heard of. */
		if (starts_agents(n) && n->outcome != OUTCOME_WARNING)
			n->kind = NODE_AGENT;
		if (n->kind == NODE_CALL && n->parent == NULL)
			n->parent = m->root;
	}
	return m->oom ? -1 : 0;
}

#include "agent/look.h"

#include <string.h>

#include "agent/explain.h"
#include "agent/model.h"

#define REMEMBER_MAX	20000	/* finished groups whose twins are known */

struct look {
	struct enrich	*e;
	struct model	 m;
	struct group	*g;
	struct out	*out;
	int64_t		 now;
	int64_t		 due;		/* earliest time to look again */
	bool		 force;
};

static bool
is_written(const struct look *l, const struct node *n)
{
	return store_find_written(l->g, n->hash) != NULL;
}

/* ---- when a node may be written ------------------------------------------------- */

static void
later(struct look *l, int64_t when)
{
	if (when <= l->now)
		when = l->now + l->e->o->settle;
	if (l->due < 0 || when < l->due)
		l->due = when;
}

static bool
reached(struct look *l, int64_t when)
{
	if (l->now >= when)
		return true;
	later(l, when);
	return false;
}

static bool
root_ready(struct look *l, const struct node *n)
{
	const struct enrich_opts *o = l->e->o;

	if (n->left > 1) {		/* children first */
		later(l, n->touched + o->idle);
		return false;
	}
	if (!n->ended)
		return reached(l, n->touched + o->idle *
		    (l->g->patience > 0 ? l->g->patience : 1));
	return reached(l, n->touched + (n->complete ? o->settle : o->linger));
}

/*
 * A child names its parent, so the parent's id must be settled: the root's is,
 * once that is known which it is made from; any other when it was written, or
 * if it cannot change any more.
 */
static bool
parent_settled(struct look *l, const struct node *n)
{
	const struct enrich_opts *o = l->e->o;

	if (n->root->unsettled && !n->root->ended &&
	    store_find_root(l->g, n->root->hash) == NULL) {
		later(l, l->g->touched + o->idle);
		return false;
	}
	if (n->parent == n->root || is_written(l, n->parent) ||
	    (l->m.agent->made && !n->parent->unsettled))
		return true;
	later(l, l->now + o->settle);
	return false;
}

static bool
node_ready(struct look *l, const struct node *n)
{
	const struct enrich_opts *o = l->e->o;

	if (l->force)
		return true;
	if (n->kind == NODE_TURN)
		return root_ready(l, n);
	if (n->waits && !n->root->ended) {
		later(l, l->g->touched + o->idle);
		return false;
	}
	if (!parent_settled(l, n))
		return false;
	if (n->outcome == OUTCOME_PENDING && !n->root->ended) {
		later(l, l->g->touched + PENDING_FACTOR * o->idle);
		return false;
	}
	if (n->complete)
		return reached(l, n->touched + o->settle);
	if (!reached(l, n->touched + o->linger))
		return false;
	/* Once is enough to learn that a session sends no logs. */
	if (n->log == NULL && !l->m.session->saw_log)
		l->m.session->no_logs = true;
	return true;
}

/* ---- preparing ------------------------------------------------------------------- */

/*
 * The last call of the turn itself asked for tools: when they are done, it
 * calls again, which many CLIs tell of only when that call has ended. So does
 * a turn of which nothing but the prompt has come.
 */
static bool
is_busy(const struct look *l, const struct node *root)
{
	const struct node *n, *last = NULL;

	if (root->ended || root->command)
		return root->busy && !root->ended;
	TAILQ_FOREACH(n, &l->m.nodes, link)
		if (n->kind == NODE_CALL && n->parent == root &&
		    (last == NULL || n->start >= last->start))
			last = n;
	if (last == NULL || root->busy)
		return true;
	TAILQ_FOREACH(n, &l->m.nodes, link)
		if (n->parent == last)
			return true;
	return false;
}

/* How long the group may be silent. */
static void
be_patient(struct look *l)
{
	const struct node *n;

	l->g->patience = 0;
	TAILQ_FOREACH(n, &l->m.nodes, link) {
		if (n->outcome == OUTCOME_PENDING && !n->root->ended)
			l->g->patience = PENDING_FACTOR;
		else if (l->g->patience == 0 && n->kind == NODE_TURN &&
		    is_busy(l, n))
			l->g->patience = BUSY_FACTOR;
	}
}

/* What the nodes of a turn mean to it. */
static void
count(struct look *l)
{
	struct node *n;

	TAILQ_FOREACH(n, &l->m.nodes, link) {
		n->root->left += !is_written(l, n);
		if (n->touched > n->root->touched)
			n->root->touched = n->touched;
	}
}

/* Tools that never answered end with their turn. */
static void
close_pending(struct look *l)
{
	struct node *n;

	TAILQ_FOREACH(n, &l->m.nodes, link) {
		if (n->outcome != OUTCOME_PENDING ||
		    !(l->force || n->root->ended))
			continue;
		n->incomplete = true;
		n->message = model_string(&l->m, "no result: the turn ended",
		    25);
		if (n->root->end > n->end)
			n->end = n->root->end;
	}
}

/* ---- writing --------------------------------------------------------------------- */

static int
remember_root(struct group *g, const struct node *root)
{
	struct written_root r = { .key = root->hash, .ident = root->ident };

	memcpy(r.trace, root->trace, TRACE_ID_LEN);
	memcpy(r.span, root->span, SPAN_ID_LEN);
	return store_written_root(g, &r);
}

static int
write_node(struct look *l, struct node *n)
{
	int res;

	if (l->e->o->explain)
		res = explain_node(&l->m, n, l->out);
	else
		res = emit_node(&l->e->emit, &l->m, n, l->out);
	if (res == -1 || l->m.oom)
		return -1;
	l->e->spans++;
	n->root->left--;
	if (remember_root(l->g, n->root) == -1)
		return -1;
	return store_written(l->g, n->hash, n->span);
}

/* Its native span came when the made one was out already. */
static void
late_twin(struct look *l, struct node *n)
{
	if (n->native == NULL || n->native->written)
		return;
	n->native->written = true;
	l->e->twins++;
}

/* A turn of late records only, whose root nobody knows, has no times. */
static bool
is_empty(const struct node *n)
{
	return n->kind == NODE_TURN && n->start == 0 && n->end == 0;
}

static int
write_nodes(struct look *l)
{
	struct node *n;

	TAILQ_FOREACH(n, &l->m.nodes, link) {
		if (n->root->command)
			continue;
		if (is_written(l, n))
			late_twin(l, n);
		else if (is_empty(n))
			n->left--;
		else if (node_ready(l, n) && write_node(l, n) == -1)
			return -1;
	}
	return 0;
}

static struct node *
node_of(const struct held *h)
{
	return h->twin != NULL ? h->twin->node : h->node;
}

/* A span that only told something of another. */
static int
write_noise(struct look *l, const struct held *h)
{
	if (l->e->o->keep_native)
		return emit_held(h, l->out);
	l->e->dropped++;
	return 0;
}

/* A record whose span was written. */
static int
write_joined(struct look *l, struct held *h, struct node *n)
{
	struct enrich *e = l->e;

	h->written = true;
	if (e->o->explain)
		return 0;
	if (h->kind == RECORD_SPAN && l->m.agent->noise)
		return write_noise(l, h);
	if (h->kind == RECORD_SPAN) {
		if (h == n->native || h->twin != NULL ||
		    e->o->emit.hierarchy == 0)
			return 0;
		return emit_part(&e->emit, &l->m, n, h, l->out);
	}
	e->used++;
	if (e->o->drop_used)
		return 0;
	return emit_log(&e->emit, h, n, l->out);
}

/*
 * A slash command is no turn: its log goes on as it came, its span would only
 * be an empty trace in a backend.
 */
static int
write_command(struct look *l, struct held *h, const struct node *root)
{
	if (!l->force && !root_ready(l, root))
		return 0;
	h->written = true;
	if (h->kind == RECORD_SPAN && !l->e->o->keep_native) {
		l->e->dropped++;
		return 0;
	}
	return l->e->o->explain ? 0 : emit_held(h, l->out);
}

static int
write_held(struct look *l)
{
	struct held *h;
	struct node *n;
	int res = 0;

	TAILQ_FOREACH(h, &l->g->held, link) {
		n = node_of(h);
		if (h->written)
			continue;
		if (n != NULL && n->root->command)
			res = write_command(l, h, n->root);
		else if (n != NULL && is_written(l, n))
			res = write_joined(l, h, n);
		else if (l->force) {
			h->written = true;
			if (l->e->o->explain)
				continue;
			res = h->kind == RECORD_SPAN && l->m.agent->noise ?
			    write_noise(l, h) : emit_held(h, l->out);
		}
		if (res == -1)
			return -1;
	}
	return 0;
}

/* ---- afterwards ------------------------------------------------------------------ */

/* The records of turns that are out are not needed any more. */
static void
drop_written(struct look *l)
{
	struct held *h, *next;

	for (h = TAILQ_FIRST(&l->g->held); h != NULL; h = next) {
		const struct node *n = node_of(h);

		next = TAILQ_NEXT(h, link);
		if (h->written && n != NULL && n->root->left == 0 &&
		    is_written(l, n->root))
			h->done = true;
	}
	for (h = TAILQ_FIRST(&l->g->held); h != NULL; h = next) {
		next = TAILQ_NEXT(h, link);
		if (h->done)
			store_drop(&l->e->st, l->g, h);
	}
}

static bool
all_done(const struct look *l)
{
	const struct node *n;
	const struct held *h;

	TAILQ_FOREACH(n, &l->m.nodes, link)
		if (n->kind == NODE_TURN && !n->command &&
		    (n->left > 0 || !n->ended))
			return false;
	TAILQ_FOREACH(h, &l->g->held, link)
		if (!h->written)
			return false;
	return true;
}

int
look_at(struct enrich *e, struct group *g, int64_t now, bool force,
    struct out *out)
{
	struct look l = { .e = e, .g = g, .out = out, .now = now,
	    .force = force, .due = -1 };
	int res = -1;

	if (model_init(&l.m, &e->arena, g) == -1 ||
	    l.m.agent->build(&l.m) == -1 || model_order(&l.m) == -1 ||
	    l.m.oom)
		goto out;
	count(&l);
	be_patient(&l);
	close_pending(&l);
	if (emit_group(&e->emit, &l.m) == -1 || write_nodes(&l) == -1 ||
	    write_held(&l) == -1)
		goto out;
	res = 0;
	if (force || all_done(&l)) {
		store_finish(&e->st, g, REMEMBER_MAX);
		goto out;
	}
	drop_written(&l);
	/* Whatever waits for nothing in particular waits for silence. */
	later(&l, g->touched + e->o->idle);
	g->due = l.due;
out:
	arena_reset(&e->arena);
	return res;
}

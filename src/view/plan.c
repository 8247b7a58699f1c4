#include "view/plan.h"

#include <stdlib.h>
#include <string.h>

struct chain {
	struct node	*first, *last;
};

static void
chain_add(struct chain *c, struct node *n)
{
	if (c->last != NULL)
		c->last->next = n;
	else
		c->first = n;
	c->last = n;
}

/* Unknown starts come last. */
static uint64_t
when(const struct node *n)
{
	return n->start != 0 ? n->start : n->end != 0 ? n->end : UINT64_MAX;
}

static int
by_start(const void *a, const void *b)
{
	const struct node *const *x = a, *const *y = b;

	if (when(*x) != when(*y))
		return when(*x) < when(*y) ? -1 : 1;
	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static void
collect(struct plan *p, struct trace *t)
{
	struct node *n;

	RB_FOREACH(n, node_map, &t->nodes) {
		n->up = n->child = n->last = n->next = n->trail = NULL;
		n->depth = n->below = 0;
		n->spent_below = n->seen = false;
		n->place = NODE_CHILD;
		p->seq[p->n++] = n;
	}
	qsort(p->seq, p->n, sizeof(struct node *), by_start);
}

/* Hangs every span below its parent, or into one of the two chains. */
static void
hang(struct plan *p, struct trace *t, struct chain *roots,
    struct chain *strays)
{
	struct node key, *n, *up;

	for (size_t i = 0; i < p->n; i++) {
		n = p->seq[i];
		if (n->parent == 0) {
			chain_add(roots, n);
			continue;
		}
		key.id = n->parent;
		up = RB_FIND(node_map, &t->nodes, &key);
		if (up == NULL || up == n) {
			n->place = up == n ? NODE_CYCLE : t->past != NULL &&
			    past_has(t->past, n->parent) ? NODE_LATER :
			    NODE_ORPHAN;
			chain_add(strays, n);
			continue;
		}
		n->up = up;
		if (up->last != NULL)
			up->last->next = n;
		else
			up->child = n;
		up->last = n;
	}
}

/* The next one below top, in drawing order; NULL behind the last. */
static struct node *
next_below(struct node *n, const struct node *top)
{
	if (n->child != NULL)
		return n->child;
	while (n != top) {
		if (n->next != NULL)
			return n->next;
		n = n->up;
	}
	return NULL;
}

static void
mark(struct node *top)
{
	for (struct node *n = top; n != NULL; n = next_below(n, top))
		n->seen = true;
}

/* Takes n out of its parent's children: it becomes a top. */
static void
unhang(struct node *n)
{
	struct node *up = n->up, *prev = NULL;

	if (up->child == n)
		up->child = n->next;
	else {
		for (prev = up->child; prev->next != n; prev = prev->next)
			;
		prev->next = n->next;
	}
	if (up->last == n)
		up->last = prev;
	n->up = n->next = NULL;
}

/*
 * Whatever was not reached from a top leads up into a cycle. Following the
 * parents from it ends in the cycle, which is cut above its first span; then
 * all that led there is reached, so that no span is walked over twice.
 */
static void
cut_cycles(struct plan *p, struct chain *strays)
{
	struct node *n, *first, *c;

	for (size_t i = 0; i < p->n; i++) {
		if (p->seq[i]->seen)
			continue;
		for (n = p->seq[i]; n->trail == NULL; n = n->up)
			n->trail = p->seq[i];
		first = n;
		for (c = n->up; c != n; c = c->up)
			if (when(c) < when(first))
				first = c;
		unhang(first);
		first->place = NODE_CYCLE;
		chain_add(strays, first);
		mark(first);
	}
}

/* Writes the drawing order into seq. */
static void
walk(struct plan *p, struct node *tops)
{
	size_t k = 0;

	for (struct node *top = tops; top != NULL; top = top->next)
		for (struct node *n = top; n != NULL; n = next_below(n, top)) {
			n->depth = n == top ? 0 : n->up->depth + 1;
			p->seq[k++] = n;
		}
}

/*
 * Usage that a span only sums up from those below it counts once: a model
 * call always has its own, any other span only when nothing below has.
 */
static bool
spends(const struct node *n)
{
	if (!n->spend.used && !n->spend.priced)
		return false;
	return n->type == NODE_LLM || n->type == NODE_EMBEDDING ||
	    !n->spent_below;
}

static void
sum_up(struct plan *p)
{
	for (size_t i = p->n; i-- > 0;) {
		struct node *n = p->seq[i];

		if (n->start != 0 && (p->start == 0 || n->start < p->start))
			p->start = n->start;
		if (n->start > p->end)
			p->end = n->start;
		if (n->end > p->end)
			p->end = n->end;
		tally_span(&p->tally, n, spends(n));
		if (n->up == NULL)
			continue;
		n->up->below += n->below + 1;
		n->up->spent_below |= n->spent_below || n->spend.used ||
		    n->spend.priced;
	}
	p->tally.traces = 1;
}

int
plan_make(struct plan *p, struct trace *t)
{
	struct chain roots = { NULL, NULL }, strays = { NULL, NULL };

	memset(p, 0, sizeof(*p));
	p->seq = calloc(t->n + 1, sizeof(struct node *));
	if (p->seq == NULL)
		return -1;
	collect(p, t);
	hang(p, t, &roots, &strays);
	for (struct node *n = roots.first; n != NULL; n = n->next)
		mark(n);
	for (struct node *n = strays.first; n != NULL; n = n->next)
		mark(n);
	cut_cycles(p, &strays);
	if (roots.last != NULL)
		roots.last->next = strays.first;
	else
		roots.first = strays.first;
	walk(p, roots.first);
	sum_up(p);
	return 0;
}

void
plan_fini(struct plan *p)
{
	free(p->seq);
	p->seq = NULL;
	p->n = 0;
}

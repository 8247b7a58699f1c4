#include "view/order.h"

#include <stdlib.h>
#include <string.h>

#include "view/plan.h"

struct key {
	struct trace	*t;
	uint64_t	 start;
	uint64_t	 group;		/* start of its session */
	uint64_t	 duration;
	money		 cost;
	const char	*session;	/* "" for none */
};

static int
cmp_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Ids differ, so that no two are equal. */
static int
by_time(const struct key *a, const struct key *b)
{
	int c = cmp_u64(a->start, b->start);

	return c != 0 ? c : memcmp(a->t->id, b->t->id, TRACE_ID_LEN);
}

static int
by_session(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int c = strcmp(x->session, y->session);

	return c != 0 ? c : by_time(x, y);
}

static int
by_group(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int c = cmp_u64(x->group, y->group);

	return c != 0 ? c : by_session(a, b);
}

static int
by_cost(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return x->cost != y->cost ? (x->cost < y->cost ? 1 : -1) :
	    by_time(x, y);
}

static int
by_duration(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int c = cmp_u64(y->duration, x->duration);

	return c != 0 ? c : by_time(x, y);
}

static int
fill(struct key *k, struct trace *t, enum order_by by)
{
	struct plan p;
	struct node *n;

	k->t = t;
	k->session = t->info[INFO_SESSION] != NULL ? t->info[INFO_SESSION] :
	    "";
	if (by == ORDER_START) {
		k->start = UINT64_MAX;
		RB_FOREACH(n, node_map, &t->nodes)
			if (n->start != 0 && n->start < k->start)
				k->start = n->start;
		return 0;
	}
	if (plan_make(&p, t) == -1)
		return -1;
	k->start = p.start;
	k->duration = p.end - p.start;
	k->cost = p.tally.sum.cost;
	plan_fini(&p);
	return 0;
}

static void
group(struct key *k, size_t n)
{
	qsort(k, n, sizeof(*k), by_session);
	for (size_t i = 0; i < n; i++) {
		bool same = i > 0 && *k[i].session != '\0' &&
		    strcmp(k[i].session, k[i - 1].session) == 0;

		k[i].group = same ? k[i - 1].group : k[i].start;
	}
	qsort(k, n, sizeof(*k), by_group);
}

int
order_traces(struct trace **t, size_t n, enum order_by by)
{
	struct key *k = calloc(n + 1, sizeof(*k));
	int res = -1;

	if (k == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (fill(&k[i], t[i], by) == -1)
			goto out;
	if (by == ORDER_START)
		group(k, n);
	else
		qsort(k, n, sizeof(*k), by == ORDER_COST ? by_cost :
		    by_duration);
	for (size_t i = 0; i < n; i++)
		t[i] = k[i].t;
	res = 0;
out:
	free(k);
	return res;
}

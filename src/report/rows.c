#include "report/rows.h"

#include <stdlib.h>
#include <string.h>

#include "report/facts.h"

/* A row while it is sorted: qsort has no place for a context. */
struct item {
	const struct table_group	*g;
	const struct table		*t;
	const struct rows_order		*o;
	struct figure			 figure;
};

void
rows_order_of(struct rows_order *o, const struct table *t)
{
	memset(o, 0, sizeof(*o));
	o->by_name = t->ndims != 0 && t->dim[0].is_time;
	o->column = (t->applies & FACT_CALL) != 0 ? COL_COST : COL_TOOLS;
}

/* Values in their order; those that have none last. */
static int
by_value(const struct item *a, const struct item *b, size_t i)
{
	const struct dim *d = &a->t->dim[i];
	size_t na, nb, n;
	const char *ka = table_key(a->g, i, &na);
	const char *kb = table_key(b->g, i, &nb);
	int c;

	if (ka == NULL || kb == NULL)
		return (ka == NULL) - (kb == NULL);
	if (d->is_time)
		return zone_order(d->unit, ka, na, kb, nb);
	n = na < nb ? na : nb;
	c = n != 0 ? memcmp(ka, kb, n) : 0;
	return c != 0 ? c : (na > nb) - (na < nb);
}

static int
by_figure(const struct item *a, const struct item *b)
{
	if (a->figure.known != b->figure.known)
		return b->figure.known - a->figure.known;
	return (a->figure.v < b->figure.v) - (a->figure.v > b->figure.v);
}

/* By name: dimension after dimension, but within a time by the figure. */
static int
by_name(const struct item *a, const struct item *b)
{
	int c = 0;

	for (size_t i = 0; i < a->t->ndims && c == 0; i++) {
		if (i != 0 && !a->t->dim[i].is_time)
			c = by_figure(a, b);
		if (c == 0)
			c = by_value(a, b, i);
	}
	return c;
}

static int
compare(const void *x, const void *y)
{
	const struct item *a = x, *b = y;
	int c = a->o->by_name ? by_name(a, b) : by_figure(a, b);

	if (a->o->reversed)
		c = -c;
	for (size_t i = 0; i < a->t->ndims && c == 0; i++)
		c = by_value(a, b, i);
	return c;
}

static int
sort(struct rows *r, const struct rows_order *o)
{
	struct item *item = calloc(r->n + 1, sizeof(*item));

	if (item == NULL)
		return -1;
	for (size_t i = 0; i < r->n; i++) {
		item[i].g = r->v[i];
		item[i].t = r->table;
		item[i].o = o;
		column_figure(&item[i].figure, o->column, &r->v[i]->sums);
	}
	qsort(item, r->n, sizeof(*item), compare);
	for (size_t i = 0; i < r->n; i++)
		r->v[i] = item[i].g;
	free(item);
	return 0;
}

int
rows_make(struct rows *r, const struct table *t, const struct rows_order *o,
    size_t limit)
{
	memset(r, 0, sizeof(*r));
	r->table = t;
	r->v = calloc(t->n + 1, sizeof(*r->v));
	if (r->v == NULL)
		return -1;
	for (size_t i = 0; i < t->cap; i++)
		if (t->slot[i] != NULL)
			r->v[r->n++] = t->slot[i];
	for (size_t i = 0; i < r->n; i++)
		if (sums_merge(&r->total, &r->v[i]->sums) == -1)
			goto fail;
	if (sort(r, o) == -1)
		goto fail;
	for (; limit != 0 && r->n > limit; r->nother++)
		if (sums_merge(&r->other, &r->v[--r->n]->sums) == -1)
			goto fail;
	if (t->full) {
		r->nother++;
		if (sums_merge(&r->other, &t->over) == -1 ||
		    sums_merge(&r->total, &t->over) == -1)
			goto fail;
	}
	return 0;
fail:
	rows_fini(r);
	return -1;
}

void
rows_fini(struct rows *r)
{
	free(r->v);
	sums_fini(&r->other);
	sums_fini(&r->total);
	memset(r, 0, sizeof(*r));
}

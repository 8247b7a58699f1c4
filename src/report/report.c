#include "report/report.h"

#include <string.h>

#include "report/zone.h"

#define NS	UINT64_C(1000000000)
#define DAY_S	86400

int
report_init(struct report *r, const struct report_plan *plan, struct err *e)
{
	size_t n = 0;

	memset(r, 0, sizeof(*r));
	r->plan = *plan;
	pick_init(&r->pick);
	seen_init(&r->seen, plan->remember);
	if (facts_names(&r->names, &r->pick) == -1)
		return err_set(e, "too many attributes");
	if (table_init(&r->all, "", 1, &r->pick, e) == -1)
		return -1;
	for (; n < plan->nby; n++) {
		if (table_init(&r->by[n], plan->by[n], plan->max_groups,
		    &r->pick, e) == -1)
			goto fail;
		if (plan->calls && (r->by[n].applies & FACT_CALL) != 0)
			r->by[n].applies = FACT_CALL;
	}
	/* Where a table has everything, its rows make up the total. */
	r->whole = &r->all;
	for (size_t i = n; i-- > 0;)
		if (r->by[i].applies == FACT_ALL)
			r->whole = &r->by[i];
	if (plan->budget_by != NULL && table_init(&r->budget, plan->budget_by,
	    plan->max_groups, &r->pick, e) == -1)
		goto fail;
	r->pace.month_begin = zone_begin(ZONE_MONTH, plan->now);
	r->pace.month_end = zone_end(ZONE_MONTH, plan->now);
	r->pace.day_ago = plan->now > DAY_S * NS ? plan->now - DAY_S * NS : 0;
	return 0;
fail:
	report_fini(r);
	return -1;
}

void
report_fini(struct report *r)
{
	seen_fini(&r->seen);
	buf_fini(&r->scratch);
	table_fini(&r->all);
	for (size_t i = 0; i < r->plan.nby; i++)
		table_fini(&r->by[i]);
	table_fini(&r->budget);
	memset(r, 0, sizeof(*r));
}

static void
keep_pace(struct report_pace *p, const struct facts *f, uint64_t now)
{
	if (f->start == 0 || f->start > now)
		return;
	if (f->start >= p->month_begin || f->start > p->day_ago)
		p->part |= facts_unpriced(f);
	if (!f->priced)
		return;
	if (f->start >= p->month_begin)
		p->month = sums_money(p->month, f->cost);
	if (f->start > p->day_ago)
		p->day = sums_money(p->day, f->cost);
}

static bool
is_outside(const struct report *r, uint64_t start)
{
	return start < r->plan.since || start >= r->plan.until;
}

static int
count(struct report *r, const struct record *rec, const struct facts *f)
{
	if (r->whole == &r->all &&
	    table_add(&r->all, &r->pick, rec, f) == -1)
		return -1;
	for (size_t i = 0; i < r->plan.nby; i++)
		if (table_add(&r->by[i], &r->pick, rec, f) == -1)
			return -1;
	if (r->plan.budget_by != NULL &&
	    table_add(&r->budget, &r->pick, rec, f) == -1)
		return -1;
	r->spans++;
	if (f->start == 0)
		return 0;
	if (r->first == 0 || f->start < r->first)
		r->first = f->start;
	if (f->start > r->last)
		r->last = f->start;
	return 0;
}

int
report_facts(struct report *r, const struct record *rec, struct facts *f)
{
	memset(f, 0, sizeof(*f));
	if (rec->kind != RECORD_SPAN) {
		r->others++;
		return 0;
	}
	pick_walk(&r->pick, rec);
	facts_read(f, &r->names, &r->pick, rec, &r->scratch);
	if (r->scratch.err != 0)
		return -1;
	r->idle += f->is == 0;
	return 0;
}

/* seen: 1, 0, or -1. */
static int
count_once(struct report *r, const struct record *rec, const struct facts *f,
    int seen)
{
	if (seen == -1)
		return -1;
	if (seen == 1) {
		r->repeated++;
		return 0;
	}
	if ((f->is & FACT_CALL) != 0)
		keep_pace(&r->pace, f, r->plan.now);
	if (is_outside(r, f->start)) {
		r->outside++;
		return 0;
	}
	return count(r, rec, f);
}

int
report_count(struct report *r, const struct record *rec,
    const struct facts *f)
{
	if (f->is == 0)
		return 0;
	return count_once(r, rec, f, seen_span(&r->seen, rec));
}

int
report_call(struct report *r, const struct record *about,
    const struct facts *f, uint64_t ident)
{
	return count_once(r, about, f, seen_hash(&r->seen, ident));
}

int
report_add(struct report *r, const struct record *rec)
{
	struct facts f;

	return report_facts(r, rec, &f) == -1 ? -1 : report_count(r, rec, &f);
}

int
report_total(struct sums *s, const struct report *r)
{
	const struct table *t = r->whole;

	for (size_t i = 0; i < t->cap; i++)
		if (t->slot[i] != NULL &&
		    sums_merge(s, &t->slot[i]->sums) == -1)
			return -1;
	return sums_merge(s, &t->over);
}

money
report_forecast(const struct report *r)
{
	const struct report_pace *p = &r->pace;
	uint64_t left = p->month_end > r->plan.now ?
	    (p->month_end - r->plan.now) / NS : 0;

	/* Whole days apart: the product stays far below 2^127. */
	return sums_money(p->month, p->day * (money)(left / DAY_S) +
	    p->day * (money)(left % DAY_S) / DAY_S);
}

#include "report/budget.h"

#include <inttypes.h>
#include <string.h>

#define USD	((money)1000000 * 1000000)

int
budget_parse(struct budget *b, const char *limit, const char *warn_at,
    struct err *e)
{
	money part;
	size_t n;

	if (*limit == '$')
		limit++;
	if (money_parse(limit, strlen(limit), &b->limit) == -1)
		return err_set(e, "not an amount of USD: '%s'", limit);
	b->warn_at = 0;
	if (warn_at == NULL)
		return 0;
	n = strlen(warn_at);
	if (n > 0 && warn_at[n - 1] == '%')
		n--;
	if (money_parse(warn_at, n, &part) == -1 || part <= 0 ||
	    part > 100 * USD)
		return err_set(e, "not a part in percent: '%s'", warn_at);
	b->warn_at = (unsigned)(part * 10 / USD);
	return 0;
}

enum budget_level
budget_level(const struct budget *b, money cost)
{
	if (cost > b->limit)
		return BUDGET_OVER;
	return b->warn_at != 0 && cost * 1000 >= b->limit *
	    (money)b->warn_at ? BUDGET_WARN : BUDGET_WITHIN;
}

int
budget_check(struct budget_result *res, const struct budget *b,
    const struct table *t)
{
	struct rows_order by_cost = { .column = COL_COST };
	struct rows rows;

	memset(res, 0, sizeof(*res));
	if (rows_make(&rows, t, &by_cost, 0) == -1)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		money cost = sums_cost(&rows.v[i]->sums);
		enum budget_level level = budget_level(b, cost);

		if (level == BUDGET_WITHIN) {
			res->within++;
			continue;
		}
		if (level == BUDGET_OVER)
			res->over++;
		else
			res->warned++;
		if (res->nlines < BUDGET_LINES)
			res->line[res->nlines++] = (struct budget_line){
			    .group = rows.v[i], .cost = cost, .level = level,
			    .part = rows.v[i]->sums.unpriced != 0 };
	}
	rows_fini(&rows);
	return 0;
}

void
budget_usd(struct buf *out, money m)
{
	const money micro = USD / 1000000;
	money v = (m + micro / 2) / micro;
	int decimals = 6;
	uint64_t frac = (uint64_t)(v % 1000000);

	for (; decimals > 2 && frac % 10 == 0; frac /= 10)
		decimals--;
	if (m != 0 && v == 0) {
		buf_adds(out, "<$0.000001");
		return;
	}
	buf_addc(out, '$');
	money_put(out, v / 1000000 * USD, false);
	buf_addf(out, ".%0*" PRIu64, decimals, frac);
}

void
budget_text(struct buf *out, const struct budget *b,
    const struct budget_line *l)
{
	size_t n;
	const char *p;

	if (*b->per == '\0') {
		buf_adds(out, "total");
	} else {
		p = table_key(l->group, 0, &n);
		buf_addf(out, "%s ", b->per);
		if (p != NULL)
			buf_add(out, p, n);
		else
			buf_adds(out, "(none)");
	}
	buf_adds(out, l->part ? ": more than " : ": ");
	budget_usd(out, l->cost);
	buf_adds(out, " of ");
	budget_usd(out, b->limit);
	if (b->limit != 0)
		buf_addf(out, " (%" PRIu64 " %%)",
		    (uint64_t)(l->cost * 100 / b->limit));
}

#include "report/output.h"

#include <inttypes.h>
#include <string.h>

#include "report/facts.h"
#include "report/zone.h"

static bool
is_any(enum column_id c, const struct sums *total)
{
	struct figure f;

	column_figure(&f, c, total);
	return f.known && f.v != 0;
}

/* Does a table for people have the column unasked? */
static bool
is_shown(enum column_id c, const struct rows *r)
{
	unsigned applies = r->table->applies;

	if (!column_fits(c, applies))
		return false;
	/* A table of tools has nothing else to tell. */
	if (applies == FACT_TOOL)
		return columns[c].show != COL_IF_ANY || is_any(c, &r->total);
	return columns[c].show == COL_ALWAYS ||
	    (columns[c].show == COL_IF_ANY && is_any(c, &r->total));
}

size_t
output_columns(const struct output *o, const struct rows *r,
    enum column_id out[COL_IDS_])
{
	size_t n = 0;

	for (size_t i = 0; i < o->nchosen; i++)
		if (column_fits(o->chosen[i], r->table->applies))
			out[n++] = o->chosen[i];
	for (int c = 0; c < COL_IDS_ && o->nchosen == 0; c++)
		if (is_shown((enum column_id)c, r))
			out[n++] = (enum column_id)c;
	return n;
}

void
output_value(struct buf *b, const struct table_group *g, size_t dim,
    bool *none)
{
	size_t n;
	const char *p = table_key(g, dim, &n);

	if (none != NULL)
		*none = p == NULL;
	if (p != NULL)
		buf_add(b, p, n);
	else
		buf_adds(b, "(none)");
}

void
output_title(struct buf *b, const struct table *t)
{
	if (t->ndims == 0)
		buf_adds(b, "all");
	for (size_t i = 0; i < t->ndims; i++)
		buf_addf(b, "%s%s", i == 0 ? "by " : i + 1 == t->ndims ?
		    " and " : ", ", t->dim[i].name);
}

static void
plural(struct buf *b, uint64_t n, const char *one, const char *many)
{
	buf_addf(b, "%" PRIu64 " %s", n, n == 1 ? one : many);
}

static void
note_prices(struct buf *b, const struct sums *s)
{
	if (s->unpriced != 0) {
		plural(b, s->unpriced, "call has", "calls have");
		buf_addf(b, " no price (%" PRIu64 " tokens) and no part in "
		    "the cost\n", s->unpriced_tokens);
	}
	if (s->priced[COST_ESTIMATED] == 0)
		return;
	budget_usd(b, s->cost[COST_ESTIMATED]);
	buf_adds(b, " of the cost is an estimate, for ");
	plural(b, s->priced[COST_ESTIMATED], "call\n", "calls\n");
}

static void
note_errors(struct buf *b, const struct sums *s)
{
	const char *between = "failed calls: ";

	for (int e = ERR_NONE + 1; e < ERR_CLASSES_; e++) {
		if (s->error[e] == 0)
			continue;
		buf_addf(b, "%s%s %" PRIu64, between,
		    sums_error_name((enum sums_error)e), s->error[e]);
		between = ", ";
	}
	if (sums_errors(s) != 0)
		buf_addc(b, '\n');
}

static void
note_budget(struct buf *b, const struct output *o)
{
	const struct budget_result *res = o->result;

	for (size_t i = 0; i < res->nlines; i++) {
		buf_adds(b, res->line[i].level == BUDGET_OVER ?
		    "over budget: " : "near the budget: ");
		budget_text(b, o->budget, &res->line[i]);
		buf_addc(b, '\n');
	}
	if (res->over + res->warned > res->nlines) {
		plural(b, res->over + res->warned - res->nlines,
		    "more is", "more are");
		buf_adds(b, " over or near the budget\n");
	}
}

static void
note_forecast(struct buf *b, const struct output *o)
{
	struct zone_labels labels = { 0 };
	const struct report_pace *p = &o->report->pace;
	const char *month;
	size_t n = zone_label(&labels, ZONE_MONTH, o->report->plan.now,
	    &month);

	buf_adds(b, "forecast for ");
	buf_add(b, month, n);
	buf_adds(b, p->part ? ": more than " : ": ");
	budget_usd(b, report_forecast(o->report));
	buf_adds(b, " (so far ");
	budget_usd(b, p->month);
	buf_adds(b, ", in the last 24 hours ");
	budget_usd(b, p->day);
	buf_adds(b, ")\n");
}

void
output_notes(struct buf *b, const struct output *o)
{
	const struct sums *s = o->all;

	note_prices(b, s);
	note_errors(b, s);
	if (s->incomplete != 0) {
		plural(b, s->incomplete, "run", "runs");
		buf_adds(b, " ended abruptly\n");
	}
	if (o->report->repeated != 0) {
		plural(b, o->report->repeated, "span", "spans");
		buf_adds(b, " came again and counted once\n");
	}
	if (o->bad != 0) {
		plural(b, o->bad, "line was", "lines were");
		buf_adds(b, " no record and left out\n");
	}
	if (o->result != NULL)
		note_budget(b, o);
	if (o->forecast)
		note_forecast(b, o);
}

bool
output_note(const struct buf *notes, size_t *at, const char **p, size_t *n)
{
	const char *nl;

	if (*at == notes->n)
		return false;
	*p = notes->p + *at;
	nl = memchr(*p, '\n', notes->n - *at);
	if (nl == NULL)
		return false;	/* there was no memory for its end */
	*n = (size_t)(nl - *p);
	*at += *n + 1;
	return true;
}

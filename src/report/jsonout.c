/* The report as one JSON document; see aitrace-report(1), JSON. */
#include "report/output.h"

#include "json/write.h"
#include "record/rtime.h"
#include "report/zone.h"

#define SCHEMA_VERSION	1

static void
put_figures(struct buf *b, const struct sums *s, unsigned applies)
{
	struct figure f;

	for (int c = 0; c < COL_IDS_; c++) {
		if (!column_fits((enum column_id)c, applies))
			continue;
		json_put_key(b, columns[c].name);
		column_figure(&f, (enum column_id)c, s);
		if (f.known)
			column_put(b, (enum column_id)c, &f);
		else
			buf_adds(b, "null");
	}
}

static void
put_row(struct buf *b, const struct rows *r, size_t k)
{
	const struct table *t = r->table;

	buf_adds(b, "{\"key\":{");
	for (size_t i = 0; i < t->ndims; i++) {
		size_t n;
		const char *p = table_key(r->v[k], i, &n);

		json_put_key(b, t->dim[i].name);
		if (p != NULL)
			(void)json_put_str(b, p, n);
		else
			buf_adds(b, "null");
	}
	buf_addc(b, '}');
	put_figures(b, &r->v[k]->sums, t->applies);
	buf_addc(b, '}');
}

static void
put_table(struct buf *b, const struct rows *r)
{
	const struct table *t = r->table;

	buf_adds(b, "{\"by\":[");
	for (size_t i = 0; i < t->ndims; i++) {
		if (i != 0)
			buf_addc(b, ',');
		(void)json_put_cstr(b, t->dim[i].name);
	}
	buf_adds(b, "],\"rows\":[");
	for (size_t k = 0; k < r->n; k++) {
		buf_adds(b, k == 0 ? "\n" : ",\n");
		put_row(b, r, k);
	}
	buf_addc(b, ']');
	if (r->nother != 0) {
		buf_adds(b, ",\n\"other\":{\"groups\":");
		buf_addu(b, r->nother);
		put_figures(b, &r->other, t->applies);
		buf_addc(b, '}');
	}
	buf_adds(b, ",\n\"total\":{");
	put_figures(b, &r->total, t->applies);
	buf_adds(b, "}}");
}

static void
put_time(struct buf *b, const char *key, uint64_t ns)
{
	json_put_key(b, key);
	rtime_put(b, ns);
}

static void
put_count(struct buf *b, const char *key, uint64_t n)
{
	json_put_key(b, key);
	buf_addu(b, n);
}

static void
put_usd(struct buf *b, const char *key, money m)
{
	json_put_key(b, key);
	money_put(b, m, false);
}

static void
put_budget(struct buf *b, const struct output *o)
{
	static const char *const level[] = { "within", "warning", "over" };
	const struct budget_result *res = o->result;

	buf_adds(b, ",\n\"budget\":{\"limit_usd\":");
	money_put(b, o->budget->limit, false);
	json_put_key(b, "per");
	(void)json_put_cstr(b, *o->budget->per != '\0' ? o->budget->per :
	    "all");
	put_count(b, "over", res->over);
	put_count(b, "warned", res->warned);
	put_count(b, "within", res->within);
	buf_adds(b, ",\"lines\":[");
	for (size_t i = 0; i < res->nlines; i++) {
		const struct budget_line *l = &res->line[i];
		size_t n = 0;
		const char *p = *o->budget->per == '\0' ? NULL :
		    table_key(l->group, 0, &n);

		buf_adds(b, i == 0 ? "{\"key\":" : ",{\"key\":");
		if (p != NULL)
			(void)json_put_str(b, p, n);
		else
			buf_adds(b, "null");
		put_usd(b, "cost_usd", l->cost);
		json_put_key(b, "level");
		(void)json_put_cstr(b, level[l->level]);
		json_put_key(b, "unpriced");
		json_put_bool(b, l->part);
		buf_addc(b, '}');
	}
	buf_adds(b, "]}");
}

static void
put_forecast(struct buf *b, const struct report *r)
{
	buf_adds(b, ",\n\"forecast\":{\"month_end\":");
	rtime_put(b, r->pace.month_end);
	put_usd(b, "month_to_date_usd", r->pace.month);
	put_usd(b, "last_24_hours_usd", r->pace.day);
	put_usd(b, "forecast_usd", report_forecast(r));
	json_put_key(b, "unpriced");
	json_put_bool(b, r->pace.part);
	buf_addc(b, '}');
}

void
output_json(struct buf *b, const struct output *o)
{
	const struct report *r = o->report;

	buf_addf(b, "{\"schema_version\":%d,\"generated\":", SCHEMA_VERSION);
	rtime_put(b, r->plan.now);
	json_put_key(b, "time_zone");
	(void)json_put_cstr(b, zone_name());
	if (r->plan.since != 0)
		put_time(b, "since", r->plan.since);
	if (r->plan.until != UINT64_MAX)
		put_time(b, "until", r->plan.until);
	if (r->first != 0) {
		put_time(b, "first", r->first);
		put_time(b, "last", r->last);
	}
	buf_adds(b, ",\n\"input\":{\"lines\":");
	buf_addu(b, o->records);
	put_count(b, "bad_lines", o->bad);
	put_count(b, "counted_spans", r->spans);
	put_count(b, "repeated_spans", r->repeated);
	put_count(b, "spans_outside", r->outside);
	put_count(b, "other_spans", r->idle);
	put_count(b, "other_records", r->others);
	buf_adds(b, "},\n\"total\":{");
	put_figures(b, o->all, FACT_ALL);
	buf_adds(b, "},\n\"tables\":[");
	for (size_t i = 0; i < r->plan.nby; i++) {
		buf_adds(b, i == 0 ? "\n" : ",\n");
		put_table(b, &o->rows[i]);
	}
	buf_addc(b, ']');
	if (o->result != NULL)
		put_budget(b, o);
	if (o->forecast)
		put_forecast(b, r);
	buf_adds(b, "}\n");
}

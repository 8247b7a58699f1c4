/*
 * The first byte chooses: a status JSON and the line made of it; a cache file,
 * which read, written and read again is the same; or records, of which every
 * form of a report is made, whose rows make up its totals.
 */
#include <string.h>

#include "report/output.h"
#include "report/status.h"
#include "report/zone.h"
#include "tests/fuzz/fuzz.h"

/* Text for people holds no control character but newlines. */
static void
must_be_shown(const struct buf *b, bool lines)
{
	must(b->err == 0, "memory");
	for (size_t i = 0; i < b->n; i++)
		must((unsigned char)b->p[i] >= 0x20 || (b->p[i] == '\n' &&
		    (lines || i + 1 == b->n)), "nothing acts on a terminal");
}

static void
status(const char *p, size_t n)
{
	struct budget day = { .limit = 1, .warn_at = 800, .per = "day" };
	struct status_look look = { .budget = &day };
	struct status s = { .context = -1 };
	struct cache c = { .nsession = 0 };
	struct buf line = { 0 };
	const char *why = NULL;

	if (status_read(&s, p, n, &why) == 0) {
		cache_day(&c, "2026-11-21", 10);
		if (s.has_cost && s.session.n != 0) {
			must(cache_said(&c, s.session.p, s.session.n,
			    s.cost) == 0, "memory");
			must(cache_today(&c) == s.cost, "it is all of today");
		}
		status_line(&line, &s, &c, &look);
		must(line.n != 0 && line.p[line.n - 1] == '\n', "a line");
		must_be_shown(&line, false);
	} else
		must(why != NULL, "a refusal has a reason");
	buf_fini(&line);
	status_fini(&s);
	cache_fini(&c);
}

static void
cache(const char *p, size_t n)
{
	struct cache c = { .nsession = 0 };
	struct buf once = { 0 }, twice = { 0 };

	cache_parse(&c, p, n);
	cache_put(&once, &c);
	cache_fini(&c);
	if (once.n > CACHE_FILE_MAX)
		abort();
	cache_parse(&c, once.p, once.n);
	cache_put(&twice, &c);
	must(once.n == twice.n && memcmp(once.p, twice.p, once.n) == 0,
	    "what is written is read");
	cache_fini(&c);
	buf_fini(&once);
	buf_fini(&twice);
}

static void
add_lines(struct report *r, const char *p, size_t n)
{
	struct record rec = { 0 };
	const char *why, *end = p + n;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl != NULL ? nl : end) - p);

		if (record_index(&rec, p, len, &why) == 0)
			must(report_add(r, &rec) == 0, "memory");
		p += len + (nl != NULL);
	}
	record_fini(&rec);
}

static void
check_parts(const struct rows *r)
{
	uint64_t calls = r->other.calls, tools = r->other.tools;
	money cost = sums_cost(&r->other);

	for (size_t i = 0; i < r->n; i++) {
		calls += r->v[i]->sums.calls;
		tools += r->v[i]->sums.tools;
		cost += sums_cost(&r->v[i]->sums);
	}
	must(calls == r->total.calls && tools == r->total.tools &&
	    cost == sums_cost(&r->total), "the parts are the total");
}

static void
forms(struct output *o)
{
	struct buf b = { 0 };

	output_table(&b, o);
	output_markdown(&b, o);
	output_html(&b, o);
	must_be_shown(&b, true);
	buf_reset(&b);
	output_csv(&b, o);
	output_json(&b, o);
	must(b.err == 0, "memory");
	buf_fini(&b);
}

static void
records(const char *p, size_t n)
{
	struct report_plan plan = { .by = { "session,hour", "model", "tool",
	    "server", "run", "x.y" }, .nby = 6, .budget_by = "user",
	    .max_groups = 7, .remember = 3, .until = UINT64_MAX,
	    .now = UINT64_C(1795219654000000000) };
	struct budget user = { .limit = 1, .warn_at = 500, .per = "user" };
	struct rows_order by_name = { .by_name = true };
	struct report *r = calloc(1, sizeof(*r));
	struct budget_result *res = calloc(1, sizeof(*res));
	struct rows rows[6];
	struct sums all = { .runs = 0 };
	struct output o = { .report = r, .rows = rows, .all = &all,
	    .budget = &user, .result = res, .forecast = true, .width = 70 };

	must(r != NULL && res != NULL && report_init(r, &plan, NULL) == 0,
	    "memory");
	add_lines(r, p, n);
	for (size_t i = 0; i < plan.nby; i++) {
		must(rows_make(&rows[i], &r->by[i], &by_name, i) == 0,
		    "memory");
		check_parts(&rows[i]);
	}
	must(report_total(&all, r) == 0, "memory");
	must(budget_check(res, &user, &r->budget) == 0, "memory");
	forms(&o);
	for (size_t i = 0; i < plan.nby; i++)
		rows_fini(&rows[i]);
	sums_fini(&all);
	report_fini(r);
	free(r);
	free(res);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n == 0)
		return 0;
	if (p[0] % 3 == 0)
		status((const char *)p + 1, n - 1);
	else if (p[0] % 3 == 1)
		cache((const char *)p + 1, n - 1);
	else
		records((const char *)p + 1, n - 1);
	return 0;
}

#include "report/conf.h"

#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "report/zone.h"

const char *const conf_pers[] = { "all", "run", "session", "hour", "day",
    "week", "month", "project", "user", NULL };

static int
usage(const char *what, const struct err *e)
{
	log_error("%s%s", what, e->msg);
	return EXIT_USAGE;
}

static int
read_times(struct conf *x, const struct clock *clock)
{
	struct report_plan *plan = &x->plan;
	const char *bad = NULL, *name = NULL;
	struct err e;

	if (zone_set(x->tz, &e) == -1) {
		if (x->tz != NULL)
			return usage("--tz: ", &e);
		log_warn("TZ: %s: taken as UTC", e.msg);
	}
	plan->now = (uint64_t)clock_wall(clock);
	plan->since = 0;
	plan->until = UINT64_MAX;
	if (x->now_text != NULL && zone_parse(x->now_text, plan->now, false,
	    &plan->now) == -1) {
		name = "now";
		bad = x->now_text;
	} else if (x->since != NULL && zone_parse(x->since, plan->now, false,
	    &plan->since) == -1) {
		name = "since";
		bad = x->since;
	} else if (x->until != NULL && zone_parse(x->until, plan->now, true,
	    &plan->until) == -1) {
		name = "until";
		bad = x->until;
	}
	if (bad == NULL)
		return 0;
	log_error("--%s: not a time (like 2026-11-21, 2026-11-21T10:30, "
	    "today, 7d): '%s'", name, bad);
	return EXIT_USAGE;
}

static int
read_columns(struct conf *x)
{
	const char *at = x->columns;

	while (at != NULL && *at != '\0') {
		size_t n = strcspn(at, ",");
		enum column_id c = column_named(at, n);

		if (c == COL_IDS_ || x->nchosen == COL_IDS_) {
			log_error("--columns: no such figure: '%.*s'", (int)n,
			    at);
			return EXIT_USAGE;
		}
		x->chosen[x->nchosen++] = c;
		at += n + (at[n] == ',');
	}
	if (x->sort != NULL && strcmp(x->sort, "name") != 0 &&
	    column_named(x->sort, strlen(x->sort)) == COL_IDS_) {
		log_error("--sort: neither name nor a figure: '%s'", x->sort);
		return EXIT_USAGE;
	}
	return 0;
}

/*
 * A row without a call has nothing to say where only figures of calls are
 * asked for; nor need the rest be read.
 */
static void
plan_calls(struct conf *x)
{
	const bool table = x->format == FORMAT_TABLE ||
	    x->format == FORMAT_CSV || x->format == FORMAT_MARKDOWN;

	x->plan.calls = table && !x->github && x->gitlab == NULL &&
	    (x->transcripts || x->nchosen != 0);
	for (size_t i = 0; i < x->nchosen; i++)
		if (columns[x->chosen[i]].needs != FACT_CALL)
			x->plan.calls = false;
	if (x->sort != NULL && strcmp(x->sort, "name") != 0 &&
	    columns[column_named(x->sort, strlen(x->sort))].needs != FACT_CALL)
		x->plan.calls = false;
}

static int
read_budget(struct conf *x)
{
	struct err e;

	if (x->budget_text == NULL) {
		if (x->command == NULL && x->warn_at == NULL && x->per == 0)
			return 0;
		log_error("--exec, --per and --warn-at need --budget");
		return EXIT_USAGE;
	}
	if (budget_parse(&x->budget, x->budget_text, x->warn_at, &e) == -1)
		return usage("--budget: ", &e);
	x->budget.per = x->per == 0 ? "" : conf_pers[x->per];
	x->plan.budget_by = x->budget.per;
	return 0;
}

/* What a report shows unasked. */
static void
plan_tables(struct conf *x)
{
	static const char *const page[] = { "day", "model", "project", "agent",
	    "session", "tool", "server" };
	size_t n = x->format == FORMAT_HTML ?
	    sizeof(page) / sizeof(page[0]) : 1;

	x->plan.max_groups = (size_t)x->max_groups;
	x->plan.remember = (size_t)x->remember;
	if (x->by.n != 0) {
		for (size_t i = 0; i < x->by.n; i++)
			x->plan.by[i] = x->by.v[i];
		x->plan.nby = x->by.n;
		return;
	}
	memcpy(x->plan.by, page, n * sizeof(page[0]));
	x->plan.nby = n;
}

static int
read_forms(struct conf *x)
{
	const char *why = NULL;

	for (size_t i = 0; i < x->by.n; i++)
		if (*x->by.v[i] == '\0')
			why = "--by: a name is missing";
	if (x->by.n > REPORT_TABLES)
		why = "too many --by";
	else if (x->format == FORMAT_CSV && x->by.n > 1)
		why = "CSV is one table: only one --by";
	else if (x->github && x->output == NULL && x->format != FORMAT_TABLE &&
	    x->format != FORMAT_MARKDOWN)
		why = "--github prints Markdown; other forms need --output";
	else if (x->statusline + x->update_cache + x->github > 1)
		why = "only one of --statusline, --update-cache and --github";
	else if (x->transcripts && (x->statusline || x->update_cache))
		why = "--statusline and --update-cache read no --transcripts";
	if (why == NULL)
		return 0;
	log_error("%s", why);
	return EXIT_USAGE;
}

int
conf_read(struct conf *x, const struct clock *clock)
{
	int code = read_forms(x);

	if (code == 0)
		code = read_times(x, clock);
	if (code == 0)
		code = read_columns(x);
	if (code == 0)
		code = read_budget(x);
	if (code == 0) {
		plan_tables(x);
		plan_calls(x);
	}
	return code;
}

/*
 * Who spent what: adds up the calls of priced traces by day, model, project
 * and so on; with budgets, forms for CI, and a line for a status bar.
 */
#include <inttypes.h>
#include <stddef.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "record/stage.h"
#include "report/bar.h"
#include "report/conf.h"
#include "report/publish.h"
#include "spent/spent.h"

struct program {
	struct conf	conf;
	struct report	report;
	bool		begun;		/* report is made */
	struct spent	spent;		/* with --transcripts */
};

static const char *const formats[] = { "table", "csv", "json", "markdown",
    "html", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };

#define OFF(m)	offsetof(struct program, conf.m)

static const struct opt opts[] = {
	{ "ascii", 'a', OPT_FLAG, OFF(ascii), NULL,
	    "ASCII characters only, but in values", 0, 0, NULL },
	{ "budget", 0, OPT_STR, OFF(budget_text), "USD",
	    "exit 1 when more was spent", 0, 0, NULL },
	{ "by", 'b', OPT_LIST, OFF(by), "NAME,...",
	    "what a row is of: day, model, ...; again for another table", 0,
	    0, NULL },
	{ "color", 0, OPT_ENUM, OFF(color), "WHEN", "use colours", 0, 0,
	    colors },
	{ "columns", 'c', OPT_STR, OFF(columns), "NAME,...",
	    "the figures to show, as CSV names them", 0, 0, NULL },
	{ "exec", 0, OPT_STR, OFF(command), "COMMAND",
	    "run a command once for each budget that is crossed", 0, 0, NULL },
	{ "forecast", 0, OPT_FLAG, OFF(forecast), NULL,
	    "what the month will have cost at today's rate", 0, 0, NULL },
	{ "format", 'f', OPT_ENUM, OFF(format), "FORMAT", "form of the report",
	    0, 0, formats },
	{ "github", 0, OPT_FLAG, OFF(github), NULL,
	    "summary, outputs and warnings for GitHub Actions", 0, 0, NULL },
	{ "gitlab", 0, OPT_STR, OFF(gitlab), "FOLDER",
	    "write metrics and variables for GitLab there", 0, 0, NULL },
	{ "limit", 'n', OPT_NUM, OFF(limit), "N",
	    "rows of a table; the rest is one, other", 1, INT32_MAX, NULL },
	{ "max-groups", 0, OPT_NUM, OFF(max_groups), "N",
	    "groups of a table in memory (default 100000)", 1, INT32_MAX,
	    NULL },
	{ "now", 0, OPT_STR, OFF(now_text), "TIME",
	    "the time it is, for today, ages and the forecast", 0, 0, NULL },
	{ "output", 'o', OPT_STR, OFF(output), "FILE",
	    "write the report there", 0, 0, NULL },
	{ "per", 0, OPT_ENUM, OFF(per), "WHAT", "what the budget is for", 0,
	    0, conf_pers },
	{ "remember", 0, OPT_NUM, OFF(remember), "N",
	    "spans to know again when they repeat (default 1000000)", 0,
	    INT32_MAX, NULL },
	{ "reverse", 'r', OPT_FLAG, OFF(reverse), NULL, "turn the order round",
	    0, 0, NULL },
	{ "since", 's', OPT_STR, OFF(since), "TIME",
	    "from then on: 2026-11-21, today, 7d (ago), ...", 0, 0, NULL },
	{ "sort", 0, OPT_STR, OFF(sort), "NAME",
	    "order rows by a figure, or by name", 0, 0, NULL },
	{ "statusline", 0, OPT_FLAG, OFF(statusline), NULL,
	    "Claude Code's status JSON in, one line out", 0, 0, NULL },
	{ "transcripts", 'T', OPT_FLAG, OFF(transcripts), NULL,
	    "read what aitrace-import reads, not records", 0, 0, NULL },
	{ "tz", 0, OPT_STR, OFF(tz), "ZONE", "time zone, as Europe/Berlin", 0,
	    0, NULL },
	{ "until", 'u', OPT_STR, OFF(until), "TIME",
	    "until then; a day is included", 0, 0, NULL },
	{ "update-cache", 0, OPT_FLAG, OFF(update_cache), NULL,
	    "tell --statusline what is new in the files", 0, 0, NULL },
	{ "warn-at", 0, OPT_STR, OFF(warn_at), "PERCENT",
	    "warn from this part of the budget on", 0, 0, NULL },
	{ "width", 'w', OPT_NUM, OFF(width), "N", "columns to fill", 40, 1000,
	    NULL },
	{ .name = NULL }
};


static int
program_operands(void *ctx, int argc, char **argv)
{
	struct program *x = ctx;

	x->conf.files = argv;
	x->conf.nfiles = argc;
	return x->conf.transcripts ? argc : 0;
}

static int
program_open(void *ctx, struct stage_io *io)
{
	struct program *x = ctx;
	struct err e = { "" };
	int code = conf_read(&x->conf, io->clock);

	if (code != 0)
		return code;
	if (x->conf.statusline || x->conf.update_cache) {
		io->done = true;
		stage_status(io, x->conf.statusline ?
		    bar_show(&x->conf, io->out) : bar_update(&x->conf));
		return 0;
	}
	if (report_init(&x->report, &x->conf.plan, &e) == -1) {
		log_error("--by: %s", e.msg);
		return EXIT_USAGE;
	}
	x->begun = true;
	if (!x->conf.transcripts)
		return 0;
	code = spent_all(&x->spent, &x->conf, &x->report, io);
	io->done = true;
	return code;
}

static int
program_record(void *ctx, struct stage_io *io, const struct record *r)
{
	struct program *x = ctx;

	(void)io;
	if (report_add(&x->report, r) == 0)
		return 0;
	log_error("out of memory");
	return EXIT_SOFT;
}

static int
program_close(void *ctx, struct stage_io *io)
{
	struct program *x = ctx;

	return x->begun ? publish(&x->conf, &x->report, io) : 0;
}

static void
program_summarize(void *ctx, struct buf *line)
{
	const struct program *x = ctx;
	const struct report *r = &x->report;

	buf_addf(line, " spans=%" PRIu64 " repeated=%" PRIu64 " outside=%"
	    PRIu64 " others=%" PRIu64, r->spans, r->repeated, r->outside,
	    r->others + r->idle);
	if (x->conf.transcripts)
		spent_summarize(&x->spent, line);
}

static void
program_fini(void *ctx)
{
	struct program *x = ctx;

	spent_fini(&x->spent);
	if (x->begun)
		report_fini(&x->report);
	opt_list_fini(&x->conf.by);
}

static const struct stage stage = {
	.name = "aitrace-report",
	.summary = "Adds up what was spent: by day, model, project, tool, ...",
	.opts = opts,
	.sink = true,
	.operands = program_operands,
	.open = program_open,
	.record = program_record,
	.close = program_close,
	.summarize = program_summarize,
	.fini = program_fini,
};

int
main(int argc, char **argv)
{
	struct program x = { .conf = { .max_groups = 100000,
	    .remember = 1000000 } };

	return stage_main(&stage, &x, argc, argv);
}

#include "report/publish.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "report/ci.h"
#include "report/crossing.h"
#include "report/output.h"
#include "report/place.h"
#include "view/term.h"

#define HTML_LIMIT	20	/* rows of what is not a time */
#define GITHUB_LIMIT	50

static int
make_rows(const struct conf *x, const struct report *r, struct rows *rows,
    struct sums *all)
{
	struct rows_order o = { .by_name = true };
	size_t limit = (size_t)x->limit;

	if (report_total(all, r) == -1)
		return -1;
	for (size_t i = 0; i < x->plan.nby; i++) {
		const struct table *t = &r->by[i];
		size_t most = limit;

		rows_order_of(&o, t);
		if (most == 0 && !o.by_name)
			most = x->format == FORMAT_HTML ? HTML_LIMIT :
			    x->github ? GITHUB_LIMIT : 0;
		if (x->sort != NULL) {
			o.by_name = strcmp(x->sort, "name") == 0;
			if (!o.by_name)
				o.column = column_named(x->sort,
				    strlen(x->sort));
		}
		o.reversed = x->reverse;
		if (rows_make(&rows[i], t, &o, most) == -1)
			return -1;
	}
	return 0;
}

static void
put_report(const struct conf *x, struct buf *b, const struct output *o)
{
	switch ((enum conf_format)x->format) {
	case FORMAT_TABLE:
		if (x->github && x->output == NULL)
			output_markdown(b, o);
		else
			output_table(b, o);
		break;
	case FORMAT_CSV:
		output_csv(b, o);
		break;
	case FORMAT_JSON:
		output_json(b, o);
		break;
	case FORMAT_MARKDOWN:
		output_markdown(b, o);
		break;
	case FORMAT_HTML:
		output_html(b, o);
		break;
	}
}

static int
write_out(const struct conf *x, struct stage_io *io, const struct output *o)
{
	struct buf b = { 0 };
	const char *missing = NULL;
	struct err e = { "" };
	int code = 0;

	put_report(x, &b, o);
	if (b.err != 0)
		code = EXIT_SOFT;
	else if (x->output == NULL || strcmp(x->output, "-") == 0)
		code = out_write(io->out, b.p, b.n) == -1 ? EXIT_IO : 0;
	else if (file_write_atomic(x->output, b.p, b.n, 0644, &e) == -1)
		code = EXIT_CANTCREATE;
	buf_reset(&b);
	if (code == 0 && x->github) {
		code = ci_github(&b, o, &missing, &e) == -1 ?
		    EXIT_CANTCREATE : 0;
		if (missing != NULL)
			log_warn("%s is not set: not in GitHub Actions?",
			    missing);
		if (b.err == 0 && out_write(io->out, b.p, b.n) == -1)
			code = EXIT_IO;
	}
	if (code == 0 && x->gitlab != NULL &&
	    ci_gitlab(x->gitlab, o, &e) == -1)
		code = EXIT_CANTCREATE;
	if (code == EXIT_CANTCREATE)
		log_error("%s", e.msg);
	if (code == EXIT_SOFT)
		log_error("out of memory");
	buf_fini(&b);
	return code;
}

static int
run_command(const struct conf *x, const struct budget_result *res)
{
	struct crossing_count n;
	struct buf path = { 0 };
	struct err e = { "" };
	int code = 0;

	if (place_file(&path, PLACE_STATE, "crossings", &e) == -1 ||
	    crossing_run(buf_cstr(&path), x->command, &x->budget, res, &n,
	    &e) == -1) {
		log_error("%s", e.msg);
		code = EXIT_CANTCREATE;
	} else if (n.failed != 0) {
		log_warn("--exec: the command failed, and is run again the "
		    "next time: '%s'", x->command);
		code = EXIT_TEMP;
	}
	buf_fini(&path);
	return code;
}

/* Tells what is over; the exit status is the answer to a budget. */
static int
check_budget(const struct conf *x, struct stage_io *io,
    const struct budget_result *res)
{
	struct buf b = { 0 };
	int code = 0;

	for (size_t i = 0; i < res->nlines && !x->github; i++) {
		buf_reset(&b);
		budget_text(&b, &x->budget, &res->line[i]);
		log_warn("%s budget: %s", res->line[i].level == BUDGET_OVER ?
		    "over" : "near", buf_cstr(&b));
	}
	buf_fini(&b);
	if (x->command != NULL)
		code = run_command(x, res);
	/* A log that is cut off does not hide that it is over. */
	if (res->over != 0 && io->status == EXIT_DATAERR)
		io->status = EXIT_OK;
	if (res->over != 0)
		stage_status(io, EXIT_ANSWER_NO);
	return code;
}

/* A report without a call is most likely one of the wrong records. */
static void
explain_nothing(const struct report *r, const struct sums *all)
{
	if (all->calls != 0)
		return;
	if (r->outside != 0)
		log_warn("all %" PRIu64 " spans are outside of --since and "
		    "--until", r->outside);
	else if (r->others + r->idle != 0)
		log_warn("no calls among %" PRIu64 " records; aitrace-enrich "
		    "makes them of what a client sends", r->others + r->idle +
		    r->spans);
}

int
publish(const struct conf *x, struct report *r, struct stage_io *io)
{
	struct rows *rows;
	struct sums all = { .runs = 0 };
	struct budget_result *res;
	struct output o = { .report = r, .all = &all,
	    .forecast = x->forecast, .chosen = x->chosen,
	    .nchosen = x->nchosen, .records = io->in, .bad = io->bad,
	    .width = term_width(STDOUT_FILENO, (size_t)x->width),
	    .ascii = x->ascii };
	int code = 0;

	rows = calloc(REPORT_TABLES, sizeof(*rows));
	res = calloc(1, sizeof(*res));
	if (rows == NULL || res == NULL || make_rows(x, r, rows, &all) == -1 ||
	    (x->budget_text != NULL && budget_check(res, &x->budget,
	    &r->budget) == -1)) {
		log_error("out of memory");
		code = EXIT_SOFT;
	} else {
		o.rows = rows;
		o.color = x->output == NULL && term_color(STDOUT_FILENO,
		    (enum term_color)x->color);
		if (x->budget_text != NULL) {
			o.budget = &x->budget;
			o.result = res;
		}
		explain_nothing(r, &all);
		code = write_out(x, io, &o);
		if (o.result != NULL && code == 0)
			code = check_budget(x, io, res);
	}
	for (size_t i = 0; rows != NULL && i < x->plan.nby; i++)
		rows_fini(&rows[i]);
	sums_fini(&all);
	free(rows);
	free(res);
	return code;
}

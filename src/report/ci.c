#include "report/ci.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"

#define SUMMARY_MAX	(1000 * 1024)	/* GitHub takes 1 MiB a step */

/* What a job hands on; the names are those of the columns. */
static const enum column_id handed[] = { COL_COST, COL_COST_REPORTED,
    COL_COST_COMPUTED, COL_COST_ESTIMATED, COL_UNPRICED, COL_RUNS, COL_TURNS,
    COL_INCOMPLETE, COL_CALLS, COL_ERRORS, COL_TOOLS, COL_TOOL_ERRORS,
    COL_INPUT, COL_CACHE_READ, COL_CACHE_WRITE, COL_OUTPUT, COL_REASONING,
    COL_TOKENS_ALL, COL_CACHE_SHARE, COL_LATENCY_P50, COL_LATENCY_P95,
    COL_LATENCY_MAX };

#define HANDED	(sizeof(handed) / sizeof(handed[0]))

static int
append(const char *path, const struct buf *b, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	int saved = 0;

	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (file_write_all(fd, b->p, b->n) == -1)
		saved = errno;
	if (close(fd) == -1 && saved == 0)
		saved = errno;
	return saved == 0 ? 0 : err_set(e, "%s: %s", path, strerror(saved));
}

/* name=value lines. What is not known is empty. */
static void
put_outputs(struct buf *b, const struct output *o)
{
	struct figure f;

	for (size_t i = 0; i < HANDED; i++) {
		column_figure(&f, handed[i], o->all);
		buf_addf(b, "%s=", columns[handed[i]].name);
		column_put(b, handed[i], &f);
		buf_addc(b, '\n');
	}
	if (o->result != NULL) {
		buf_addf(b, "over_budget=%s\nbudget_usd=",
		    o->result->over != 0 ? "true" : "false");
		money_put(b, o->budget->limit, false);
		buf_addc(b, '\n');
	}
	if (o->forecast) {
		buf_adds(b, "forecast_usd=");
		money_put(b, report_forecast(o->report), false);
		buf_addc(b, '\n');
	}
}

/* The text of a command: what would end or begin one is escaped. */
static void
put_message(struct buf *b, const char *p, size_t n)
{
	struct buf v = { 0 };

	utf8_vis(&v, p, n, false);
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '%')
			buf_adds(b, "%25");
		else
			buf_addc(b, v.p[i]);
	}
	buf_fini(&v);
}

static void
put_command(struct buf *b, const char *level, const char *title,
    const struct buf *text)
{
	buf_addf(b, "::%s title=%s::", level, title);
	put_message(b, text->p, text->n);
	buf_addc(b, '\n');
}

static void
put_commands(struct buf *b, const struct output *o)
{
	const struct sums *s = o->all;
	struct buf text = { 0 };

	for (size_t i = 0; o->result != NULL && i < o->result->nlines; i++) {
		const struct budget_line *l = &o->result->line[i];

		buf_reset(&text);
		budget_text(&text, o->budget, l);
		put_command(b, l->level == BUDGET_OVER ? "error" : "warning",
		    l->level == BUDGET_OVER ? "Over the AI budget" :
		    "Near the AI budget", &text);
	}
	if (s->unpriced != 0) {
		buf_reset(&text);
		buf_addf(&text, "%llu calls have no price and no part in the "
		    "cost", (unsigned long long)s->unpriced);
		put_command(b, "warning", "AI calls without a price", &text);
	}
	if (o->bad != 0) {
		buf_reset(&text);
		buf_addf(&text, "%llu lines of the telemetry were no records: "
		    "it may be cut off", (unsigned long long)o->bad);
		put_command(b, "warning", "AI telemetry is incomplete", &text);
	}
	if (o->forecast && o->budget != NULL &&
	    strcmp(o->budget->per, "month") == 0 &&
	    report_forecast(o->report) > o->budget->limit) {
		buf_reset(&text);
		buf_adds(&text, "the month will have cost ");
		budget_usd(&text, report_forecast(o->report));
		buf_adds(&text, " of ");
		budget_usd(&text, o->budget->limit);
		put_command(b, "warning", "AI budget forecast", &text);
	}
	buf_fini(&text);
}

int
ci_github(struct buf *b, const struct output *o, const char **missing,
    struct err *e)
{
	const char *summary = getenv("GITHUB_STEP_SUMMARY");
	const char *outputs = getenv("GITHUB_OUTPUT");
	struct buf text = { 0 };
	int res = 0;

	*missing = summary == NULL ? "GITHUB_STEP_SUMMARY" : outputs == NULL ?
	    "GITHUB_OUTPUT" : NULL;
	put_commands(b, o);
	if (summary != NULL) {
		output_markdown(&text, o);
		buf_addc(&text, '\n');
		if (text.n > SUMMARY_MAX) {
			while (text.n > SUMMARY_MAX ||
			    text.p[text.n - 1] != '\n')
				text.n--;
			buf_adds(&text, "\nThere is more than fits here.\n");
		}
		res = append(summary, &text, e);
	}
	buf_reset(&text);
	if (outputs != NULL && res == 0) {
		put_outputs(&text, o);
		res = append(outputs, &text, e);
	}
	buf_fini(&text);
	return res;
}

static int
write_in(const char *folder, const char *name, const struct buf *b,
    struct err *e)
{
	struct buf path = { 0 };
	int res;

	buf_addf(&path, "%s/%s", folder, name);
	res = file_write_atomic(buf_cstr(&path), b->p, b->n, 0644, e);
	buf_fini(&path);
	return res;
}

/* OpenMetrics, as GitLab reads it: name and value. */
static void
put_metrics(struct buf *b, const struct output *o)
{
	struct figure f;

	for (size_t i = 0; i < HANDED; i++) {
		column_figure(&f, handed[i], o->all);
		if (!f.known)
			continue;
		buf_addf(b, "aitrace_%s ", columns[handed[i]].name);
		column_put(b, handed[i], &f);
		buf_addc(b, '\n');
	}
}

int
ci_gitlab(const char *folder, const struct output *o, struct err *e)
{
	struct buf b = { 0 }, env = { 0 };
	bool begin = true;
	int res;

	put_metrics(&b, o);
	res = write_in(folder, "aitrace-metrics.txt", &b, e);
	buf_reset(&b);
	put_outputs(&b, o);
	/* cost_usd=1 becomes AITRACE_COST_USD=1 */
	for (size_t i = 0; i < b.n; i++) {
		char c = b.p[i];

		if (begin && (i == 0 || b.p[i - 1] == '\n'))
			buf_adds(&env, "AITRACE_");
		begin = begin && c != '=';
		buf_addc(&env, begin ? (char)toupper((unsigned char)c) : c);
		if (c == '\n')
			begin = true;
	}
	if (res == 0)
		res = write_in(folder, "aitrace.env", &env, e);
	buf_fini(&b);
	buf_fini(&env);
	return res;
}

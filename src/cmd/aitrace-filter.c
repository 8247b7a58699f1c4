/*
 * Chooses records by an expression, by sampling, by rate; alone or as whole
 * traces. What is chosen goes on as it came.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "filter/expr.h"
#include "filter/format.h"
#include "filter/hold.h"
#include "filter/rate.h"
#include "filter/sample.h"
#include "record/stage.h"

#define ROOTLESS_WAIT	(600 * CLOCK_S)

struct filter {
	bool		 invert, count, quiet, trace, root, parents;
	bool		 keep_errors;
	int64_t		 max, memory, linger;
	const char	*text, *sample, *rate, *template;

	struct expr	 expr, is_error;
	struct format	 format;
	struct hold	 hold;
	struct rate	 bucket;
	uint64_t	 threshold;
	bool		 holds;		/* are traces looked at as a whole? */
	struct stage_io	*io;
	struct record	 again;		/* a held line, for --format */
	struct buf	 line;
	uint64_t	 out, unknown, unsampled;
};

static const struct opt opts[] = {
	{ "count", 'c', OPT_FLAG, offsetof(struct filter, count), NULL,
	    "print how many there are instead", 0, 0, NULL },
	{ "format", 'f', OPT_STR, offsetof(struct filter, template),
	    "TEMPLATE", "print fields: tsv:a,b or csv:a,b or \"text {a}\"", 0,
	    0, NULL },
	{ "invert", 'v', OPT_FLAG, offsetof(struct filter, invert), NULL,
	    "choose what the expression does not", 0, 0, NULL },
	{ "keep-errors", 0, OPT_FLAG, offsetof(struct filter, keep_errors),
	    NULL, "keep traces with errors, whatever --sample and --rate say",
	    0, 0, NULL },
	{ "linger", 0, OPT_DUR, offsetof(struct filter, linger), "TIME",
	    "how long a trace may still change its mind (default 10s)", 0, 0,
	    NULL },
	{ "max-count", 'm', OPT_NUM, offsetof(struct filter, max), "N",
	    "stop after N records", 1, INT64_MAX, NULL },
	{ "max-memory", 0, OPT_SIZE, offsetof(struct filter, memory), "SIZE",
	    "hold at most so much (default 256M)", 65536, INT64_C(1) << 40,
	    NULL },
	{ "parents", 'p', OPT_FLAG, offsetof(struct filter, parents), NULL,
	    "choose the spans above, too", 0, 0, NULL },
	{ "rate", 0, OPT_STR, offsetof(struct filter, rate), "N/s",
	    "let so many traces through a second (or /m, /h)", 0, 0, NULL },
	{ "root", 'r', OPT_FLAG, offsetof(struct filter, root), NULL,
	    "choose traces whose root matches", 0, 0, NULL },
	{ "sample", 0, OPT_STR, offsetof(struct filter, sample), "P",
	    "only this part of the traces: 0.1 or 10%", 0, 0, NULL },
	{ "silent", 'q', OPT_FLAG, offsetof(struct filter, quiet), NULL,
	    "print nothing: exit 0 if there is one, 1 if not", 0, 0, NULL },
	{ "trace", 't', OPT_FLAG, offsetof(struct filter, trace), NULL,
	    "choose whole traces in which a record matches", 0, 0, NULL },
	{ .name = NULL }
};

/* Says what is wrong, shows the text and points at the place. */
static int
complain(const char *what, const char *text, const struct expr_error *e)
{
	struct buf line = { 0 }, mark = { 0 };

	expr_point(&line, &mark, text, strlen(text), e->pos);
	log_error("%s: %s", what, e->msg);
	log_always("  %s", buf_cstr(&line));
	log_always("  %s", buf_cstr(&mark));
	buf_fini(&line);
	buf_fini(&mark);
	return -1;
}

static int
filter_operands(void *ctx, int argc, char **argv)
{
	struct filter *x = ctx;
	struct expr_error e;

	if (argc == 0) {
		log_error("an expression is needed; 'true' chooses all");
		return -1;
	}
	x->text = argv[0];
	if (expr_compile(&x->expr, x->text, strlen(x->text), &e) == -1)
		return complain("expression", x->text, &e);
	if (expr_compile(&x->is_error, "error", 5, &e) == -1)
		return complain("expression", "error", &e);
	if (x->template != NULL && format_compile(&x->format, x->template,
	    &e) == -1)
		return complain("--format", x->template, &e);
	return 1;
}

/* The options that are more than the option table can check. */
static int
read_options(struct filter *x)
{
	if (x->trace + x->root + x->parents > 1)
		log_error("only one of --trace, --root and --parents");
	else if (x->count + x->quiet + (x->template != NULL) > 1)
		log_error("only one of --count, --silent and --format");
	else if (x->sample != NULL && sample_parse(x->sample,
	    &x->threshold) == -1)
		log_error("--sample: not between 0 and 1, or 0%% and 100%%: "
		    "'%s'", x->sample);
	else if (x->rate != NULL && rate_parse(x->rate, &x->bucket) == -1)
		log_error("--rate: not a rate (like 10/s, 100/m): '%s'",
		    x->rate);
	else
		return 0;
	return -1;
}

/* A chosen line: written, printed, or only counted. */
static int
emit(void *arg, const char *p, size_t n)
{
	struct filter *x = arg;
	const char *why;

	if (x->max != 0 && x->out >= (uint64_t)x->max)
		return 0;
	x->out++;
	if (x->quiet || (x->max != 0 && x->out == (uint64_t)x->max))
		x->io->done = true;
	if (x->quiet || x->count)
		return 0;
	if (x->template == NULL)
		return out_write(x->io->out, p, n) == -1 ||
		    out_putc(x->io->out, '\n') == -1 ? EXIT_IO : 0;
	if (record_index(&x->again, p, n, &why) == -1)
		return EXIT_SOFT;	/* it was one before */
	buf_reset(&x->line);
	format_put(&x->line, &x->format, &x->again);
	if (x->line.err != 0)
		return EXIT_SOFT;
	return out_write(x->io->out, x->line.p, x->line.n) == -1 ? EXIT_IO : 0;
}

static bool
admit(void *arg)
{
	struct filter *x = arg;

	return rate_take(&x->bucket, clock_mono(x->io->clock));
}

static int
filter_open(void *ctx, struct stage_io *io)
{
	struct filter *x = ctx;

	if (read_options(x) == -1)
		return EXIT_USAGE;
	x->io = io;
	io->sink = x->quiet || x->count || x->template != NULL;
	x->holds = x->trace || x->root || x->parents || x->rate != NULL ||
	    (x->keep_errors && x->sample != NULL);
	x->hold.scope = x->trace ? HOLD_TRACES : x->root ? HOLD_ROOTS :
	    x->parents ? HOLD_PARENTS : HOLD_RECORDS;
	x->hold.keep_errors = x->keep_errors;
	x->hold.max = (size_t)x->memory;
	x->hold.emit = emit;
	x->hold.admit = x->rate != NULL ? admit : NULL;
	x->hold.arg = x;
	hold_init(&x->hold);
	return 0;
}

static int
told(int code)
{
	if (code == EXIT_SOFT)
		log_error("out of memory");
	return code;
}

/* Without a trace id a record stands for itself. */
static int
alone(struct filter *x, const struct record *r, bool matched)
{
	if (!matched)
		return 0;
	if (x->rate != NULL && !admit(x)) {
		x->hold.refused++;
		return 0;
	}
	return told(emit(x, r->p, r->n));
}

static int
filter_record(void *ctx, struct stage_io *io, const struct record *r)
{
	struct filter *x = ctx;
	struct hold_facts f = { .sampled = true };
	uint64_t cut = x->hold.cut;
	enum expr_verdict v;
	int code;

	if (x->sample != NULL)
		f.sampled = sample_keeps(x->threshold, r);
	if (!f.sampled && !x->keep_errors) {
		x->unsampled++;
		return 0;
	}
	v = expr_eval(&x->expr, r);
	x->unknown += v == EXPR_UNKNOWN;
	f.matched = (v == EXPR_YES) != x->invert;
	if (!x->holds)
		return f.matched ? told(emit(x, r->p, r->n)) : 0;
	if (!ids_is_trace(r->field[F_TRACE_ID]))
		return alone(x, r, f.matched);
	f.error = x->keep_errors && expr_eval(&x->is_error, r) == EXPR_YES;
	code = hold_take(&x->hold, r, &f, clock_mono(io->clock));
	if (cut == 0 && x->hold.cut != 0)
		log_warn("more than --max-memory to hold: forgetting traces "
		    "that are not decided");
	return told(code);
}

static int64_t
filter_idle(void *ctx, struct stage_io *io, int64_t now)
{
	struct filter *x = ctx;

	(void)io;
	return x->holds ? hold_forget(&x->hold, now, x->linger,
	    x->linger > ROOTLESS_WAIT ? x->linger : ROOTLESS_WAIT) : -1;
}

static int
filter_close(void *ctx, struct stage_io *io)
{
	struct filter *x = ctx;

	if (x->expr.gave_up != 0)
		log_warn("%" PRIu64 " matches given up: the regular expression "
		    "takes too long", x->expr.gave_up);
	if (x->count) {
		buf_reset(&x->line);
		buf_addu(&x->line, x->out);
		buf_addc(&x->line, '\n');
		if (x->line.err != 0 || out_write(io->out, x->line.p,
		    x->line.n) == -1)
			return EXIT_IO;
	}
	return x->quiet && x->out == 0 ? EXIT_ANSWER_NO : 0;
}

static void
filter_summarize(void *ctx, struct buf *line)
{
	const struct filter *x = ctx;

	buf_addf(line, " out=%" PRIu64 " unknown=%" PRIu64 " unsampled=%" PRIu64
	    " refused_traces=%" PRIu64 " cut_traces=%" PRIu64
	    " given_up=%" PRIu64, x->out, x->unknown, x->unsampled,
	    x->hold.refused, x->hold.cut, x->expr.gave_up);
}

static void
filter_fini(void *ctx)
{
	struct filter *x = ctx;

	hold_fini(&x->hold);
	format_fini(&x->format);
	expr_fini(&x->expr);
	expr_fini(&x->is_error);
	record_fini(&x->again);
	buf_fini(&x->line);
}

static const struct stage stage = {
	.name = "aitrace-filter",
	.summary = "Passes on the records that an expression chooses.",
	.synopsis = "EXPRESSION [FILE ...]",
	.opts = opts,
	.operands = filter_operands,
	.open = filter_open,
	.record = filter_record,
	.idle = filter_idle,
	.close = filter_close,
	.summarize = filter_summarize,
	.fini = filter_fini,
};

int
main(int argc, char **argv)
{
	struct filter *x = calloc(1, sizeof(*x));
	int code;

	if (x == NULL)
		return EXIT_SOFT;
	x->memory = INT64_C(256) << 20;
	x->linger = 10 * CLOCK_S;
	code = stage_main(&stage, x, argc, argv);
	free(x);
	return code;
}

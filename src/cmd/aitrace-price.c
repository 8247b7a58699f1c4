#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "price/bookfile.h"
#include "price/explain.h"
#include "price/pricer.h"
#include "record/edit.h"
#include "record/rtime.h"
#include "record/stage.h"

struct price {
	/* options */
	const char	*book_path;
	struct opt_list	 prices;
	bool		 reprice;
	const char	*at;
	int		 unknown;
	const char	*explain;
	const char	*tokens;
	const char	*provider;
	int		 service;
	bool		 fast;
	const char	*region;

	struct pricer	 pricer;
	struct edit	 edit;
};

static const char *const unknown_words[] = { "estimate", "skip", "fail",
    NULL };
static const char *const service_words[] = { "standard", "flex", "priority",
    "batch", NULL };

static const struct opt opts[] = {
	{ "at", 0, OPT_STR, offsetof(struct price, at), "WHEN",
	    "price of which day: usage (default), today or a date", 0, 0,
	    NULL },
	{ "book", 0, OPT_STR, offsetof(struct price, book_path), "FILE",
	    "price book instead of the installed one", 0, 0, NULL },
	{ "explain", 0, OPT_STR, offsetof(struct price, explain), "MODEL",
	    "say how the model is priced, and end", 0, 0, NULL },
	{ "fast", 0, OPT_FLAG, offsetof(struct price, fast), NULL,
	    "with --explain: at speed \"fast\"", 0, 0, NULL },
	{ "prices", 0, OPT_LIST, offsetof(struct price, prices), "FILE",
	    "prices that count before the book's; may be repeated", 0, 0,
	    NULL },
	{ "provider", 0, OPT_STR, offsetof(struct price, provider), "NAME",
	    "with --explain: who served it, as in gen_ai.provider.name", 0, 0,
	    NULL },
	{ "region", 0, OPT_STR, offsetof(struct price, region), "NAME",
	    "with --explain: where it ran, as in inference_geo", 0, 0, NULL },
	{ "reprice", 0, OPT_FLAG, offsetof(struct price, reprice), NULL,
	    "price again, prefer the book to reported costs", 0, 0, NULL },
	{ "service-tier", 0, OPT_ENUM, offsetof(struct price, service),
	    "TIER", "with --explain: tier of service", 0, 0,
	    service_words },
	{ "tokens", 0, OPT_STR, offsetof(struct price, tokens), "NAME=N,...",
	    "with --explain: work out the cost of these tokens", 0, 0, NULL },
	{ "unknown", 0, OPT_ENUM, offsetof(struct price, unknown), "WHAT",
	    "what to do with models without a price (default estimate)", 0, 0,
	    unknown_words },
	{ .name = NULL }
};

/* The installed book, or the one in $AITRACE_DATADIR. */
static int
read_default_book(struct book *b, bool names, struct err *e)
{
	const char *dir = getenv("AITRACE_DATADIR");
	struct buf path;
	int rc;

	if (dir == NULL || *dir == '\0')
		dir = PKGDATADIR;
	buf_init(&path, 0);
	buf_addf(&path, "%s/prices.json", dir);
	rc = names ? bookfile_read_names(b, buf_cstr(&path), e) :
	    bookfile_read(b, buf_cstr(&path), e);
	buf_fini(&path);
	return rc;
}

/*
 * The book and what is merged over it; NULL after an error was told. names:
 * the rows of a model may wait until it is met.
 */
static struct book *
load_book(const struct price *x, bool names)
{
	const char *env = getenv("AITRACE_PRICES");
	struct book *b = book_new();
	struct err e;
	int rc;

	if (b == NULL) {
		log_error("out of memory");
		return NULL;
	}
	if (x->book_path != NULL)
		rc = bookfile_read(b, x->book_path, &e);
	else
		rc = read_default_book(b, names, &e);
	if (rc == 0 && env != NULL && *env != '\0')
		rc = bookfile_read(b, env, &e);
	for (size_t i = 0; rc == 0 && i < x->prices.n; i++)
		rc = bookfile_read(b, x->prices.v[i], &e);
	if (rc != 0) {
		log_error("%s", e.msg);
		book_free(b);
		return NULL;
	}
	return b;
}

/* --at: 0, or -1 after an error was told. */
static int
set_time(const struct price *x, const struct clock *clock,
    struct pricer_config *config)
{
	char day[32];

	config->fixed_time = true;
	if (x->at == NULL || strcmp(x->at, "usage") == 0) {
		config->fixed_time = false;
		config->time = (uint64_t)clock_wall(clock);
		return 0;
	}
	if (strcmp(x->at, "today") == 0) {
		config->time = (uint64_t)clock_wall(clock);
		return 0;
	}
	snprintf(day, sizeof(day), "%sT00:00:00Z", x->at);
	if ((strlen(x->at) == 10 && rtime_parse(day, strlen(day),
	    &config->time) == 0) ||
	    rtime_parse(x->at, strlen(x->at), &config->time) == 0)
		return 0;
	log_error("--at is usage, today or a date like 2026-11-21, not %s",
	    x->at);
	return -1;
}

static int
explain(const struct price *x, const struct book *book, uint64_t when,
    struct stage_io *io)
{
	struct explain ex = { .model = x->explain, .time = when,
	    .provider = x->provider != NULL ? x->provider : "" };
	struct usage usage;
	struct buf b = { 0 };
	const char *why;
	bool known;

	ex.terms.service = (enum book_service)x->service;
	ex.terms.fast = x->fast;
	ex.terms.region = x->region;
	ex.terms.region_len = x->region != NULL ? strlen(x->region) : 0;
	if (x->tokens != NULL) {
		if (usage_from_text(&usage, x->tokens, &why) != 0) {
			log_error("--tokens: %s: %s", why, x->tokens);
			return EXIT_USAGE;
		}
		ex.usage = &usage;
	}
	known = explain_put(&b, book, &ex);
	io->done = true;
	if (b.err != 0) {
		log_error("out of memory");
		buf_fini(&b);
		return EXIT_SOFT;
	}
	/* A failed write stays in the writer, which the runtime checks. */
	(void)out_write(io->out, b.p, b.n);
	buf_fini(&b);
	if (!known)
		stage_status(io, EXIT_ANSWER_NO);
	return 0;
}

static int
use_book(struct price *x, bool names)
{
	struct book *book = load_book(x, names);

	if (book == NULL)
		return EXIT_BADCONF;
	pricer_set_book(&x->pricer, book);
	return 0;
}

/*
 * Files the user names are read at once, so that a bad one is refused at the
 * start. The installed book waits for the first model call, and its rows for the
 * first call of their model: most runs of a pipeline are short, and it is a
 * third of a megabyte.
 */
static bool
is_own_choice(const struct price *x)
{
	const char *env = getenv("AITRACE_PRICES");

	return x->book_path != NULL || x->prices.n > 0 ||
	    (env != NULL && *env != '\0');
}

static int
price_open(void *ctx, struct stage_io *io)
{
	struct price *x = ctx;
	struct pricer_config config = { .reprice = x->reprice,
	    .unknown = (enum pricer_unknown)x->unknown };
	int rc = 0;

	if (set_time(x, io->clock, &config) != 0)
		return EXIT_USAGE;
	if (pricer_init(&x->pricer, &config) != 0) {
		log_error("out of memory");
		return EXIT_SOFT;
	}
	if (x->explain != NULL || is_own_choice(x))
		rc = use_book(x, false);
	if (rc == 0 && x->explain != NULL)
		rc = explain(x, x->pricer.book, config.time, io);
	return rc;
}

static int
price_record(void *ctx, struct stage_io *io, const struct record *r)
{
	struct price *x = ctx;
	int rc;

	if (!call_is(r))
		return stage_pass(io, r);
	if (x->pricer.book == NULL && (rc = use_book(x, true)) != 0)
		return rc;
	edit_begin(&x->edit, r);
	switch (pricer_price(&x->pricer, r, &x->edit)) {
	case PRICER_LEFT:
		return stage_pass(io, r);
	case PRICER_PRICED:
		if (edit_pass(&x->edit, io->out, io->newline) == 0)
			return 0;
		if (io->out->err != 0)
			return EXIT_IO;
		break;
	case PRICER_BAD_BOOK:
		log_error("%s", x->pricer.err.msg);
		return EXIT_BADCONF;
	case PRICER_NOMEM:
		break;
	}
	log_error("out of memory");
	return EXIT_SOFT;
}

/* A new book, or the old one stays. */
static void
price_reload(void *ctx, struct stage_io *io)
{
	struct price *x = ctx;

	(void)io;
	if (x->pricer.book == NULL)
		return;		/* it will be read when it is needed */
	if (use_book(x, false) != 0) {
		log_error("the old prices stay in force");
		return;
	}
	log_info("prices read again");
}

static void
tell_unknown(const struct price *x, const struct pricer_model *m,
    const char *name)
{
	if (x->unknown == UNKNOWN_ESTIMATE)
		log_warn("%s: unknown model: %llu calls estimated at 5 USD "
		    "per million tokens", name,
		    (unsigned long long)m->unknown);
	else
		log_warn("%s: unknown model: %llu calls without a cost", name,
		    (unsigned long long)m->unknown);
}

static void
tell_differs(const struct pricer_model *m, const char *name)
{
	struct buf rep = { 0 }, our = { 0 };

	money_put(&rep, m->differs_reported, false);
	money_put(&our, m->differs_computed, false);
	log_warn("%s: reported cost differs from the book's by more than 1 %% "
	    "in %llu of %llu calls: reported %s USD, computed %s USD", name,
	    (unsigned long long)m->differs, (unsigned long long)m->spans,
	    buf_cstr(&rep), buf_cstr(&our));
	buf_fini(&rep);
	buf_fini(&our);
}

static void
tell_model(const struct price *x, const struct pricer_model *m)
{
	const char *name = m->name == NULL ? "(other models)" :
	    m->name_len == 0 ? "(calls without a model)" : m->name;

	if (m->unknown > 0)
		tell_unknown(x, m, name);
	if (m->estimated > 0)
		log_warn("%s: not in the price book: %llu calls estimated at "
		    "the prices of %s", name,
		    (unsigned long long)m->estimated, m->basis);
	if (m->too_early > 0)
		log_warn("%s: %llu calls before its first price in the book, "
		    "estimated", name, (unsigned long long)m->too_early);
	if (m->differs > 0)
		tell_differs(m, name);
}

static int
price_close(void *ctx, struct stage_io *io)
{
	struct price *x = ctx;
	const struct pricer *p = &x->pricer;
	const struct pricer_model *m;
	size_t at = 0;
	int status = 0;

	(void)io;
	if (x->explain != NULL)
		return 0;
	while ((m = pricer_next(p, &at)) != NULL) {
		tell_model(x, m);
		if (m->unknown > 0 && x->unknown == UNKNOWN_FAIL)
			status = EXIT_BADCONF;
	}
	for (size_t i = 0; i < p->nkind; i++)
		log_warn("no price for %s tokens (first of %s): left out of "
		    "the cost of %llu calls", p->kind[i].name,
		    p->kind[i].model, (unsigned long long)p->kind[i].spans);
	if (p->bad_usage > 0)
		log_warn("%llu calls with a usage that is no count of tokens "
		    "(first: %s): left out", (unsigned long long)p->bad_usage,
		    p->bad_name);
	return status;
}

static void
price_summarize(void *ctx, struct buf *line)
{
	const struct price *x = ctx;
	const struct pricer_model *m;
	uint64_t estimated = 0, unknown = 0, differs = 0;
	size_t at = 0;

	while ((m = pricer_next(&x->pricer, &at)) != NULL) {
		estimated += m->estimated + m->too_early;
		unknown += m->unknown;
		differs += m->differs;
	}
	buf_addf(line, " priced=%llu already=%llu unpriced=%llu "
	    "estimated=%llu unknown=%llu differs=%llu",
	    (unsigned long long)x->pricer.priced,
	    (unsigned long long)x->pricer.already,
	    (unsigned long long)x->pricer.left,
	    (unsigned long long)estimated, (unsigned long long)unknown,
	    (unsigned long long)differs);
}

static void
price_fini(void *ctx)
{
	struct price *x = ctx;

	edit_fini(&x->edit);
	pricer_fini(&x->pricer);
	opt_list_fini(&x->prices);
}

static const struct stage stage = {
	.name = "aitrace-price",
	.summary = "Adds the exact cost of each model call.",
	.opts = opts,
	.open = price_open,
	.record = price_record,
	.close = price_close,
	.reload = price_reload,
	.summarize = price_summarize,
	.fini = price_fini,
};

int
main(int argc, char **argv)
{
	struct price x = { .at = NULL };

	return stage_main(&stage, &x, argc, argv);
}

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "price/bookplace.h"
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
	struct buckets usage;
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
	struct book *book = bookplace_load(x->book_path, &x->prices,
	    names);

	if (book == NULL)
		return EXIT_BADCONF;
	pricer_set_book(&x->pricer, book);
	return 0;
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
	if (x->explain != NULL || bookplace_is_own(x->book_path, &x->prices))
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

static int
price_close(void *ctx, struct stage_io *io)
{
	struct price *x = ctx;

	(void)io;
	if (x->explain != NULL)
		return 0;
	return bookplace_tell(&x->pricer) && x->unknown == UNKNOWN_FAIL ?
	    EXIT_BADCONF : 0;
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

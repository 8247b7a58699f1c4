/*
 * aitrace-ship: records in, delivered to Langfuse or another OTLP server. The
 * ways it runs in are in src/ship.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/sig.h"
#include "record/stage.h"
#include "ship/direct.h"
#include "ship/options.h"
#include "ship/queue.h"
#include "ship/rehearse.h"
#include "ship/routed.h"
#include "ship/ship.h"
#include "ship/verified.h"
#include "sink/left.h"

static uint32_t
dice(void)
{
	return arc4random();
}

static void
refused(void *arg, const struct record *r, int status, const char *why)
{
	struct ship *x = arg;
	struct buf where = { 0 };

	if (x->o.spool != NULL)
		buf_adds(&where, x->o.spool);
	else
		buf_addf(&where, "%s:%llu", x->io->file,
		    (unsigned long long)x->io->lineno);
	refusals_record(&x->refusals, r, buf_cstr(&where), status, why);
	buf_fini(&where);
	stage_status(x->io, x->refusals.failed ? EXIT_IO : EXIT_DATAERR);
}

/* 0 when nobody knows. */
static uint64_t
input_size(int n, char **files)
{
	uint64_t total = 0;
	struct stat st;

	if (n == 0)
		return fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode) ?
		    (uint64_t)st.st_size : 0;
	for (int i = 0; i < n; i++) {
		if (stat(files[i], &st) == -1 || !S_ISREG(st.st_mode))
			return 0;
		total += (uint64_t)st.st_size;
	}
	return total;
}

static int
ship_operands(void *ctx, int argc, char **argv)
{
	struct ship *x = ctx;

	x->nfiles = argc;
	x->total = input_size(argc, argv);
	return 0;
}

static void
ship_summarize(void *ctx, struct buf *b)
{
	const struct ship *x = ctx;

	if (x->o.route != NULL) {
		routed_summarize(x, b);
		return;
	}
	if (x->o.verify) {
		verified_summarize(x, b);
		return;
	}
	if (x->o.since != NULL || x->o.until != NULL)
		buf_addf(b, " outside=%llu", (unsigned long long)x->outside);
	if (x->o.spool != NULL && !x->o.dry_run)
		queue_summarize(x, b);
	shipper_summarize(&x->shipper, b);
}

/* While the stage's loop does not: when it waits for servers. */
static void
look(void *arg)
{
	struct ship *x = arg;
	struct buf b = { 0 };

	sig_drain();
	if (sig_take_usr1()) {
		ship_summarize(x, &b);
		log_always("info: in=%llu bad=%llu%s",
		    (unsigned long long)x->io->in,
		    (unsigned long long)x->io->bad, buf_cstr(&b));
		buf_fini(&b);
	}
	if (progress_due(&x->progress))
		ship_progress(x);
}

static int
ship_open(void *ctx, struct stage_io *io)
{
	struct ship *x = ctx;
	const struct ship_options *o = &x->o;
	struct outbox_conf *c = &x->shipper.conf;
	struct err e;
	int rc;

	x->io = io;
	*c = (struct outbox_conf){ .max_bytes = (size_t)o->batch_bytes,
	    .max_count = (size_t)o->batch_count, .max_age = o->batch_age,
	    .in_flight = (unsigned)o->in_flight, .retry = retry_default,
	    .clock = io->clock, .random = dice, .refused = refused,
	    .pace = o->rate > 0 ? 60 * CLOCK_S / o->rate : 0, .arg = x };
	x->shipper.look = look;
	if ((rc = options_check(o)) != 0)
		return rc;
	if (period_parse(&x->period, o->since, o->until, &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_USAGE;
	}
	if (routed_several(o))
		x->o.route = ROUTED_ALL;
	if (o->route != NULL)
		return routed_open(x);
	if ((rc = ship_dests(x)) != 0)
		return rc;
	if (o->verify)
		return verified_open(x);
	if (o->spool != NULL && o->dry_run)
		rehearse_open(x);
	else if ((o->spool != NULL && (rc = queue_open(x)) != 0) ||
	    (rc = ship_files(x)) != 0)
		return rc;
	if (shipper_open(&x->shipper, "aitrace-ship/" PACKAGE_VERSION,
	    &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_SOFT;
	}
	if (c->emit == NULL) {
		c->proof = &x->proof;
		sig_ignore_pipe();
		progress_init(&x->progress, io->clock, log_watched() &&
		    log_level() >= LOG_LEVEL_WARNING);
	}
	return 0;
}

static int
ship_record(void *ctx, struct stage_io *io, const struct record *r)
{
	struct ship *x = ctx;

	(void)io;
	x->read += r->n + 1;
	if (!period_has(&x->period, r)) {
		x->outside++;
		return 0;
	}
	if (progress_due(&x->progress))
		ship_progress(x);
	if (x->o.route != NULL)
		return routed_record(x, r);
	if (x->o.verify)
		return verified_record(x, r);
	return x->accepts ? queue_record(x, r) : direct_record(x, r);
}

static int64_t
ship_idle(void *ctx, struct stage_io *io, int64_t now)
{
	struct ship *x = ctx;

	(void)io;
	(void)now;
	if (x->o.route != NULL)
		return routed_idle(x);
	if (x->o.verify)
		return -1;
	return x->accepts ? queue_idle(x) : direct_idle(x);
}

static int
ship_wait(void *ctx, struct pollfd *pfd, nfds_t n, int timeout_ms)
{
	struct ship *x = ctx;

	if (x->o.route != NULL)
		return routed_wait(x, pfd, n, timeout_ms);
	return shipper_wait(&x->shipper, pfd, n, timeout_ms);
}

static int
ship_close(void *ctx, struct stage_io *io)
{
	struct ship *x = ctx;
	const struct ship_options *o = &x->o;
	struct err e;

	x->ended = true;
	if (o->route != NULL)
		return routed_close(x);
	if (o->verify)
		return verified_close(x);
	if (o->spool == NULL)
		direct_close(x);
	else if (o->dry_run)
		rehearse_close(x);
	else
		queue_close(x);
	progress_end(&x->progress);
	if (x->shipper.failed)
		stage_status(io, ship_failed(x));
	if (x->proof.failed)
		stage_status(io, EXIT_IO);
	for (size_t i = 0; i < x->shipper.n; i++)
		left_tell(&x->shipper.box[i], x->shipper.conf.emit != NULL,
		    o->left_path, x->shipper.n > 1, o->spool != NULL, io);
	/* An empty one that we made says nothing. */
	if (o->left_path != NULL && left_tidy(o->left_path, &e) == -1)
		log_warn("%s", e.msg);
	return 0;
}

static void
ship_reload(void *ctx, struct stage_io *io)
{
	struct ship *x = ctx;

	(void)io;
	if (x->o.route != NULL)
		routed_reload(x);
}

static void
ship_fini(void *ctx)
{
	struct ship *x = ctx;

	shipper_fini(&x->shipper);
	queue_fini(x);
	routed_fini(x);
	verified_fini(x);
	refusals_fini(&x->refusals);
	proof_fini(&x->proof);
	options_fini(&x->o);
}

static const struct stage stage = {
	.name = "aitrace-ship",
	.summary = "Deliver records to Langfuse or any OTLP server.",
	.opts = ship_opts,
	.sink = true,
	.operands = ship_operands,
	.open = ship_open,
	.record = ship_record,
	.idle = ship_idle,
	.wait = ship_wait,
	.close = ship_close,
	.reload = ship_reload,
	.summarize = ship_summarize,
	.fini = ship_fini,
};

int
main(int argc, char **argv)
{
	struct ship x = { .refusals = { .fd = -1 } };

	options_init(&x.o);
	return stage_main(&stage, &x, argc, argv);
}

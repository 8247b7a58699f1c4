/* aitrace-ship: records in, delivered to Langfuse or another OTLP server. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/sig.h"
#include "net/cred.h"
#include "record/stage.h"
#include "sink/backlog.h"
#include "sink/intake.h"
#include "sink/left.h"
#include "sink/refusals.h"
#include "sink/shipper.h"

#define HURRY	(10 * CLOCK_S)	/* after a signal to stop */

struct ship {
	/* options */
	struct opt_list	 to, header, key_command;
	const char	*endpoint, *public_file, *secret_file;
	const char	*left_path, *refused_path, *spool;
	const char	*receipts_path;
	struct client_tls tls;
	int		 format, compress;
	int64_t		 batch_bytes, batch_count, batch_age, in_flight;
	int64_t		 retry_for, timeout;
	int64_t		 spool_limit;
	bool		 dry_run, follow, once, retry_parked, skip_delivered;

	struct shipper	 shipper;
	struct backlog	 backlog;
	struct intake	 intake;
	struct refusals	 refusals;
	struct proof	 proof;
	struct stage_io	*io;
	int		 nfiles;
	bool		 accepts;	/* input, into the spool */
};

static const char *const formats[] = { "protobuf", "json", NULL };
static const char *const packings[] = { "none", "gzip", NULL };

#define AT(m)	offsetof(struct ship, m)

static const struct opt opts[] = {
	{ "batch-age", 0, OPT_DUR, AT(batch_age), "TIME",
	    "longest wait for more records (default 10s)", 0, 0, NULL },
	{ "batch-bytes", 0, OPT_SIZE, AT(batch_bytes), "SIZE",
	    "largest request before compression (default 3M)", 1024,
	    INT64_C(1) << 30, NULL },
	{ "batch-count", 0, OPT_NUM, AT(batch_count), "N",
	    "most records in a request (default 5000)", 1, 1000000, NULL },
	{ "cacert", 0, OPT_STR, AT(tls.ca_file), "FILE",
	    "certificates to trust (PEM)", 0, 0, NULL },
	{ "cert", 0, OPT_STR, AT(tls.cert_file), "FILE",
	    "client certificate (PEM)", 0, 0, NULL },
	{ "cert-key", 0, OPT_STR, AT(tls.key_file), "FILE",
	    "key of the client certificate (PEM)", 0, 0, NULL },
	{ "compress", 0, OPT_ENUM, AT(compress), "HOW",
	    "compression of requests (default gzip)", 0, 0, packings },
	{ "dry-run", 'n', OPT_FLAG, AT(dry_run), NULL,
	    "say what would be sent, send nothing", 0, 0, NULL },
	{ "endpoint", 'e', OPT_STR, AT(endpoint), "URL",
	    "base URL of the destination", 0, 0, NULL },
	{ "follow", 0, OPT_FLAG, AT(follow), NULL,
	    "with --spool: go on until a signal comes", 0, 0, NULL },
	{ "format", 'f', OPT_ENUM, AT(format), "FORMAT",
	    "encoding of requests (default protobuf)", 0, 0, formats },
	{ "header", 0, OPT_LIST, AT(header), "NAME:VALUE",
	    "one more header, which is no secret; may be repeated", 0, 0,
	    NULL },
	{ "in-flight", 0, OPT_NUM, AT(in_flight), "N",
	    "requests at a time (default 4)", 1, 64, NULL },
	{ "key-command", 0, OPT_LIST, AT(key_command), "COMMAND",
	    "take the Langfuse keys it prints; may be repeated", 0, 0, NULL },
	{ "left", 0, OPT_STR, AT(left_path), "FILE",
	    "append what could not be delivered", 0, 0, NULL },
	{ "once", 0, OPT_FLAG, AT(once), NULL,
	    "with --spool: read nothing, deliver what is there", 0, 0, NULL },
	{ "public-key-file", 0, OPT_STR, AT(public_file), "FILE",
	    "file with the Langfuse public key", 0, 0, NULL },
	{ "receipts", 0, OPT_STR, AT(receipts_path), "FILE",
	    "append a line for each request that was accepted", 0, 0, NULL },
	{ "refused", 0, OPT_STR, AT(refused_path), "FILE",
	    "append what the destination refuses", 0, 0, NULL },
	{ "retry-for", 0, OPT_DUR, AT(retry_for), "TIME",
	    "go on trying so long after the end of input (default 5m)", 0, 0,
	    NULL },
	{ "retry-parked", 0, OPT_FLAG, AT(retry_parked), NULL,
	    "with --spool: try what was refused once more", 0, 0, NULL },
	{ "secret-key-file", 0, OPT_STR, AT(secret_file), "FILE",
	    "file with the Langfuse secret key, closed to others", 0, 0,
	    NULL },
	{ "skip-delivered", 0, OPT_FLAG, AT(skip_delivered), NULL,
	    "with --spool: send nothing that was delivered before", 0, 0,
	    NULL },
	{ "spool", 0, OPT_STR, AT(spool), "DIR",
	    "keep records there until they are accepted", 0, 0, NULL },
	{ "spool-limit", 0, OPT_SIZE, AT(spool_limit), "SIZE",
	    "of what we write there; the oldest go (default 100M)", 65536,
	    INT64_C(1) << 50, NULL },
	{ "timeout", 0, OPT_DUR, AT(timeout), "TIME",
	    "for a request to be answered (default 60s)", 0, 0, NULL },
	{ "to", 't', OPT_LIST, AT(to), "NAME[=URL]",
	    "destination (default langfuse); may be repeated", 0, 0, NULL },
	{ .name = NULL }
};

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

	if (x->spool != NULL)
		buf_adds(&where, x->spool);
	else
		buf_addf(&where, "%s:%llu", x->io->file,
		    (unsigned long long)x->io->lineno);
	refusals_record(&x->refusals, r, buf_cstr(&where), status, why);
	buf_fini(&where);
	stage_status(x->io, x->refusals.failed ? EXIT_IO : EXIT_DATAERR);
}

/* In the spool. */
static void
bad_line(void *arg, const char *p, size_t n, const char *why)
{
	struct ship *x = arg;

	if (x->backlog.bad == 1)
		log_warn("%s: %s; left out", x->spool, why);
	refusals_line(&x->refusals, p, n, why);
	stage_status(x->io, x->refusals.failed ? EXIT_IO : EXIT_DATAERR);
}

static int
emit(void *arg, int way, size_t count, const char *p, size_t n)
{
	struct ship *x = arg;
	struct out *out = x->io->out;
	struct buf b = { 0 };
	int rc;

	if (!x->dry_run)
		return out_write(out, p, n) == -1 ? -1 : out_putc(out, '\n');
	buf_addf(&b, "signal=%s records=%zu bytes=%zu\n", sink_way(way),
	    count, n);
	rc = b.err == 0 ? out_write(out, b.p, b.n) : -1;
	buf_fini(&b);
	return rc;
}

/* NAME or NAME=URL. 0 or an exit code. */
static int
add_dest(struct ship *x, const char *to, const struct cred_from *keys)
{
	const struct dest_conf conf = { .endpoint = x->endpoint,
	    .format = x->format, .gzip = x->compress, .timeout = x->timeout,
	    .tls = x->tls, .keys = keys, .headers = x->header.v,
	    .nheaders = x->header.n };
	struct shipper *s = &x->shipper;
	struct err e;
	int rc = shipper_to(s, to, &conf, &e);

	if (rc != 0 && !(rc == EXIT_NOCREDS && x->dry_run)) {
		log_error("%s", e.msg);
		return rc;
	}
	if (strcmp(s->dest[s->n - 1].sink->name, SINK_STDOUT) == 0)
		s->conf.emit = emit;
	return 0;
}

static int
add_dests(struct ship *x)
{
	const struct cred_from keys = { .public_file = x->public_file,
	    .secret_file = x->secret_file, .command = x->key_command.v,
	    .ncommand = x->key_command.n, .env = true, .directory = true };
	int rc = 0;

	if (x->to.n == 0)
		rc = add_dest(x, "langfuse", &keys);
	for (size_t i = 0; i < x->to.n && rc == 0; i++)
		rc = add_dest(x, x->to.v[i], &keys);
	if (rc == 0 && x->shipper.conf.emit != NULL && x->shipper.n > 1) {
		log_error("--to stdout goes with no other destination");
		rc = EXIT_USAGE;
	}
	if (rc == 0 && x->shipper.conf.emit != NULL && x->spool != NULL) {
		log_error("--spool needs a server to deliver to");
		rc = EXIT_USAGE;
	}
	if (rc == 0 && x->spool == NULL && (x->follow || x->once ||
	    x->retry_parked || x->skip_delivered)) {
		log_error("--follow, --once, --retry-parked and "
		    "--skip-delivered go with --spool");
		rc = EXIT_USAGE;
	}
	if (rc == 0 && x->follow && x->once) {
		log_error("--follow or --once");
		rc = EXIT_USAGE;
	}
	if (rc == 0 && !x->dry_run && x->shipper.conf.emit != NULL &&
	    x->format == 0) {
		log_error("--to stdout prints JSON only");
		rc = EXIT_USAGE;
	}
	return rc;
}

/* 0 or an exit code. */
static int
open_spool(struct ship *x)
{
	struct err e;

	intake_init(&x->intake, x->spool, x->spool_limit, x->io->clock);
	x->accepts = x->nfiles > 0 || (!x->once && !x->follow &&
	    isatty(STDIN_FILENO) == 0);
	if (x->accepts && mkdir(x->spool, 0700) == -1 && errno != EEXIST) {
		log_error("%s: %s", x->spool, strerror(errno));
		return EXIT_IO;
	}
	if (backlog_open(&x->backlog, x->spool, &e) == -1 ||
	    (x->retry_parked &&
	    refusals_retry(x->spool, &x->intake, &e) == -1)) {
		log_error("%s", e.msg);
		return EXIT_IO;
	}
	x->backlog.bad_line = bad_line;
	x->backlog.arg = x;
	/* A portion is what bounds memory; input must not wait for servers. */
	x->shipper.waitless = true;
	x->io->done = !x->accepts;
	return 0;
}

/* Better now than when it is too late. 0 or an exit code. */
static int
open_files(struct ship *x)
{
	struct err e;
	int fd = -1;

	if ((x->left_path == NULL || (fd = left_open(x->left_path, &e)) != -1)
	    && refusals_open(&x->refusals, x->refused_path, x->spool,
	    x->io->clock, &e) == 0 && proof_open(&x->proof, x->receipts_path,
	    x->spool, x->skip_delivered, x->io->clock, &e) == 0) {
		if (fd != -1)
			(void)close(fd);
		return 0;
	}
	log_error("%s", e.msg);
	if (fd != -1)
		(void)close(fd);
	return EXIT_CANTCREATE;
}

static int
ship_operands(void *ctx, int argc, char **argv)
{
	struct ship *x = ctx;

	(void)argv;
	x->nfiles = argc;
	return 0;
}

static int
ship_open(void *ctx, struct stage_io *io)
{
	struct ship *x = ctx;
	struct outbox_conf *c = &x->shipper.conf;
	struct err e;
	int rc;

	x->io = io;
	*c = (struct outbox_conf){ .max_bytes = (size_t)x->batch_bytes,
	    .max_count = (size_t)x->batch_count, .max_age = x->batch_age,
	    .in_flight = (unsigned)x->in_flight, .retry = retry_default,
	    .clock = io->clock, .random = dice, .refused = refused,
	    .emit = x->dry_run ? emit : NULL, .arg = x };
	if ((rc = add_dests(x)) != 0)
		return rc;
	if (x->spool != NULL && (rc = open_spool(x)) != 0)
		return rc;
	if ((rc = open_files(x)) != 0)
		return rc;
	if (shipper_open(&x->shipper, "aitrace-ship/" PACKAGE_VERSION,
	    &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_SOFT;
	}
	if (c->emit == NULL) {
		c->proof = &x->proof;
		sig_ignore_pipe();
	}
	return 0;
}

static int
failed(const struct ship *x)
{
	if (x->io->out->err != 0)
		return EXIT_IO;
	log_error("out of memory");
	return EXIT_SOFT;
}

/* What was read is safe before it is sent. */
static void
accept_all(struct ship *x)
{
	struct err e;

	if (intake_keep(&x->intake, &e) == 0 &&
	    backlog_step(&x->backlog, &x->shipper, &e) == 0)
		return;
	log_error("%s", e.msg);
	stage_status(x->io, EXIT_IO);
	x->io->stop = true;
}

static int
ship_record(void *ctx, struct stage_io *io, const struct record *r)
{
	struct ship *x = ctx;
	int rc;

	if (x->accepts) {
		if ((rc = intake_line(&x->intake, r->p, r->n)) == -1)
			return failed(x);
		if (rc == 1)
			accept_all(x);
		return 0;
	}
	if (shipper_add(&x->shipper, r) == -1)
		return failed(x);
	if (shipper_stopped(&x->shipper))
		io->stop = true;
	return 0;
}

static int64_t
ship_idle(void *ctx, struct stage_io *io, int64_t now)
{
	struct ship *x = ctx;
	int64_t next;

	(void)now;
	if (x->accepts)
		accept_all(x);
	next = shipper_tick(&x->shipper);
	/* What cannot be delivered can still be kept. */
	if (x->shipper.failed ||
	    (!x->accepts && shipper_stopped(&x->shipper)))
		io->stop = true;
	return next;
}

static int
ship_wait(void *ctx, struct pollfd *pfd, nfds_t n, int timeout_ms)
{
	struct ship *x = ctx;

	return shipper_wait(&x->shipper, pfd, n, timeout_ms);
}

/* Delivers what is in the spool. */
static void
run_spool(struct ship *x)
{
	struct err e;

	if (backlog_run(&x->backlog, &x->shipper, x->follow ? -1 :
	    x->retry_for, HURRY, &e) == -1) {
		log_error("%s", e.msg);
		stage_status(x->io, EXIT_IO);
	}
}

static void
close_spool(struct ship *x)
{
	struct err e;
	int rc = intake_close(&x->intake, &e);

	run_spool(x);
	/* Full before, there may be room now. */
	if (rc == -1 && (rc = intake_close(&x->intake, &e)) == 0)
		run_spool(x);
	if (rc == -1) {
		log_error("%s; %zu bytes that were read are in no spool",
		    e.msg, x->intake.pending.n);
		stage_status(x->io, EXIT_IO);
	}
	if (x->intake.lost > 0 || spooled_aside(x->backlog.in) > 0)
		stage_status(x->io, EXIT_IO);
}

static int
ship_close(void *ctx, struct stage_io *io)
{
	struct ship *x = ctx;
	struct err e;

	if (x->spool == NULL)
		shipper_drain(&x->shipper, x->retry_for, HURRY);
	else
		close_spool(x);
	if (x->backlog.cut && !x->follow)
		stage_status(io, EXIT_TEMP);
	if (x->shipper.failed)
		stage_status(io, failed(x));
	if (x->proof.failed)
		stage_status(io, EXIT_IO);
	for (size_t i = 0; i < x->shipper.n; i++)
		left_tell(&x->shipper.box[i], x->shipper.conf.emit != NULL,
		    x->left_path, x->shipper.n > 1, x->spool != NULL, io);
	/* An empty one that we made says nothing. */
	if (x->left_path != NULL && left_tidy(x->left_path, &e) == -1)
		log_warn("%s", e.msg);
	return 0;
}

static void
ship_summarize(void *ctx, struct buf *b)
{
	const struct ship *x = ctx;

	if (x->spool != NULL)
		buf_addf(b, " accepted=%llu dropped=%llu aside=%llu "
		    "parked=%llu", (unsigned long long)x->intake.lines,
		    (unsigned long long)x->intake.lost,
		    (unsigned long long)(x->backlog.in != NULL ?
		    spooled_aside(x->backlog.in) : 0),
		    (unsigned long long)x->refusals.nkept);
	shipper_summarize(&x->shipper, b);
}

static void
ship_fini(void *ctx)
{
	struct ship *x = ctx;

	shipper_fini(&x->shipper);
	backlog_fini(&x->backlog);
	intake_fini(&x->intake);
	refusals_fini(&x->refusals);
	proof_fini(&x->proof);
	opt_list_fini(&x->to);
	opt_list_fini(&x->header);
	opt_list_fini(&x->key_command);
}

static const struct stage stage = {
	.name = "aitrace-ship",
	.summary = "Deliver records to Langfuse or any OTLP server.",
	.opts = opts,
	.sink = true,
	.operands = ship_operands,
	.open = ship_open,
	.record = ship_record,
	.idle = ship_idle,
	.wait = ship_wait,
	.close = ship_close,
	.summarize = ship_summarize,
	.fini = ship_fini,
};

int
main(int argc, char **argv)
{
	struct ship x = { .format = -1, .compress = -1, .timeout = -1,
	    .batch_bytes = 3 * 1024 * 1024, .batch_count = 5000,
	    .batch_age = 10 * CLOCK_S, .in_flight = 4,
	    .retry_for = 300 * CLOCK_S,
	    .spool_limit = 100 * 1024 * 1024, .refusals = { .fd = -1 } };

	return stage_main(&stage, &x, argc, argv);
}

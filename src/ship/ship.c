#include "ship/ship.h"

#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "net/cred.h"
#include "sink/left.h"

/* Of --to stdout and --dry-run. */
static int
emit(void *arg, int way, size_t count, const char *p, size_t n)
{
	struct ship *x = arg;
	struct out *out = x->io->out;
	struct buf b = { 0 };
	int rc;

	if (!x->o.dry_run)
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
	const struct ship_options *o = &x->o;
	const struct dest_conf conf = { .endpoint = o->endpoint,
	    .format = o->format, .gzip = o->compress, .timeout = o->timeout,
	    .tls = o->tls, .keys = keys, .headers = o->header.v,
	    .nheaders = o->header.n };
	struct shipper *s = &x->shipper;
	struct err e;
	int rc = shipper_to(s, to, &conf, &e);

	if (rc != 0 && !(rc == EXIT_NOCREDS && o->dry_run)) {
		log_error("%s", e.msg);
		return rc;
	}
	if (strcmp(s->dest[s->n - 1].sink->name, SINK_STDOUT) == 0)
		s->conf.emit = emit;
	return 0;
}

int
ship_dests(struct ship *x)
{
	const struct ship_options *o = &x->o;
	const struct cred_from keys = { .public_file = o->public_file,
	    .secret_file = o->secret_file, .command = o->key_command.v,
	    .ncommand = o->key_command.n, .env = true, .directory = true };
	const char *wrong = NULL;
	bool printed;
	int rc = 0;

	if (o->to.n == 0)
		rc = add_dest(x, "langfuse", &keys);
	for (size_t i = 0; i < o->to.n && rc == 0; i++)
		rc = add_dest(x, o->to.v[i], &keys);
	if (rc != 0)
		return rc;
	printed = x->shipper.conf.emit != NULL;
	if (printed && x->shipper.n > 1)
		wrong = "--to stdout goes with no other destination";
	else if (printed && o->spool != NULL)
		wrong = "--spool needs a server to deliver to";
	else if (printed && !o->dry_run && o->format == 0)
		wrong = "--to stdout prints JSON only";
	if (o->dry_run)
		x->shipper.conf.emit = emit;
	if (wrong == NULL)
		return 0;
	log_error("%s", wrong);
	return EXIT_USAGE;
}

int
ship_files(struct ship *x)
{
	const struct ship_options *o = &x->o;
	struct err e;
	int fd = -1;

	if ((o->left_path == NULL || (fd = left_open(o->left_path, &e)) != -1)
	    && refusals_open(&x->refusals, o->refused_path, o->spool,
	    x->io->clock, &e) == 0 && proof_open(&x->proof, o->receipts_path,
	    o->spool, o->skip_delivered, x->io->clock, &e) == 0) {
		if (fd != -1)
			(void)close(fd);
		return 0;
	}
	log_error("%s", e.msg);
	if (fd != -1)
		(void)close(fd);
	return EXIT_CANTCREATE;
}

int
ship_failed(const struct ship *x)
{
	if (x->io->out->err != 0)
		return EXIT_IO;
	log_error("out of memory");
	return EXIT_SOFT;
}

/* How many records are done with, by the destination that is behind. */
static uint64_t
handled(const struct ship *x, uint64_t *taken)
{
	uint64_t least = 0, n;

	*taken = 0;
	for (size_t i = 0; i < x->shipper.n; i++) {
		const struct outbox_tally *t = &x->shipper.box[i].tally;

		n = t->delivered + t->refused + t->rejected + t->skipped;
		if (i == 0 || n < least) {
			least = n;
			*taken = t->taken;
		}
	}
	return least;
}

void
ship_progress(struct ship *x)
{
	uint64_t taken, n = handled(x, &taken), bytes, done = 0, total = 0;
	const struct backlog *b = &x->backlog;
	bool whole = !x->accepts || x->ended;

	if (x->o.spool == NULL && x->total > 0 && taken > 0) {
		total = x->total;
		done = (uint64_t)((double)x->read * (double)n /
		    (double)taken);
	} else if (b->in != NULL && whole) {
		done = b->settled;
		/* Seldom, as packed segments must be unpacked for it. */
		if (x->behind <= done && spooled_waiting(b->in, NULL, &bytes,
		    NULL) == 0)
			x->behind = done + (b->out ? b->portion.n : 0) + bytes;
		total = x->behind;
	}
	progress_show(&x->progress, n, done, total);
}

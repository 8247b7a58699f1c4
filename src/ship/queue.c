#include "ship/queue.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "route/strays.h"
#include "sink/left.h"

/* In the spool. */
static void
bad_line(void *arg, const char *p, size_t n, const char *why)
{
	struct ship *x = arg;

	if (x->backlog.bad == 1)
		log_warn("%s: %s; left out", x->o.spool, why);
	refusals_line(&x->refusals, p, n, why);
	stage_status(x->io, x->refusals.failed ? EXIT_IO : EXIT_DATAERR);
}

/*
 * What is outside of --since and --until is not sent, and not lost either. It
 * is no segment, so that nobody comes upon it again.
 */
static int
wants(void *arg, const struct record *r)
{
	struct ship *x = arg;

	if (period_has(&x->period, r))
		return 1;
	x->outside++;
	buf_add(&x->kept, r->p, r->n);
	buf_addc(&x->kept, '\n');
	return x->kept.err == 0 ? 0 : -1;
}

/* Before the spool forgets: what is not delivered must be somewhere else. */
static int
put_aside(void *arg, struct err *e)
{
	struct ship *x = arg;
	struct buf path = { 0 };
	int fd, rc = 0;

	if (x->refusals.failed)
		return err_set(e, "%s: what was refused could not be kept: "
		    "all of it stays", x->o.spool);
	if (x->kept.n == 0)
		return 0;
	buf_addf(&path, "%s/outside.ndjson", x->o.spool);
	if ((fd = left_open(buf_cstr(&path), e)) == -1)
		rc = -1;
	else if (file_write_all(fd, x->kept.p, x->kept.n) == -1 ||
	    fdatasync(fd) == -1)
		rc = err_set(e, "%s: %s", buf_cstr(&path), strerror(errno));
	if (fd != -1)
		(void)close(fd);	/* synced, or told */
	if (rc == 0)
		buf_reset(&x->kept);
	buf_fini(&path);
	return rc;
}

/*
 * What is parked goes into a spool of its own in the folder: nobody else
 * writes there, so that it can be done beside a receiver, and what a break
 * leaves of it is found the next time.
 */
static int
open_again(struct ship *x, struct err *e)
{
	const char *dir;
	struct intake in;
	int rc = 0;

	buf_addf(&x->again_dir, "%s/retry", x->o.spool);
	dir = buf_cstr(&x->again_dir);
	if (x->o.retry_parked) {
		intake_init(&in, dir, INT64_MAX, x->io->clock);
		rc = refusals_retry(x->o.spool, &in, e);
		if (intake_close(&in, rc == 0 ? e : NULL) == -1)
			rc = -1;
		intake_fini(&in);
	}
	if (rc == 0 && access(dir, F_OK) == 0)
		rc = backlog_open(&x->again, dir, e);
	x->again.bad_line = bad_line;
	x->again.wants = wants;
	x->again.done = put_aside;
	x->again.arg = x;
	return rc;
}

/* Done with, or some of it waits for the next time. */
static void
close_again(struct ship *x)
{
	static const char *const made[] = { ".lock", ".reading", ".shipped" };
	struct buf path = { 0 };

	backlog_fini(&x->again);
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		buf_reset(&path);
		buf_addf(&path, "%s/%s", buf_cstr(&x->again_dir), made[i]);
		(void)unlink(buf_cstr(&path));
	}
	buf_fini(&path);
	(void)rmdir(buf_cstr(&x->again_dir));	/* unless something is aside */
}

int
queue_open(struct ship *x)
{
	const struct ship_options *o = &x->o;
	struct err e;

	intake_init(&x->intake, o->spool, o->spool_limit, x->io->clock);
	x->accepts = x->nfiles > 0 || (!o->once && !o->follow &&
	    isatty(STDIN_FILENO) == 0);
	if (x->accepts && mkdir(o->spool, 0700) == -1 && errno != EEXIST) {
		log_error("%s: %s", o->spool, strerror(errno));
		return EXIT_IO;
	}
	if (backlog_open(&x->backlog, o->spool, &e) == -1) {
		log_error("%s", e.msg);
		/* Somebody is at it: a job that began before, for example. */
		return errno == EWOULDBLOCK ? EXIT_TEMP : EXIT_IO;
	}
	if (open_again(x, &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_IO;
	}
	x->backlog.bad_line = bad_line;
	x->backlog.wants = wants;
	x->backlog.done = put_aside;
	x->backlog.arg = x;
	/* A portion is what bounds memory; input must not wait for servers. */
	x->shipper.waitless = true;
	x->io->done = !x->accepts;
	return 0;
}

void
queue_fini(struct ship *x)
{
	backlog_fini(&x->again);
	buf_fini(&x->again_dir);
	backlog_fini(&x->backlog);
	intake_fini(&x->intake);
	buf_fini(&x->kept);
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

int
queue_record(struct ship *x, const struct record *r)
{
	int rc = intake_line(&x->intake, r->p, r->n);

	if (rc == -1)
		return ship_failed(x);
	if (rc == 1)
		accept_all(x);
	return 0;
}

int64_t
queue_idle(struct ship *x)
{
	int64_t next;

	accept_all(x);
	next = shipper_tick(&x->shipper);
	/* What cannot be delivered can still be kept. */
	if (x->shipper.failed)
		x->io->stop = true;
	return next;
}

/* Delivers what is in the spool; before all else what was parked. */
static void
deliver(struct ship *x)
{
	int64_t patience = x->o.follow ? -1 : x->o.retry_for;
	struct err e;
	int rc = 0;

	if (x->again.in != NULL)
		rc = backlog_run(&x->again, &x->shipper, x->o.retry_for,
		    SHIP_HURRY, &e);
	if (rc == 0)
		rc = backlog_run(&x->backlog, &x->shipper, patience,
		    SHIP_HURRY, &e);
	if (rc == -1) {
		log_error("%s", e.msg);
		stage_status(x->io, EXIT_IO);
	}
}

/* What stands behind what was begun with. */
static void
tell_waiting(struct ship *x)
{
	uint64_t lines, bytes, more = 0;
	struct err e;

	if (x->backlog.in == NULL)
		return;
	if ((x->again.in != NULL && (backlog_settle(&x->again, &x->shipper,
	    &e) == -1 || spooled_waiting(x->again.in, &more, &bytes, &e) ==
	    -1)) ||
	    spooled_waiting(x->backlog.in, &lines, &bytes, &e) == -1) {
		log_error("%s", e.msg);
		stage_status(x->io, EXIT_IO);
		return;
	}
	lines += more;
	x->waiting = lines;
	if (x->again.in != NULL && more == 0 && !x->again.out)
		close_again(x);
	if (lines == 0 || x->o.follow)
		return;
	log_error("%s: %llu more records wait there", x->o.spool,
	    (unsigned long long)lines);
	stage_status(x->io, EXIT_TEMP);
}

void
queue_close(struct ship *x)
{
	struct err e;
	int rc = intake_close(&x->intake, &e);

	/* Left by a run with several destinations. */
	if (strays_tell(x->o.spool, NULL, "this run") > 0)
		stage_status(x->io, EXIT_TEMP);
	deliver(x);
	/* Full before, there may be room now. */
	if (rc == -1 && (rc = intake_close(&x->intake, &e)) == 0)
		deliver(x);
	if (rc == -1) {
		log_error("%s", e.msg);
		stage_status(x->io, EXIT_IO);
	}
	if (x->intake.npending > 0) {
		log_error("%llu records that were read are in no spool",
		    (unsigned long long)x->intake.npending);
		stage_status(x->io, EXIT_IO);
	}
	if (x->intake.lost > 0 || spooled_aside(x->backlog.in) > 0)
		stage_status(x->io, EXIT_IO);
	tell_waiting(x);
}

void
queue_summarize(const struct ship *x, struct buf *b)
{
	buf_addf(b, " accepted=%llu unkept=%llu dropped=%llu waiting=%llu "
	    "aside=%llu parked=%llu", (unsigned long long)x->intake.lines,
	    (unsigned long long)x->intake.npending,
	    (unsigned long long)x->intake.lost,
	    (unsigned long long)x->waiting,
	    (unsigned long long)(x->backlog.in != NULL ?
	    spooled_aside(x->backlog.in) : 0),
	    (unsigned long long)x->refusals.nkept);
	if (x->again.lines > 0)
		buf_addf(b, " retried=%llu",
		    (unsigned long long)x->again.lines);
}

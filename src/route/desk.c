#include "route/desk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/sig.h"

int
desk_open(struct desk *d, struct stage_io *io)
{
	const char *dir = d->lanes.conf.spool;
	struct err e;
	int rc;

	d->io = io;
	if (d->accepts && mkdir(dir, 0700) == -1 && errno != EEXIST) {
		log_error("%s: %s", dir, strerror(errno));
		return EXIT_IO;
	}
	if ((rc = lanes_open(&d->lanes, &e)) != 0) {
		log_error("%s", e.msg);
		return rc;
	}
	sig_ignore_pipe();
	io->done = !d->accepts;
	return 0;
}

static void
give_up(struct desk *d, int code, const struct err *e)
{
	log_error("%s", e->msg);
	stage_status(d->io, code);
	d->io->stop = true;
	d->over = true;
}

int
desk_record(struct desk *d, const struct record *r)
{
	struct err e;
	int rc = lanes_line(&d->lanes, r->p, r->n);

	if (rc == -1) {
		log_error("out of memory");
		return EXIT_SOFT;
	}
	if (rc == 1 && lanes_keep(&d->lanes, &e) == -1)
		give_up(d, EXIT_IO, &e);
	return 0;
}

int64_t
desk_idle(struct desk *d)
{
	int64_t next = -1;
	struct err e;

	if (!d->over && (lanes_keep(&d->lanes, &e) == -1 ||
	    lanes_step(&d->lanes, &next, &e) == -1))
		give_up(d, EXIT_IO, &e);
	return next;
}

int
desk_wait(struct desk *d, struct pollfd *pfd, nfds_t n, int timeout_ms)
{
	return lanes_wait(&d->lanes, pfd, n, timeout_ms);
}

void
desk_reload(struct desk *d)
{
	struct err e;
	int rc = d->over ? 0 : lanes_reload(&d->lanes, &e);

	if (rc == EXIT_BADCONF && d->lanes.client != NULL)
		log_error("%s; it stays as it was", e.msg);
	else if (rc != 0)
		give_up(d, rc, &e);
	else if (!d->over)
		log_info("%s: read again", d->lanes.path != NULL ?
		    d->lanes.path : "keys");
}

/* While there is no stage's loop to look at them. */
static int
signals(void *arg)
{
	struct desk *d = arg;

	sig_drain();
	if (d->look != NULL)
		d->look(d->arg);
	if (sig_take_hup())
		desk_reload(d);
	return d->over;
}

int
desk_close(struct desk *d)
{
	struct err e;

	if (!d->over && (lanes_keep(&d->lanes, &e) == -1 ||
	    lanes_run(&d->lanes, d->follow ? -1 : d->patience, d->hurry,
	    signals, d, &e) == -1))
		give_up(d, EXIT_IO, &e);
	if (!d->over && lanes_close(&d->lanes, &e) == -1)
		give_up(d, EXIT_IO, &e);
	if (d->lanes.pending.n > 0) {
		log_error("%zu bytes that were read are in no spool",
		    d->lanes.pending.n);
		stage_status(d->io, EXIT_IO);
	}
	lanes_tell(&d->lanes, d->io);
	return 0;
}

void
desk_summarize(const struct desk *d, struct buf *b)
{
	lanes_summarize(&d->lanes, b);
}

void
desk_fini(struct desk *d)
{
	lanes_fini(&d->lanes);
}

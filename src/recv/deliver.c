#include "config.h"

#include "recv/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "net/spool.h"

#define PIPE_SIZE	(1 << 20)
#define TEND_NS		(5 * CLOCK_S)	/* how often a spool is looked after */
#define NAP_MIN		CLOCK_MS	/* waiting for room in a pipe */
#define NAP_MAX		(20 * CLOCK_MS)

enum kind { KIND_PIPE, KIND_FILE, KIND_OTHER, KIND_SPOOL };

struct piece {
	TAILQ_ENTRY(piece)	 link;
	struct buf		 text;
	struct deliver_owner	*own;
	int64_t			 until;
};

TAILQ_HEAD(pieces, piece);

struct deliver {
	int			 fd;
	bool			 ours;		/* opened here */
	int			 flags;		/* to be restored; -1: none */
	enum kind		 kind;
	size_t			 room;		/* of a pipe, in pages */
	size_t			 page;
	const char		*name;
	int64_t			 wait_ns;
	int64_t			 nap, nap_until;
	const struct clock	*clock;
	struct pieces		 queue;
	size_t			 queued;
	size_t			 off;		/* of the first piece, written */
	uint64_t		 bytes;
	int			 error;
	struct spool		*spool;		/* or NULL */
	struct err		 why;		/* of error */
};

/*
 * Non-blocking writes are a property of the open file, which a pipe's end
 * shares with other processes; opened anew through /proc it is ours alone.
 */
static int
open_anew(struct deliver *d, int fd, struct err *e)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	d->fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (d->fd != -1) {
		d->ours = true;
		return 0;
	}
	d->fd = fd;
	d->flags = fcntl(fd, F_GETFL);
	if (d->flags == -1 || fcntl(fd, F_SETFL, d->flags | O_NONBLOCK) == -1)
		return err_set(e, "%s: %s", d->name, strerror(errno));
	return 0;
}

static int
prepare(struct deliver *d, int fd, struct err *e)
{
	struct stat st;
	int size;

	if (fstat(fd, &st) == -1)
		return err_set(e, "%s: %s", d->name, strerror(errno));
	d->kind = S_ISFIFO(st.st_mode) ? KIND_PIPE :
	    S_ISREG(st.st_mode) ? KIND_FILE : KIND_OTHER;
	if (d->kind == KIND_FILE)
		return 0;
	if (open_anew(d, fd, e) == -1)
		return -1;
	if (d->kind == KIND_PIPE) {
		if (fcntl(d->fd, F_SETPIPE_SZ, PIPE_SIZE) == -1)
			log_debug("%s: the pipe stays small: %s", d->name,
			    strerror(errno));
		size = fcntl(d->fd, F_GETPIPE_SZ);
		d->room = size > 0 ? (size_t)size / d->page : 1;
	}
	return 0;
}

struct deliver *
deliver_new(int fd, const char *name, int64_t wait_ns,
    const struct clock *clock, struct err *e)
{
	struct deliver *d = calloc(1, sizeof(*d));
	long page = sysconf(_SC_PAGESIZE);

	if (d == NULL) {
		(void)err_set(e, "%s", strerror(errno));
		return NULL;
	}
	d->fd = fd;
	d->flags = -1;
	d->page = page > 0 ? (size_t)page : 4096;
	d->name = name;
	d->wait_ns = wait_ns;
	d->nap = NAP_MIN;
	d->clock = clock;
	TAILQ_INIT(&d->queue);
	if (prepare(d, fd, e) == -1) {
		deliver_free(d);
		return NULL;
	}
	return d;
}

struct deliver *
deliver_spool(struct spool *s, const struct clock *clock, struct err *e)
{
	struct deliver *d = calloc(1, sizeof(*d));

	if (d == NULL) {
		(void)err_set(e, "%s", strerror(errno));
		return NULL;
	}
	d->fd = d->flags = -1;
	d->kind = KIND_SPOOL;
	d->name = "spool";
	d->spool = s;
	d->clock = clock;
	TAILQ_INIT(&d->queue);
	return d;
}

static void
drop_first(struct deliver *d)
{
	struct piece *p = TAILQ_FIRST(&d->queue);

	TAILQ_REMOVE(&d->queue, p, link);
	d->queued -= p->text.n;
	d->off = 0;
	buf_fini(&p->text);
	free(p);
}

void
deliver_free(struct deliver *d)
{
	if (d == NULL)
		return;
	while (!TAILQ_EMPTY(&d->queue))
		drop_first(d);
	if (d->flags != -1 && fcntl(d->fd, F_SETFL, d->flags) == -1)
		log_debug("%s: %s", d->name, strerror(errno));
	if (d->ours)
		close(d->fd);
	free(d);
}

/*
 * Can the pipe take n bytes at once? It counts in pages. A page may be partly
 * filled where one write ended and the next began, but two neighbours hold
 * more than one page's worth together, hence the factor of two; the first and
 * the last may be anything.
 */
static bool
fits(const struct deliver *d, size_t n)
{
	size_t need = n / d->page + 2;
	int unread;

	if (n <= d->page || need >= d->room)
		return true;	/* atomic anyway; or never possible */
	if (ioctl(d->fd, FIONREAD, &unread) == -1)
		return true;
	if (unread == 0)
		return true;
	return need + 2 * ((size_t)unread / d->page + 1) + 1 <= d->room;
}

/* Takes back what a failed write left in a regular file. */
static void
roll_back(struct deliver *d, off_t start, size_t wrote)
{
	struct stat st;

	if (wrote == 0 || start == -1)
		return;
	if (fstat(d->fd, &st) == -1 || st.st_size != start + (off_t)wrote)
		return;		/* somebody else writes there, too */
	if (ftruncate(d->fd, start) == -1 ||
	    lseek(d->fd, start, SEEK_SET) == -1)
		log_warn("%s: half a request could not be taken back: %s",
		    d->name, strerror(errno));
}

static off_t
position(const struct deliver *d)
{
	struct stat st;
	int flags = fcntl(d->fd, F_GETFL);

	if (flags != -1 && (flags & O_APPEND) != 0)
		return fstat(d->fd, &st) == -1 ? -1 : st.st_size;
	return lseek(d->fd, 0, SEEK_CUR);
}

/* Writes a file's piece whole or not at all. */
static enum deliver_res
write_file(struct deliver *d, const char *p, size_t n)
{
	off_t start = position(d);
	size_t done = 0;
	ssize_t w;

	while (done < n) {
		w = write(d->fd, p + done, n - done);
		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1) {
			d->error = errno;
			(void)err_set(&d->why, "%s: %s", d->name,
			    strerror(errno));
			roll_back(d, start, done);
			return DELIVER_BROKEN;
		}
		done += (size_t)w;
	}
	d->bytes += n;
	return DELIVER_OK;
}

/* Writes from *off on. DELIVER_QUEUED: no room now. */
static enum deliver_res
write_some(struct deliver *d, const char *p, size_t n, size_t *off)
{
	ssize_t w;

	if (d->kind == KIND_FILE)
		return write_file(d, p, n);
	if (d->kind == KIND_PIPE && *off == 0 && !fits(d, n))
		return DELIVER_QUEUED;
	while (*off < n) {
		w = write(d->fd, p + *off, n - *off);
		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1 && errno == EAGAIN)
			return DELIVER_QUEUED;
		if (w == -1) {
			d->error = errno;
			(void)err_set(&d->why, "%s: %s", d->name,
			    strerror(errno));
			return DELIVER_BROKEN;
		}
		*off += (size_t)w;
		d->bytes += (uint64_t)w;
	}
	return DELIVER_OK;
}

/* Written at once; the queue holds those to be told. */
static enum deliver_res
put_spool(struct deliver *d, const struct buf *text,
    struct deliver_owner *own)
{
	struct piece *p = calloc(1, sizeof(*p));

	if (p == NULL || spool_append(d->spool, text->p, text->n,
	    &d->why) == -1) {
		d->error = p == NULL ? ENOMEM : EIO;
		free(p);
		return DELIVER_BROKEN;
	}
	p->own = own;
	TAILQ_INSERT_TAIL(&d->queue, p, link);
	d->bytes += text->n;
	return DELIVER_QUEUED;
}

enum deliver_res
deliver_put(struct deliver *d, struct buf *text, struct deliver_owner *own)
{
	enum deliver_res res = DELIVER_QUEUED;
	struct piece *p;
	size_t off = 0;

	if (d->error != 0)
		return DELIVER_BROKEN;
	if (d->spool != NULL)
		return put_spool(d, text, own);
	if (TAILQ_EMPTY(&d->queue))
		res = write_some(d, text->p, text->n, &off);
	if (res != DELIVER_QUEUED)
		return res;
	p = calloc(1, sizeof(*p));
	if (p == NULL) {
		d->error = ENOMEM;
		(void)err_set(&d->why, "%s", strerror(ENOMEM));
		return DELIVER_BROKEN;
	}
	p->text = *text;
	buf_init(text, text->max);
	p->own = own;
	p->until = clock_mono(d->clock) + d->wait_ns;
	if (TAILQ_EMPTY(&d->queue)) {
		d->off = off;
		d->nap = NAP_MIN;
		d->nap_until = clock_mono(d->clock) + d->nap;
	}
	TAILQ_INSERT_TAIL(&d->queue, p, link);
	d->queued += p->text.n;
	return DELIVER_QUEUED;
}

void
deliver_disown(struct deliver *d, const struct deliver_owner *own)
{
	struct piece *p;

	TAILQ_FOREACH(p, &d->queue, link)
		if (p->own == own)
			p->own = NULL;
}

/* Is the queue held up because the next piece does not fit as a whole? */
static bool
napping(const struct deliver *d)
{
	return !TAILQ_EMPTY(&d->queue) && d->kind == KIND_PIPE && d->off == 0;
}

void
deliver_poll(const struct deliver *d, struct pollfd *pfd)
{
	/* Without events poll still tells that the reader is gone. */
	pfd->fd = d->kind == KIND_FILE || d->kind == KIND_SPOOL ? -1 : d->fd;
	pfd->events = !TAILQ_EMPTY(&d->queue) && !napping(d) ? POLLOUT : 0;
	pfd->revents = 0;
}

int
deliver_timeout(const struct deliver *d)
{
	const struct piece *p = TAILQ_FIRST(&d->queue);
	int64_t until;

	if (d->spool != NULL)
		return p != NULL ? 0 : (int)(TEND_NS / CLOCK_MS);
	if (p == NULL)
		return -1;
	until = p->until;
	if (napping(d) && d->nap_until < until)
		until = d->nap_until;
	until -= clock_mono(d->clock);
	return until <= 0 ? 0 : (int)((until + CLOCK_MS - 1) / CLOCK_MS);
}

static void
tell(struct piece *p, enum deliver_res res)
{
	struct deliver_owner *own = p->own;

	p->own = NULL;
	if (own != NULL)
		own->done(own, res);
}

/* Gives up what waited too long; a piece that was begun is still finished. */
static void
expire(struct deliver *d, int64_t now)
{
	struct piece *p, *next;

	TAILQ_FOREACH_SAFE(p, &d->queue, link, next) {
		if (p->until > now)
			continue;
		tell(p, DELIVER_LATE);
		if (p == TAILQ_FIRST(&d->queue) && d->off > 0) {
			p->until = INT64_MAX;
			continue;
		}
		TAILQ_REMOVE(&d->queue, p, link);
		d->queued -= p->text.n;
		buf_fini(&p->text);
		free(p);
	}
}

static void
drop_all(struct deliver *d, enum deliver_res res)
{
	while (!TAILQ_EMPTY(&d->queue)) {
		tell(TAILQ_FIRST(&d->queue), res);
		drop_first(d);
	}
}

/* One commit for all that came in this turn of the loop. */
static void
run_spool(struct deliver *d)
{
	bool failed = d->error != 0;

	if (!failed && !TAILQ_EMPTY(&d->queue))
		failed = spool_commit(d->spool, &d->why) == -1;
	if (!failed)
		failed = spool_tend(d->spool, &d->why) == -1;
	if (failed)
		d->error = d->error != 0 ? d->error : EIO;
	drop_all(d, failed ? DELIVER_BROKEN : DELIVER_OK);
}

void
deliver_run(struct deliver *d, short revents)
{
	enum deliver_res res = DELIVER_OK;
	int64_t now = clock_mono(d->clock);
	struct piece *p;
	bool moved = false;

	if (d->spool != NULL) {
		run_spool(d);
		return;
	}
	if ((revents & (POLLERR | POLLNVAL)) != 0 && d->error == 0 &&
	    d->kind == KIND_PIPE)
		d->error = EPIPE;
	while (d->error == 0 && (p = TAILQ_FIRST(&d->queue)) != NULL) {
		res = write_some(d, p->text.p, p->text.n, &d->off);
		if (res != DELIVER_OK)
			break;
		moved = true;
		tell(p, DELIVER_OK);
		drop_first(d);
	}
	if (d->error != 0) {
		drop_all(d, DELIVER_BROKEN);
		return;
	}
	d->nap = moved ? NAP_MIN : d->nap * 2 < NAP_MAX ? d->nap * 2 : NAP_MAX;
	d->nap_until = now + d->nap;
	expire(d, now);
}

void
deliver_give_up(struct deliver *d)
{
	drop_all(d, DELIVER_LATE);
}

size_t
deliver_queued(const struct deliver *d)
{
	return d->queued;
}

uint64_t
deliver_bytes(const struct deliver *d)
{
	return d->bytes;
}

bool
deliver_broken(const struct deliver *d)
{
	return d->error != 0;
}

const char *
deliver_why(const struct deliver *d)
{
	if (d->error == EPIPE)
		return "standard output: Broken pipe (the reader has gone)";
	return d->why.msg;
}

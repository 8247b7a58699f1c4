/*
 * Hands finished lines on to a descriptor or a spool, a request at a time,
 * whole: the
 * lines of one request stand together, and a request that could not be
 * written leaves nothing behind where that can be helped.
 *
 * - A pipe: a piece is written in one go, when there is room for all of it,
 *   so that even kill -9 leaves whole requests. Only a piece larger than the
 *   pipe (we ask for 1 MiB) goes in parts.
 * - A regular file: what a failed write left is cut off again.
 *
 * Never blocks on a reader that does not read: what does not fit waits in a
 * queue, each piece at most for the given time.
 */
#ifndef RECV_DELIVER_H
#define RECV_DELIVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

enum deliver_res {
	DELIVER_OK,		/* all of it left the process */
	DELIVER_QUEUED,		/* done will be called */
	DELIVER_LATE,		/* the reader did not read in time */
	DELIVER_BROKEN		/* it cannot be written: deliver_why */
};

/* Whoever waits for a piece; embedded in what is the caller's. */
struct deliver_owner {
	void	(*done)(struct deliver_owner *o, enum deliver_res res);
};

struct deliver;
struct spool;

/* name is for messages. NULL with the cause in e. */
struct deliver *deliver_new(int fd, const char *name, int64_t wait_ns,
    const struct clock *clock, struct err *e);

/*
 * Into a spool (kept, not closed): pieces are written at once and told of when
 * they are durable; one commit serves all that came since the last.
 */
struct deliver *deliver_spool(struct spool *s, const struct clock *clock,
    struct err *e);
void deliver_free(struct deliver *d);

/*
 * Writes the piece or queues it, then taking the bytes out of text. DELIVER_OK,
 * DELIVER_BROKEN, or DELIVER_QUEUED: done will be called once, not from within
 * deliver_put. own may be NULL.
 */
enum deliver_res deliver_put(struct deliver *d, struct buf *text,
    struct deliver_owner *own);

/* The piece's owner is gone: it is still written, done is not called. */
void deliver_disown(struct deliver *d, const struct deliver_owner *own);

/* What to poll and for how long (milliseconds, -1: no limit). */
void deliver_poll(const struct deliver *d, struct pollfd *pfd);
int deliver_timeout(const struct deliver *d);

/* Writes what fits, gives up what waited too long. revents: of the pollfd. */
void deliver_run(struct deliver *d, short revents);

/* Gives up all that waits, as if it had waited too long. */
void deliver_give_up(struct deliver *d);

size_t deliver_queued(const struct deliver *d);		/* bytes */
uint64_t deliver_bytes(const struct deliver *d);	/* written */
bool deliver_broken(const struct deliver *d);
const char *deliver_why(const struct deliver *d);	/* with its name */

#endif

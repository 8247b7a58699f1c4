/*
 * Records sorted by the rules of a route file into the queues of its
 * destinations (route/lane.h), and all of these served from one loop. Folders
 * of the spool DIR:
 *
 *	DIR		what a receiver has written, not yet sorted
 *	DIR/to/NAME	a spool for each destination
 *	DIR/unrouted	what no rule sends anywhere, as it came
 *
 * A record is on disk where it belongs before it is forgotten where it was. A
 * crash in between sorts it once more, which changes nothing: the server has
 * the same ids and times twice.
 */
#ifndef ROUTE_LANES_H
#define ROUTE_LANES_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/client.h"
#include "route/lane.h"
#include "route/rules.h"
#include "route/trail.h"

struct lanes {
	struct lane_conf	 conf;		/* by the caller, as are these */
	const char		*path;		/* of the route file */
	const char *const	*to;		/* or without one: rules_all */
	size_t			 nto;
	const char		*agent;		/* User-Agent */
	struct rules		 rules;
	struct trail		 trail;
	struct client		*client;
	struct lane		*lane;		/* one each of rules.dest */
	struct spooled		*main;		/* DIR, to be sorted */
	struct intake		 unrouted;
	char			*unrouted_dir;
	struct buf		 pending;	/* lines that came in */
	struct buf		 portion, verdict;
	struct record		 rec;
	uint64_t		 lines, bad, homeless;
	size_t			 strays;	/* folders nobody delivers */
};

/*
 * Reads the route file and opens everything. conf.spool must be there. 0, or
 * an exit code with the cause; lanes_fini in both cases.
 */
int lanes_open(struct lanes *x, struct err *e);
void lanes_fini(struct lanes *x);

/*
 * The route file anew, and the keys. Requests on their way are sent again. 0;
 * or an exit code with the cause: then, if the file is wrong, all is as it was,
 * and else it is over.
 */
int lanes_reload(struct lanes *x, struct err *e);

/*
 * Takes a line. 0, or 1 when so much has come together that lanes_keep is to
 * be called; -1 when memory has run out.
 */
int lanes_line(struct lanes *x, const char *p, size_t n);

/*
 * Sorts what was taken, on disk when it returns. Waits a little where records
 * come faster than a destination that does its best takes them. 0, or -1 with
 * the cause.
 */
int lanes_keep(struct lanes *x, struct err *e);

/*
 * Sorts more of DIR and sends what is due; the time to come again in *next,
 * -1 for none. 0, or -1 with the cause.
 */
int lanes_step(struct lanes *x, int64_t *next, struct err *e);

/* As client_wait. */
int lanes_wait(struct lanes *x, struct pollfd *pfd, nfds_t n, int timeout_ms);

/*
 * Delivers, as backlog_run does: until nothing is left, none goes on, or the
 * time is over; with patience -1 until a signal comes. signals is called now
 * and then to look for other signals; what it returns other than 0 ends it.
 */
int lanes_run(struct lanes *x, int64_t patience, int64_t hurry,
    int (*signals)(void *arg), void *arg, struct err *e);

/* No more is written. Finished segments go. 0, or -1 with the cause. */
int lanes_close(struct lanes *x, struct err *e);

/* What became of the records: on stderr and in the exit code. */
void lanes_tell(const struct lanes *x, struct stage_io *io);
void lanes_summarize(const struct lanes *x, struct buf *b);

#endif

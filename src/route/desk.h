/*
 * What a program does all day with a route file: the functions that a stage
 * (record/stage.h) is made of, on top of route/lanes.h.
 */
#ifndef ROUTE_DESK_H
#define ROUTE_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "net/cred.h"
#include "record/stage.h"
#include "route/lanes.h"

struct desk {
	struct lanes	 lanes;		/* filled in as lanes.h says */
	struct cred_from keys;		/* for those that are no file's */
	int64_t		 patience;	/* after the end of input */
	int64_t		 hurry;		/* after a signal */
	bool		 follow;	/* patience has no end */
	bool		 accepts;	/* records come in, besides the spool */
	bool		 over;		/* nothing can be done any more */
	struct stage_io	*io;
	/* Called now and then when the stage's own loop is not: signals. */
	void		(*look)(void *arg);
	void		*arg;
};

/* Each as the function of that name in struct stage. */
int desk_open(struct desk *d, struct stage_io *io);
int desk_record(struct desk *d, const struct record *r);
int64_t desk_idle(struct desk *d);
int desk_wait(struct desk *d, struct pollfd *pfd, nfds_t n, int timeout_ms);
int desk_close(struct desk *d);
void desk_reload(struct desk *d);
void desk_summarize(const struct desk *d, struct buf *b);
void desk_fini(struct desk *d);

#endif

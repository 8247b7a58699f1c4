/*
 * One destination of a route file with a queue of its own: a spool in a folder
 * of its own, requests, back-off, what was refused. Nothing it does or
 * suffers concerns another lane.
 */
#ifndef ROUTE_LANE_H
#define ROUTE_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "net/client.h"
#include "record/stage.h"
#include "route/rules.h"
#include "sink/backlog.h"
#include "sink/intake.h"
#include "sink/refusals.h"
#include "sink/shipper.h"

/* What all lanes have in common. */
struct lane_conf {
	const char		*spool;		/* lanes are in spool/to */
	int64_t			 limit;		/* bytes of each lane's spool */
	struct outbox_conf	 box;		/* all but refused, proof, arg */
	struct dest_conf	 dest;		/* where the file says nothing */
	const char		*receipts;	/* or NULL */
	const char		*refused, *left;	/* other places, or NULL */
	bool			 skip_delivered, retry_parked;
	size_t			 portion;	/* bytes on the way at a time */
};

struct lane {
	const struct rules_dest	*rd;
	const struct lane_conf	*conf;
	char			*dir;
	struct intake		 intake;
	struct backlog		 backlog;
	struct shipper		 shipper;
	struct refusals		 refusals;
	struct proof		 proof;
	uint64_t		 taken;		/* records sent here */
	uint64_t		 seen;		/* of them delivered, at moved */
	int64_t			 moved;		/* when it last got on */
	/* Its keys cannot be had: nothing leaves. Exit code, 0: they can. */
	int			 held;
	bool			 broken;	/* its files cannot be written */
};

/*
 * l must not move afterwards. 0, or an exit code with the cause; a lane whose
 * keys cannot be had is open, held, and has said so. lane_fini in all cases.
 */
int lane_open(struct lane *l, const struct rules_dest *rd,
    const struct lane_conf *conf, struct client *client, struct err *e);

/* The client's requests are gone by then. */
void lane_fini(struct lane *l);

/* Takes a line; lane_keep makes it last. 0, or -1 with the cause. */
int lane_line(struct lane *l, const char *p, size_t n, struct err *e);
int lane_keep(struct lane *l, struct err *e);

/*
 * Sends what is due and, with fresh, begins with more of its spool. The time
 * to come again in *next, unless that is earlier or -1 and there is none. 0,
 * or -1 with the cause.
 */
int lane_step(struct lane *l, bool fresh, int64_t *next, struct err *e);

/* Nothing is on its way, and nothing in its spool that could be. */
bool lane_idle(const struct lane *l);

/* It delivers, though slower than records come: do not add to it for now. */
bool lane_pressed(struct lane *l);

/* Finished segments go. 0, or -1 with the cause. */
int lane_close(struct lane *l, struct err *e);

/* What became of it: on stderr and in the exit code. */
void lane_tell(const struct lane *l, struct stage_io *io);
void lane_summarize(const struct lane *l, struct buf *b);

#endif

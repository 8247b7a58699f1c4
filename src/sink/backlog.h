/*
 * Delivers a spool: its lines go to a shipper in portions, and a portion is
 * forgotten when every destination has accepted or finally refused all of it.
 * Whatever happens in between, it is there the next time.
 */
#ifndef SINK_BACKLOG_H
#define SINK_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/spooled.h"
#include "record/record.h"
#include "sink/shipper.h"

struct backlog {
	struct spooled	*in;
	struct buf	 portion;
	struct record	 rec;
	size_t		 most;		/* bytes of it; 0: as we like */
	bool		 out;		/* a portion is on its way */
	bool		 cut;		/* a signal came: there may be more */
	uint64_t	 lines, bad;
	uint64_t	 settled;	/* bytes forgotten */
	/*
	 * Whether a record goes: 1; 0 when it was dealt with; -1, told. NULL:
	 * all go. done is called before a portion is forgotten, 0 or -1.
	 */
	int		(*wants)(void *arg, const struct record *r);
	int		(*done)(void *arg, struct err *e);
	/* A line that is no record. */
	void		(*bad_line)(void *arg, const char *p, size_t n,
			    const char *why);
	void		*arg;
};

/* Takes the folder. 0, or -1 with the cause. */
int backlog_open(struct backlog *b, const char *dir, struct err *e);
void backlog_fini(struct backlog *b);

/* Forgets the portion on its way if all of it has arrived. 0 or -1. */
int backlog_settle(struct backlog *b, const struct shipper *s, struct err *e);

/*
 * Forgets what has arrived and begins with what comes next, without waiting:
 * for somebody who has other things to do meanwhile. 0, or -1 with the cause.
 */
int backlog_step(struct backlog *b, struct shipper *s, struct err *e);

/*
 * Delivers all of the spool; with patience -1 goes on with what is added to
 * it until a signal comes. Ends also when patience is over, which begins anew
 * with each portion delivered, when every destination has stopped, and hurry
 * after a signal. 0, or -1 with the cause; what was not delivered is still in
 * the spool.
 */
int backlog_run(struct backlog *b, struct shipper *s, int64_t patience,
    int64_t hurry, struct err *e);

#endif

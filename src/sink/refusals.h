/*
 * What will never be delivered: told, the first few one by one, and kept: as
 * it came in a file of the user's, or parked in the spool with the reason:
 *
 *	{"parked":{"time":"...","status":400,"reason":"..."},"line":{...}}
 *
 * where "line" is the record, byte for byte, or a string of what was none.
 */
#ifndef SINK_REFUSALS_H
#define SINK_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "record/record.h"
#include "sink/intake.h"

struct refusals {
	const char		*path;		/* NULL: they are only told */
	const struct clock	*clock;
	struct buf		 own;		/* path in the spool */
	int			 fd;
	uint64_t		 ntold, nkept;
	bool			 parks;		/* with the reason */
	bool			 failed;	/* to be kept, and told */
};

/*
 * path: a file of the user's, or NULL; spool: where to park, if path is NULL,
 * or NULL. 0, or -1 with the cause.
 */
int refusals_open(struct refusals *f, const char *path, const char *spool,
    const struct clock *clock, struct err *e);

/* status 0: it cannot be sent; where then tells of the line. */
void refusals_record(struct refusals *f, const struct record *r,
    const char *where, int status, const char *why);

/* A line that is no record. */
void refusals_line(struct refusals *f, const char *p, size_t n,
    const char *why);

/*
 * Takes what is parked in the spool back into it. What stood no record stays
 * out, and is told. 0, or -1 with the cause; nothing parked is lost.
 */
int refusals_retry(const char *spool, struct intake *to, struct err *e);

/* Closes, and removes an empty file. */
void refusals_fini(struct refusals *f);

#endif

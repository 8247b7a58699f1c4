/*
 * How far a long delivery has come: a line on a terminal, nothing anywhere
 * else.
 *
 *	[=======>            ]  38%  12034 records  1510/s  8s left
 */
#ifndef SHIP_PROGRESS_H
#define SHIP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

struct progress {
	const struct clock	*clock;		/* NULL: nobody looks */
	int64_t			 began, due;	/* mono */
};

/* on: somebody looks. */
void progress_init(struct progress *p, const struct clock *clock, bool on);

/* A new line is due; the first only after a second. */
bool progress_due(struct progress *p);

/*
 * records: delivered since the beginning; done of total, in any unit, is the
 * part of the work behind us; total 0: nobody knows.
 */
void progress_show(const struct progress *p, uint64_t records, uint64_t done,
    uint64_t total);

/* The line, elapsed in nanoseconds. */
void progress_line(struct buf *b, uint64_t records, uint64_t done,
    uint64_t total, int64_t elapsed);

/* Takes the line away. */
void progress_end(struct progress *p);

#endif

/*
 * Lines kept on disk, in segments <time>-<seq>.ndjson whose names sort as they
 * were written: 20261121T033000Z-000001.ndjson. One process writes, anybody
 * may read at any time, with cat(1) for example.
 *
 * What spool_commit has returned for survives a crash of the machine. What
 * was appended and not committed may be there or not; a line that a crash has
 * cut is taken away by the next spool_open. Names go on behind those of
 * segments that are gone, whatever the clock says. Segments that are finished
 * may be packed (net/spoolpack.h).
 */
#ifndef NET_SPOOL_H
#define NET_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

struct spool;

struct spool_conf {
	const char		*dir;		/* made if it is not there */
	int64_t			 segment_bytes;	/* a new one beyond this size */
	int64_t			 segment_ns;	/* and beyond this age */
	int64_t			 retain_bytes;	/* of all segments; 0: any */
	int64_t			 retain_ns;	/* of a segment; 0: for ever */
	bool			 pack;		/* those that are finished */
	const struct clock	*clock;
};

/*
 * Locks the folder against other writers, repairs the newest segments and
 * begins a new one. NULL with the folder and cause in e.
 */
struct spool *spool_open(const struct spool_conf *conf, struct err *e);

/* Commits and lets go of the lock; an empty segment is removed. */
void spool_close(struct spool *s);

/*
 * Writes whole lines, all or none of them. 0, or -1 with the cause in e (the
 * disk is full, for example).
 */
int spool_append(struct spool *s, const void *p, size_t n, struct err *e);

/* Makes everything appended durable. 0, or -1 with the cause in e. */
int spool_commit(struct spool *s, struct err *e);

/*
 * Begins a new segment when it is time, and then, or once a minute, removes
 * the oldest when there is too much. Cheap; call it after each commit and
 * every few seconds. 0, or -1.
 */
int spool_tend(struct spool *s, struct err *e);

uint64_t spool_bytes(const struct spool *s);	/* appended by us */
int64_t spool_size(const struct spool *s);	/* of all segments there are */
uint64_t spool_dropped(const struct spool *s);	/* segments removed */
/* Lines in those that no reader (net/spooled.h) was done with. */
uint64_t spool_lost(const struct spool *s);
uint64_t spool_repaired(const struct spool *s);	/* bytes cut at opening */

#endif

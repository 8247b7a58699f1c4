/*
 * Asks Langfuse whether spans have arrived: observations of each trace, by its
 * read API. What was accepted can be read a little later only, so that what is
 * missing is asked for again until patience is over.
 *
 * Sources: GET /api/public/v2/observations (traceId, fields, limit up to 1000,
 * meta.cursor), which shows what came by OTLP first; servers before version 4
 * answer that with 404 and have GET /api/public/observations (page, limit up
 * to 100, meta.totalPages).
 */
#ifndef SINK_VERIFY_H
#define SINK_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/out.h"
#include "net/client.h"
#include "net/retry.h"
#include "record/record.h"
#include "sink/dest.h"

#define VERIFY_TRACES	1000	/* asked about together */
#define VERIFY_SPANS	(1024 * 1024)	/* in these */

struct verify_trace;

struct verify {
	/* By the caller. */
	const struct dest	*dest;		/* a Langfuse */
	struct client		*client;
	const struct clock	*clock;
	uint32_t		(*random)(void);
	struct retry_policy	 retry;
	int64_t			 patience;	/* for each thousand traces */
	size_t			 in_flight;
	struct out		*out;		/* a line for what is missing */

	struct verify_trace	*trace;
	size_t			 n, spans;	/* of these, not asked yet */
	struct buf		 text;		/* of what is being written */
	size_t			 busy;
	bool			 old;		/* the server's API is */
	int			 stop;		/* exit code: no use to go on */
	char			 why[640];
	int64_t			 not_before;
	unsigned		 failures;	/* in a row */
	uint64_t		 asked, arrived, missing;	/* spans */
	uint64_t		 traces, incomplete, requests;
};

void verify_fini(struct verify *v);

/*
 * Takes a record; only spans count. 0, or 1 when verify_run is to be called
 * before the next; -1 when out of memory.
 */
int verify_add(struct verify *v, const struct record *r);

/*
 * Asks about everything taken. Writes "trace=ID missing=N of=M spans=ID,..."
 * for each trace that has not arrived whole. 0, or -1 with the cause when it
 * cannot be asked; a signal to stop ends it with EXIT_TEMP in v->stop.
 */
int verify_run(struct verify *v, struct err *e);

void verify_summarize(const struct verify *v, struct buf *b);

#endif

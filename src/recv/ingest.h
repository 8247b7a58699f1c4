/*
 * POST /api/public/ingestion, the way the older Langfuse SDKs send: a batch of
 * events, each accepted or refused by itself (207).
 *
 * An observation becomes a span line as soon as its beginning and its end are
 * known, its trace one when all its observations are. What is not complete at
 * the end of a request is kept, and so that nothing acknowledged can be lost
 * its events are written as lines {"record":"langfuse","type":...,"body":...}
 * besides. What changes after it was written is written again, whole, with
 * the same ids.
 */
#ifndef RECV_INGEST_H
#define RECV_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct ingest;

/*
 * max_bytes: of what is kept; the longest unseen is written when over it.
 * live: requests are answered before the end, so what is kept is written too.
 */
struct ingest *ingest_new(size_t max_bytes, bool live);
void ingest_free(struct ingest *in);

/*
 * Takes a request body: lines are appended to out, the answer to answer, and
 * *records and *refused count. 207; or 400 (413, 503) with the cause in e.
 */
unsigned ingest_request(struct ingest *in, const char *p, size_t n,
    int64_t now, struct buf *out, struct buf *answer, uint64_t *records,
    uint64_t *refused, struct err *e);

/*
 * Writes what has not been heard of since the time (mono), as incomplete as
 * it is, and forgets it. INT64_MAX: everything. Returns the number of lines.
 */
uint64_t ingest_expire(struct ingest *in, int64_t unseen_since,
    struct buf *out);

/* When the longest unseen was heard of last; -1 when nothing is kept. */
int64_t ingest_oldest(const struct ingest *in);

#endif

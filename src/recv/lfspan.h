/*
 * What the Langfuse store knows, written as records: the same attributes that
 * the newer SDKs put on their spans, so that what follows need not know which
 * SDK it was.
 */
#ifndef RECV_LFSPAN_H
#define RECV_LFSPAN_H

#include "base/buf.h"
#include "recv/lfstore.h"

/* Who sent it: raw JSON strings of the batch's metadata; may be absent. */
struct lf_sender {
	struct json_val	name, version;
};

/* Can a span be made of it: do we know when it began and ended? */
bool lfspan_complete(const struct lf_thing *x);

/* The observation as a span line. */
void lfspan_obs(struct buf *b, const struct lf_trace *t,
    const struct lf_thing *x, const struct lf_sender *who);

/*
 * The trace as a span line of its own, the root of its observations: input,
 * output and metadata of a trace have no other place.
 */
void lfspan_trace(struct buf *b, struct lf_trace *t,
    const struct lf_sender *who);

/* A score-create body as a score line. */
void lfspan_score(struct buf *b, struct json_val body,
    struct json_val timestamp);

#endif

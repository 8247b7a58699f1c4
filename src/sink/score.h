/*
 * A score as Langfuse's POST /api/public/scores takes it: one a request, and
 * the same id a second time replaces it. A record without an id gets one that
 * its bytes decide.
 */
#ifndef SINK_SCORE_H
#define SINK_SCORE_H

#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

/*
 * Appends the body made of a record, aitrace-record(5) "Scores". 0; 1 when the
 * record is none that could be sent, with the cause; -1 when out of memory.
 */
int score_body(const struct record *r, struct buf *out, struct err *e);

#endif

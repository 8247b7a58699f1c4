/*
 * Bodies of answers, in the two encodings of OTLP/HTTP: the Export...Response
 * of the collector protocol and google.rpc.Status.
 */
#ifndef RECV_ANSWER_H
#define RECV_ANSWER_H

#include <stdint.h>

#include "base/buf.h"
#include "recv/route.h"

/*
 * Export{Trace,Logs,Metrics}ServiceResponse. Empty but for its braces when
 * rejected is 0; otherwise with partial_success.
 */
void answer_export(struct buf *b, enum wire w, enum otlp_signal sig,
    uint64_t rejected, const char *why);

/*
 * Status with the gRPC code that stands for the HTTP status; that of 400 has a
 * BadRequest among its details (OTLP/HTTP Response, "Bad Data").
 */
void answer_status(struct buf *b, enum wire w, unsigned http,
    const char *message);

#endif

/*
 * One export request to record lines, with a verdict in the terms of HTTP;
 * what every way in (HTTP, files) shares.
 */
#ifndef RECV_DECODE_H
#define RECV_DECODE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "otlp/otlp.h"
#include "recv/route.h"

/*
 * Appends the lines to out. sig may be OTLP_SIGNAL_UNKNOWN: JSON says itself
 * what it is, protobuf is looked into. An empty protobuf body is an empty
 * request. *sig becomes what was found.
 *
 * 200; 400 for a bad request, 413 when the lines pass out's ceiling, 503 when
 * memory is short; the cause in e. But for 200 out stays as it was.
 */
unsigned decode_request(enum wire w, enum otlp_signal *sig, const char *p,
    size_t n, struct buf *out, struct otlp_tally *t, struct err *e);

/*
 * The signal of a protobuf export request, told by the fields of its first
 * record: the three messages are alike down to there. OTLP_SIGNAL_UNKNOWN when
 * it holds no record or is no such message.
 */
enum otlp_signal decode_sniff(const void *p, size_t n);

#endif

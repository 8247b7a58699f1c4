/*
 * OTLP 1.x export requests <-> records, in protobuf and JSON.
 *
 * Decoding writes one record line per span, log record and metric data point,
 * as aitrace-record(5) describes, and loses nothing: encoding those records
 * gives the same message (grouping by resource and scope, attribute order and
 * an empty Status aside). Rules: opentelemetry-proto 1.x
 * (collector/{trace,logs,metrics}/v1), OTLP specification, JSON mapping.
 *
 * Nothing here recurses deeper than JSON_MAX_DEPTH or allocates more than the
 * output buffer's ceiling.
 */
#ifndef OTLP_OTLP_H
#define OTLP_OTLP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

enum otlp_signal { OTLP_TRACES, OTLP_LOGS, OTLP_METRICS, OTLP_SIGNAL_UNKNOWN };
enum otlp_format { OTLP_PROTOBUF, OTLP_JSON };

/* What a decode found; the caller zeroes it, calls add to it. */
struct otlp_tally {
	uint64_t	records;	/* lines written */
	uint64_t	refused;	/* spans, logs, points left out */
	uint64_t	bad_utf8;	/* bytes replaced by U+FFFD */
	uint64_t	bad_ids;	/* ids of a wrong length left out */
	char		why[160];	/* cause of the first refusal */
};

/*
 * Decodes one export request into lines appended to out. 0; or -1 with the
 * cause and byte offset in e, and out as it was before. A record that cannot
 * be represented (span without valid ids, for example) is left out, counted
 * in refused and explained in why; the rest is kept. When memory or out's
 * ceiling was the cause, out->err stays ENOMEM or EMSGSIZE.
 */
int otlp_decode_pb(enum otlp_signal sig, const void *p, size_t n,
    struct buf *out, struct otlp_tally *t, struct err *e);

/*
 * The same for OTLP/JSON. OTLP_SIGNAL_UNKNOWN: the top-level member decides
 * (resourceSpans, resourceLogs, resourceMetrics; several are allowed then).
 */
int otlp_decode_json(enum otlp_signal sig, const char *p, size_t n,
    struct buf *out, struct otlp_tally *t, struct err *e);

/*
 * A request under construction. Records are copied in; consecutive records
 * with equal resource and scope share their group, and groups that return are
 * found again.
 */
struct otlp_batch;

/* NULL when out of memory. */
struct otlp_batch *otlp_batch_new(enum otlp_signal sig, enum otlp_format f);
void otlp_batch_free(struct otlp_batch *b);

/*
 * Adds a record of the batch's signal. 0; -1 when it cannot be encoded (not
 * this signal, bad id or time, value of the wrong kind), cause in e and the
 * batch unchanged.
 */
int otlp_batch_add(struct otlp_batch *b, const struct record *r,
    struct err *e);

size_t otlp_batch_count(const struct otlp_batch *b);
size_t otlp_batch_bytes(const struct otlp_batch *b);	/* encoded, about */

/* Appends the finished request to out and empties the batch. 0, or -1. */
int otlp_batch_finish(struct otlp_batch *b, struct buf *out);

#endif

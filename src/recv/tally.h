/* What was counted; one line of it on SIGUSR1 and, with -v, at the end. */
#ifndef RECV_TALLY_H
#define RECV_TALLY_H

#include <stdint.h>

#include "base/buf.h"
#include "otlp/otlp.h"

enum tally_proto { TALLY_HTTP, TALLY_GRPC, TALLY_LANGFUSE, TALLY_PROTOS };

#define RECV_SIGNALS	(OTLP_SIGNAL_UNKNOWN + 1)
#define RECV_OUTCOMES	4	/* accepted, bad, refused, busy */
#define RECV_CAUSES	10

/* Of one protocol and signal. */
struct recv_counts {
	uint64_t	requests[RECV_OUTCOMES];
	uint64_t	records, rejected, bytes;
};

struct recv_tally {
	uint64_t	requests;	/* begun; offline: documents */
	uint64_t	accepted;	/* 200 */
	uint64_t	bad;		/* 400 */
	uint64_t	refused;	/* other 4xx */
	uint64_t	busy;		/* 503 */
	uint64_t	aborted;	/* gone before they were answered */
	uint64_t	records;	/* lines out */
	uint64_t	rejected;	/* records left out */
	uint64_t	bad_utf8;
	uint64_t	bytes_in;	/* bodies as sent */
	uint64_t	bytes_out;
	struct recv_counts by[TALLY_PROTOS][RECV_SIGNALS];
	uint64_t	causes[RECV_CAUSES];	/* of what was not accepted */
};

/* What there is at the moment, beside what was counted. */
struct recv_gauges {
	uint64_t	waiting;	/* bytes of bodies and lines */
	uint64_t	connections;	/* of HTTP */
	int64_t		last_write;	/* ns since the epoch; 0: none yet */
	int64_t		spool_bytes;	/* of all segments; -1: no spool */
	uint64_t	spool_dropped;	/* segments that were removed */
};

/* A request was answered; status in the terms of HTTP. */
void recv_tally_answer(struct recv_tally *t, enum tally_proto proto,
    enum otlp_signal sig, unsigned status);

/* What an accepted one brought. */
void recv_tally_records(struct recv_tally *t, enum tally_proto proto,
    enum otlp_signal sig, uint64_t records, uint64_t rejected);

/* A body that came whole. */
void recv_tally_body(struct recv_tally *t, enum tally_proto proto,
    enum otlp_signal sig, uint64_t bytes);

/* "requests=3 accepted=3 ..." */
void recv_tally_put(const struct recv_tally *t, struct buf *line);

/* All of it in the text format of Prometheus. */
void recv_tally_metrics(const struct recv_tally *t,
    const struct recv_gauges *g, struct buf *text);

/* Prints it on stderr. */
void recv_tally_log(const struct recv_tally *t);

#endif

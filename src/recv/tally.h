/* What was counted; one line of it on SIGUSR1 and, with -v, at the end. */
#ifndef RECV_TALLY_H
#define RECV_TALLY_H

#include <stdint.h>

#include "base/buf.h"

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
};

/* "requests=3 accepted=3 ..." */
void recv_tally_put(const struct recv_tally *t, struct buf *line);

/*
 * The same in the text format of Prometheus, with what waits at the moment:
 * bytes of bodies and lines, and open connections.
 */
void recv_tally_metrics(const struct recv_tally *t, uint64_t waiting,
    uint64_t connections, struct buf *text);

/* Prints it on stderr. */
void recv_tally_log(const struct recv_tally *t);

#endif

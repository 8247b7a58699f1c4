/*
 * Which spans were counted already, so that a span that comes twice counts
 * once. Of a span 64 bits of a hash of its ids are kept; the memory is bounded:
 * the last `keep` spans are remembered, and up to as many more.
 */
#ifndef REPORT_SEEN_H
#define REPORT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct seen {
	uint64_t	*cell[2];	/* young and old; 0 is empty */
	size_t		 cap[2];	/* powers of two, or 0 */
	size_t		 n[2];
	size_t		 keep;
};

/* keep 0: nothing is remembered. */
void seen_init(struct seen *s, size_t keep);
void seen_fini(struct seen *s);

/*
 * Was the span's trace_id and span_id seen before? If not, it is from now on.
 * A span without ids was never seen. 1, 0, or -1 when out of memory.
 */
int seen_span(struct seen *s, const struct record *r);

/* The same of something else that is known by a hash, which is not 0. */
int seen_hash(struct seen *s, uint64_t h);

#endif

/*
 * Where the records of a trace went, so that those that match no rule
 * themselves (a log without attributes, a score) can follow it. Bounded: of
 * the traces seen last, TRAIL_TRACES at least are remembered.
 */
#ifndef ROUTE_TRAIL_H
#define ROUTE_TRAIL_H

#include <stddef.h>
#include <stdint.h>

#include "json/scan.h"

#define TRAIL_TRACES	16384

struct trail {
	struct trail_slot	*young, *old;	/* hash tables */
	size_t			 used;		/* of young */
};

void trail_fini(struct trail *t);

/* The trace went there. 0, or -1 when out of memory. */
int trail_note(struct trail *t, struct json_val trace_id, uint64_t to);

/* Where it went; 0 when that is unknown, or was not always the same. */
uint64_t trail_find(const struct trail *t, struct json_val trace_id);

#endif

/*
 * What Langfuse cannot take is put right before it is sent. Its server refuses
 * a whole request for one bad span or, worse, accepts it and loses spans
 * later, without a word. What cannot be put right, a span without usable ids
 * or times, the encoder refuses.
 *
 *	- a parent of zeros counts as one there: left out
 *	- an end before the start: the end is the start
 *	- an attribute without a value (null): left out
 *	- objects, bytes, and arrays that hold objects: their JSON as a string,
 *	  since Langfuse would store OTLP's wrapping
 *	- attributes that must be strings (ids, names, version, ...) and are
 *	  numbers or booleans: the same as strings, else the span is dropped
 *	- completion_start_time as a number: as a time
 *	- a trace name over 1000 characters: cut
 *	- level and type in another case, or unknown: as Langfuse spells them, or
 *	  left out
 *	- a prompt name without an integer version, or the other way round: both
 *	  left out
 *	- a cost in a string: a number
 *	- an environment with characters it does not take, which would all be
 *	  "default": with '-' for those
 *	- service.version of the resource that is no string: a string
 */
#ifndef SINK_CHECK_H
#define SINK_CHECK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "record/edit.h"
#include "record/record.h"

struct check {
	struct edit	 edit;
	struct arena	 keys;
	struct buf	 value;		/* being made */
	struct buf	 text;		/* unescaped */
	const struct record	*r;
};

/* A zeroed struct check is ready. */
void check_fini(struct check *c);

/*
 * Checks a span. 0: it may go as it is; 1: out holds the line that may go (it
 * had better be empty before); -1: out of memory.
 */
int check_span(struct check *c, const struct record *r, struct buf *out);

#endif

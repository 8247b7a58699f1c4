/*
 * The engine: takes records, holds those of a turn until they can be joined,
 * writes spans and passes on the rest. Design: "One tree from many signals".
 *
 * When a span is written: as soon as its records are complete and nothing
 * touched it for a moment (settle); when what is missing does not come (linger);
 * the root when the turn has ended; everything when the turn falls silent
 * (idle), memory runs short, or the input ends. Time is looked at only when
 * the input pauses: a replay waits for nothing and forgets nothing.
 */
#ifndef AGENT_ENRICH_H
#define AGENT_ENRICH_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/emit.h"
#include "agent/store.h"
#include "agent/unknown.h"
#include "base/out.h"
#include "record/record.h"

struct enrich_opts {
	struct emit_opts emit;
	int64_t		 settle;	/* ns */
	int64_t		 linger;
	int64_t		 idle;
	int64_t		 max_memory;	/* bytes of held records */
	bool		 drop_used;	/* leave out logs a span stands for */
	bool		 keep_native;	/* keep what stands for nothing */
	bool		 explain;	/* say why instead of writing records */
};

/* While a call or a tool runs, silence may last so many times --idle. */
#define PENDING_FACTOR		60
/* And while nothing runs that was told, but the model must be at work. */
#define BUSY_FACTOR		10

struct enrich {
	const struct enrich_opts *o;
	struct store	 st;
	struct emit	 emit;
	struct arena	 arena;
	struct record	 clean;		/* a record without its leaks */
	struct edit	 edit;
	struct buf	 line, resource;
	int64_t		 due;		/* mono; -1: nothing waits */
	uint64_t	 spans;		/* written */
	uint64_t	 used;		/* logs a span stands for */
	uint64_t	 twins;		/* native spans that came too late */
	uint64_t	 dropped;	/* native spans that mean nothing */
	uint64_t	 closed;	/* turns closed for want of memory */
	struct unknown	 unknown;	/* what the tables do not have */
};

void enrich_init(struct enrich *e, const struct enrich_opts *o);
void enrich_fini(struct enrich *e);

/* What enrich_record says of a record that is to go on as it came. */
#define ENRICH_PASS	(-1)

/* 0, ENRICH_PASS, or an exit code (memory, output). */
int enrich_record(struct enrich *e, const struct record *r, int64_t now,
    struct out *out);

/* The input pauses: writes what is due. 0, or an exit code. */
int enrich_idle(struct enrich *e, int64_t now, struct out *out);

/* When to call enrich_idle again; -1: not before new records. */
int64_t enrich_due(const struct enrich *e);

/* Writes everything that is held. 0, or an exit code. */
int enrich_close(struct enrich *e, struct out *out);

#endif

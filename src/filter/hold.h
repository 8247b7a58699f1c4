/*
 * Choosing whole traces from a stream in which the reason to choose one may
 * come last: records are held until it comes, in bounded memory. What was
 * decided about a trace is remembered as long as the trace is.
 */
#ifndef FILTER_HOLD_H
#define FILTER_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/queue.h>
#include <sys/tree.h>

#include "record/ids.h"
#include "record/record.h"

enum hold_scope {
	HOLD_RECORDS,	/* the records that match */
	HOLD_TRACES,	/* traces in which a record matches */
	HOLD_ROOTS,	/* traces whose root matches */
	HOLD_PARENTS	/* the records that match, and the spans above them */
};

struct held;
struct held_trace;
RB_HEAD(held_map, held_trace);
TAILQ_HEAD(held_age, held_trace);

struct hold {
	enum hold_scope	 scope;
	bool		 keep_errors;	/* let traces with errors through */
	size_t		 max;		/* bytes */

	/* Writes a line. 0, or an exit code that ends the run. */
	int		(*emit)(void *arg, const char *p, size_t n);
	/* May a new trace through now? NULL: yes. */
	bool		(*admit)(void *arg);
	void		*arg;

	struct held_map	 map;
	struct held_age	 age;		/* the longest silent first */
	size_t		 bytes;
	int64_t		 look;		/* no trace is due before */
	uint64_t	 cut;		/* traces forgotten while undecided */
	uint64_t	 refused;	/* traces not admitted */
};

/* What is known of a record. */
struct hold_facts {
	bool	matched;	/* the expression is true */
	bool	sampled;	/* its trace is in the sample */
	bool	error;
};

/* The members above the blank line are set by the caller. */
void hold_init(struct hold *h);
void hold_fini(struct hold *h);

/*
 * Takes a record that has a trace id. 0, what emit returned, or 70 when out
 * of memory.
 */
int hold_take(struct hold *h, const struct record *r,
    const struct hold_facts *f, int64_t now);

/*
 * Forgets traces that have been silent for so long (ns): with a root, and
 * without, which is at least as long. Returns when to look again, or -1.
 */
int64_t hold_forget(struct hold *h, int64_t now, int64_t rooted,
    int64_t rootless);

#endif

/*
 * The traces that wait to be printed, in bounded memory, and what is
 * remembered of those that were.
 */
#ifndef VIEW_STORE_H
#define VIEW_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/queue.h>
#include <sys/tree.h>

#include "record/ids.h"
#include "record/record.h"
#include "view/node.h"
#include "view/past.h"

RB_HEAD(node_map, node);

/* What the heading of a session says. */
enum trace_info { INFO_SESSION, INFO_AGENT, INFO_USER, INFO_PROJECT,
    INFO_COUNT_ };

struct trace {
	RB_ENTRY(trace)		 by_id;
	TAILQ_ENTRY(trace)	 by_age;	/* in rooted or rootless */
	char			 id[TRACE_ID_LEN];
	struct node_map		 nodes;
	size_t			 n;
	size_t			 bytes;
	bool			 rooted;	/* the root has come */
	struct past		*past;		/* printed before, or NULL */
	int64_t			 last;		/* when the last span came */
	uint64_t		 order;		/* of arrival, of that span */
	char			*info[INFO_COUNT_];	/* NULL: not said */
};
TAILQ_HEAD(trace_queue, trace);
RB_HEAD(trace_map, trace);

struct store {
	struct trace_map	 map;
	struct trace_queue	 rooted;	/* the longest silent first */
	struct trace_queue	 rootless;
	size_t			 ntraces;
	size_t			 bytes, max;
	uint64_t		 order;
	bool			 content;	/* keep previews */
	struct pasts		 pasts;
	struct buf		 scratch;
	uint64_t		 no_id;		/* spans without ids */
	uint64_t		 twins;		/* spans that came again */
};

/* max: bytes of memory that waiting spans may take. */
void store_init(struct store *s, size_t max, bool content);
void store_fini(struct store *s);

/* Takes a span record. 0, or -1 when out of memory. */
int store_put(struct store *s, const struct record *r, int64_t now);

bool store_full(const struct store *s);

/* The trace that has been silent for the longest time; NULL if none. */
struct trace *store_oldest(const struct store *s);

/*
 * A trace that has been silent long enough, given how long (ns) those with
 * and without a root are waited for; NULL if none, then *next is when one may
 * be, or -1.
 */
struct trace *store_due(const struct store *s, int64_t now, int64_t rooted,
    int64_t rootless, int64_t *next);

/* All that wait, in an array that the caller frees; NULL if out of memory. */
struct trace **store_all(const struct store *s, size_t *n);

/* Removes the trace and remembers that it was printed. */
void store_printed(struct store *s, struct trace *t, const struct text *name);

RB_PROTOTYPE(node_map, node, by_id, node_cmp)
RB_PROTOTYPE(trace_map, trace, by_id, trace_cmp)

#endif

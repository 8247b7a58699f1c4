/*
 * From the spans of a trace to the order in which they are drawn: parents
 * before children, children by their start, what has no parent at the top.
 * Nothing here recurses, and the time is that of sorting.
 */
#ifndef VIEW_PLAN_H
#define VIEW_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "view/store.h"
#include "view/tally.h"

struct plan {
	struct node	**seq;		/* in drawing order */
	size_t		  n;
	uint64_t	  start, end;	/* of all spans; 0: unknown */
	struct tally	  tally;
};

/*
 * Sets every node's place in the tree. 0, or -1 when out of memory. The plan
 * holds pointers into the trace.
 */
int plan_make(struct plan *p, struct trace *t);
void plan_fini(struct plan *p);

#endif

/*
 * What is remembered of printed traces: which spans they had, so that a late
 * span is shown as a continuation and a repeated one is not counted twice.
 * The memory is bounded; the traces printed first are forgotten first.
 */
#ifndef VIEW_PAST_H
#define VIEW_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/queue.h>
#include <sys/tree.h>

#include "record/ids.h"
#include "view/text.h"

#define PAST_MAX_SPANS	(1 << 18)
#define PAST_NAME_MAX	64

struct past {
	RB_ENTRY(past)		 by_id;
	TAILQ_ENTRY(past)	 by_age;
	char			 id[TRACE_ID_LEN];
	char			 name[PAST_NAME_MAX];
	size_t			 name_len;
	uint64_t		*span;		/* sorted */
	size_t			 n;
	unsigned		 users;		/* traces that point here */
};
RB_HEAD(past_map, past);
TAILQ_HEAD(past_queue, past);

struct pasts {
	struct past_map		 map;
	struct past_queue	 age;
	size_t			 spans;
};

void past_init(struct pasts *ps);
void past_fini(struct pasts *ps);

struct past *past_find(struct pasts *ps, const char id[TRACE_ID_LEN]);
bool past_has(const struct past *p, uint64_t span);

/*
 * Remembers n more spans of the trace. What does not fit into memory is not
 * remembered.
 */
void past_add(struct pasts *ps, const char id[TRACE_ID_LEN],
    const struct text *name, const uint64_t *span, size_t n);

RB_PROTOTYPE(past_map, past, by_id, past_cmp)

#endif

/* What is summed up over spans: for a trace, and for all of them. */
#ifndef VIEW_TALLY_H
#define VIEW_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "view/node.h"
#include "view/spend.h"

struct tally {
	uint64_t		traces, spans;
	uint64_t		type[NODE_TYPES_];
	uint64_t		errors, warnings;
	struct spend_sum	sum;
};

/* spends: the span's usage is its own, not a sum of others'. */
void tally_span(struct tally *t, const struct node *n, bool spends);
void tally_merge(struct tally *t, const struct tally *other);

#endif

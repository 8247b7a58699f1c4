/*
 * What a span used and what that cost, in the vocabulary the span has:
 * Langfuse's details first, then OpenTelemetry's gen_ai.usage.*, then
 * OpenInference's llm.*, then the bare names of Claude Code's own spans.
 */
#ifndef VIEW_SPEND_H
#define VIEW_SPEND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "price/money.h"
#include "record/record.h"

struct spend {
	bool		used;		/* tokens are known */
	bool		priced;		/* so is the cost */
	bool		estimated;
	uint64_t	in;		/* with what came from and went to caches */
	uint64_t	cached;		/* the part of in read from a cache */
	uint64_t	out;		/* with reasoning */
	money		cost;		/* exact, from decimal text */
};

/* scratch is working memory. */
void spend_read(struct spend *s, const struct record *r, struct buf *scratch);

/* A sum of spends; counts stop at their largest value. */
struct spend_sum {
	uint64_t	in, cached, out;
	uint64_t	priced, unpriced, estimated;	/* how many */
	money		cost;
};
void spend_add(struct spend_sum *sum, const struct spend *s);
void spend_merge(struct spend_sum *sum, const struct spend_sum *other);

#endif

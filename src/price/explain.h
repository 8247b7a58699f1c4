/* The answer of aitrace-price --explain: which row, which tier, why. */
#ifndef PRICE_EXPLAIN_H
#define PRICE_EXPLAIN_H

#include "base/buf.h"
#include "price/book.h"
#include "price/cost.h"
#include "price/usage.h"

struct explain {
	const char		*model;
	const char		*provider;	/* "" if none */
	uint64_t		 time;
	const struct buckets	*usage;		/* NULL: only the prices */
	struct cost_terms	 terms;
};

/* Appends the text. True when the book has a price or an estimate. */
bool explain_put(struct buf *b, const struct book *book, struct explain *x);

#endif

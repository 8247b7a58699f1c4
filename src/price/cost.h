/*
 * The arithmetic: tokens times the price in force, bucket by bucket, in
 * integers. The total is the sum of the buckets, always.
 */
#ifndef PRICE_COST_H
#define PRICE_COST_H

#include <stdbool.h>

#include "price/book.h"
#include "price/money.h"
#include "price/usage.h"

/* How the call was made, as far as it changes prices. */
struct cost_terms {
	enum book_service	 service;
	bool			 fast;
	const char		*region;	/* "us"; NULL or empty: none */
	size_t			 region_len;
	bool			 is_free;
};

struct cost_line {
	const struct usage_bucket	*bucket;
	enum book_price			 as;	/* which price was taken */
	bool				 in_tier;	/* from the tier */
	int64_t				 price;	/* picodollars a token */
	money				 amount;
};

struct cost {
	struct cost_line		 line[USAGE_MAX];
	size_t				 n;
	const struct book_tier		*tier;	/* the one that held, or NULL */
	bool				 region;	/* the region's factor counted */
	const struct usage_bucket	*unpriced;	/* first of them, or NULL */
	size_t				 write_line;	/* of unknown life ... */
	money				 write_more;	/* ... costs up to this more */
	money				 total;
};

/*
 * Prices every bucket by the row. u, row and book must outlive c. Cache writes
 * nobody said the life of are priced as 5m ones; write_more is what they would
 * cost more as 1h ones.
 */
void cost_by_row(struct cost *c, const struct book *b,
    const struct book_row *row, const struct buckets *u,
    const struct cost_terms *t);

/* Prices every bucket at the same price. */
void cost_flat(struct cost *c, int64_t per_token, const struct buckets *u);

/*
 * Makes the lines add up to total, which is then c->total. A difference of
 * less than a micro-dollar is rounding and goes to the largest line; one that
 * cache writes of unknown life explain goes to their line; else each
 * line gets its share, and what is left of the last digit goes to the lines
 * with the largest remainders, the earlier first. Without anything to share
 * out by, the lines are dropped and only the total stays.
 */
void cost_spread(struct cost *c, money total);

/* Sums over the lines of what was read and what was written. */
money cost_prompt(const struct cost *c);
money cost_completion(const struct cost *c);

#endif

/*
 * The price book: models, each with rows of prices that hold from a date on,
 * each row with tiers. Built by price/bookfile from aitrace-prices(5), read
 * by price/match and price/cost.
 *
 * Names are lower case. They and all other text are slices of the files the
 * book was read from, which it keeps; everything lives until book_free.
 */
#ifndef PRICE_BOOK_H
#define PRICE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* What has a price. The names in a file are book_price_name's. */
enum book_price {
	PRICE_INPUT, PRICE_OUTPUT, PRICE_CACHE_READ, PRICE_CACHE_WRITE_5M,
	PRICE_CACHE_WRITE_1H, PRICE_REASONING, PRICE_INPUT_AUDIO,
	PRICE_OUTPUT_AUDIO, PRICE_CACHE_READ_AUDIO, PRICE_INPUT_IMAGE,
	PRICE_OUTPUT_IMAGE, PRICE_COUNT_
};

struct book_text {
	const char	*p;
	size_t		 n;
};

/* Picodollars per token; -1 where the source gives none. */
struct book_prices {
	int64_t		v[PRICE_COUNT_];
};

enum book_service { SERVICE_ANY, SERVICE_FLEX, SERVICE_PRIORITY,
    SERVICE_BATCH };

/*
 * Other prices under conditions, all of which must hold. A price the tier does
 * not give is the row's.
 */
struct book_tier {
	int64_t			above;	/* prompt tokens over this; -1: any */
	enum book_service	service;
	bool			fast;	/* speed "fast" */
	struct book_prices	prices;
};

struct book_row {
	uint64_t		from;	/* ns since 1970; 0: always */
	struct book_text	from_text;	/* as written, n 0 if absent */
	struct book_text	source;
	struct book_text	note;
	struct book_prices	prices;
	size_t			tier, ntier;	/* in book->tier, in order */
	struct book_text	region;	/* where prices are multiplied ... */
	int64_t			factor;	/* ... by this, 10^6 is 1.0 */
	size_t			next;	/* row to ask next, BOOK_NONE at end */
};

struct book_model {
	struct book_text	name;
	size_t			row;	/* first row */
	struct book_text	unread;	/* rows of book->lazy; p NULL: none */
};

#define BOOK_NONE	SIZE_MAX
#define BOOK_MAX_MODELS	200000

struct book_slot;

struct book {
	struct buf		*file;	/* the texts */
	size_t			 nfile;
	struct book_model	*model;
	size_t			 nmodel, capmodel;
	struct book_row		*row;
	size_t			 nrow, caprow;
	struct book_tier	*tier;
	size_t			 ntier, captier;
	char			*lazy;	/* name of a file whose rows wait */
	struct book_slot	*slot;	/* hash of names and other names */
	size_t			 nslot, capslot;
};

/* NULL when out of memory. */
struct book *book_new(void);
void book_free(struct book *b);

/*
 * Building. Each returns NULL when memory or the ceiling is reached. Pointers
 * they return hold until the next call.
 */
struct book_model *book_add_model(struct book *b, struct book_text name);
struct book_row *book_add_row(struct book *b);
struct book_tier *book_add_tier(struct book *b);
/* Another name for a model. 0, or -1 when out of memory. */
int book_add_alias(struct book *b, struct book_text name,
    const struct book_model *m);

/*
 * Puts the row b->row[row] among the model's: of rows of one file the later
 * date comes first, before all rows of files read earlier (whose first row is
 * `older`, BOOK_NONE if none). -1 when that date is there already.
 */
int book_link_row(struct book *b, struct book_model *m, size_t row,
    size_t older);

/* The model of exactly that lower-case name, or NULL. */
const struct book_model *book_find(const struct book *b, const char *name,
    size_t n);

/*
 * The model's row in force at the time (ns since 1970), or NULL when all its
 * rows begin later; book_first_row is then the earliest.
 */
const struct book_row *book_row_at(const struct book *b,
    const struct book_model *m, uint64_t time);
const struct book_row *book_first_row(const struct book *b,
    const struct book_model *m);

void book_prices_init(struct book_prices *p);
const char *book_price_name(enum book_price k);
/* The other way round; PRICE_COUNT_ when it is no price. */
enum book_price book_price_named(const char *p, size_t n);
const char *book_service_name(enum book_service s);

#endif

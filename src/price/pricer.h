/*
 * Decides the cost of each model call of a stream: the book's, the one its
 * client reported, or an estimate; and keeps count of what is worth telling.
 * Prints nothing: the program does, from the tables here.
 */
#ifndef PRICE_PRICER_H
#define PRICE_PRICER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "price/book.h"
#include "price/call.h"
#include "price/match.h"
#include "price/money.h"
#include "record/edit.h"
#include "record/record.h"

/* For models without a row and without a relative: 5 USD per million. */
#define PRICER_UNKNOWN_PRICE	INT64_C(5000000)

enum pricer_unknown { UNKNOWN_ESTIMATE, UNKNOWN_SKIP, UNKNOWN_FAIL };

struct pricer_config {
	enum pricer_unknown	 unknown;
	bool			 reprice;
	bool			 fixed_time;	/* price all at .time */
	uint64_t		 time;		/* ns since 1970 */
};

/* One model of the stream (by provider and name), and its counts. */
struct pricer_model {
	const char		*name;		/* NUL-terminated */
	const char		*provider;
	size_t			 name_len, provider_len;
	bool			 matched;	/* match is of this book */
	struct match		 match;
	char			 basis[256];	/* relative's name, "" if none */
	uint64_t		 spans;
	uint64_t		 estimated;	/* by a relative */
	uint64_t		 unknown;
	uint64_t		 too_early;	/* before its first price */
	uint64_t		 differs;	/* reported from computed, > 1 % */
	money			 differs_reported, differs_computed;
};

/* A kind of tokens for which no price was known. */
struct pricer_kind {
	char			 name[64];
	char			 model[128];
	uint64_t		 spans;
};

#define PRICER_MAX_MODELS	1024
#define PRICER_MAX_KINDS	16

struct pricer {
	struct pricer_config	 config;
	struct book		*book;
	struct pricer_model	**model;	/* open hash, fixed size */
	size_t			 nmodel;
	struct pricer_model	 other;		/* when the table is full */
	struct pricer_kind	 kind[PRICER_MAX_KINDS];
	size_t			 nkind;
	struct call		 call;
	struct cost		 cost, shown;
	uint64_t		 priced, left, already, bad_usage;
	char			 bad_name[64];	/* first bad usage value */
	struct err		 err;		/* of PRICER_BAD_BOOK */
};

enum pricer_result {
	PRICER_LEFT,		/* nothing to change */
	PRICER_PRICED,		/* it has a cost */
	PRICER_BAD_BOOK,	/* its rows of the model cannot be read */
	PRICER_NOMEM
};

/* 0, or -1 when out of memory. It has no book yet. */
int pricer_init(struct pricer *p, const struct pricer_config *config);
/* Also of one that was never set up (all zeros). */
void pricer_fini(struct pricer *p);

/* Takes the book over, in place of an earlier one; counts stay. */
void pricer_set_book(struct pricer *p, struct book *book);

/*
 * There is a book, and p->call holds what the call says (of a record:
 * call_read). What cc points to lives until the next one.
 */
enum pricer_result pricer_decide(struct pricer *p, struct call_cost *cc);

/*
 * The same for a record that is a model call (call_is), unless it has a cost
 * already; e has been begun for r, and holds the changes if it was priced.
 */
enum pricer_result pricer_price(struct pricer *p, const struct record *r,
    struct edit *e);

/* Walks the models seen: start with *at 0; NULL at the end. */
const struct pricer_model *pricer_next(const struct pricer *p, size_t *at);

#endif

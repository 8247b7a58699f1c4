/*
 * A model call as a record tells it, and the cost written back to it: the
 * attributes aitrace-price(1) reads and writes.
 */
#ifndef PRICE_CALL_H
#define PRICE_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "price/cost.h"
#include "price/usage.h"
#include "record/edit.h"
#include "record/record.h"

struct call {
	const char		*model, *provider;	/* not NUL-terminated */
	size_t			 model_len, provider_len;
	struct buckets		 usage;
	bool			 has_usage;
	struct cost_terms	 terms;
	const struct record	*from;		/* what it was read from, or */
	uint64_t		 when;		/* NULL, and its time in ns */
	bool			 has_reported;
	money			 reported;
	bool			 ours;		/* priced by us before */
	bool			 foreign;	/* cost_details of the client */
	struct buf		 scratch;	/* texts the rest points into */
	struct buf		 out;		/* for writing */
};

/* A span that is a model call (generation or embedding)? */
bool call_is(const struct record *r);

/* Does it carry a cost in cost_details already, of ours or of its client? */
bool call_is_priced(const struct record *r);

/*
 * Reads what pricing needs. A zeroed struct call may be filled again and
 * again; what it points to lives until the next call_read and as long as the
 * record. call_fini frees it. 0, or -1 when out of memory.
 */
int call_read(struct call *c, const struct record *r);
void call_fini(struct call *c);

/* Adds what is said as JSON strings; what is absent or unknown says nothing. */
void call_terms(struct cost_terms *t, struct json_val tier,
    struct json_val speed, struct json_val region);

/* When it began, or ended if that is not told: ns; UINT64_MAX: unknown. */
uint64_t call_time(const struct call *c);

/* Who says what a call cost. */
enum call_cost_from { CALL_COST_REPORTED, CALL_COST_BOOK, CALL_COST_ESTIMATE };

/* What is written: the shown cost, and how it came about. */
struct call_cost {
	const struct cost	*shown;		/* lines and total */
	bool			 has_computed;
	money			 computed;
	bool			 has_reported;
	money			 reported;
	const char		*basis;		/* relative's name, or NULL */
	size_t			 basis_len;
	enum call_cost_from	 from;		/* the shown cost */
};

/*
 * Sets the attributes of the call c was read from, and drops those of an
 * earlier pricing that are gone.
 */
void call_write(struct call *c, struct edit *e, const struct call_cost *cc);

#endif

/*
 * The counting part of a report: records in, groups and sums out. Its memory
 * is that of the groups and of the ids that tell repeated spans.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"
#include "report/facts.h"
#include "report/pick.h"
#include "report/seen.h"
#include "report/table.h"

#define REPORT_TABLES	32

struct report_plan {
	const char	*by[REPORT_TABLES];	/* "day", "model,tool", ... */
	size_t		 nby;
	const char	*budget_by;	/* as by; "" all; NULL: no budget */
	bool		 calls;		/* tables that can: of calls alone */
	size_t		 max_groups;	/* of a table */
	size_t		 remember;	/* spans, to know them again; 0: none */
	uint64_t	 since, until;	/* start times; until is not included */
	uint64_t	 now;		/* ns since 1970 */
};

/* What is spent at the moment, whatever --since and --until say. */
struct report_pace {
	uint64_t	month_begin, month_end, day_ago;
	money		month;		/* from the begin of the month to now */
	money		day;		/* in the last 24 hours */
	bool		part;		/* a call had no price */
};

struct report {
	struct report_plan	 plan;
	struct pick		 pick;
	struct facts_names	 names;
	struct seen		 seen;
	struct buf		 scratch;
	struct table		 by[REPORT_TABLES];
	struct table		 all;		/* one row, if need be */
	const struct table	*whole;		/* has all there is */
	struct table		 budget;
	struct report_pace	 pace;
	bool			 calls;		/* nobody told of anything else */
	uint64_t		 spans;		/* counted */
	uint64_t		 others;	/* records that are no spans */
	uint64_t		 idle;		/* spans with nothing to count */
	uint64_t		 repeated;	/* spans seen before */
	uint64_t		 outside;	/* of since and until */
	uint64_t		 first, last;	/* start times; 0: none */
};

/* 0, or -1 with the cause in e; then there is nothing to free. */
int report_init(struct report *r, const struct report_plan *plan,
    struct err *e);
void report_fini(struct report *r);

/* 0, or -1 when out of memory. */
int report_add(struct report *r, const struct record *rec);

/*
 * The same in two steps: what the record says; what counts, which the caller
 * may have changed. 0, or -1 when out of memory.
 */
int report_facts(struct report *r, const struct record *rec, struct facts *f);
int report_count(struct report *r, const struct record *rec,
    const struct facts *f);

/*
 * A call that is no record. r->pick.v holds its attributes, as far as they are
 * grouped by; about, whose kind does not matter, its resource. ident is a hash
 * of what it is known by. 0, or -1 when out of memory.
 */
int report_call(struct report *r, const struct record *about,
    const struct facts *f, uint64_t ident);

/* Adds the sums of everything to s. 0, or -1 when out of memory. */
int report_total(struct sums *s, const struct report *r);

/*
 * What the month will have cost when it ends, if what is left of it costs as
 * much as the last 24 hours did.
 */
money report_forecast(const struct report *r);

#endif

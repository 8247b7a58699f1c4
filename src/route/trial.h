/*
 * Where records would go by a route file, without sending them anywhere: for
 * people who write one.
 */
#ifndef ROUTE_TRIAL_H
#define ROUTE_TRIAL_H

#include <stdint.h>

#include "base/err.h"
#include "base/out.h"
#include "record/record.h"
#include "route/rules.h"
#include "route/trail.h"

struct trial {
	struct rules	rules;
	struct trail	trail;
	uint64_t	count[RULES_DESTS];
	uint64_t	homeless;	/* no rule fits */
};

/* 0, or -1 with the cause; trial_fini in both cases. */
int trial_open(struct trial *t, const char *path, struct err *e);
void trial_fini(struct trial *t);

/*
 * Counts the record, following traces as far as they came before it. 0, or -1
 * when out of memory.
 */
int trial_record(struct trial *t, const struct record *r);

/* Writes "to=NAME records=N" for each destination. 0 or -1. */
int trial_put(const struct trial *t, struct out *out);

#endif

/*
 * The self-test: an example of every rule is put into every place of sample
 * records, in every spelling, and none may come through.
 */
#ifndef REDACT_CANARY_H
#define REDACT_CANARY_H

#include <stdint.h>

#include "base/buf.h"
#include "redact/redact.h"

struct canary {
	uint64_t	 planted, survived;
	struct buf	 report;	/* a line for each rule, and failure */
};

/* 0, or -1 when out of memory. x must be ready. */
int canary_run(struct canary *c, struct redact *x);

#endif

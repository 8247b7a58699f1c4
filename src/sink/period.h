/*
 * A period that records are chosen by: the time a span started, the time of a
 * log record or a data point. A record without a time is in every period.
 */
#ifndef SINK_PERIOD_H
#define SINK_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/record.h"

struct period {
	uint64_t	since, until;	/* ns since 1970; until is not in it */
};

/*
 * From what people say, NULL for no limit: RFC 3339, or a day, which begins in
 * UTC. 0, or -1 with the cause.
 */
int period_parse(struct period *p, const char *since, const char *until,
    struct err *e);

bool period_has(const struct period *p, const struct record *r);

#endif

/* Queues of destinations (route/lanes.h) that nobody delivers any more. */
#ifndef ROUTE_STRAYS_H
#define ROUTE_STRAYS_H

#include <stddef.h>

#include "route/rules.h"

/*
 * Tells of each folder spool/to/NAME that holds records although rules, which
 * may be NULL, do not name it. by: what should. How many these are.
 */
size_t strays_tell(const char *spool, const struct rules *rules,
    const char *by);

#endif

/* The order in which traces are shown at the end of the input. */
#ifndef VIEW_ORDER_H
#define VIEW_ORDER_H

#include <stddef.h>

#include "view/store.h"

enum order_by { ORDER_START, ORDER_COST, ORDER_DURATION };

/*
 * Sorts: by start, with the traces of a session together where its first one
 * stands; or by cost or duration, the largest first. 0, or -1 when out of
 * memory.
 */
int order_traces(struct trace **t, size_t n, enum order_by by);

#endif

/*
 * Sorting for route/lanes.h: which line goes where. A record goes where the
 * first rule it fulfils says; one that fulfils none follows its trace, if all
 * of that went to one place as far as is known; else "otherwise" decides.
 */
#ifndef ROUTE_SORT_H
#define ROUTE_SORT_H

#include "base/err.h"
#include "route/lanes.h"

/* Makes ready for what goes nowhere. 0, or -1 with the cause. */
int sort_open(struct lanes *x, struct err *e);

/* x->pending, which is empty then. On disk when it returns 0; -1. */
int sort_pending(struct lanes *x, struct err *e);

/* A portion of DIR. 1; 0 when there was none; -1 with the cause. */
int sort_more(struct lanes *x, struct err *e);

/* What no rule fitted before. 0, or -1 with the cause; nothing is lost. */
int sort_again(struct lanes *x, struct err *e);

#endif

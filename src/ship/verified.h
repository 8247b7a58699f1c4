/*
 * aitrace-ship --verify: nothing is sent; Langfuse is asked whether the spans
 * that are read have arrived.
 */
#ifndef SHIP_VERIFIED_H
#define SHIP_VERIFIED_H

#include "ship/ship.h"

/* After ship_dests. 0, or an exit code, told. */
int verified_open(struct ship *x);
void verified_fini(struct ship *x);

/* As the functions of these names in struct stage. */
int verified_record(struct ship *x, const struct record *r);
int verified_close(struct ship *x);
void verified_summarize(const struct ship *x, struct buf *b);

#endif

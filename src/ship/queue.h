/* aitrace-ship --spool: what is read is kept there, and delivered from there. */
#ifndef SHIP_QUEUE_H
#define SHIP_QUEUE_H

#include "ship/ship.h"

/* 0, or an exit code, told. */
int queue_open(struct ship *x);
void queue_fini(struct ship *x);

/* As the functions of these names in struct stage. */
int queue_record(struct ship *x, const struct record *r);
int64_t queue_idle(struct ship *x);
void queue_close(struct ship *x);
void queue_summarize(const struct ship *x, struct buf *b);

#endif

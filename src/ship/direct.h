/* aitrace-ship without a spool: records are read and sent. */
#ifndef SHIP_DIRECT_H
#define SHIP_DIRECT_H

#include "ship/ship.h"

/* As the functions of these names in struct stage. */
int direct_record(struct ship *x, const struct record *r);
int64_t direct_idle(struct ship *x);
void direct_close(struct ship *x);

#endif

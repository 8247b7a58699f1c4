/*
 * aitrace-ship --spool --dry-run: what would be sent of a spool. Nothing is
 * written there and nothing forgotten.
 */
#ifndef SHIP_REHEARSE_H
#define SHIP_REHEARSE_H

#include "ship/ship.h"

void rehearse_open(struct ship *x);

/* As the function of that name in struct stage. */
void rehearse_close(struct ship *x);

#endif

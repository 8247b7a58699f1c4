/*
 * aitrace-ship --route: records are sorted into the queues of many
 * destinations; with --dry-run, it is only said where they would go.
 */
#ifndef SHIP_ROUTED_H
#define SHIP_ROUTED_H

#include "ship/ship.h"

/*
 * Several destinations and a spool: each gets a queue of its own as well, and
 * every record.
 */
bool routed_several(const struct ship_options *o);

/* Stands for the route file then. */
#define ROUTED_ALL	""

/* 0, or an exit code, told. */
int routed_open(struct ship *x);
void routed_fini(struct ship *x);

/* As the functions of these names in struct stage. */
int routed_record(struct ship *x, const struct record *r);
int64_t routed_idle(struct ship *x);
int routed_wait(struct ship *x, struct pollfd *pfd, nfds_t n,
    int timeout_ms);
int routed_close(struct ship *x);
void routed_reload(struct ship *x);
void routed_summarize(const struct ship *x, struct buf *b);

#endif

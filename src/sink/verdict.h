/*
 * What an answer means for the request and for those behind it: delivered,
 * again, in halves, parked, or an end of it (the table in aitrace-ship(1)).
 *
 * A request that is refused is halved until the bad record stands alone: k bad
 * ones among n are found with less than 2k(log2(n/k) + 2) requests. While the
 * server has accepted nothing at all they are only suspected, and kept: when
 * it refuses so many that it must be something else than the records, nothing
 * more is sent and all of them stay.
 */
#ifndef SINK_VERDICT_H
#define SINK_VERDICT_H

#include "net/client.h"
#include "sink/outbox.h"

/* For client_send; arg is the parcel. */
void verdict_answered(void *arg, const struct client_reply *r);

/* When nothing else is left to ask, suspects are refused. */
void verdict_last(struct outbox *o);

#endif

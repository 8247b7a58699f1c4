/*
 * Export requests over HTTP: reads the head, collects and unpacks the body,
 * decodes it, hands the lines on and answers when they have left.
 */
#ifndef RECV_INTAKE_H
#define RECV_INTAKE_H

#include "net/httpd.h"
#include "recv/conf.h"
#include "recv/deliver.h"
#include "recv/tally.h"

struct intake;

/* host: what --listen named. NULL when out of memory. conf is kept. */
struct intake *intake_new(const struct recv_conf *conf, const char *host,
    struct recv_tally *tally);
void intake_free(struct intake *in);

/* Where the lines go; before the first request. */
void intake_to(struct intake *in, struct deliver *d);

/*
 * Hands on what Langfuse SDKs told of long ago and never finished; all of it
 * when stopping. Returns the milliseconds until there is more to do, or -1.
 */
int intake_expire(struct intake *in, int64_t now, bool all);

/* Callbacks for the server (arg: the intake) and for deliver. */
const struct httpd_ops *intake_ops(void);
void intake_delivered(void *arg, void *own, enum deliver_res res);

#endif

/*
 * Export requests over HTTP: reads the head, collects and unpacks the body,
 * decodes it, hands the lines on and answers when they have left.
 */
#ifndef RECV_INTAKE_H
#define RECV_INTAKE_H

#include "net/httpd.h"
#include "recv/state.h"

struct intake;

/* NULL when out of memory. */
struct intake *intake_new(struct recv_state *st);
void intake_free(struct intake *in);

/*
 * Hands on what Langfuse SDKs told of long ago and never finished; all of it
 * when stopping. Returns the milliseconds until there is more to do, or -1.
 */
int intake_expire(struct intake *in, int64_t now, bool all);

/* Callbacks for the server; their arg is the intake. */
const struct httpd_ops *intake_ops(void);

#endif

/*
 * Export calls over gRPC: the same as recv/intake for the three Export
 * services of OTLP.
 */
#ifndef RECV_GRPCIN_H
#define RECV_GRPCIN_H

#include "net/grpcd.h"
#include "recv/state.h"

/* Callbacks for the server; their arg is the struct recv_state. */
const struct grpcd_ops *grpcin_ops(void);

#endif

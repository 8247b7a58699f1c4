/*
 * Saved requests to records: files of OTLP/JSON or protobuf, plain, gzip or
 * zstd, in order.
 */
#ifndef RECV_OFFLINE_H
#define RECV_OFFLINE_H

#include <stddef.h>

#include "recv/conf.h"

/* "-" is standard input. The exit code; what is wrong is told on stderr. */
int offline_run(const struct recv_conf *conf, char *const *file, size_t n);

#endif

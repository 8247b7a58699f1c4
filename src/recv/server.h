/*
 * The live receiver: one event loop around the HTTP server, the gRPC server
 * and standard output.
 */
#ifndef RECV_SERVER_H
#define RECV_SERVER_H

#include "recv/conf.h"

/* Serves until INT or TERM, or until the output breaks: the exit code. */
int server_run(const struct recv_conf *conf);

#endif

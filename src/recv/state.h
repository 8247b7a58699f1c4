/* What the ways in (HTTP, gRPC) share. */
#ifndef RECV_STATE_H
#define RECV_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/httpd.h"
#include "recv/auth.h"
#include "recv/clean.h"
#include "recv/conf.h"
#include "recv/deliver.h"
#include "recv/tally.h"

struct spool;

struct recv_state {
	const struct recv_conf	*conf;
	const struct clock	*clock;
	const struct auth	*auth;
	/* The only names, besides loopback's, to be asked by; NULL: any. */
	const char		*http_host, *grpc_host;
	struct recv_tally	 tally;
	struct deliver		*out;
	struct clean		*clean;		/* or NULL */
	struct spool		*spool;		/* or NULL */
	int64_t			 last_write;	/* wall clock, ns; 0: never */
	struct httpd		*httpd;		/* or NULL */
	size_t			 held;		/* bytes of all bodies */
	struct buf		 lines;		/* of the request at hand */
};

/* Would this many bytes more be over --max-memory? */
bool recv_state_full(const struct recv_state *s, size_t more);

/* Lets go of the memory that one huge request has made lines take. */
void recv_state_trim(struct recv_state *s);

#endif

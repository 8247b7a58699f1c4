/*
 * The HTTP/2 side of net/grpcd, the one door to nghttp2: bytes in, calls to
 * the operations, bytes out. Knows no sockets. Only net/grpcd uses it.
 */
#ifndef NET_GRPCSESS_H
#define NET_GRPCSESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/conns.h"
#include "net/grpccall.h"
#include "net/grpcd.h"

#define GRPC_READ_BLOCK	((size_t)64 * 1024)

struct nghttp2_session;

/* One connection. */
struct gconn {
	struct conn		 c;		/* first: see gconn_of */
	struct grpcd		*g;
	struct nghttp2_session	*s;
	struct tls		*tls;		/* or NULL */
	struct grpc_calls	 calls;
	size_t			 ncalls;
	struct buf		 unsent;
	bool			 armed;		/* EPOLLOUT is asked for */
	bool			 dirty;		/* there may be something to send */
};

struct grpcd {
	struct grpcd_conf	 conf;
	struct conns		 conns;
	int			 ep;
	size_t			 nbusy;
	bool			 quiet, dirty;
	char			 block[GRPC_READ_BLOCK];
};

/* A session for the connection. 0, or -1 when out of memory. */
int gsess_open(struct gconn *gc);

/* Ends the session; done is called for each call under way. */
void gsess_close(struct gconn *gc);

/* Bytes that came. -1: the peer breaks the rules, end the connection. */
int gsess_take(struct gconn *gc, const char *p, size_t n);

/* Bytes to be sent, until the next call: *n of them, 0: none. 0, or -1. */
int gsess_pull(struct gconn *gc, const char **p, size_t *n);

/* Is there nothing more to be read or written? */
bool gsess_over(const struct gconn *gc);

/* Calls under way are the last ones. */
void gsess_goaway(struct gconn *gc);

/* Ends a call by force. */
void gsess_cancel(struct grpcd_req *r);

/* Ends a call with a failure found by the server itself. */
void gsess_fail(struct grpcd_req *r, enum grpc_code code, const char *why);

/* There may be something to send. */
void gsess_mark(struct gconn *gc);

#endif

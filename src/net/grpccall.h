/*
 * One gRPC call of the server in net/grpcd: what its head said, and the words
 * of its answer. Knows no HTTP/2. Only net/grpcd uses it.
 */
#ifndef NET_GRPCCALL_H
#define NET_GRPCCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "net/grpcd.h"
#include "net/grpcmsg.h"

#define GRPC_HEADERS_MAX	(16 * 1024)	/* of one call, unpacked */
#define GRPC_TRAILERS_MAX	3

struct gconn;

struct grpc_header {
	const char	*name, *value;
	size_t		 n;		/* of the value */
};

struct grpcd_req {
	TAILQ_ENTRY(grpcd_req)	 link;
	struct gconn		*conn;
	int32_t			 id;
	int64_t			 since;
	char			 path[256], authority[256], encoding[32];
	char			*auth;		/* authorization, or NULL */
	bool			 post, grpc;
	size_t			 header_bytes;
	struct grpcmsg		 msg;
	bool			 begun;		/* the caller knows it */
	bool			 ended;		/* all of it has come */
	bool			 replied;
	bool			 sent;
	void			*own;

	/* The answer: a framed message, or none, and trailers. */
	struct buf		 out;
	size_t			 out_off;
	struct buf		 text;		/* of the trailers */
	struct grpc_header	 trailer[GRPC_TRAILERS_MAX];
	size_t			 ntrailers;
};

TAILQ_HEAD(grpc_calls, grpcd_req);

/* Takes a header. 0, or -1 when there are too many. */
int grpccall_header(struct grpcd_req *r, const char *name, size_t nlen,
    const char *value, size_t vlen);

/* Makes out and trailer. 0, or -1 when out of memory. */
int grpccall_answer(struct grpcd_req *r, const struct grpcd_reply *reply);

/* The next piece of out. */
size_t grpccall_read(struct grpcd_req *r, void *p, size_t n);

void grpccall_fini(struct grpcd_req *r);

#endif

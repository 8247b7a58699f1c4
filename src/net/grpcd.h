/*
 * A server for unary gRPC calls over HTTP/2, in clear text or TLS.
 * Knows framing, flow control and deadlines, not what the messages
 * mean. Limits as in net/conns; each stream has a deadline of its own.
 *
 * Life of a call: begin (the head is there) - body (any number of times, the
 * message's bytes) - end (it is whole) - done. Each of begin, body and end may
 * reply, at most once in total; otherwise the call waits for grpcd_reply. done
 * is called exactly once for each begin.
 */
#ifndef NET_GRPCD_H
#define NET_GRPCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

struct grpcd;
struct tls_ctx;
struct grpcd_req;

/* Codes of gRPC that we answer with. */
enum grpc_code {
	GRPC_OK = 0, GRPC_INVALID_ARGUMENT = 3, GRPC_DEADLINE_EXCEEDED = 4,
	GRPC_PERMISSION_DENIED = 7, GRPC_RESOURCE_EXHAUSTED = 8,
	GRPC_UNIMPLEMENTED = 12, GRPC_INTERNAL = 13, GRPC_UNAVAILABLE = 14,
	GRPC_UNAUTHENTICATED = 16
};

struct grpcd_reply {
	enum grpc_code	 code;
	const char	*message;	/* of a failure; copied */
	const void	*body;		/* of a success; copied */
	size_t		 n;
	int		 retry_after;	/* seconds, told as RetryInfo; or 0 */
};

struct grpcd_ops {
	void	(*begin)(void *arg, struct grpcd_req *r);
	void	(*body)(void *arg, struct grpcd_req *r, const char *p,
		    size_t n);
	void	(*end)(void *arg, struct grpcd_req *r);
	/* The server itself answered with a failure (for counting). */
	void	(*refused)(void *arg, struct grpcd_req *r,
		    enum grpc_code code, const char *why);
	/* sent: the answer left completely. */
	void	(*done)(void *arg, struct grpcd_req *r, bool sent);
};

struct grpcd_conf {
	int			 fd;		/* listening; grpcd closes it */
	size_t			 max_conns;
	uint32_t		 max_message;	/* as sent */
	int64_t			 head_ns, idle_ns, request_ns;
	const struct tls_ctx	*tls;		/* or NULL: clear text */
	const struct clock	*clock;
	const struct grpcd_ops	*ops;
	void			*arg;
};

/* NULL with the cause in e (the fd stays open). */
struct grpcd *grpcd_new(const struct grpcd_conf *conf, struct err *e);
void grpcd_free(struct grpcd *g);

/* Poll it for reading, at most grpcd_timeout milliseconds (-1: for ever). */
int grpcd_fd(const struct grpcd *g);
int grpcd_timeout(const struct grpcd *g);
int grpcd_run(struct grpcd *g, struct err *e);

/* Takes no more connections and calls; those under way are finished. */
void grpcd_quiesce(struct grpcd *g);
size_t grpcd_busy(const struct grpcd *g);	/* calls not done yet */

const char *grpcd_path(const struct grpcd_req *r);
const char *grpcd_authority(const struct grpcd_req *r);	/* "" if absent */
const char *grpcd_auth(const struct grpcd_req *r);	/* NULL if absent */
/* The coding of the message, "" if it is plain; known from body on. */
const char *grpcd_encoding(const struct grpcd_req *r);

void grpcd_set(struct grpcd_req *r, void *own);
void *grpcd_get(const struct grpcd_req *r);

void grpcd_reply(struct grpcd_req *r, const struct grpcd_reply *reply);

#endif

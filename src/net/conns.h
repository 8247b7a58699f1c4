/*
 * The connections of an HTTP server: what state each is in, how long it may
 * stay there, and how it is ended. Knows sockets, not the HTTP library.
 *
 * Limits are absolute. A connection that brings a byte now and then gains
 * nothing by it.
 */
#ifndef NET_CONNS_H
#define NET_CONNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"

enum conn_state {
	CONN_FRESH,	/* no request yet */
	CONN_IDLE,	/* between requests */
	CONN_HEAD,	/* request line seen */
	CONN_BODY,	/* the body is coming */
	CONN_WAIT,	/* all is there, the answer is not: no limit here */
	CONN_SEND,	/* the answer is leaving */
	CONN_CUT	/* shut down */
};

struct conn {
	TAILQ_ENTRY(conn)	 link;
	int			 fd;
	enum conn_state		 state;
	int64_t			 since;		/* mono; of the limit at work */
	int64_t			 rate_at;	/* next look at the rate */
	uint64_t		 rate_got;	/* body bytes since the last */

	/* The answer, once there is one. */
	bool			 replied;
	unsigned		 status;
	const char		*type, *allow, *challenge; /* constants */
	int			 retry_after;
	struct buf		 body;
};

TAILQ_HEAD(conn_list, conn);

struct conns {
	struct conn_list	 list;		/* least recently used first */
	size_t			 n, max;
	int64_t			 head_ns, idle_ns, request_ns;
	int64_t			 rate_bytes;	/* a second; 0: any rate */
	bool			 sealed;	/* TLS: no word in between */
	uint64_t		 accepted, cut;
	int64_t			 tick;		/* next look at all of them */

	/* Fills in an answer with this status. */
	void			(*refuse)(void *arg, struct conn *c,
				    unsigned status, const char *why);
	/* It was shut down; or NULL. */
	void			(*ended)(void *arg, struct conn *c);
	void			*arg;
};

/*
 * A connection has come. When there are too many, the one least of use goes:
 * idle the longest, else the one that has been sending the longest.
 */
void conns_add(struct conns *cs, struct conn *c, int fd, int64_t now);
void conns_remove(struct conns *cs, struct conn *c);

/* Enters the state, which begins its limit. A cut connection stays cut. */
void conns_enter(struct conns *cs, struct conn *c, enum conn_state state,
    int64_t now);

/* Ends it; what the kernel has taken to be sent is still sent. */
void conns_cut(struct conns *cs, struct conn *c);

/*
 * Answers in the middle of a request, then ends the connection. The answer is
 * a courtesy: lost if the socket cannot take it at once.
 */
void conns_refuse(struct conns *cs, struct conn *c, unsigned status,
    const char *why);

/* Cuts all that have used up their time. Cheap when it is too early. */
void conns_check(struct conns *cs, int64_t now);

/* Milliseconds until conns_check has something to do, -1: nothing. */
int conns_timeout(const struct conns *cs, int64_t now);

#endif

/*
 * An HTTP/1.x server for one event loop, the one door to libmicrohttpd. It
 * reads requests in pieces, never buffers a body, and knows nothing of what
 * the bodies mean.
 *
 * The library's time-outs start anew with every byte; those here do not:
 * header, idle and request limits are absolute, and a body has to come at a
 * minimum rate.
 *
 * Life of a request: begin (the head is there) - body (any number of times)
 * - end (all is there) - done. Each of begin, body and end may answer, at
 * most once in total; what is left of a body after an answer is read and
 * thrown away, so that the client gets to see the answer. If end does not
 * answer, the request waits, without being polled, until httpd_reply is
 * called. done is called exactly once for each begin.
 */
#ifndef NET_HTTPD_H
#define NET_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

struct httpd;
struct httpd_req;

struct httpd_reply {
	unsigned	 status;	/* 200 ... */
	const char	*type;		/* Content-Type, constant; or NULL */
	const void	*body;		/* copied */
	size_t		 n;
	const char	*allow;		/* Allow, constant; or NULL */
	int		 retry_after;	/* seconds; 0: no such header */
	const char	*challenge;	/* WWW-Authenticate, constant; or NULL */
};

struct httpd_ops {
	void	(*begin)(void *arg, struct httpd_req *r);
	void	(*body)(void *arg, struct httpd_req *r, const char *p,
		    size_t n);
	void	(*end)(void *arg, struct httpd_req *r);
	/* sent: the answer left completely. */
	void	(*done)(void *arg, struct httpd_req *r, bool sent);
	/*
	 * The server itself turns the request down (too slow: 408; a body it
	 * will not even throw away: 413; unknown framing: 501): answer with
	 * this status. May come before begin has been called.
	 */
	void	(*refuse)(void *arg, struct httpd_req *r, unsigned status,
		    const char *why);
};

struct httpd_conf {
	int			 fd;		/* listening; httpd closes it */
	size_t			 max_conns;	/* the oldest idle one goes */
	size_t			 max_header;	/* bytes of a request's head */
	int64_t			 head_ns;	/* first request's head */
	int64_t			 idle_ns;	/* between requests */
	int64_t			 request_ns;	/* from request line to end */
	int64_t			 rate_bytes;	/* body bytes a second; 0: any */
	int64_t			 drain_bytes;	/* thrown away after an answer */
	const char		*tls_cert;	/* PEM texts, or NULL; kept */
	const char		*tls_key;
	const struct clock	*clock;
	const struct httpd_ops	*ops;
	void			*arg;
};

/* Starts serving conf->fd. NULL with the cause in e (the fd stays open). */
struct httpd *httpd_new(const struct httpd_conf *conf, struct err *e);

/* Cuts all connections. No request may be waiting for an answer. */
void httpd_free(struct httpd *h);

/* Poll it for reading, at most httpd_timeout milliseconds (-1: for ever). */
int httpd_fd(const struct httpd *h);
int httpd_timeout(const struct httpd *h);

/* Does what can be done without waiting. 0, or -1 with the cause in e. */
int httpd_run(struct httpd *h, struct err *e);

/* Takes no more connections; each open one ends with its next answer. */
void httpd_quiesce(struct httpd *h);

size_t httpd_conns(const struct httpd *h);
size_t httpd_busy(const struct httpd *h);	/* requests not done yet */

const char *httpd_method(const struct httpd_req *r);
const char *httpd_path(const struct httpd_req *r);	/* without query */
/* NULL when absent. Lives until done. */
const char *httpd_header(const struct httpd_req *r, const char *name);
/* The declared length, -1 when there is none (chunked). */
int64_t httpd_length(const struct httpd_req *r);

/* A pointer of the caller's own, NULL at begin. */
void httpd_set(struct httpd_req *r, void *own);
void *httpd_get(const struct httpd_req *r);

void httpd_reply(struct httpd_req *r, const struct httpd_reply *reply);

#endif

/*
 * An HTTP client for one event loop, the one door to libcurl: many requests
 * in flight, connections kept alive, HTTP/2 where the server offers it,
 * proxies by the usual variables (http_proxy, https_proxy, no_proxy).
 *
 * A request ends exactly once with its reply function, called from
 * client_wait or client_step and never from client_send. Redirects are not
 * followed: what is sent here must not wander to another host.
 */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CLIENT_MAX_REPLY	(256 * 1024)	/* bytes kept of a reply */

struct client;

/* Shared by all requests. Strings are not copied; NULL: the default. */
struct client_tls {
	const char	*ca_file;	/* PEM */
	const char	*cert_file;	/* PEM, with its key in key_file */
	const char	*key_file;
};

struct client_req {
	const char		*url;
	/*
	 * "Name: value" lines, NULL-terminated, or NULL. Copied, and the
	 * copy is wiped: a line may hold a secret.
	 */
	const char *const	*headers;
	const char		*secret;	/* one more such line, or NULL */
	const void		*body;	/* NULL: GET, else POST; not copied */
	size_t			 n;
	int64_t			 timeout_ns;	/* whole request; 0: none */
	size_t			 most;	/* kept of a reply; 0: CLIENT_MAX_REPLY */
	struct client_tls	 tls;
};

enum client_trouble {
	CLIENT_OK,		/* there is a reply, whatever its status */
	CLIENT_NETWORK,		/* none came: may be better another time */
	CLIENT_SETUP		/* wrong URL, certificate or CA: will not be */
};

struct client_reply {
	enum client_trouble	 trouble;
	const char		*why;		/* of the trouble, else NULL */
	int			 status;	/* 200 ... */
	const char		*body;		/* as much as was kept */
	size_t			 n;
	const char		*retry_after;	/* header's value, or NULL */
	const char		*type;		/* Content-Type, or NULL */
	const char		*location;	/* of a redirect, or NULL */
};

typedef void client_done(void *arg, const struct client_reply *reply);

/*
 * agent: User-Agent, kept by reference. NULL with the cause in e. Ignores
 * SIGPIPE no further than libcurl needs: the program does that.
 */
struct client *client_new(const char *agent, struct err *e);

/* Requests in flight are dropped without their reply. NULL is fine. */
void client_free(struct client *c);

/*
 * Starts a request. 0, or -1 with the cause in e and done never called. The
 * body has to live until done is called.
 */
int client_send(struct client *c, const struct client_req *r,
    client_done *done, void *arg, struct err *e);

/* Moves what can be moved without waiting, and hands out replies. */
void client_step(struct client *c);

/*
 * Waits like poll(2), and moves transfers meanwhile: returns when one of the
 * descriptors is ready (as poll does), a reply was handed out, or the time is
 * over. -1 with errno.
 */
int client_wait(struct client *c, struct pollfd *pfd, nfds_t n,
    int timeout_ms);

/* Requests in flight. */
size_t client_busy(const struct client *c);

#endif

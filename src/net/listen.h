/*
 * Listening sockets: "HOST:PORT" to a bound, listening descriptor. Shared by
 * the servers, so that every one of them refuses and reports alike.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/err.h"

#define LISTEN_NAME_MAX	272	/* "[host]:port" with its NUL */

struct listen_addr {
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	char			 host[256];	/* as given, without brackets */
};

/*
 * Understands "127.0.0.1:4318", "[::1]:4318", "localhost:4318", and a host or
 * a port alone; what is missing is 127.0.0.1 and dflt_port. Port 0 asks the
 * system for a free one. 0, or -1 with the cause in e.
 */
int listen_parse(const char *s, uint16_t dflt_port, struct listen_addr *a,
    struct err *e);

/* Can only programs of this machine reach it? */
bool listen_is_loopback(const struct listen_addr *a);

/*
 * A non-blocking, close-on-exec socket that listens there, or -1 with the
 * address and cause in e.
 */
int listen_open(const struct listen_addr *a, struct err *e);

/*
 * The same for a Unix socket of that path and mode. One that nobody listens on
 * any more is replaced.
 */
int listen_unix(const char *path, mode_t mode, struct err *e);

/* The bound address as "127.0.0.1:4318" or "unix:/path". 0, or -1 with errno. */
int listen_name(int fd, char out[LISTEN_NAME_MAX]);

#endif

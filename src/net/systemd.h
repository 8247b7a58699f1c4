/*
 * What a service manager of systemd's kind offers a server: sockets it opened
 * (sd_listen_fds(3)), and somebody to tell of readiness and life
 * (sd_notify(3)). Both are small protocols, spoken here without a library.
 */
#ifndef NET_SYSTEMD_H
#define NET_SYSTEMD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SYSTEMD_FDS	8	/* as many as we look at */

struct systemd {
	size_t	 nfds;			/* inherited sockets: 3, 4, ... */
	char	 name[SYSTEMD_FDS][32];	/* FileDescriptorName= of each */
	int	 notify;		/* a socket; -1: nobody listens */
	int64_t	 watchdog;		/* ns between signs of life; 0: none */
};

/*
 * Reads LISTEN_FDS, LISTEN_FDNAMES, NOTIFY_SOCKET and WATCHDOG_USEC and takes
 * them out of the environment. 0, or -1 with the cause in e.
 */
int systemd_init(struct systemd *s, struct err *e);
void systemd_fini(struct systemd *s);

/*
 * The inherited socket of that name; else, when none has it, the index-th of
 * those with the name no socket unit gives ("unknown", or its own). -1: none.
 */
int systemd_socket(const struct systemd *s, const char *name, size_t index);

/* Sends "READY=1" and the like. A manager that has gone does not matter. */
void systemd_notify(const struct systemd *s, const char *state);

#endif

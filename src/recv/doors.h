/*
 * Where the server can be reached: an address, a Unix socket, or a socket that
 * the service manager opened; and whether that is safe with who may send.
 */
#ifndef RECV_DOORS_H
#define RECV_DOORS_H

#include <stdbool.h>

#include "net/listen.h"
#include "net/systemd.h"
#include "recv/conf.h"

enum door_kind { DOOR_HTTP, DOOR_GRPC };

struct door {
	int	 fd;
	char	 name[LISTEN_NAME_MAX];	/* 127.0.0.1:4318, unix:/run/x */
	/*
	 * Besides loopback's names the one to be asked by; empty where any
	 * will do: no page that a browser shows gets past a token, and none
	 * reaches a Unix socket.
	 */
	char	 host[256];
};

/*
 * Shall it be opened? Naming one means that one alone; sockets of the service
 * manager stand for the defaults.
 */
bool door_wanted(enum door_kind kind, const struct recv_conf *conf,
    const struct systemd *sd);

/*
 * guarded: there is a token or TLS. 0, or an exit code after saying why not.
 */
int door_open(struct door *d, enum door_kind kind,
    const struct recv_conf *conf, const struct systemd *sd, bool guarded);

/* The socket mode in octal; -1 when it is none. */
int door_mode(const char *text);

#endif

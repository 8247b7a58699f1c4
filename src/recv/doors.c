#include "config.h"

#include "recv/doors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"

#define UNIX_PREFIX	"unix:"
#define MODE_DEFAULT	0600

static const struct {
	const char	*option, *fdname, *address;
	uint16_t	 port;
} kinds[] = {
	[DOOR_HTTP] = { "listen", "http", RECV_LISTEN, RECV_PORT },
	[DOOR_GRPC] = { "grpc", "grpc", RECV_GRPC, RECV_GRPC_PORT },
};

int
door_mode(const char *text)
{
	if (text == NULL)
		return MODE_DEFAULT;
	if (*text == '\0' || strlen(text) > 4 ||
	    strspn(text, "01234567") != strlen(text))
		return -1;
	return (int)strtol(text, NULL, 8) & 0777;
}

/*
 * Whoever reaches the port can write into the traces, so what other machines
 * can reach has to be guarded.
 */
static int
check_reach(const struct listen_addr *a, const char *option, const char *at,
    bool guarded)
{
	if (guarded || listen_is_loopback(a))
		return 0;
	log_error("--%s: %s: other machines can reach this address: give "
	    "--token-file, or --tls-cert and --tls-key; without them only "
	    "loopback addresses (127.0.0.1, [::1]) and unix:/path can be "
	    "served", option, at);
	return EXIT_USAGE;
}

static int
open_unix(struct door *d, const char *option, const char *path,
    const struct recv_conf *conf)
{
	int mode = door_mode(conf->socket_mode);
	struct err e;

	if (mode == -1) {
		log_error("--socket-mode: %s: not a mode like 0660",
		    conf->socket_mode);
		return EXIT_USAGE;
	}
	d->fd = listen_unix(path, (mode_t)mode, &e);
	if (d->fd != -1)
		return 0;
	log_error("--%s: %s", option, e.msg);
	return EXIT_UNAVAIL;
}

static int
open_address(struct door *d, enum door_kind kind, const char *at, bool guarded)
{
	const char *option = kinds[kind].option;
	struct listen_addr addr;
	struct err e;
	int rc;

	if (listen_parse(at, kinds[kind].port, &addr, &e) == -1) {
		log_error("--%s: %s", option, e.msg);
		return EXIT_USAGE;
	}
	rc = check_reach(&addr, option, at, guarded);
	if (rc != 0)
		return rc;
	if (listen_is_loopback(&addr))
		memcpy(d->host, addr.host, sizeof(d->host));
	d->fd = listen_open(&addr, &e);
	if (d->fd != -1)
		return 0;
	log_error("cannot listen on %s", e.msg);
	return EXIT_UNAVAIL;
}

/* The socket unit has decided the address; it is judged all the same. */
static int
inherit(struct door *d, enum door_kind kind, int fd, bool guarded)
{
	struct listen_addr addr = { .len = sizeof(addr.ss) };
	char name[LISTEN_NAME_MAX];
	union { struct sockaddr_storage *ss; struct sockaddr *sa; } u = {
	    .ss = &addr.ss };

	if (getsockname(fd, u.sa, &addr.len) == -1 ||
	    listen_name(fd, name) == -1) {
		log_error("the inherited socket %d: %s", fd, strerror(errno));
		return EXIT_UNAVAIL;
	}
	if (addr.ss.ss_family != AF_UNIX) {
		int rc = check_reach(&addr, kinds[kind].option, name, guarded);

		if (rc != 0)
			return rc;
		if (listen_is_loopback(&addr))
			(void)snprintf(d->host, sizeof(d->host), "localhost");
	}
	d->fd = fd;
	return 0;
}

bool
door_wanted(enum door_kind kind, const struct recv_conf *conf,
    const struct systemd *sd)
{
	if (systemd_socket(sd, kinds[kind].fdname, (size_t)kind) != -1 ||
	    (kind == DOOR_HTTP ? conf->listen : conf->grpc) != NULL)
		return true;
	return conf->listen == NULL && conf->grpc == NULL && sd->nfds == 0;
}

int
door_open(struct door *d, enum door_kind kind, const struct recv_conf *conf,
    const struct systemd *sd, bool guarded)
{
	const char *at = kind == DOOR_HTTP ? conf->listen : conf->grpc;
	int rc, fd = systemd_socket(sd, kinds[kind].fdname, (size_t)kind);

	memset(d, 0, sizeof(*d));
	d->fd = -1;
	if (at == NULL)
		at = kinds[kind].address;
	if (fd != -1)
		rc = inherit(d, kind, fd, guarded);
	else if (strncmp(at, UNIX_PREFIX, sizeof(UNIX_PREFIX) - 1) == 0)
		rc = open_unix(d, kinds[kind].option, at +
		    sizeof(UNIX_PREFIX) - 1, conf);
	else
		rc = open_address(d, kind, at, guarded);
	if (rc != 0)
		return rc;
	if (listen_name(d->fd, d->name) == -1) {
		log_error("getsockname: %s", strerror(errno));
		close(d->fd);
		return EXIT_UNAVAIL;
	}
	return 0;
}

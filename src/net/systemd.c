#include "config.h"

#include "net/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define FIRST_FD	3

/* A whole number below max from the environment; -1: not there or no number. */
static long long
number(const char *var, long long max)
{
	const char *s = getenv(var);
	char *end;
	long long v;

	if (s == NULL || *s < '0' || *s > '9')
		return -1;
	errno = 0;
	v = strtoll(s, &end, 10);
	return errno == 0 && *end == '\0' && v <= max ? v : -1;
}

/* Meant for us, and not for whoever started us? */
static bool
ours(const char *pid_var)
{
	return getenv(pid_var) == NULL ||
	    number(pid_var, INT64_MAX) == (long long)getpid();
}

static int
take_fds(struct systemd *s, struct err *e)
{
	const char *names = getenv("LISTEN_FDNAMES");
	long long n = number("LISTEN_FDS", SYSTEMD_FDS);

	if (getenv("LISTEN_FDS") == NULL || getenv("LISTEN_PID") == NULL ||
	    !ours("LISTEN_PID"))
		return 0;
	if (n == -1)
		return err_set(e, "LISTEN_FDS: not a number up to %d",
		    SYSTEMD_FDS);
	for (int i = 0; i < (int)n; i++) {
		int flags = fcntl(FIRST_FD + i, F_GETFL), on;
		socklen_t len = sizeof(on);
		size_t k = names != NULL ? strcspn(names, ":") : 0;

		if (getsockopt(FIRST_FD + i, SOL_SOCKET, SO_ACCEPTCONN, &on,
		    &len) == -1 || on == 0)
			return err_set(e, "LISTEN_FDS: descriptor %d does not "
			    "listen", FIRST_FD + i);
		if (flags == -1 ||
		    fcntl(FIRST_FD + i, F_SETFL, flags | O_NONBLOCK) == -1 ||
		    fcntl(FIRST_FD + i, F_SETFD, FD_CLOEXEC) == -1)
			return err_set(e, "LISTEN_FDS: %s", strerror(errno));
		if (k > 0 && k < sizeof(s->name[i]))
			memcpy(s->name[i], names, k);
		if (names != NULL)
			names += k + (names[k] == ':' ? 1 : 0);
	}
	s->nfds = (size_t)n;
	return 0;
}

static int
open_notify(struct systemd *s, struct err *e)
{
	const char *path = getenv("NOTIFY_SOCKET");
	union { struct sockaddr_un un; struct sockaddr sa; } to = { .un = {
	    .sun_family = AF_UNIX } };
	size_t n;

	if (path == NULL || *path == '\0')
		return 0;
	n = strlen(path);
	if ((*path != '/' && *path != '@') || n >= sizeof(to.un.sun_path))
		return err_set(e, "NOTIFY_SOCKET: not an address");
	memcpy(to.un.sun_path, path, n);
	if (*path == '@')
		to.un.sun_path[0] = '\0';
	s->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (s->notify == -1 || connect(s->notify, &to.sa,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == -1)
		return err_set(e, "NOTIFY_SOCKET: %s", strerror(errno));
	return 0;
}

int
systemd_init(struct systemd *s, struct err *e)
{
	static const char *const vars[] = { "LISTEN_FDS", "LISTEN_PID",
	    "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_USEC",
	    "WATCHDOG_PID" };
	long long usec;

	*s = (struct systemd){ .notify = -1 };
	if (take_fds(s, e) == -1 || open_notify(s, e) == -1)
		return -1;
	usec = number("WATCHDOG_USEC", INT64_MAX / 1000);
	if (usec > 0 && ours("WATCHDOG_PID"))
		s->watchdog = usec * 1000 / 2;
	for (size_t i = 0; i < sizeof(vars) / sizeof(vars[0]); i++)
		if (unsetenv(vars[i]) == -1)
			return err_set(e, "%s: %s", vars[i], strerror(errno));
	return 0;
}

void
systemd_fini(struct systemd *s)
{
	if (s->notify > 0)
		close(s->notify);
	s->notify = -1;
}

int
systemd_socket(const struct systemd *s, const char *name, size_t index)
{
	bool named = false;

	for (size_t i = 0; i < s->nfds; i++) {
		if (strcmp(s->name[i], name) == 0)
			return FIRST_FD + (int)i;
		if (strcmp(s->name[i], "http") == 0 ||
		    strcmp(s->name[i], "grpc") == 0)
			named = true;
	}
	return !named && index < s->nfds ? FIRST_FD + (int)index : -1;
}

void
systemd_notify(const struct systemd *s, const char *state)
{
	if (s->notify <= 0)
		return;
	if (send(s->notify, state, strlen(state), MSG_NOSIGNAL) == -1)
		log_debug("NOTIFY_SOCKET: %s", strerror(errno));
}

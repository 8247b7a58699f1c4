#include "config.h"

#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTEN_BACKLOG	1024
#define LISTEN_HOST	"127.0.0.1"

/* Splits s into host and port; both may be empty. 0, or -1. */
static int
split(const char *s, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(s, ':');
	const char *from = s;
	size_t n;

	*port = "";
	if (s[0] == '[') {
		const char *close = strchr(s, ']');

		if (close == NULL || (close[1] != ':' && close[1] != '\0'))
			return -1;
		from = s + 1;
		n = (size_t)(close - from);
		if (close[1] == ':')
			*port = close + 2;
	} else if (colon != NULL && strchr(s, ':') != colon) {
		n = strlen(s);			/* bare IPv6 address */
	} else if (colon != NULL) {
		n = (size_t)(colon - s);
		*port = colon + 1;
	} else if (strspn(s, "0123456789") == strlen(s)) {
		n = 0;
		*port = s;
	} else
		n = strlen(s);
	if (n >= size)
		return -1;
	memcpy(host, from, n);
	host[n] = '\0';
	return 0;
}

static int
parse_port(const char *s, uint16_t dflt, uint16_t *port)
{
	unsigned long v;
	char *end;

	if (*s == '\0') {
		*port = dflt;
		return 0;
	}
	if (strspn(s, "0123456789") != strlen(s) || strlen(s) > 5)
		return -1;
	v = strtoul(s, &end, 10);
	if (v > UINT16_MAX)
		return -1;
	*port = (uint16_t)v;
	return 0;
}

static void
set_port(struct listen_addr *a, uint16_t port)
{
	if (a->ss.ss_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, &a->ss, sizeof(in6));
		in6.sin6_port = htons(port);
		memcpy(&a->ss, &in6, sizeof(in6));
	} else {
		struct sockaddr_in in;

		memcpy(&in, &a->ss, sizeof(in));
		in.sin_port = htons(port);
		memcpy(&a->ss, &in, sizeof(in));
	}
}

int
listen_parse(const char *s, uint16_t dflt_port, struct listen_addr *a,
    struct err *e)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	struct addrinfo *res;
	const char *text;
	uint16_t port;
	int rc;

	memset(a, 0, sizeof(*a));
	if (split(s, a->host, sizeof(a->host), &text) == -1 ||
	    parse_port(text, dflt_port, &port) == -1)
		return err_set(e, "%s: not an address like 127.0.0.1:%u", s,
		    (unsigned)dflt_port);
	if (a->host[0] == '\0')
		memcpy(a->host, LISTEN_HOST, sizeof(LISTEN_HOST));
	/* Some systems list ::1 first for localhost; clients use IPv4. */
	if (strcmp(a->host, "localhost") == 0)
		hints.ai_family = AF_INET;
	rc = getaddrinfo(a->host, NULL, &hints, &res);
	if (rc != 0)
		return err_set(e, "%s: %s", s, gai_strerror(rc));
	memcpy(&a->ss, res->ai_addr, res->ai_addrlen);
	a->len = res->ai_addrlen;
	freeaddrinfo(res);
	set_port(a, port);
	return 0;
}

bool
listen_is_loopback(const struct listen_addr *a)
{
	if (a->ss.ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, &a->ss, sizeof(in));
		return ntohl(in.sin_addr.s_addr) >> 24 == 127;
	}
	if (a->ss.ss_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, &a->ss, sizeof(in6));
		return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
	}
	return false;
}

static int
render(const struct sockaddr *sa, socklen_t len, char out[LISTEN_NAME_MAX])
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	bool six = sa->sa_family == AF_INET6;
	int n;

	if (getnameinfo(sa, len, host, sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	n = snprintf(out, LISTEN_NAME_MAX, "%s%s%s:%s", six ? "[" : "", host,
	    six ? "]" : "", port);
	if (n < 0 || n >= LISTEN_NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

int
listen_open(const struct listen_addr *a, struct err *e)
{
	union { const struct sockaddr_storage *ss; const struct sockaddr *sa; }
	    u = { .ss = &a->ss };
	char name[LISTEN_NAME_MAX];
	int fd, one = 1;

	if (render(u.sa, a->len, name) == -1)
		return err_set(e, "%s: %s", a->host, strerror(errno));
	fd = socket(a->ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd == -1)
		return err_set(e, "%s: %s", name, strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1 ||
	    bind(fd, u.sa, a->len) == -1 || listen(fd, LISTEN_BACKLOG) == -1) {
		(void)err_set(e, "%s: %s", name, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/* Did somebody die and leave the socket? Then it goes. */
static void
remove_stale(const struct sockaddr *sa, socklen_t len, const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct stat st;

	if (fd == -1)
		return;
	if (connect(fd, sa, len) == -1 && errno == ECONNREFUSED &&
	    lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);	/* else bind says what is there */
	close(fd);
}

int
listen_unix(const char *path, mode_t mode, struct err *e)
{
	union { struct sockaddr_un un; struct sockaddr sa; } u = { .un = {
	    .sun_family = AF_UNIX } };
	size_t n = strlen(path);
	socklen_t len = (socklen_t)sizeof(u.un);
	mode_t old;
	int fd, rc;

	if (n == 0 || n >= sizeof(u.un.sun_path))
		return err_set(e, "unix:%s: the path must have 1 to %zu bytes",
		    path, sizeof(u.un.sun_path) - 1);
	memcpy(u.un.sun_path, path, n);
	remove_stale(&u.sa, len, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return err_set(e, "unix:%s: %s", path, strerror(errno));
	/* Nobody gets in between bind and chmod. */
	old = umask(0777);
	rc = bind(fd, &u.sa, len);
	(void)umask(old);
	if (rc == -1 || chmod(path, mode) == -1 ||
	    listen(fd, LISTEN_BACKLOG) == -1) {
		(void)err_set(e, "unix:%s: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int
render_unix(const struct sockaddr_un *un, char out[LISTEN_NAME_MAX])
{
	(void)snprintf(out, LISTEN_NAME_MAX, "unix:%s%.*s",
	    un->sun_path[0] == '\0' ? "@" : "", (int)sizeof(un->sun_path) - 1,
	    un->sun_path[0] == '\0' ? un->sun_path + 1 : un->sun_path);
	return 0;
}

int
listen_name(int fd, char out[LISTEN_NAME_MAX])
{
	union { struct sockaddr_storage ss; struct sockaddr sa;
	    struct sockaddr_un un; } u;
	socklen_t len = sizeof(u.ss);

	if (getsockname(fd, &u.sa, &len) == -1)
		return -1;
	if (u.sa.sa_family == AF_UNIX)
		return render_unix(&u.un, out);
	return render(&u.sa, len, out);
}

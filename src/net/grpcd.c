#include "config.h"

#include "net/grpcd.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "net/conns.h"
#include "net/grpcsess.h"
#include "net/tls.h"

#define EVENTS		64
#define READ_TURNS	16		/* blocks of one connection at a time */
#define CONN_SPARE	64

static int64_t
now_of(const struct grpcd *g)
{
	return clock_mono(g->conf.clock);
}

static struct gconn *
gconn_of(struct conn *c)
{
	return (struct gconn *)(void *)c;
}

/* There are no words for it in HTTP/2's own terms: it is just cut. */
static void
on_refuse(void *arg, struct conn *c, unsigned status, const char *why)
{
	(void)arg;
	(void)c;
	(void)status;
	(void)why;
}

static void
close_conn(struct gconn *gc)
{
	struct grpcd *g = gc->g;

	gsess_close(gc);
	conns_remove(&g->conns, &gc->c);
	tls_free(gc->tls);
	close(gc->c.fd);
	buf_fini(&gc->unsent);
	free(gc);
}

/* Asks to be told when the socket takes more, or no longer. */
static int
arm(struct gconn *gc, bool out)
{
	struct epoll_event ev = { .events = EPOLLIN | (out ? EPOLLOUT : 0U),
	    .data.ptr = gc };

	if (gc->armed == out)
		return 0;
	gc->armed = out;
	return epoll_ctl(gc->g->ep, EPOLL_CTL_MOD, gc->c.fd, &ev);
}

static ssize_t
write_some(struct gconn *gc)
{
	if (gc->tls != NULL)
		return tls_send(gc->tls, gc->unsent.p, gc->unsent.n);
	return send(gc->c.fd, gc->unsent.p, gc->unsent.n, MSG_NOSIGNAL);
}

static ssize_t
read_some(struct gconn *gc)
{
	struct grpcd *g = gc->g;

	if (gc->tls != NULL)
		return tls_recv(gc->tls, g->block, sizeof(g->block));
	return recv(gc->c.fd, g->block, sizeof(g->block), 0);
}

/* Sends what can be sent. -1: the connection is of no more use. */
static int
send_out(struct gconn *gc)
{
	const char *p;
	size_t more;
	ssize_t n;

	gc->dirty = false;
	for (;;) {
		/* As much as there is in one go, not frame by frame. */
		while (gc->unsent.n < GRPC_READ_BLOCK) {
			if (gsess_pull(gc, &p, &more) == -1)
				return -1;
			if (more == 0)
				break;
			buf_add(&gc->unsent, p, more);
			if (gc->unsent.err != 0)
				return -1;
		}
		if (gc->unsent.n == 0)
			break;
		n = write_some(gc);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return arm(gc, gc->tls == NULL ||
			    tls_wants_write(gc->tls));
		if (n == -1)
			return -1;
		buf_drop(&gc->unsent, (size_t)n);
	}
	/* After GOAWAY and the last stream nothing is wanted any more. */
	if (gsess_over(gc))
		return -1;
	return arm(gc, false);
}

/* Takes what has come. -1: the connection is of no more use. */
static int
take_in(struct gconn *gc)
{
	struct grpcd *g = gc->g;
	ssize_t n;

	/* What TLS has read already, epoll does not tell of: to the end. */
	for (int i = 0; gc->tls != NULL || i < READ_TURNS; i++) {
		n = read_some(gc);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return -1;
		if (gsess_take(gc, g->block, (size_t)n) == -1) {
			/* What HTTP/2 has to say about it, then the end. */
			(void)send_out(gc);
			return -1;
		}
		if (gc->tls == NULL && (size_t)n < sizeof(g->block))
			return 0;
	}
	return 0;
}

static int
add_conn(struct grpcd *g, int fd)
{
	struct gconn *gc = calloc(1, sizeof(*gc));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = gc };

	if (gc == NULL)
		return -1;
	gc->g = g;
	TAILQ_INIT(&gc->calls);
	if (g->conf.tls != NULL &&
	    (gc->tls = tls_new(g->conf.tls, fd)) == NULL) {
		free(gc);
		return -1;
	}
	if (gsess_open(gc) == -1 ||
	    epoll_ctl(g->ep, EPOLL_CTL_ADD, fd, &ev) == -1) {
		gsess_close(gc);
		tls_free(gc->tls);
		free(gc);
		return -1;
	}
	conns_add(&g->conns, &gc->c, fd, now_of(g));
	gsess_mark(gc);
	return 0;
}

static void
accept_all(struct grpcd *g)
{
	int fd, one = 1;

	while (g->conns.n < g->conf.max_conns + CONN_SPARE) {
		fd = accept4(g->conf.fd, NULL, NULL, SOCK_NONBLOCK |
		    SOCK_CLOEXEC);
		if (fd == -1)
			return;		/* nobody there, or not now */
		/* Answers are small and whole: nothing is worth waiting for. */
		if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof(one)) == -1 && errno != EOPNOTSUPP)
			log_debug("TCP_NODELAY: %s", strerror(errno));
		if (add_conn(g, fd) == -1)
			close(fd);
	}
}

struct grpcd *
grpcd_new(const struct grpcd_conf *conf, struct err *e)
{
	struct grpcd *g = calloc(1, sizeof(*g));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	if (g == NULL) {
		(void)err_set(e, "%s", strerror(errno));
		return NULL;
	}
	g->conf = *conf;
	TAILQ_INIT(&g->conns.list);
	g->conns.max = conf->max_conns;
	g->conns.head_ns = conf->head_ns;
	g->conns.idle_ns = conf->idle_ns;
	g->conns.request_ns = INT64_MAX;	/* calls have their own */
	g->conns.refuse = on_refuse;
	g->ep = epoll_create1(EPOLL_CLOEXEC);
	if (g->ep == -1 ||
	    epoll_ctl(g->ep, EPOLL_CTL_ADD, conf->fd, &ev) == -1) {
		(void)err_set(e, "cannot start the gRPC server: %s",
		    strerror(errno));
		if (g->ep != -1)
			close(g->ep);
		free(g);
		return NULL;
	}
	return g;
}

void
grpcd_free(struct grpcd *g)
{
	struct conn *c;

	if (g == NULL)
		return;
	while ((c = TAILQ_FIRST(&g->conns.list)) != NULL)
		close_conn(gconn_of(c));
	if (!g->quiet)
		close(g->conf.fd);
	close(g->ep);
	free(g);
}

int
grpcd_fd(const struct grpcd *g)
{
	return g->ep;
}

int
grpcd_timeout(const struct grpcd *g)
{
	return g->dirty ? 0 : conns_timeout(&g->conns, now_of(g));
}

/* Calls that have used up their time. */
static void
check_calls(struct grpcd *g, struct gconn *gc, int64_t now)
{
	struct grpcd_req *r, *next;

	TAILQ_FOREACH_SAFE(r, &gc->calls, link, next) {
		int64_t age = now - r->since;

		if (!r->ended && !r->replied && age >= g->conf.request_ns)
			gsess_fail(r, GRPC_DEADLINE_EXCEEDED,
			    "the request took too long");
		else if (r->replied && age >= 2 * g->conf.request_ns)
			gsess_cancel(r);
	}
}

/* All that is due: deadlines, then what became ready to be sent. */
static void
tend(struct grpcd *g)
{
	int64_t now = now_of(g);
	bool due = now >= g->conns.tick;
	struct conn *c, *next;

	conns_check(&g->conns, now);
	if (!due && !g->dirty)
		return;
	TAILQ_FOREACH_SAFE(c, &g->conns.list, link, next)
		if (due)
			check_calls(g, gconn_of(c), now);
	g->dirty = false;
	TAILQ_FOREACH_SAFE(c, &g->conns.list, link, next)
		if (gconn_of(c)->dirty && send_out(gconn_of(c)) == -1)
			close_conn(gconn_of(c));
}

int
grpcd_run(struct grpcd *g, struct err *e)
{
	struct epoll_event ev[EVENTS];
	struct gconn *gc;
	int n;

	n = epoll_wait(g->ep, ev, EVENTS, 0);
	if (n == -1 && errno != EINTR)
		return err_set(e, "the gRPC server failed: %s",
		    strerror(errno));
	for (int i = 0; i < n; i++) {
		gc = ev[i].data.ptr;
		if (gc == NULL)
			accept_all(g);
		else if (take_in(gc) == -1)
			close_conn(gc);
		else
			gsess_mark(gc);
	}
	tend(g);
	return 0;
}

void
grpcd_quiesce(struct grpcd *g)
{
	struct conn *c;

	if (g->quiet)
		return;
	g->quiet = true;
	(void)epoll_ctl(g->ep, EPOLL_CTL_DEL, g->conf.fd, NULL);
	close(g->conf.fd);
	TAILQ_FOREACH(c, &g->conns.list, link)
		gsess_goaway(gconn_of(c));
}

size_t
grpcd_busy(const struct grpcd *g)
{
	return g->nbusy;
}

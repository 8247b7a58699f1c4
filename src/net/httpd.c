#include "config.h"

#include "net/httpd.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"

#define TICK_NS		(CLOCK_S / 4)	/* how exact the deadlines are */
#define RATE_NS		(10 * CLOCK_S)	/* the rate is averaged over this */
#define CONN_SPARE	64		/* being closed, over max_conns */
#define REPLY_MAX	((size_t)1 << 20)

enum conn_state {
	CONN_FRESH,	/* no request yet */
	CONN_IDLE,	/* between requests */
	CONN_HEAD,	/* request line seen */
	CONN_BODY,	/* begin was called */
	CONN_WAIT,	/* suspended until httpd_reply */
	CONN_SEND,	/* the answer is the library's */
	CONN_CUT	/* shut down, the library will notice */
};

/* One connection and, since HTTP/1 has one at a time, its request. */
struct httpd_req {
	TAILQ_ENTRY(httpd_req)	 link;
	struct httpd		*h;
	struct MHD_Connection	*mc;
	enum conn_state		 state;
	int64_t			 since;		/* of the state's deadline */
	int64_t			 rate_at;	/* next look at the rate */
	uint64_t		 rate_got;	/* body bytes since the last */
	uint64_t		 drained;
	const char		*method, *path, *version;
	void			*own;
	bool			 begun;
	bool			 replied;
	unsigned		 status;
	const char		*type, *allow;
	int			 retry_after;
	struct buf		 body;
};

TAILQ_HEAD(conns, httpd_req);

struct httpd {
	struct httpd_conf	 conf;
	struct MHD_Daemon	*mhd;
	struct conns		 conns;		/* least recently used first */
	size_t			 nconns, nbusy;
	uint64_t		 accepted, cut;
	int64_t			 tick;
	bool			 quiet;
};

static int64_t
now_of(const struct httpd *h)
{
	return clock_mono(h->conf.clock);
}

static int
fd_of(const struct httpd_req *r)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(r->mc,
	    MHD_CONNECTION_INFO_CONNECTION_FD);

	return i != NULL ? i->connect_fd : -1;
}

/*
 * The library has no call to end a connection from outside; a socket that was
 * shut down makes it do so.
 */
static void
cut(struct httpd_req *r)
{
	int fd = fd_of(r);

	if (r->state == CONN_CUT)
		return;
	r->state = CONN_CUT;
	r->h->cut++;
	if (fd != -1 && shutdown(fd, SHUT_RDWR) == -1 && errno != ENOTCONN)
		log_debug("cannot shut a connection down: %s",
		    strerror(errno));
}

/*
 * Answers in the middle of a body, where the library would not, and cuts. The
 * answer is a courtesy: it is lost if the socket cannot take it at once.
 */
static void
reply_and_cut(struct httpd_req *r)
{
	struct buf head = { 0 };
	const char *p;
	int fd = fd_of(r);

	if (r->replied && fd != -1) {
		buf_addf(&head, "HTTP/1.1 %u %s\r\nConnection: close\r\n",
		    r->status, MHD_get_reason_phrase_for(r->status));
		if (r->type != NULL)
			buf_addf(&head, "Content-Type: %s\r\n", r->type);
		buf_addf(&head, "Content-Length: %zu\r\n\r\n", r->body.n);
		buf_add(&head, r->body.p, r->body.n);
		p = buf_cstr(&head);
		if (send(fd, p, head.n, MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
			log_debug("a refusal could not be sent: %s",
			    strerror(errno));
		buf_fini(&head);
	}
	cut(r);
}

static void
refuse_and_cut(struct httpd_req *r, unsigned status, const char *why)
{
	if (!r->replied)
		r->h->conf.ops->refuse(r->h->conf.arg, r, status, why);
	reply_and_cut(r);
}

/* The connection that is least of use: idle the longest, else the oldest. */
static void
make_room(struct httpd *h)
{
	struct httpd_req *r, *oldest = NULL;

	TAILQ_FOREACH(r, &h->conns, link) {
		if (r->state == CONN_FRESH || r->state == CONN_IDLE) {
			cut(r);
			return;
		}
		if (oldest == NULL && (r->state == CONN_HEAD ||
		    r->state == CONN_BODY))
			oldest = r;
	}
	if (oldest != NULL)
		refuse_and_cut(oldest, MHD_HTTP_SERVICE_UNAVAILABLE,
		    "too many connections");
}

static void
on_connection(void *cls, struct MHD_Connection *mc, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct httpd *h = cls;
	struct httpd_req *r = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		r = calloc(1, sizeof(*r));
		*context = r;
		if (r == NULL)
			return;		/* its requests are turned away */
		r->h = h;
		r->mc = mc;
		r->since = now_of(h);
		buf_init(&r->body, REPLY_MAX);
		TAILQ_INSERT_TAIL(&h->conns, r, link);
		h->accepted++;
		if (++h->nconns > h->conf.max_conns)
			make_room(h);
	} else if (r != NULL) {
		TAILQ_REMOVE(&h->conns, r, link);
		h->nconns--;
		buf_fini(&r->body);
		free(r);
		*context = NULL;
	}
}

/* The request line is there: from now on the request's deadline counts. */
static void *
on_uri(void *cls, const char *uri, struct MHD_Connection *mc)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(mc,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct httpd_req *r = i != NULL ? i->socket_context : NULL;

	(void)cls;
	(void)uri;
	if (r != NULL && r->state != CONN_CUT) {
		r->state = CONN_HEAD;
		r->since = now_of(r->h);
	}
	return r;
}

static enum MHD_Result
add_header(struct MHD_Response *resp, const char *name, const char *value)
{
	if (value == NULL)
		return MHD_YES;
	return MHD_add_response_header(resp, name, value);
}

/* Hands the stored answer to the library. */
static enum MHD_Result
queue(struct httpd_req *r)
{
	struct MHD_Response *resp;
	enum MHD_Result res = MHD_YES;
	char after[16];

	resp = MHD_create_response_from_buffer(r->body.n, r->body.p,
	    MHD_RESPMEM_MUST_COPY);
	if (resp == NULL)
		return MHD_NO;
	(void)snprintf(after, sizeof(after), "%d", r->retry_after);
	if (add_header(resp, MHD_HTTP_HEADER_CONTENT_TYPE, r->type) != MHD_YES ||
	    add_header(resp, MHD_HTTP_HEADER_ALLOW, r->allow) != MHD_YES ||
	    add_header(resp, MHD_HTTP_HEADER_RETRY_AFTER,
	    r->retry_after > 0 ? after : NULL) != MHD_YES ||
	    add_header(resp, MHD_HTTP_HEADER_CONNECTION,
	    r->h->quiet ? "close" : NULL) != MHD_YES)
		res = MHD_NO;
	if (res == MHD_YES)
		res = MHD_queue_response(r->mc, r->status, resp);
	MHD_destroy_response(resp);
	if (r->state != CONN_CUT) {
		r->state = CONN_SEND;
		r->since = now_of(r->h);
	}
	return res;
}

/*
 * An answer given before the body came. A client that waits for "continue",
 * or announces more than we want to throw away, hears it at once and the
 * connection ends; others send their body first.
 */
static bool
at_once(const struct httpd_req *r)
{
	return httpd_header(r, MHD_HTTP_HEADER_EXPECT) != NULL ||
	    httpd_length(r) > r->h->conf.drain_bytes;
}

static enum MHD_Result
first_call(struct httpd_req *r, const char *method, const char *path,
    const char *version)
{
	const struct httpd_conf *c = &r->h->conf;
	const char *te;

	r->begun = true;
	r->method = method;
	r->path = path;
	r->version = version;
	r->own = NULL;
	r->replied = false;
	r->drained = 0;
	r->rate_got = 0;
	r->rate_at = now_of(r->h) + RATE_NS;
	r->h->nbusy++;
	if (r->state == CONN_CUT)
		return MHD_NO;
	r->state = CONN_BODY;
	TAILQ_REMOVE(&r->h->conns, r, link);
	TAILQ_INSERT_TAIL(&r->h->conns, r, link);
	te = httpd_header(r, MHD_HTTP_HEADER_TRANSFER_ENCODING);
	c->ops->begin(c->arg, r);
	/* Its end could not be told: nothing behind it can be trusted. */
	if (te != NULL && strcasecmp(te, "chunked") != 0) {
		refuse_and_cut(r, MHD_HTTP_NOT_IMPLEMENTED,
		    "this Transfer-Encoding is not understood");
		return MHD_NO;
	}
	if (r->replied && at_once(r))
		return queue(r);
	return MHD_YES;
}

static enum MHD_Result
body_call(struct httpd_req *r, const char *p, size_t n)
{
	const struct httpd_conf *c = &r->h->conf;

	r->rate_got += n;
	if (!r->replied) {
		c->ops->body(c->arg, r, p, n);
		return MHD_YES;
	}
	r->drained += n;
	if (r->drained > (uint64_t)c->drain_bytes) {
		reply_and_cut(r);
		return MHD_NO;
	}
	return MHD_YES;
}

static enum MHD_Result
last_call(struct httpd_req *r)
{
	const struct httpd_conf *c = &r->h->conf;

	if (!r->replied)
		c->ops->end(c->arg, r);
	if (r->replied)
		return queue(r);
	r->state = CONN_WAIT;
	MHD_suspend_connection(r->mc);
	return MHD_YES;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *mc, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **con_cls)
{
	struct httpd_req *r = *con_cls;
	enum MHD_Result res;

	(void)cls;
	(void)mc;
	if (r == NULL)
		return MHD_NO;		/* out of memory when it connected */
	if (!r->begun)
		return first_call(r, method, url, version);
	if (r->state == CONN_CUT)
		return MHD_NO;
	if (*size == 0)
		return last_call(r);
	res = body_call(r, data, *size);
	*size = 0;
	return res;
}

static void
on_done(void *cls, struct MHD_Connection *mc, void **con_cls,
    enum MHD_RequestTerminationCode how)
{
	struct httpd_req *r = *con_cls;
	struct httpd *h = cls;

	(void)mc;
	*con_cls = NULL;
	if (r == NULL)
		return;
	if (r->begun) {
		h->nbusy--;
		h->conf.ops->done(h->conf.arg, r, r->replied &&
		    how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	}
	r->begun = false;
	r->own = NULL;
	buf_fini(&r->body);
	if (r->state == CONN_CUT)
		return;
	r->state = CONN_IDLE;
	r->since = now_of(h);
	TAILQ_REMOVE(&h->conns, r, link);
	TAILQ_INSERT_TAIL(&h->conns, r, link);
}

static void on_log(void *cls, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
on_log(void *cls, const char *fmt, va_list ap)
{
	char text[256];
	int n;

	(void)cls;
	n = vsnprintf(text, sizeof(text), fmt, ap);
	if (n <= 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	log_debug("microhttpd: %s", text);
}

struct httpd *
httpd_new(const struct httpd_conf *conf, struct err *e)
{
	struct httpd *h = calloc(1, sizeof(*h));

	if (h == NULL) {
		(void)err_set(e, "%s", strerror(errno));
		return NULL;
	}
	h->conf = *conf;
	TAILQ_INIT(&h->conns);
	h->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO | MHD_USE_ITC |
	    MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
	    on_request, h,
	    MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, conf->fd,
	    MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)(conf->max_conns + CONN_SPARE),
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, conf->max_header,
	    MHD_OPTION_CONNECTION_TIMEOUT, 0U,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_done, h,
	    MHD_OPTION_END);
	if (h->mhd == NULL) {
		(void)err_set(e, "cannot start the HTTP server: %s",
		    strerror(errno));
		free(h);
		return NULL;
	}
	h->tick = now_of(h) + TICK_NS;
	return h;
}

void
httpd_free(struct httpd *h)
{
	if (h == NULL)
		return;
	MHD_stop_daemon(h->mhd);
	free(h);
}

int
httpd_fd(const struct httpd *h)
{
	const union MHD_DaemonInfo *i = MHD_get_daemon_info(h->mhd,
	    MHD_DAEMON_INFO_EPOLL_FD);

	return i != NULL ? i->epoll_fd : -1;
}

int
httpd_timeout(const struct httpd *h)
{
	MHD_UNSIGNED_LONG_LONG ms;
	int tick = -1;

	if (h->nconns > 0) {
		int64_t left = h->tick - now_of(h);

		tick = left > 0 ? (int)(left / CLOCK_MS) + 1 : 0;
	}
	if (MHD_get_timeout(h->mhd, &ms) == MHD_YES &&
	    (tick == -1 || ms < (MHD_UNSIGNED_LONG_LONG)tick))
		return ms < 60000 ? (int)ms : 60000;
	return tick;
}

/* Has the connection used up its time? Tells the client where it can. */
static void
check(struct httpd_req *r, int64_t now)
{
	const struct httpd_conf *c = &r->h->conf;

	switch (r->state) {
	case CONN_FRESH:
		if (now - r->since >= c->head_ns)
			cut(r);
		break;
	case CONN_IDLE:
		if (now - r->since >= c->idle_ns)
			cut(r);
		break;
	case CONN_HEAD:
	case CONN_SEND:
		if (now - r->since >= c->request_ns)
			cut(r);
		break;
	case CONN_BODY:
		if (now - r->since >= c->request_ns) {
			refuse_and_cut(r, MHD_HTTP_REQUEST_TIMEOUT,
			    "the request took too long");
		} else if (now >= r->rate_at) {
			if (r->rate_got < (uint64_t)(c->rate_bytes *
			    (RATE_NS / CLOCK_S)))
				refuse_and_cut(r, MHD_HTTP_REQUEST_TIMEOUT,
				    "the body comes too slowly");
			r->rate_got = 0;
			r->rate_at = now + RATE_NS;
		}
		break;
	case CONN_WAIT:
	case CONN_CUT:
		break;
	}
}

int
httpd_run(struct httpd *h, struct err *e)
{
	struct httpd_req *r, *next;
	int64_t now;

	if (MHD_run(h->mhd) != MHD_YES)
		return err_set(e, "the HTTP server failed: %s",
		    strerror(errno));
	now = now_of(h);
	if (now < h->tick)
		return 0;
	h->tick = now + TICK_NS;
	TAILQ_FOREACH_SAFE(r, &h->conns, link, next)
		check(r, now);
	return 0;
}

void
httpd_quiesce(struct httpd *h)
{
	MHD_socket fd;

	if (h->quiet)
		return;
	h->quiet = true;
	fd = MHD_quiesce_daemon(h->mhd);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
}

size_t
httpd_conns(const struct httpd *h)
{
	return h->nconns;
}

size_t
httpd_busy(const struct httpd *h)
{
	return h->nbusy;
}

uint64_t
httpd_accepted(const struct httpd *h)
{
	return h->accepted;
}

uint64_t
httpd_cut(const struct httpd *h)
{
	return h->cut;
}

const char *
httpd_method(const struct httpd_req *r)
{
	return r->method;
}

const char *
httpd_path(const struct httpd_req *r)
{
	return r->path;
}

const char *
httpd_version(const struct httpd_req *r)
{
	return r->version;
}

const char *
httpd_header(const struct httpd_req *r, const char *name)
{
	return MHD_lookup_connection_value(r->mc, MHD_HEADER_KIND, name);
}

int64_t
httpd_length(const struct httpd_req *r)
{
	const char *s = httpd_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);
	char *end;
	long long v;

	if (s == NULL ||
	    httpd_header(r, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL)
		return -1;
	errno = 0;
	v = strtoll(s, &end, 10);
	return errno == 0 && end != s && v >= 0 ? (int64_t)v : INT64_MAX;
}

void
httpd_set(struct httpd_req *r, void *own)
{
	r->own = own;
}

void *
httpd_get(const struct httpd_req *r)
{
	return r->own;
}

void
httpd_reply(struct httpd_req *r, const struct httpd_reply *reply)
{
	if (r->replied)
		return;
	r->replied = true;
	r->status = reply->status;
	r->type = reply->type;
	r->allow = reply->allow;
	r->retry_after = reply->retry_after;
	buf_reset(&r->body);
	buf_add(&r->body, reply->body, reply->n);
	if (r->state == CONN_WAIT) {
		r->state = CONN_SEND;
		r->since = now_of(r->h);
		MHD_resume_connection(r->mc);
	}
}

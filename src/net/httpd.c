#include "config.h"

#include "net/httpd.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "net/conns.h"

#define CONN_SPARE	64		/* being closed, over max_conns */
#define REPLY_MAX	((size_t)1 << 20)
#define TIMEOUT_MAX	60000		/* ms */

/* One connection and, since HTTP/1 has one at a time, its request. */
struct httpd_req {
	struct conn		 c;		/* first: see req_of */
	struct httpd		*h;
	struct MHD_Connection	*mc;
	uint64_t		 drained;
	const char		*method, *path;
	void			*own;
	bool			 begun;
};

struct httpd {
	struct httpd_conf	 conf;
	struct MHD_Daemon	*mhd;
	struct conns		 conns;
	size_t			 nbusy;
	bool			 quiet;
};

static int64_t
now_of(const struct httpd *h)
{
	return clock_mono(h->conf.clock);
}

static struct httpd_req *
req_of(struct conn *c)
{
	return (struct httpd_req *)(void *)c;
}

static void
on_refuse(void *arg, struct conn *c, unsigned status, const char *why)
{
	struct httpd *h = arg;

	h->conf.ops->refuse(h->conf.arg, req_of(c), status, why);
}

/*
 * Epoll tells the library of a shutdown once at most; where that has passed
 * (the peer was gone before), its own time-out ends it: setting cannot fail.
 */
static void
on_ended(void *arg, struct conn *c)
{
	(void)arg;
	(void)MHD_set_connection_option(req_of(c)->mc,
	    MHD_CONNECTION_OPTION_TIMEOUT, 1U);
}

static void
on_connection(void *cls, struct MHD_Connection *mc, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct httpd *h = cls;
	struct httpd_req *r = *context;
	const union MHD_ConnectionInfo *i;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		r = calloc(1, sizeof(*r));
		*context = r;
		if (r == NULL)
			return;		/* its requests are turned away */
		r->h = h;
		r->mc = mc;
		buf_init(&r->c.body, REPLY_MAX);
		i = MHD_get_connection_info(mc,
		    MHD_CONNECTION_INFO_CONNECTION_FD);
		conns_add(&h->conns, &r->c, i != NULL ? i->connect_fd : -1,
		    now_of(h));
	} else if (r != NULL) {
		conns_remove(&h->conns, &r->c);
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
	if (r != NULL)
		conns_enter(&r->h->conns, &r->c, CONN_HEAD, now_of(r->h));
	return r;
}

static enum MHD_Result
add_header(struct MHD_Response *resp, const char *name, const char *value)
{
	if (value == NULL)
		return MHD_YES;
	return MHD_add_response_header(resp, name, value);
}

static enum MHD_Result
queue(struct httpd_req *r)
{
	struct MHD_Response *resp;
	enum MHD_Result res = MHD_YES;
	char after[16];

	resp = MHD_create_response_from_buffer(r->c.body.n, r->c.body.p,
	    MHD_RESPMEM_MUST_COPY);
	if (resp == NULL)
		return MHD_NO;
	(void)snprintf(after, sizeof(after), "%d", r->c.retry_after);
	if (add_header(resp, MHD_HTTP_HEADER_CONTENT_TYPE, r->c.type) != MHD_YES ||
	    add_header(resp, MHD_HTTP_HEADER_ALLOW, r->c.allow) != MHD_YES ||
	    add_header(resp, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
	    r->c.challenge) != MHD_YES ||
	    add_header(resp, MHD_HTTP_HEADER_RETRY_AFTER,
	    r->c.retry_after > 0 ? after : NULL) != MHD_YES ||
	    add_header(resp, MHD_HTTP_HEADER_CONNECTION,
	    r->h->quiet ? "close" : NULL) != MHD_YES)
		res = MHD_NO;
	if (res == MHD_YES)
		res = MHD_queue_response(r->mc, r->c.status, resp);
	MHD_destroy_response(resp);
	conns_enter(&r->h->conns, &r->c, CONN_SEND, now_of(r->h));
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
count_length(void *cls, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	unsigned *n = cls;

	(void)kind;
	(void)value;
	*n += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
	return MHD_YES;
}

static enum MHD_Result
first_call(struct httpd_req *r, const char *method, const char *path)
{
	const struct httpd_conf *c = &r->h->conf;
	unsigned lengths = 0;
	const char *te;

	r->begun = true;
	r->method = method;
	r->path = path;
	r->own = NULL;
	r->c.replied = false;
	r->drained = 0;
	r->h->nbusy++;
	if (r->c.state == CONN_CUT)
		return MHD_NO;
	conns_enter(&r->h->conns, &r->c, CONN_BODY, now_of(r->h));
	te = httpd_header(r, MHD_HTTP_HEADER_TRANSFER_ENCODING);
	c->ops->begin(c->arg, r);
	/* Its end could not be told: nothing behind it can be trusted. */
	if (te != NULL && strcasecmp(te, "chunked") != 0) {
		conns_refuse(&r->h->conns, &r->c, MHD_HTTP_NOT_IMPLEMENTED,
		    "this Transfer-Encoding is not understood");
		return MHD_NO;
	}
	(void)MHD_get_connection_values(r->mc, MHD_HEADER_KIND, count_length,
	    &lengths);
	/* Somebody in between may have read the other one (RFC 9112, 6.3). */
	if (lengths > 1) {
		conns_refuse(&r->h->conns, &r->c, MHD_HTTP_BAD_REQUEST,
		    "more than one Content-Length");
		return MHD_NO;
	}
	if (r->c.replied && at_once(r))
		return queue(r);
	return MHD_YES;
}

static enum MHD_Result
body_call(struct httpd_req *r, const char *p, size_t n)
{
	const struct httpd_conf *c = &r->h->conf;

	r->c.rate_got += n;
	if (!r->c.replied) {
		c->ops->body(c->arg, r, p, n);
		return MHD_YES;
	}
	r->drained += n;
	if (r->drained > (uint64_t)c->drain_bytes) {
		conns_refuse(&r->h->conns, &r->c, MHD_HTTP_CONTENT_TOO_LARGE,
		    "");
		return MHD_NO;
	}
	return MHD_YES;
}

static enum MHD_Result
last_call(struct httpd_req *r)
{
	const struct httpd_conf *c = &r->h->conf;

	if (!r->c.replied)
		c->ops->end(c->arg, r);
	if (r->c.replied)
		return queue(r);
	conns_enter(&r->h->conns, &r->c, CONN_WAIT, now_of(r->h));
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
	(void)version;
	if (r == NULL)
		return MHD_NO;		/* out of memory when it connected */
	if (!r->begun)
		return first_call(r, method, url);
	if (r->c.state == CONN_CUT)
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
		h->conf.ops->done(h->conf.arg, r, r->c.replied &&
		    how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	}
	r->begun = false;
	r->own = NULL;
	r->c.replied = false;
	buf_fini(&r->c.body);
	conns_enter(&h->conns, &r->c, CONN_IDLE, now_of(h));
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

static struct MHD_Daemon *
start_daemon(struct httpd *h)
{
	const struct httpd_conf *c = &h->conf;
	union { const char *c; void *v; } cert = { c->tls_cert },
	    key = { c->tls_key };
	static char priority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	const struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, cert.v },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, key.v },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, priority },
		{ MHD_OPTION_END, 0, NULL },
	};

	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO | MHD_USE_ITC |
	    MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
	    (h->conns.sealed ? (unsigned)MHD_USE_TLS : 0U), 0, NULL, NULL,
	    on_request, h,
	    MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, c->fd,
	    MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)(c->max_conns + CONN_SPARE),
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, c->max_header,
	    MHD_OPTION_CONNECTION_TIMEOUT, 0U,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_done, h,
	    MHD_OPTION_ARRAY, h->conns.sealed ? tls : tls + 3,
	    MHD_OPTION_END);
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
	TAILQ_INIT(&h->conns.list);
	h->conns.max = conf->max_conns;
	h->conns.head_ns = conf->head_ns;
	h->conns.idle_ns = conf->idle_ns;
	h->conns.request_ns = conf->request_ns;
	h->conns.rate_bytes = conf->rate_bytes;
	h->conns.refuse = on_refuse;
	h->conns.ended = on_ended;
	h->conns.arg = h;
	h->conns.sealed = conf->tls_cert != NULL;
	h->mhd = start_daemon(h);
	if (h->mhd == NULL) {
		(void)err_set(e, "cannot start the HTTP server: %s",
		    strerror(errno));
		free(h);
		return NULL;
	}
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
	int tick = conns_timeout(&h->conns, now_of(h));
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(h->mhd, &ms) == MHD_YES &&
	    (tick == -1 || ms < (MHD_UNSIGNED_LONG_LONG)tick))
		return ms < TIMEOUT_MAX ? (int)ms : TIMEOUT_MAX;
	return tick;
}

int
httpd_run(struct httpd *h, struct err *e)
{
	if (MHD_run(h->mhd) != MHD_YES)
		return err_set(e, "the HTTP server failed: %s",
		    strerror(errno));
	conns_check(&h->conns, now_of(h));
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
	return h->conns.n;
}

size_t
httpd_busy(const struct httpd *h)
{
	return h->nbusy;
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
	if (r->c.replied)
		return;
	r->c.replied = true;
	r->c.status = reply->status;
	r->c.type = reply->type;
	r->c.allow = reply->allow;
	r->c.retry_after = reply->retry_after;
	r->c.challenge = reply->challenge;
	buf_reset(&r->c.body);
	buf_add(&r->c.body, reply->body, reply->n);
	if (r->c.state == CONN_WAIT) {
		conns_enter(&r->h->conns, &r->c, CONN_SEND, now_of(r->h));
		MHD_resume_connection(r->mc);
	}
}

#include "config.h"

#include "net/grpcsess.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

#define STREAMS_MAX	100
#define STREAM_WINDOW	(1 << 20)
#define CONN_WINDOW	(4 << 20)

static int64_t
now_of(const struct grpcd *g)
{
	return clock_mono(g->conf.clock);
}

void
gsess_mark(struct gconn *gc)
{
	gc->dirty = true;
	gc->g->dirty = true;
}

static nghttp2_nv
nv(const char *name, const char *value, size_t n)
{
	union { const char *c; uint8_t *u; } a = { .c = name },
	    b = { .c = value };

	return (nghttp2_nv){ a.u, b.u, strlen(name), n, NGHTTP2_NV_FLAG_NONE };
}

/* The message, then the trailers end the stream. */
static ssize_t
read_answer(nghttp2_session *s, int32_t id, uint8_t *p, size_t n,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct grpcd_req *r = source->ptr;
	nghttp2_nv t[GRPC_TRAILERS_MAX];
	size_t got = grpccall_read(r, p, n);

	(void)arg;
	if (r->out_off < r->out.n)
		return (ssize_t)got;
	*flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
	for (size_t i = 0; i < r->ntrailers; i++)
		t[i] = nv(r->trailer[i].name, r->trailer[i].value,
		    r->trailer[i].n);
	if (nghttp2_submit_trailer(s, id, t, r->ntrailers) != 0)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	return (ssize_t)got;
}

void
grpcd_reply(struct grpcd_req *r, const struct grpcd_reply *reply)
{
	const nghttp2_data_provider body = { { .ptr = r }, read_answer };
	nghttp2_nv h[2 + GRPC_TRAILERS_MAX] = { nv(":status", "200", 3),
	    nv("content-type", "application/grpc", 16) };
	struct gconn *gc = r->conn;
	size_t n = 2;

	if (r->replied)
		return;
	if (grpccall_answer(r, reply) == -1) {
		conns_cut(&gc->g->conns, &gc->c);
		return;
	}
	/* Without a message the trailers are in the head. */
	for (size_t i = 0; i < r->ntrailers && r->out.n == 0; i++)
		h[n++] = nv(r->trailer[i].name, r->trailer[i].value,
		    r->trailer[i].n);
	if (nghttp2_submit_response(gc->s, r->id, h, n, r->out.n > 0 ? &body :
	    NULL) != 0)
		conns_cut(&gc->g->conns, &gc->c);
	gsess_mark(gc);
}

/* What is no gRPC call gets a plain HTTP status. */
static void
http_error(struct grpcd_req *r, const char *status)
{
	nghttp2_nv h = nv(":status", status, 3);

	r->replied = true;
	if (nghttp2_submit_response(r->conn->s, r->id, &h, 1, NULL) != 0)
		conns_cut(&r->conn->g->conns, &r->conn->c);
	gsess_mark(r->conn);
}

void
gsess_fail(struct grpcd_req *r, enum grpc_code code, const char *why)
{
	struct gconn *gc = r->conn;
	const struct grpcd_conf *c = &gc->g->conf;
	struct grpcd_reply reply = { .code = code, .message = why };

	if (r->replied)
		return;
	if (r->begun)
		c->ops->refused(c->arg, r, code, why);
	grpcd_reply(r, &reply);
}

static int
on_begin_headers(nghttp2_session *s, const nghttp2_frame *f, void *arg)
{
	struct gconn *gc = arg;
	struct grpcd_req *r;

	if (f->hd.type != NGHTTP2_HEADERS ||
	    f->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	r->conn = gc;
	r->id = f->hd.stream_id;
	r->since = now_of(gc->g);
	if (nghttp2_session_set_stream_user_data(s, r->id, r) != 0) {
		free(r);
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	}
	TAILQ_INSERT_TAIL(&gc->calls, r, link);
	gc->ncalls++;
	conns_enter(&gc->g->conns, &gc->c, CONN_BODY, r->since);
	return 0;
}

static int
on_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *name,
    size_t nlen, const uint8_t *value, size_t vlen, uint8_t flags, void *arg)
{
	struct grpcd_req *r = nghttp2_session_get_stream_user_data(s,
	    f->hd.stream_id);

	(void)flags;
	(void)arg;
	if (r == NULL)
		return 0;
	/* A bomb of headers: this stream is reset, the others go on. */
	return grpccall_header(r, (const char *)name, nlen,
	    (const char *)value, vlen) == 0 ? 0 :
	    NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void
begin_call(struct grpcd_req *r)
{
	struct gconn *gc = r->conn;
	const struct grpcd_conf *c = &gc->g->conf;

	if (r->begun || r->replied)
		return;
	if (!r->post || !r->grpc) {
		http_error(r, r->post ? "415" : "405");
		return;
	}
	r->begun = true;
	gc->g->nbusy++;
	c->ops->begin(c->arg, r);
	if (!r->replied && gc->g->quiet)
		gsess_fail(r, GRPC_UNAVAILABLE, "the server is stopping");
}

static void
end_call(struct grpcd_req *r)
{
	const struct grpcd_conf *c = &r->conn->g->conf;

	r->ended = true;
	if (r->replied || !r->begun)
		return;
	if (!grpcmsg_whole(&r->msg))
		gsess_fail(r, GRPC_INVALID_ARGUMENT, "the message is not whole");
	else
		c->ops->end(c->arg, r);
}

static int
on_frame_recv(nghttp2_session *s, const nghttp2_frame *f, void *arg)
{
	struct grpcd_req *r;

	(void)arg;
	if (f->hd.type != NGHTTP2_HEADERS && f->hd.type != NGHTTP2_DATA)
		return 0;
	r = nghttp2_session_get_stream_user_data(s, f->hd.stream_id);
	if (r == NULL)
		return 0;
	if (f->hd.type == NGHTTP2_HEADERS)
		begin_call(r);
	if ((f->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
		end_call(r);
	return 0;
}

static int
on_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *data,
    size_t n, void *arg)
{
	struct gconn *gc = arg;
	const struct grpcd_conf *c = &gc->g->conf;
	struct grpcd_req *r = nghttp2_session_get_stream_user_data(s, id);
	const char *p = (const char *)data;

	(void)flags;
	if (r == NULL || r->replied)
		return 0;
	switch (grpcmsg_take(&r->msg, &p, &n, c->max_message)) {
	case GRPCMSG_OK:
		break;
	case GRPCMSG_BAD_FLAGS:
		gsess_fail(r, GRPC_INTERNAL, "bad flags of a message");
		return 0;
	case GRPCMSG_TOO_LONG:
		gsess_fail(r, GRPC_RESOURCE_EXHAUSTED,
		    "the message is over the limit (--max-body)");
		return 0;
	case GRPCMSG_SECOND:
		gsess_fail(r, GRPC_UNIMPLEMENTED, "one message is enough");
		return 0;
	}
	if (r->msg.packed && r->encoding[0] == '\0') {
		gsess_fail(r, GRPC_INTERNAL, "packed, but grpc-encoding is missing");
		return 0;
	}
	if (n > 0)
		c->ops->body(c->arg, r, p, n);
	return 0;
}

static void
drop_call(struct grpcd_req *r)
{
	struct gconn *gc = r->conn;
	struct grpcd *g = gc->g;

	if (r->begun) {
		g->nbusy--;
		g->conf.ops->done(g->conf.arg, r, r->sent);
	}
	TAILQ_REMOVE(&gc->calls, r, link);
	if (--gc->ncalls == 0)
		conns_enter(&g->conns, &gc->c, CONN_IDLE, now_of(g));
	grpccall_fini(r);
	free(r);
}

static int
on_stream_close(nghttp2_session *s, int32_t id, uint32_t error, void *arg)
{
	struct grpcd_req *r = nghttp2_session_get_stream_user_data(s, id);

	(void)arg;
	(void)error;
	if (r != NULL)
		drop_call(r);
	return 0;
}

static int
on_frame_send(nghttp2_session *s, const nghttp2_frame *f, void *arg)
{
	struct grpcd_req *r;

	(void)arg;
	if ((f->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
		return 0;
	r = nghttp2_session_get_stream_user_data(s, f->hd.stream_id);
	if (r == NULL)
		return 0;
	r->sent = true;
	/* The rest of a body that has been refused need not come. */
	if (!r->ended)
		(void)nghttp2_submit_rst_stream(s, NGHTTP2_FLAG_NONE, r->id,
		    NGHTTP2_NO_ERROR);
	return 0;
}

int
gsess_open(struct gconn *gc)
{
	const nghttp2_settings_entry set[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, GRPC_HEADERS_MAX },
	};
	nghttp2_session_callbacks *cb;
	nghttp2_session *s = NULL;

	if (nghttp2_session_callbacks_new(&cb) != 0)
		return -1;
	nghttp2_session_callbacks_set_on_begin_headers_callback(cb,
	    on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb,
	    on_frame_recv);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb,
	    on_stream_close);
	nghttp2_session_callbacks_set_on_frame_send_callback(cb,
	    on_frame_send);
	if (nghttp2_session_server_new(&s, cb, gc) == 0 &&
	    (nghttp2_submit_settings(s, NGHTTP2_FLAG_NONE, set,
	    sizeof(set) / sizeof(set[0])) != 0 ||
	    nghttp2_session_set_local_window_size(s, NGHTTP2_FLAG_NONE, 0,
	    CONN_WINDOW) != 0)) {
		nghttp2_session_del(s);
		s = NULL;
	}
	nghttp2_session_callbacks_del(cb);
	gc->s = s;
	return s != NULL ? 0 : -1;
}

void
gsess_close(struct gconn *gc)
{
	struct grpcd_req *r;

	while ((r = TAILQ_FIRST(&gc->calls)) != NULL)
		drop_call(r);
	nghttp2_session_del(gc->s);
	gc->s = NULL;
}

int
gsess_take(struct gconn *gc, const char *p, size_t n)
{
	return nghttp2_session_mem_recv(gc->s, (const uint8_t *)p, n) < 0 ?
	    -1 : 0;
}

int
gsess_pull(struct gconn *gc, const char **p, size_t *n)
{
	const uint8_t *u = NULL;
	ssize_t got = nghttp2_session_mem_send(gc->s, &u);

	if (got < 0)
		return -1;
	*p = (const char *)u;
	*n = (size_t)got;
	return 0;
}

bool
gsess_over(const struct gconn *gc)
{
	return nghttp2_session_want_read(gc->s) == 0 &&
	    nghttp2_session_want_write(gc->s) == 0;
}

void
gsess_goaway(struct gconn *gc)
{
	if (nghttp2_submit_goaway(gc->s, NGHTTP2_FLAG_NONE,
	    nghttp2_session_get_last_proc_stream_id(gc->s), NGHTTP2_NO_ERROR,
	    NULL, 0) != 0)
		conns_cut(&gc->g->conns, &gc->c);
	gsess_mark(gc);
}

void
gsess_cancel(struct grpcd_req *r)
{
	if (nghttp2_submit_rst_stream(r->conn->s, NGHTTP2_FLAG_NONE, r->id,
	    NGHTTP2_CANCEL) != 0)
		conns_cut(&r->conn->g->conns, &r->conn->c);
	gsess_mark(r->conn);
}

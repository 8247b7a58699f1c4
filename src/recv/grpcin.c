#include "config.h"

#include "recv/grpcin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "net/inflate.h"
#include "recv/answer.h"
#include "recv/decode.h"

/* A call. Freed when the server is done with it. */
struct call {
	struct deliver_owner	 owner;		/* first */
	struct recv_state	*st;
	struct grpcd_req	*r;
	enum otlp_signal	 signal;
	struct inflate		*z;
	struct buf		 body;
	uint64_t		 raw;
	struct otlp_tally	 found;
};

static const struct {
	const char		*path;
	enum otlp_signal	 signal;
} services[] = {
	{ "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
	    OTLP_TRACES },
	{ "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
	    OTLP_LOGS },
	{ "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
	    OTLP_METRICS },
};

static void
drop_body(struct call *c)
{
	c->st->held -= c->body.n;
	buf_fini(&c->body);
	inflate_free(c->z);
	c->z = NULL;
}

/* The status that HTTP has for it. */
static unsigned
as_http(enum grpc_code code)
{
	switch (code) {
	case GRPC_OK:
		return 200;
	case GRPC_UNAUTHENTICATED:
		return 401;
	case GRPC_PERMISSION_DENIED:
		return 403;
	case GRPC_UNIMPLEMENTED:
		return 404;
	case GRPC_DEADLINE_EXCEEDED:
		return 408;
	case GRPC_RESOURCE_EXHAUSTED:
		return 413;
	case GRPC_UNAVAILABLE:
		return 503;
	case GRPC_INVALID_ARGUMENT:
	case GRPC_INTERNAL:
		break;
	}
	return 400;
}

static void
tell(struct recv_state *st, const char *path, enum otlp_signal signal,
    enum grpc_code code, const char *why)
{
	recv_tally_answer(&st->tally, TALLY_GRPC, signal, as_http(code));
	if (code == GRPC_UNAVAILABLE)
		log_warn("a request was sent away (UNAVAILABLE): %s", why);
	else
		log_warn("%s: gRPC status %d: %s", path, (int)code, why);
}

static void
refuse(struct call *c, enum grpc_code code, const char *why)
{
	struct grpcd_reply reply = { .code = code, .message = why };

	if (code == GRPC_UNAVAILABLE)
		reply.retry_after = RECV_RETRY_AFTER;
	tell(c->st, grpcd_path(c->r), c->signal, code, why);
	grpcd_reply(c->r, &reply);
	drop_body(c);
}

static void
accept_call(struct call *c)
{
	struct recv_tally *t = &c->st->tally;
	struct grpcd_reply reply = { .code = GRPC_OK };
	struct buf body = { 0 };

	answer_export(&body, WIRE_PROTOBUF, c->signal, c->found.refused,
	    c->found.why);
	reply.body = body.p;
	reply.n = body.n;
	grpcd_reply(c->r, &reply);
	buf_fini(&body);
	recv_tally_answer(t, TALLY_GRPC, c->signal, 200);
	recv_tally_records(t, TALLY_GRPC, c->signal, c->found.records,
	    c->found.refused);
	t->bad_utf8 += c->found.bad_utf8;
	if (c->found.refused > 0)
		log_warn("%s: %" PRIu64 " records rejected: %s",
		    grpcd_path(c->r), c->found.refused, c->found.why);
}

static void
finish(struct call *c, enum deliver_res res)
{
	switch (res) {
	case DELIVER_OK:
		accept_call(c);
		return;
	case DELIVER_LATE:
		refuse(c, GRPC_UNAVAILABLE,
		    "the reader of the output is too slow");
		return;
	case DELIVER_BROKEN:
		refuse(c, GRPC_UNAVAILABLE, "the output cannot be written");
		return;
	case DELIVER_QUEUED:
		return;
	}
}

static void
on_delivered(struct deliver_owner *o, enum deliver_res res)
{
	finish((struct call *)(void *)o, res);
}

static void
on_begin(void *arg, struct grpcd_req *r)
{
	struct recv_state *st = arg;
	struct call *c = calloc(1, sizeof(*c));
	struct grpcd_reply nomem = { .code = GRPC_UNAVAILABLE,
	    .message = "out of memory", .retry_after = RECV_RETRY_AFTER };

	st->tally.requests++;
	if (c == NULL) {
		st->tally.busy++;
		grpcd_reply(r, &nomem);
		return;
	}
	grpcd_set(r, c);
	c->owner.done = on_delivered;
	c->st = st;
	c->r = r;
	c->signal = OTLP_SIGNAL_UNKNOWN;
	buf_init(&c->body, (size_t)st->conf->max_body);
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcmp(grpcd_path(r), services[i].path) == 0)
			c->signal = services[i].signal;
	if (grpcd_authority(r)[0] != '\0' &&
	    !route_host_ok(grpcd_authority(r), st->grpc_host))
		refuse(c, GRPC_PERMISSION_DENIED,
		    "the authority names another machine");
	else if (!auth_ok(st->auth, false, grpcd_auth(r)))
		refuse(c, GRPC_UNAUTHENTICATED,
		    "no authorization that is good here");
	else if (c->signal == OTLP_SIGNAL_UNKNOWN)
		refuse(c, GRPC_UNIMPLEMENTED, "no such method; there is Export "
		    "of OTLP's trace, logs and metrics services");
}

/* The first bytes of a packed message: by which coding? False: answered. */
static bool
prepare(struct call *c)
{
	const char *coding = grpcd_encoding(c->r);
	enum inflate_kind kind = inflate_by_name(coding, strlen(coding));

	if (kind == INFLATE_UNKNOWN) {
		refuse(c, GRPC_UNIMPLEMENTED,
		    "grpc-encoding must be gzip, deflate, zstd or identity");
		return false;
	}
	if (kind == INFLATE_NONE)
		return true;
	c->z = inflate_new(kind);
	if (c->z == NULL)
		refuse(c, GRPC_UNAVAILABLE, "out of memory");
	return c->z != NULL;
}

static void
on_body(void *arg, struct grpcd_req *r, const char *p, size_t n)
{
	struct recv_state *st = arg;
	struct call *c = grpcd_get(r);
	enum inflate_res res = INFLATE_OK;
	size_t before;
	struct err e;

	if (c == NULL || (c->raw == 0 && !prepare(c)))
		return;
	c->raw += n;
	if (recv_state_full(st, n)) {
		refuse(c, GRPC_UNAVAILABLE,
		    "too much is waiting to be handed on");
		return;
	}
	before = c->body.n;
	if (c->z != NULL)
		res = inflate_feed(c->z, p, n, &c->body, c->body.max, &e);
	else
		buf_add(&c->body, p, n);
	st->held += c->body.n - before;
	if (res == INFLATE_BAD)
		refuse(c, GRPC_INVALID_ARGUMENT, e.msg);
	else if (res == INFLATE_LARGE)
		refuse(c, GRPC_RESOURCE_EXHAUSTED,
		    "the message unpacks to more than the limit (--max-body)");
	else if (res == INFLATE_NOMEM || c->body.err != 0)
		refuse(c, GRPC_UNAVAILABLE, "out of memory");
}

static void
on_end(void *arg, struct grpcd_req *r)
{
	struct recv_state *st = arg;
	struct call *c = grpcd_get(r);
	unsigned status;
	struct err e;

	if (c == NULL)
		return;
	if (c->z != NULL && inflate_end(c->z, &e) != INFLATE_OK) {
		refuse(c, GRPC_INVALID_ARGUMENT, e.msg);
		return;
	}
	buf_reset(&st->lines);
	status = decode_request(WIRE_PROTOBUF, &c->signal, c->body.p,
	    c->body.n, &st->lines, &c->found, &e);
	if (status == 200 && clean_lines(st->clean, &st->lines, &c->found) ==
	    -1) {
		status = 503;
		(void)err_set(&e, "out of memory");
	}
	recv_tally_body(&st->tally, TALLY_GRPC, c->signal, c->raw);
	drop_body(c);
	if (status != 200)
		refuse(c, status == 413 ? GRPC_RESOURCE_EXHAUSTED :
		    status == 503 ? GRPC_UNAVAILABLE : GRPC_INVALID_ARGUMENT,
		    e.msg);
	else if (st->lines.n == 0)
		finish(c, DELIVER_OK);
	else if (recv_state_full(st, 0))
		refuse(c, GRPC_UNAVAILABLE,
		    "too much is waiting to be handed on");
	else
		finish(c, deliver_put(st->out, &st->lines, &c->owner));
	recv_state_trim(st);
}

static void
on_refused(void *arg, struct grpcd_req *r, enum grpc_code code,
    const char *why)
{
	struct call *c = grpcd_get(r);

	tell(arg, grpcd_path(r), c != NULL ? c->signal : OTLP_SIGNAL_UNKNOWN,
	    code, why);
	if (c != NULL)
		drop_body(c);
}

static void
on_done(void *arg, struct grpcd_req *r, bool sent)
{
	struct recv_state *st = arg;
	struct call *c = grpcd_get(r);

	if (!sent)
		st->tally.aborted++;
	if (c == NULL)
		return;
	deliver_disown(st->out, &c->owner);
	drop_body(c);
	free(c);
}

const struct grpcd_ops *
grpcin_ops(void)
{
	static const struct grpcd_ops ops = { .begin = on_begin,
	    .body = on_body, .end = on_end, .refused = on_refused,
	    .done = on_done };

	return &ops;
}

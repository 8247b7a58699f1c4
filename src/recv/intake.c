#include "config.h"

#include "recv/intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "net/inflate.h"
#include "net/spool.h"
#include "recv/answer.h"
#include "recv/decode.h"
#include "recv/ingest.h"
#include "recv/route.h"

#define BODY_FIRST	((size_t)1 << 20)	/* room made on trust */
#define BODY_KEEP	((size_t)1 << 20)	/* kept for the next request */

struct intake {
	struct recv_state	*st;
	struct ingest		*ingest;
	struct buf		 spare;		/* a body's memory, to be reused */
};

/* A request. Freed when the server is done with it. */
struct taking {
	struct deliver_owner	 owner;		/* first */
	struct intake		*in;
	struct httpd_req	*r;
	struct route		 route;
	enum wire		 wire;
	struct inflate		*z;
	struct buf		 body;
	uint64_t		 raw;		/* bytes of the body as sent */
	bool			 refused;
	struct buf		 answer;	/* to a batch of events */
	struct otlp_tally	 found;
};

struct intake *
intake_new(struct recv_state *st)
{
	struct intake *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return NULL;
	in->st = st;
	in->ingest = ingest_new(RECV_HOLD_BYTES, true);
	if (in->ingest == NULL) {
		intake_free(in);
		return NULL;
	}
	return in;
}

void
intake_free(struct intake *in)
{
	if (in == NULL)
		return;
	ingest_free(in->ingest);
	buf_fini(&in->spare);
	free(in);
}

static enum tally_proto
proto_of(const struct taking *t)
{
	return t->route.kind == ROUTE_INGEST ? TALLY_LANGFUSE : TALLY_HTTP;
}

/* Answers with a Status message and says so in the log. */
static void
refuse(struct taking *t, struct httpd_req *r, unsigned status, const char *why)
{
	enum wire w = t != NULL ? t->wire : WIRE_JSON;
	struct httpd_reply reply = { .status = status };
	struct buf body = { 0 };

	answer_status(&body, w, status, why);
	reply.type = route_type(w);
	reply.body = body.p;
	reply.n = body.n;
	if (status == 503)
		reply.retry_after = RECV_RETRY_AFTER;
	if (status == 401)
		reply.challenge = "Bearer realm=\"aitrace-recv\"";
	if (status == 405 && t != NULL)
		reply.allow = t->route.allow;
	httpd_reply(r, &reply);
	buf_fini(&body);
	if (t == NULL)
		return;
	t->refused = true;
	recv_tally_answer(&t->in->st->tally, proto_of(t), t->route.signal,
	    status);
	if (status == 503)
		log_warn("a request was sent away (503): %s", why);
	else
		log_warn("%s %s: %u: %s", httpd_method(r), httpd_path(r),
		    status, why);
}

static void
on_refuse(void *arg, struct httpd_req *r, unsigned status, const char *why)
{
	(void)arg;
	refuse(httpd_get(r), r, status, why);
}

static void
accept_request(struct taking *t)
{
	struct recv_tally *tally = &t->in->st->tally;
	struct httpd_reply reply = { .status = 200 };
	struct buf body = { 0 };

	if (t->route.kind == ROUTE_INGEST) {
		reply.status = 207;
		buf_add(&body, t->answer.p, t->answer.n);
	} else
		answer_export(&body, t->wire, t->route.signal,
		    t->found.refused, t->found.why);
	reply.type = route_type(t->wire);
	reply.body = body.p;
	reply.n = body.n;
	httpd_reply(t->r, &reply);
	buf_fini(&body);
	recv_tally_answer(tally, proto_of(t), t->route.signal, 200);
	recv_tally_records(tally, proto_of(t), t->route.signal,
	    t->found.records, t->found.refused);
	tally->bad_utf8 += t->found.bad_utf8;
	if (t->found.refused > 0)
		log_warn("%s: %" PRIu64 " records rejected: %s",
		    httpd_path(t->r), t->found.refused, t->found.why[0] !=
		    '\0' ? t->found.why : "see the answer");
}

static void
answer_health(struct taking *t)
{
	static const char ok[] = "{\"status\":\"ok\"}\n";
	struct httpd_reply reply = { .status = 200,
	    .type = route_type(WIRE_JSON), .body = ok, .n = sizeof(ok) - 1 };

	httpd_reply(t->r, &reply);
}

static void
answer_metrics(struct taking *t)
{
	const struct recv_state *st = t->in->st;
	struct httpd_reply reply = { .status = 200,
	    .type = "text/plain; version=0.0.4; charset=utf-8" };
	struct recv_gauges g = { .spool_bytes = -1 };
	struct buf text = { 0 };

	g.waiting = st->held + deliver_queued(st->out);
	g.connections = httpd_conns(st->httpd);
	g.last_write = st->last_write;
	if (st->spool != NULL) {
		g.spool_bytes = spool_size(st->spool);
		g.spool_dropped = spool_dropped(st->spool);
	}
	recv_tally_metrics(&st->tally, &g, &text);
	reply.body = text.p;
	reply.n = text.n;
	httpd_reply(t->r, &reply);
	buf_fini(&text);
}

/* Who asks, and for what? False: answered. */
static bool
admit(struct taking *t)
{
	struct httpd_req *r = t->r;

	if (!route_host_ok(httpd_header(r, "Host"), t->in->st->http_host)) {
		refuse(t, r, 403, "the Host header names another machine");
		return false;
	}
	if (httpd_header(r, "Origin") != NULL) {
		refuse(t, r, 403, "requests from web pages are not taken");
		return false;
	}
	if (t->route.kind != ROUTE_HEALTH && !auth_ok(t->in->st->auth,
	    t->route.langfuse, httpd_header(r, "Authorization"))) {
		refuse(t, r, 401, "no Authorization that is good here");
		return false;
	}
	if (t->route.kind == ROUTE_NONE) {
		refuse(t, r, 404, "no such path; there are /v1/traces, "
		    "/v1/logs, /v1/metrics and /health");
		return false;
	}
	if (!route_allows(&t->route, httpd_method(r))) {
		refuse(t, r, 405, "this method is not for this path");
		return false;
	}
	return true;
}

/* How is the body written and packed? False: answered. */
static bool
prepare(struct taking *t)
{
	struct httpd_req *r = t->r;
	const char *coding = httpd_header(r, "Content-Encoding");
	enum inflate_kind kind = INFLATE_NONE;
	int64_t length = httpd_length(r);

	if (t->wire == WIRE_PROTOBUF && t->route.kind == ROUTE_INGEST) {
		refuse(t, r, 415, "Content-Type must be application/json");
		return false;
	}
	if (t->wire == WIRE_NONE) {
		t->wire = WIRE_JSON;
		refuse(t, r, 415, "Content-Type must be "
		    "application/x-protobuf or application/json");
		return false;
	}
	if (coding != NULL)
		kind = inflate_by_name(coding, strlen(coding));
	if (kind == INFLATE_UNKNOWN) {
		refuse(t, r, 415, "Content-Encoding must be gzip, deflate, "
		    "zstd or identity");
		return false;
	}
	if (length > t->in->st->conf->max_body) {
		refuse(t, r, 413, "the body is over the limit (--max-body)");
		return false;
	}
	if (kind == INFLATE_NONE)
		return true;
	t->z = inflate_new(kind);
	if (t->z == NULL)
		refuse(t, r, 503, "out of memory");
	return t->z != NULL;
}

/* Memory for the body: what the last one left, or as much as is announced. */
static void
make_body(struct taking *t)
{
	struct intake *in = t->in;
	int64_t length = httpd_length(t->r);

	t->body = in->spare;
	memset(&in->spare, 0, sizeof(in->spare));
	t->body.max = (size_t)in->st->conf->max_body;
	if (t->z == NULL && length > 0)
		(void)buf_room(&t->body, (size_t)length < BODY_FIRST ?
		    (size_t)length : BODY_FIRST);
}

static void on_delivered(struct deliver_owner *o, enum deliver_res res);

static void
on_begin(void *arg, struct httpd_req *r)
{
	struct intake *in = arg;
	struct taking *t = calloc(1, sizeof(*t));

	in->st->tally.requests++;
	if (t == NULL) {
		in->st->tally.busy++;
		refuse(NULL, r, 503, "out of memory");
		return;
	}
	httpd_set(r, t);
	t->owner.done = on_delivered;
	t->in = in;
	t->r = r;
	t->route = route_find(httpd_path(r));
	t->wire = route_wire(httpd_header(r, "Content-Type"));
	if (t->wire == WIRE_NONE && t->route.kind != ROUTE_EXPORT &&
	    t->route.kind != ROUTE_INGEST)
		t->wire = WIRE_JSON;
	if (!admit(t))
		return;
	if (t->route.kind == ROUTE_HEALTH)
		answer_health(t);
	else if (t->route.kind == ROUTE_METRICS)
		answer_metrics(t);
	else if (prepare(t))
		make_body(t);
}

/* The body is of no more use. */
static void
drop_body(struct taking *t)
{
	struct intake *in = t->in;

	inflate_free(t->z);
	t->z = NULL;
	in->st->held -= t->body.n;
	if (in->spare.p == NULL && t->body.cap <= BODY_KEEP) {
		buf_reset(&t->body);
		in->spare = t->body;
		memset(&t->body, 0, sizeof(t->body));
	} else
		buf_fini(&t->body);
}

static void
unpack(struct taking *t, const char *p, size_t n)
{
	struct err e;

	switch (inflate_feed(t->z, p, n, &t->body, t->body.max, &e)) {
	case INFLATE_OK:
		return;
	case INFLATE_BAD:
		refuse(t, t->r, 400, e.msg);
		return;
	case INFLATE_LARGE:
		refuse(t, t->r, 413,
		    "the body unpacks to more than the limit (--max-body)");
		return;
	case INFLATE_NOMEM:
		refuse(t, t->r, 503, "out of memory");
		return;
	}
}

static void
on_body(void *arg, struct httpd_req *r, const char *p, size_t n)
{
	struct intake *in = arg;
	struct taking *t = httpd_get(r);
	size_t before;

	if (t == NULL || (t->route.kind != ROUTE_EXPORT &&
	    t->route.kind != ROUTE_INGEST))
		return;
	before = t->body.n;
	t->raw += n;
	if (t->raw > (uint64_t)in->st->conf->max_body)
		refuse(t, r, 413, "the body is over the limit (--max-body)");
	else if (recv_state_full(in->st, n))
		refuse(t, r, 503, "too much is waiting to be handed on");
	else if (t->z != NULL)
		unpack(t, p, n);
	else
		buf_add(&t->body, p, n);
	in->st->held += t->body.n - before;
	if (t->body.err != 0)
		refuse(t, r, 503, "out of memory");
	if (t->refused)
		drop_body(t);
}

/* The lines have left, or not: the answer. */
static void
finish(struct taking *t, enum deliver_res res)
{
	switch (res) {
	case DELIVER_OK:
		accept_request(t);
		return;
	case DELIVER_LATE:
		refuse(t, t->r, 503, "the reader of the output is too slow");
		return;
	case DELIVER_BROKEN:
		refuse(t, t->r, 503, "the output cannot be written");
		return;
	case DELIVER_QUEUED:
		return;
	}
}

static void
on_delivered(struct deliver_owner *o, enum deliver_res res)
{
	finish((struct taking *)(void *)o, res);
}

static void
on_end(void *arg, struct httpd_req *r)
{
	struct intake *in = arg;
	struct taking *t = httpd_get(r);
	unsigned status;
	struct err e;

	if (t == NULL)
		return;
	if (t->z != NULL && inflate_end(t->z, &e) != INFLATE_OK) {
		refuse(t, r, 400, e.msg);
		return;
	}
	buf_reset(&in->st->lines);
	if (t->route.kind == ROUTE_INGEST)
		status = ingest_request(in->ingest, t->body.p, t->body.n,
		    clock_mono(in->st->clock), &in->st->lines, &t->answer,
		    &t->found.records, &t->found.refused, &e);
	else
		status = decode_request(t->wire, &t->route.signal, t->body.p,
		    t->body.n, &in->st->lines, &t->found, &e);
	if (status < 300 && clean_lines(in->st->clean, &in->st->lines,
	    &t->found) == -1) {
		status = 503;
		(void)err_set(&e, "out of memory");
	}
	recv_tally_body(&in->st->tally, proto_of(t), t->route.signal, t->raw);
	drop_body(t);
	if (status >= 300)
		refuse(t, r, status, e.msg);
	else if (in->st->lines.n == 0)
		finish(t, DELIVER_OK);
	else if (recv_state_full(in->st, 0))
		refuse(t, r, 503, "too much is waiting to be handed on");
	else
		finish(t, deliver_put(in->st->out, &in->st->lines,
		    &t->owner));
	recv_state_trim(in->st);
}

static void
on_done(void *arg, struct httpd_req *r, bool sent)
{
	struct intake *in = arg;
	struct taking *t = httpd_get(r);

	if (!sent)
		in->st->tally.aborted++;
	if (t == NULL)
		return;
	deliver_disown(in->st->out, &t->owner);
	drop_body(t);
	buf_fini(&t->answer);
	free(t);
}

int
intake_expire(struct intake *in, int64_t now, bool all)
{
	struct otlp_tally t = { 0 };
	int64_t oldest = ingest_oldest(in->ingest);

	if (oldest == -1)
		return -1;
	if (!all && oldest + RECV_HOLD > now)
		return (int)((oldest + RECV_HOLD - now) / CLOCK_MS) + 1;
	buf_reset(&in->st->lines);
	recv_tally_records(&in->st->tally, TALLY_LANGFUSE, OTLP_SIGNAL_UNKNOWN,
	    ingest_expire(in->ingest, all ? INT64_MAX : now - RECV_HOLD,
	    &in->st->lines), 0);
	/* Broken or not, the server's loop finds out and tells. */
	if (clean_lines(in->st->clean, &in->st->lines, &t) == -1) {
		log_error("out of memory: records are left out");
		return 1;
	}
	if (in->st->lines.n > 0)
		(void)deliver_put(in->st->out, &in->st->lines, NULL);
	return 1;
}

const struct httpd_ops *
intake_ops(void)
{
	static const struct httpd_ops ops = { .begin = on_begin,
	    .body = on_body, .end = on_end, .done = on_done,
	    .refuse = on_refuse };

	return &ops;
}

#include "config.h"

#include "recv/answer.h"

#include <string.h>

#include "base/utf8.h"
#include "json/write.h"

/* Field tags of the messages: number << 3 | wire type. */
enum {
	TAG_PARTIAL = 1 << 3 | 2,	/* Export...Response.partial_success */
	TAG_REJECTED = 1 << 3 | 0,	/* ...PartialSuccess.rejected_... */
	TAG_WHY = 2 << 3 | 2,		/* ...PartialSuccess.error_message */
	TAG_CODE = 1 << 3 | 0,		/* Status.code */
	TAG_MESSAGE = 2 << 3 | 2,	/* Status.message */
	TAG_DETAILS = 3 << 3 | 2,	/* Status.details */
	TAG_TYPE = 1 << 3 | 2,		/* Any.type_url */
	TAG_VALUE = 2 << 3 | 2,		/* Any.value */
	TAG_VIOLATION = 1 << 3 | 2,	/* BadRequest.field_violations */
	TAG_DESCRIPTION = 2 << 3 | 2	/* ...FieldViolation.description */
};

static const char bad_request[] = "type.googleapis.com/google.rpc.BadRequest";

static void
put_varint(struct buf *b, uint64_t v)
{
	while (v >= 0x80) {
		buf_addc(b, (char)(v | 0x80));
		v >>= 7;
	}
	buf_addc(b, (char)v);
}

/* A string field: protobuf wants valid UTF-8, so foreign bytes are shown. */
static void
put_text(struct buf *b, int tag, const char *s)
{
	struct buf vis = { 0 };

	utf8_vis(&vis, s, strlen(s), false);
	buf_addc(b, (char)tag);
	put_varint(b, vis.n);
	buf_add(b, vis.p, vis.n);
	if (vis.err != 0)
		b->err = vis.err;
	buf_fini(&vis);
}

static void
put_json_text(struct buf *b, const char *s)
{
	struct buf vis = { 0 };

	utf8_vis(&vis, s, strlen(s), false);
	json_put_str(b, vis.p, vis.n);
	buf_fini(&vis);
}

/* A message inside another. */
static void
put_message(struct buf *b, int tag, const struct buf *m)
{
	buf_addc(b, (char)tag);
	put_varint(b, m->n);
	buf_add(b, m->p, m->n);
	if (m->err != 0)
		b->err = m->err;
}

static void
export_pb(struct buf *b, uint64_t rejected, const char *why)
{
	struct buf part = { 0 };

	buf_addc(&part, TAG_REJECTED);
	put_varint(&part, rejected);
	put_text(&part, TAG_WHY, why);
	put_message(b, TAG_PARTIAL, &part);
	buf_fini(&part);
}

void
answer_export(struct buf *b, enum wire w, enum otlp_signal sig,
    uint64_t rejected, const char *why)
{
	static const char *const what[] = {
		[OTLP_TRACES] = "rejectedSpans",
		[OTLP_LOGS] = "rejectedLogRecords",
		[OTLP_METRICS] = "rejectedDataPoints",
		[OTLP_SIGNAL_UNKNOWN] = "rejectedSpans"
	};

	if (w == WIRE_PROTOBUF) {
		if (rejected > 0)
			export_pb(b, rejected, why);
		return;
	}
	if (rejected == 0) {
		buf_adds(b, "{}");
		return;
	}
	/* The JSON mapping writes 64-bit integers as strings. */
	buf_adds(b, "{\"partialSuccess\":{\"");
	buf_adds(b, what[sig]);
	buf_adds(b, "\":\"");
	buf_addu(b, rejected);
	buf_adds(b, "\",\"errorMessage\":");
	put_json_text(b, why);
	buf_adds(b, "}}");
}

/* Numbers of google.rpc.Code. */
static int
code_of(unsigned http)
{
	switch (http) {
	case 401:
		return 16;	/* UNAUTHENTICATED */
	case 403:
		return 7;	/* PERMISSION_DENIED */
	case 404:
		return 5;	/* NOT_FOUND */
	case 405:
	case 501:
		return 12;	/* UNIMPLEMENTED */
	case 408:
		return 4;	/* DEADLINE_EXCEEDED */
	case 413:
	case 429:
		return 8;	/* RESOURCE_EXHAUSTED */
	case 503:
		return 14;	/* UNAVAILABLE */
	default:
		return http >= 500 ? 13 : 3;	/* INTERNAL, INVALID_ARGUMENT */
	}
}

/* OTLP/HTTP Response, "Bad Data": the details should hold a BadRequest. */
static void
details_pb(struct buf *b, const char *message)
{
	struct buf violation = { 0 }, bad = { 0 }, any = { 0 };

	put_text(&violation, TAG_DESCRIPTION, message);
	put_message(&bad, TAG_VIOLATION, &violation);
	put_text(&any, TAG_TYPE, bad_request);
	put_message(&any, TAG_VALUE, &bad);
	put_message(b, TAG_DETAILS, &any);
	buf_fini(&violation);
	buf_fini(&bad);
	buf_fini(&any);
}

static void
details_json(struct buf *b, const char *message)
{
	buf_adds(b, ",\"details\":[{\"@type\":\"");
	buf_adds(b, bad_request);
	buf_adds(b, "\",\"fieldViolations\":[{\"description\":");
	put_json_text(b, message);
	buf_adds(b, "}]}]");
}

void
answer_status(struct buf *b, enum wire w, unsigned http, const char *message)
{
	if (w == WIRE_PROTOBUF) {
		buf_addc(b, TAG_CODE);
		put_varint(b, (uint64_t)code_of(http));
		put_text(b, TAG_MESSAGE, message);
		if (http == 400)
			details_pb(b, message);
		return;
	}
	buf_adds(b, "{\"code\":");
	buf_addi(b, code_of(http));
	buf_adds(b, ",\"message\":");
	put_json_text(b, message);
	if (http == 400)
		details_json(b, message);
	buf_addc(b, '}');
}

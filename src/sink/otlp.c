/*
 * What an OTLP/HTTP server answers: an Export*ServiceResponse in the request's
 * content type, which may tell of records it has thrown away; errors as a
 * google.rpc.Status. Source: OTLP specification 1.x, "OTLP/HTTP Response".
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "json/scan.h"
#include "otlp/wire.h"
#include "sink/sink.h"

/* partialSuccess, whatever the signal: rejected* and errorMessage. */
static void
partial_json(const struct sink_reply *reply, struct sink_judgement *j)
{
	static const char *const names[] = { "rejectedSpans",
	    "rejectedLogRecords", "rejectedDataPoints" };
	struct json_val v, p, n;
	const char *why;
	struct buf text = { 0 };
	int64_t count;

	if (!json_parse(reply->body, reply->n, &v, &why) ||
	    v.type != JSON_OBJECT)
		return;
	p = json_get(v, "partialSuccess");
	if (p.type != JSON_OBJECT)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = json_get(p, names[i]);
		if (n.type != JSON_NONE && json_int(n, &count) == 0 &&
		    count > 0)
			j->rejected = (uint64_t)count;
	}
	if (json_unescape(&text, json_get(p, "errorMessage")) == 0)
		snprintf(j->why, sizeof(j->why), "%s", buf_cstr(&text));
	buf_fini(&text);
}

/* Field 1: partial_success { 1: rejected, 2: error_message }. */
static void
partial_pb(const struct sink_reply *reply, struct sink_judgement *j)
{
	const unsigned char *p = (const unsigned char *)reply->body;
	struct wire w = { p, p + reply->n }, in;
	struct wire_field f;
	const char *why;

	while (wire_next(&w, &f, &why) == 1) {
		if (f.number != 1 || f.type != WIRE_LEN)
			continue;
		in = (struct wire){ f.p, f.end };
		while (wire_next(&in, &f, &why) == 1)
			if (f.number == 1 && f.type == WIRE_VARINT)
				j->rejected = f.v <= INT64_MAX ? f.v : 0;
			else if (f.number == 2 && f.type == WIRE_LEN)
				snprintf(j->why, sizeof(j->why), "%.*s",
				    (int)(f.end - f.p < 256 ? f.end - f.p :
				    256), (const char *)f.p);
	}
}

/* google.rpc.Status: field 2 is the message. */
static void
status_pb(const struct sink_reply *reply, struct sink_judgement *j)
{
	const unsigned char *p = (const unsigned char *)reply->body;
	struct wire w = { p, p + reply->n };
	struct wire_field f;
	const char *why;

	while (wire_next(&w, &f, &why) == 1)
		if (f.number == 2 && f.type == WIRE_LEN)
			snprintf(j->why, sizeof(j->why), "%.*s",
			    (int)(f.end - f.p < 256 ? f.end - f.p : 256),
			    (const char *)f.p);
}

void
otlp_judge(const struct sink_reply *reply, struct sink_judgement *j)
{
	bool pb = reply->type != NULL &&
	    strncasecmp(reply->type, "application/x-protobuf", 22) == 0;

	j->verdict = retry_verdict(reply->status);
	j->rejected = 0;
	j->why[0] = '\0';
	if (j->verdict == RETRY_DONE && pb)
		partial_pb(reply, j);
	else if (j->verdict == RETRY_DONE)
		partial_json(reply, j);
	else if (pb)
		status_pb(reply, j);
	else
		sink_reason(reply, j->why, sizeof(j->why));
	j->why[strcspn(j->why, "\r\n")] = '\0';
}

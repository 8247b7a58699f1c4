#include "config.h"

#include "recv/answer.h"
#include "tests/unit/tap.h"

/* The bytes were worked out by hand from the protobuf encoding. */
static void
exports(void)
{
	struct buf b = { 0 };

	answer_export(&b, WIRE_PROTOBUF, OTLP_TRACES, 0, "");
	is_mem(b.p, b.n, "", 0, "success in protobuf is empty");
	answer_export(&b, WIRE_JSON, OTLP_LOGS, 0, "");
	is_str(buf_cstr(&b), "{}", "success in JSON is {}");
	buf_reset(&b);
	answer_export(&b, WIRE_PROTOBUF, OTLP_METRICS, 300, "no");
	is_mem(b.p, b.n, "\x0a\x07\x08\xac\x02\x12\x02no", 9,
	    "partial success in protobuf");
	buf_reset(&b);
	answer_export(&b, WIRE_JSON, OTLP_TRACES, 2, "say \"no\"\n");
	is_str(buf_cstr(&b), "{\"partialSuccess\":{\"rejectedSpans\":\"2\","
	    "\"errorMessage\":\"say \\\"no\\\"\\\\x0a\"}}",
	    "partial success of traces in JSON");
	buf_reset(&b);
	answer_export(&b, WIRE_JSON, OTLP_LOGS, 1, "x");
	is_str(buf_cstr(&b), "{\"partialSuccess\":{\"rejectedLogRecords\":"
	    "\"1\",\"errorMessage\":\"x\"}}", "of logs");
	buf_reset(&b);
	answer_export(&b, WIRE_JSON, OTLP_METRICS, 1, "x");
	is_str(buf_cstr(&b), "{\"partialSuccess\":{\"rejectedDataPoints\":"
	    "\"1\",\"errorMessage\":\"x\"}}", "of metrics");
	buf_fini(&b);
}

static void
statuses(void)
{
	static const struct {
		unsigned	 http;
		const char	*json;
	} row[] = {	/* codes of google.rpc.Code */
		{ 400, "{\"code\":3,\"message\":\"m\",\"details\":[{"
		    "\"@type\":\"type.googleapis.com/google.rpc.BadRequest\","
		    "\"fieldViolations\":[{\"description\":\"m\"}]}]}" },
		{ 401, "{\"code\":16,\"message\":\"m\"}" },
		{ 403, "{\"code\":7,\"message\":\"m\"}" },
		{ 404, "{\"code\":5,\"message\":\"m\"}" },
		{ 405, "{\"code\":12,\"message\":\"m\"}" },
		{ 408, "{\"code\":4,\"message\":\"m\"}" },
		{ 413, "{\"code\":8,\"message\":\"m\"}" },
		{ 415, "{\"code\":3,\"message\":\"m\"}" },
		{ 429, "{\"code\":8,\"message\":\"m\"}" },
		{ 500, "{\"code\":13,\"message\":\"m\"}" },
		{ 503, "{\"code\":14,\"message\":\"m\"}" },
	};
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&b);
		answer_status(&b, WIRE_JSON, row[i].http, "m");
		ok(strcmp(buf_cstr(&b), row[i].json) == 0, "status %u",
		    row[i].http);
	}
	buf_reset(&b);
	answer_status(&b, WIRE_PROTOBUF, 415, "bad \xff");
	is_mem(b.p, b.n, "\x08\x03\x12\x08" "bad \\xff", 12,
	    "in protobuf, with foreign bytes shown");
	buf_reset(&b);
	answer_status(&b, WIRE_PROTOBUF, 400, "no");
	is_mem(b.p, b.n, "\x08\x03\x12\x02no\x1a\x33\x0a\x29"
	    "type.googleapis.com/google.rpc.BadRequest\x12\x06\x0a\x04"
	    "\x12\x02no", 59, "400 has a BadRequest");
	buf_fini(&b);
}

int
main(void)
{
	exports();
	statuses();
	return done_testing();
}

/* Records into requests: what is wrong with a record, and the groups. */
#include <stdlib.h>

#include "otlp/otlp.h"
#include "tests/unit/tap.h"

#define IDS								\
	"\"trace_id\":\"0102030405060708090a0b0c0d0e0f10\","		\
	"\"span_id\":\"a1a2a3a4a5a6a7a8\""
#define SPAN(s)		"{\"record\":\"span\"," IDS s "}"
#define JIDS								\
	"\"traceId\":\"0102030405060708090a0b0c0d0e0f10\","		\
	"\"spanId\":\"a1a2a3a4a5a6a7a8\""
#define REQUEST(s)	"{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" \
			s "]}]}]}"
#define ONE(s)		REQUEST("{" JIDS s "}")
#define ATTR(v)		SPAN(",\"attributes\":{\"k\":" v "}")
#define JATTR(v)	ONE(",\"attributes\":[{\"key\":\"k\",\"value\":" v "}]")

static int
add(struct otlp_batch *b, const char *line, struct err *e)
{
	struct record r = { 0 };
	const char *why;
	int rc;

	e->msg[0] = '\0';
	if (record_index(&r, line, strlen(line), &why) == -1) {
		note("the test's record: %s", why);
		record_fini(&r);
		return -2;
	}
	rc = otlp_batch_add(b, &r, e);
	record_fini(&r);
	return rc;
}

static const struct {
	const char	*name, *line, *request;
} good[] = {
	{ "ids", SPAN(""), ONE("") },
	{ "another order, white space, members of others",
	    " { \"x\" : {\"a\":[1]} , \"name\" : \"n\" , " IDS
	    " , \"record\" : \"span\" } ", ONE(",\"name\":\"n\"") },
	{ "nulls are absent", SPAN(",\"name\":null,\"status\":null,"
	    "\"resource\":null,\"attributes\":null"), ONE("") },
	{ "the last of equal members", SPAN(",\"name\":\"a\","
	    "\"name\":\"b\""), ONE(",\"name\":\"b\"") },
	{ "an escaped name", SPAN(",\"n\\u0061me\":\"a\""),
	    ONE(",\"name\":\"a\"") },
	{ "status is a number", SPAN(",\"status\":{\"code\":\"ERROR\"}"),
	    ONE(",\"status\":{\"code\":2}") },
	{ "kind is a number", SPAN(",\"kind\":\"CLIENT\""),
	    ONE(",\"kind\":3") },
	{ "other times", SPAN(",\"start_time\":\"2026-11-21T02:10:31.5+02:00\""),
	    ONE(",\"startTimeUnixNano\":\"1795219831500000000\"") },
	{ "string", ATTR("\"a\\/\\u00e9\\n\""),
	    JATTR("{\"stringValue\":\"a/\xc3\xa9\\n\"}") },
	{ "integer", ATTR("9007199254740993"),
	    JATTR("{\"intValue\":\"9007199254740993\"}") },
	{ "integer beyond 64 bits", ATTR("18446744073709551615"),
	    JATTR("{\"doubleValue\":18446744073709551615.0}") },
	{ "double", ATTR("3.0"), JATTR("{\"doubleValue\":3.0}") },
	{ "double beyond a double", ATTR("1e999"),
	    JATTR("{\"doubleValue\":\"Infinity\"}") },
	{ "null keeps an empty value", ATTR("null"), JATTR("{}") },
	{ "empty array and object", ATTR("[[],{}]"),
	    JATTR("{\"arrayValue\":{\"values\":[{\"arrayValue\":"
	    "{\"values\":[]}},{\"kvlistValue\":{\"values\":[]}}]}}") },
	{ "bytes", ATTR("{\"@bytes\":\"AAEC\"}"),
	    JATTR("{\"bytesValue\":\"AAEC\"}") },
	{ "NaN", ATTR("{\"@double\":\"NaN\"}"),
	    JATTR("{\"doubleValue\":\"NaN\"}") },
	{ "an object that only looks like bytes", ATTR("{\"@bytes\":\"*\"}"),
	    JATTR("{\"kvlistValue\":{\"values\":[{\"key\":\"@bytes\","
	    "\"value\":{\"stringValue\":\"*\"}}]}}") },
	{ "two members are no wrapping", ATTR("{\"@bytes\":\"AAEC\",\"b\":1}"),
	    JATTR("{\"kvlistValue\":{\"values\":[{\"key\":\"@bytes\","
	    "\"value\":{\"stringValue\":\"AAEC\"}},{\"key\":\"b\","
	    "\"value\":{\"intValue\":\"1\"}}]}}") },
	{ "a wrapped kvlist", ATTR("{\"@kvlist\":{\"@bytes\":\"AAEC\"}}"),
	    JATTR("{\"kvlistValue\":{\"values\":[{\"key\":\"@bytes\","
	    "\"value\":{\"stringValue\":\"AAEC\"}}]}}") },
	{ "bytes that are no UTF-8", ATTR("\"\xff\""),
	    JATTR("{\"stringValue\":\"\xef\xbf\xbd\"}") },
	{ "half a surrogate pair", ATTR("\"\\udc00\""),
	    JATTR("{\"stringValue\":\"\xef\xbf\xbd\"}") },
};

static const struct {
	const char	*name, *line, *why;
} bad[] = {
	{ "a log", "{\"record\":\"log\"}", "not a span record" },
	{ "no kind of record", "{\"a\":1}", "not a span record" },
	{ "no trace id", "{\"record\":\"span\","
	    "\"span_id\":\"a1a2a3a4a5a6a7a8\"}", "trace_id: missing" },
	{ "short id", "{\"record\":\"span\",\"trace_id\":\"ab\"}",
	    "trace_id: 32 hexadecimal digits expected" },
	{ "id of zeros", "{\"record\":\"span\",\"trace_id\":"
	    "\"00000000000000000000000000000000\"}", "trace_id: all zeros" },
	{ "bad parent", SPAN(",\"parent_span_id\":\"xyz\""),
	    "parent_span_id: 16 hexadecimal digits expected" },
	{ "no time", SPAN(",\"start_time\":\"yesterday\""),
	    "start_time: time expected" },
	{ "a time as a number", SPAN(",\"end_time\":5"),
	    "end_time: time expected" },
	{ "name of a wrong type", SPAN(",\"name\":5"),
	    "name: string expected" },
	{ "unknown kind", SPAN(",\"kind\":\"client\""),
	    "kind: unknown name" },
	{ "negative flags", SPAN(",\"flags\":-1"),
	    "flags: unsigned integer expected" },
	{ "large flags", SPAN(",\"flags\":4294967296"),
	    "flags: integer out of range" },
	{ "attributes of a wrong type", SPAN(",\"attributes\":[]"),
	    "attributes: object expected" },
	{ "events of a wrong type", SPAN(",\"events\":{}"),
	    "events: array expected" },
	{ "an event of a wrong type", SPAN(",\"events\":[1]"),
	    "events: object expected" },
	{ "an event's time", SPAN(",\"events\":[{\"time\":\"x\"}]"),
	    "time: time expected" },
	{ "dropped of a wrong type", SPAN(",\"dropped\":1"),
	    "dropped: object expected" },
	{ "a dropped count", SPAN(",\"dropped\":{\"links\":\"x\"}"),
	    "links: unsigned integer expected" },
	{ "resource of a wrong type", SPAN(",\"resource\":\"x\""),
	    "resource: object expected" },
	{ "scope's name", SPAN(",\"scope\":{\"name\":1}"),
	    "name: string expected" },
	{ "schema of a wrong type", SPAN(",\"scope\":{\"schema_url\":1}"),
	    "schema_url: string expected" },
};

static void
test_json(void)
{
	struct otlp_batch *b = otlp_batch_new(OTLP_TRACES, OTLP_JSON);
	struct buf out = { 0 };
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		buf_reset(&out);
		(void)is_int(add(b, good[i].line, &e), 0, good[i].name);
		(void)is_int(otlp_batch_finish(b, &out), 0, "finished");
		(void)is_str(buf_cstr(&out), good[i].request, good[i].name);
	}
	otlp_batch_free(b);
	buf_fini(&out);
}

/* Protobuf: the message that the JSON says. */
static void
test_protobuf(void)
{
	struct otlp_batch *b = otlp_batch_new(OTLP_TRACES, OTLP_PROTOBUF);
	struct buf out = { 0 }, line = { 0 }, want = { 0 };
	struct otlp_tally t = { 0 };
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		buf_reset(&out);
		buf_reset(&line);
		buf_reset(&want);
		(void)is_int(add(b, good[i].line, &e), 0, good[i].name);
		(void)otlp_batch_finish(b, &out);
		(void)otlp_decode_json(OTLP_TRACES, good[i].request,
		    strlen(good[i].request), &line, &t, &e);
		if (line.n > 0)
			line.p[line.n - 1] = '\0';
		(void)add(b, line.n > 0 ? line.p : "{}", &e);
		(void)otlp_batch_finish(b, &want);
		ok(out.n > 0, "finished");
		(void)is_mem(out.p, out.n, want.p, want.n, good[i].name);
	}
	otlp_batch_free(b);
	buf_fini(&out);
	buf_fini(&line);
	buf_fini(&want);
}

static void
test_bad(enum otlp_format f)
{
	struct otlp_batch *b = otlp_batch_new(OTLP_TRACES, f);
	struct buf out = { 0 }, clean = { 0 };
	struct err e;

	(void)add(b, SPAN(""), &e);
	(void)otlp_batch_finish(b, &clean);
	(void)add(b, SPAN(""), &e);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)is_int(add(b, bad[i].line, &e), -1, bad[i].name);
		(void)is_str(e.msg, bad[i].why, bad[i].name);
	}
	(void)is_int((intmax_t)otlp_batch_count(b), 1, "the count is as before");
	(void)otlp_batch_finish(b, &out);
	(void)is_mem(out.p, out.n, clean.p, clean.n, "and so is the request");
	otlp_batch_free(b);
	buf_fini(&out);
	buf_fini(&clean);
}

static void
test_groups(void)
{
#define R(r, s, n) SPAN(",\"name\":\"" n "\",\"resource\":{\"r\":" r "}," \
	"\"scope\":{\"name\":\"" s "\"}")
#define RES(r)	"{\"resource\":{\"attributes\":[{\"key\":\"r\",\"value\":" \
	"{\"intValue\":\"" r "\"}}]},\"scopeSpans\":["
#define SCOPE(s) "{\"scope\":{\"name\":\"" s "\"},\"spans\":["
#define NAME(n)	"{" JIDS ",\"name\":\"" n "\"}"
	static const char want[] = "{\"resourceSpans\":["
	    RES("1") SCOPE("a") NAME("1") "," NAME("3") "]},"
	    SCOPE("b") NAME("4") "]}]},"
	    RES("2") SCOPE("a") NAME("2") "," NAME("5") "]}]}]}";
	struct otlp_batch *b = otlp_batch_new(OTLP_TRACES, OTLP_JSON);
	struct buf out = { 0 };
	struct err e;

	(void)add(b, R("1", "a", "1"), &e);
	(void)add(b, R("2", "a", "2"), &e);
	(void)add(b, R("1", "a", "3"), &e);
	(void)add(b, R("1", "b", "4"), &e);
	(void)add(b, R("2", "a", "5"), &e);
	(void)is_int((intmax_t)otlp_batch_count(b), 5, "five spans");
	ok(otlp_batch_bytes(b) > 0, "of some size");
	(void)otlp_batch_finish(b, &out);
	(void)is_str(buf_cstr(&out), want, "groups in order of appearance");
	(void)is_int((intmax_t)otlp_batch_count(b), 0, "then it is empty");
	(void)is_int((intmax_t)otlp_batch_bytes(b), 0, "of no size");
	buf_reset(&out);
	(void)otlp_batch_finish(b, &out);
	(void)is_str(buf_cstr(&out), "{\"resourceSpans\":[]}",
	    "an empty request");
	otlp_batch_free(b);
	otlp_batch_free(NULL);
	buf_fini(&out);
}

/* Thousands of groups: found again or not, no record is lost. */
static void
test_many(void)
{
	struct otlp_batch *b = otlp_batch_new(OTLP_TRACES, OTLP_PROTOBUF);
	struct buf out = { 0 }, lines = { 0 };
	struct otlp_tally t = { 0 };
	struct err e = { "" };
	char line[200];
	int rc = 0;

	for (int i = 0; i < 20000; i++) {
		(void)snprintf(line, sizeof(line), SPAN(",\"resource\":"
		    "{\"r\":%d}"), i % 10000);
		rc |= add(b, line, &e);
	}
	(void)is_int(rc, 0, "20000 spans of 10000 resources");
	(void)is_int(otlp_batch_finish(b, &out), 0, "finished");
	(void)is_int(otlp_decode_pb(OTLP_TRACES, out.p, out.n, &lines, &t,
	    &e), 0, "and read again");
	(void)is_int((intmax_t)t.records, 20000, "all of them");
	otlp_batch_free(b);
	buf_fini(&out);
	buf_fini(&lines);
}

static void
test_metrics(void)
{
	struct otlp_batch *b = otlp_batch_new(OTLP_METRICS, OTLP_JSON);
	struct buf out = { 0 };
	struct err e;

	(void)is_int(add(b, "{\"record\":\"metric\",\"name\":\"m\"}", &e), -1,
	    "a metric without type");
	(void)is_str(e.msg, "metric without type", "is told");
	(void)is_int(add(b, "{\"record\":\"metric\",\"type\":\"x\"}", &e), -1,
	    "a metric of another type");
	(void)is_str(e.msg, "metric of an unknown type", "is told");
	(void)is_int(add(b, "{\"record\":\"metric\",\"type\":\"gauge\","
	    "\"value\":\"5\"}", &e), -1, "a value in a string");
	(void)is_str(e.msg, "value: number expected", "is told");
	(void)add(b, "{\"record\":\"metric\",\"name\":\"m\",\"type\":\"sum\","
	    "\"temporality\":\"delta\",\"monotonic\":true,\"value\":1}", &e);
	(void)add(b, "{\"record\":\"metric\",\"name\":\"m\",\"type\":\"sum\","
	    "\"temporality\":\"delta\",\"monotonic\":true,\"value\":2.5}", &e);
	(void)otlp_batch_finish(b, &out);
	(void)is_str(buf_cstr(&out), "{\"resourceMetrics\":[{\"scopeMetrics\":"
	    "[{\"metrics\":[{\"name\":\"m\",\"sum\":"
	    "{\"aggregationTemporality\":1,\"isMonotonic\":true,"
	    "\"dataPoints\":[{\"asInt\":\"1\"},{\"asDouble\":2.5}]}}]}]}]}",
	    "points of one metric");
	otlp_batch_free(b);
	buf_fini(&out);
}

int
main(void)
{
	test_json();
	test_protobuf();
	test_bad(OTLP_JSON);
	test_bad(OTLP_PROTOBUF);
	test_groups();
	test_many();
	test_metrics();
	return done_testing();
}

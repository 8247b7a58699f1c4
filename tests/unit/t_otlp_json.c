/* OTLP/JSON into records: what clients send beside the letter of the rules. */
#include <errno.h>
#include <stdlib.h>

#include "otlp/otlp.h"
#include "tests/unit/tap.h"

#define IDS								\
	"\"traceId\":\"0102030405060708090a0b0c0d0e0f10\","		\
	"\"spanId\":\"a1a2a3a4a5a6a7a8\""
#define SPAN(s)								\
	"{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" IDS s "}]}]}]}"
#define ATTR(v)	SPAN(",\"attributes\":[{\"key\":\"k\",\"value\":" v "}]")
#define LOG(s)	"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{" s \
	"}]}]}]}"
#define POINT(s) "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[" \
	"{\"name\":\"m\",\"gauge\":{\"dataPoints\":[{" s "}]}}]}]}]}"
#define RECORD_IDS							\
	"{\"record\":\"span\","						\
	"\"trace_id\":\"0102030405060708090a0b0c0d0e0f10\","		\
	"\"span_id\":\"a1a2a3a4a5a6a7a8\""
#define RECORD(s)	RECORD_IDS s "}\n"
#define VALUE(v)	RECORD(",\"attributes\":{\"k\":" v "}")

static const struct {
	const char	*name, *json, *record;
} good[] = {
	{ "nothing but ids", SPAN(""), RECORD("") },
	{ "no request at all", "{}", "" },
	{ "empty lists", "{\"resourceSpans\":[]}", "" },
	{ "null for lists", "{\"resourceSpans\":null}", "" },
	{ "white space everywhere", " { \"resourceSpans\" : [ { \"scopeSpans\""
	    " : [ { \"spans\" : [ {\r\n\t" IDS " } ] } ] } ] } \n",
	    RECORD("") },
	{ "snake_case", "{\"resource_spans\":[{\"scope_spans\":[{\"spans\":[{"
	    "\"trace_id\":\"0102030405060708090a0b0c0d0e0f10\","
	    "\"span_id\":\"a1a2a3a4a5a6a7a8\","
	    "\"start_time_unix_nano\":\"1\"}]}]}]}",
	    RECORD(",\"start_time\":\"1970-01-01T00:00:00.000000001Z\"") },
	{ "upper-case ids", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":"
	    "[{\"traceId\":\"0102030405060708090A0B0C0D0E0F10\","
	    "\"spanId\":\"A1A2A3A4A5A6A7A8\"}]}]}]}", RECORD("") },
	{ "an escaped member name", SPAN(",\"n\\u0061me\":\"x\""),
	    RECORD(",\"name\":\"x\"") },
	{ "parent of zeros and \"\"", SPAN(",\"parentSpanId\":"
	    "\"0000000000000000\",\"traceState\":\"\",\"name\":\"\""),
	    RECORD("") },
	{ "null members", SPAN(",\"name\":null,\"status\":null,"
	    "\"attributes\":null,\"flags\":null"), RECORD("") },
	{ "unknown members", SPAN(",\"new\":{\"a\":[1,{}]},\"name\":\"n\""),
	    RECORD(",\"name\":\"n\"") },
	{ "the last of equal members", SPAN(",\"name\":\"a\",\"name\":\"b\""),
	    RECORD(",\"name\":\"b\"") },
	{ "kind as number", SPAN(",\"kind\":3"), RECORD(",\"kind\":\"CLIENT\"") },
	{ "kind as name", SPAN(",\"kind\":\"SPAN_KIND_CLIENT\""),
	    RECORD(",\"kind\":\"CLIENT\"") },
	{ "kind as a number in a string", SPAN(",\"kind\":\"3\""),
	    RECORD(",\"kind\":\"CLIENT\"") },
	{ "kind unspecified", SPAN(",\"kind\":0"), RECORD("") },
	{ "status by name", SPAN(",\"status\":{\"code\":"
	    "\"STATUS_CODE_ERROR\",\"message\":\"m\"}"),
	    RECORD(",\"status\":{\"code\":\"ERROR\",\"message\":\"m\"}") },
	{ "status unset", SPAN(",\"status\":{\"code\":0}"), RECORD("") },
	{ "time as number", SPAN(",\"startTimeUnixNano\":1795219831014000001"),
	    RECORD(",\"start_time\":\"2026-11-21T00:10:31.014000001Z\"") },
	{ "time zero", SPAN(",\"startTimeUnixNano\":\"0\","
	    "\"endTimeUnixNano\":0"), RECORD("") },
	{ "flags in a string", SPAN(",\"flags\":\"257\""),
	    RECORD(",\"flags\":257") },
	{ "dropped counts", SPAN(",\"droppedAttributesCount\":0,"
	    "\"droppedEventsCount\":2,\"droppedLinksCount\":0"),
	    RECORD(",\"dropped\":{\"events\":2}") },
	{ "members in any order", SPAN(",\"attributes\":[{\"value\":"
	    "{\"intValue\":1},\"key\":\"k\"}],\"name\":\"n\""),
	    RECORD(",\"name\":\"n\",\"attributes\":{\"k\":1}") },

	{ "string", ATTR("{\"stringValue\":\"a\\/b\\u00e9\\u000A\\\"\"}"),
	    VALUE("\"a/b\xc3\xa9\\n\\\"\"") },
	{ "surrogate pair", ATTR("{\"stringValue\":\"\\ud83d\\uDE00\"}"),
	    VALUE("\"\xf0\x9f\x98\x80\"") },
	{ "control characters", ATTR("{\"stringValue\":\"\\u0000\\u001b\"}"),
	    VALUE("\"\\u0000\\u001b\"") },
	{ "intValue as number", ATTR("{\"intValue\":5}"), VALUE("5") },
	{ "intValue as string", ATTR("{\"intValue\":\"-5000\"}"),
	    VALUE("-5000") },
	{ "int_value", ATTR("{\"int_value\":\"5\"}"), VALUE("5") },
	{ "largest intValue", ATTR("{\"intValue\":9223372036854775807}"),
	    VALUE("9223372036854775807") },
	{ "beyond 2^53", ATTR("{\"intValue\":9007199254740993}"),
	    VALUE("9007199254740993") },
	{ "intValue 5.0 and 1e3", ATTR("{\"arrayValue\":{\"values\":["
	    "{\"intValue\":5.0},{\"intValue\":1e3}]}}"), VALUE("[5,1000]") },
	{ "intValue that is none", ATTR("{\"intValue\":1e+21}"),
	    VALUE("1e+21") },
	{ "intValue beyond int64", ATTR("{\"intValue\":9223372036854775808}"),
	    VALUE("9223372036854775808.0") },
	{ "doubleValue without a point", ATTR("{\"doubleValue\":3}"),
	    VALUE("3.0") },
	{ "doubleValue in a string", ATTR("{\"doubleValue\":\"NaN\"}"),
	    VALUE("{\"@double\":\"NaN\"}") },
	{ "doubleValue Infinity", ATTR("{\"doubleValue\":\"-Infinity\"}"),
	    VALUE("{\"@double\":\"-Infinity\"}") },
	{ "doubleValue too large", ATTR("{\"doubleValue\":1e400}"),
	    VALUE("{\"@double\":\"Infinity\"}") },
	{ "boolValue", ATTR("{\"boolValue\":false}"), VALUE("false") },
	{ "bytesValue", ATTR("{\"bytesValue\":\"AAEC/w==\"}"),
	    VALUE("{\"@bytes\":\"AAEC/w==\"}") },
	{ "bytesValue of the URL kind", ATTR("{\"bytesValue\":\"AAEC_w\"}"),
	    VALUE("{\"@bytes\":\"AAEC/w==\"}") },
	{ "empty value", ATTR("{}"), VALUE("null") },
	{ "null value", ATTR("null"), VALUE("null") },
	{ "value of null", ATTR("{\"stringValue\":null}"), VALUE("null") },
	{ "value of an unknown kind", ATTR("{\"newValue\":1}"),
	    VALUE("null") },
	{ "no value", SPAN(",\"attributes\":[{\"key\":\"k\"}]"),
	    VALUE("null") },
	{ "no key", SPAN(",\"attributes\":[{\"value\":{\"intValue\":1}}]"),
	    RECORD(",\"attributes\":{\"\":1}") },
	{ "null attribute", SPAN(",\"attributes\":[null]"), RECORD("") },
	{ "empty array", ATTR("{\"arrayValue\":{}}"), VALUE("[]") },
	{ "array of all", ATTR("{\"arrayValue\":{\"values\":[{},null,"
	    "{\"stringValue\":\"\"},{\"kvlistValue\":{}}]}}"),
	    VALUE("[null,null,\"\",{}]") },
	{ "kvlist", ATTR("{\"kvlistValue\":{\"values\":[{\"key\":\"a\","
	    "\"value\":{\"boolValue\":true}}]}}"), VALUE("{\"a\":true}") },
	{ "kvlist like a wrapping", ATTR("{\"kvlistValue\":{\"values\":["
	    "{\"key\":\"@double\",\"value\":{\"stringValue\":\"NaN\"}}]}}"),
	    VALUE("{\"@kvlist\":{\"@double\":\"NaN\"}}") },

	{ "log without ids", LOG("\"timeUnixNano\":\"0\","
	    "\"observedTimeUnixNano\":\"5\",\"traceId\":\"\",\"spanId\":\"\","
	    "\"body\":null,\"severityNumber\":\"SEVERITY_NUMBER_WARN2\""),
	    "{\"record\":\"log\","
	    "\"observed_time\":\"1970-01-01T00:00:00.000000005Z\","
	    "\"severity_number\":14}\n" },
	{ "log with a body", LOG("\"body\":{\"intValue\":\"0\"}"),
	    "{\"record\":\"log\",\"body\":0}\n" },
	{ "log with an empty body", LOG("\"body\":{}"),
	    "{\"record\":\"log\"}\n" },
	{ "log with nothing", LOG(""), "{\"record\":\"log\"}\n" },
	{ "asInt", POINT("\"asInt\":\"7\""), "{\"record\":\"metric\","
	    "\"name\":\"m\",\"type\":\"gauge\",\"value\":7}\n" },
	{ "asInt as JavaScript has it", POINT("\"asInt\":1e21"),
	    "{\"record\":\"metric\",\"name\":\"m\",\"type\":\"gauge\","
	    "\"value\":1e+21}\n" },
	{ "asDouble 1", POINT("\"asDouble\":1"), "{\"record\":\"metric\","
	    "\"name\":\"m\",\"type\":\"gauge\",\"value\":1.0}\n" },
	{ "the last of a oneof", POINT("\"asDouble\":1,\"asInt\":2"),
	    "{\"record\":\"metric\",\"name\":\"m\",\"type\":\"gauge\","
	    "\"value\":2}\n" },
};

static const char late_head[] =
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" IDS "}],"
    "\"schemaUrl\":\"u2\",\"scope\":{\"name\":\"s\"}}],"
    "\"schemaUrl\":\"u1\",\"resource\":{\"attributes\":"
    "[{\"key\":\"r\",\"value\":{\"intValue\":1}}]}}]}";
static const char late_record[] = RECORD(",\"resource\":{\"r\":1},"
    "\"resource_info\":{\"schema_url\":\"u1\"},"
    "\"scope\":{\"name\":\"s\",\"schema_url\":\"u2\"}");

/* Where: the text at the place, NULL where why has the place. */
static const struct {
	const char	*name, *json, *why, *where;
} bad[] = {
	{ "nothing", "", "object expected at byte 0", NULL },
	{ "an array", "[]", "object expected at byte 0", NULL },
	{ "cut short", "{\"resourceSpans\":[{", "text cut short at byte 19", NULL },
	{ "text behind", "{} x", "text behind the request at byte 3", NULL },
	{ "two requests", "{}{}", "text behind the request at byte 2", NULL },
	{ "no comma", "{\"a\":1 \"b\":2}", "',' or '}' expected at byte 7", NULL },
	{ "comma at the end", "{\"a\":1,}", "string expected at byte 7", NULL },
	{ "not a list", "{\"resourceSpans\":{}}",
	    "array expected at byte 17", NULL },
	{ "a broken number", "{\"x\":01}", "bad number at byte 5", NULL },
	{ "a raw line break", "{\"x\":\"\n\"}",
	    "control character in a string at byte 5", NULL },
	{ "a broken escape", "{\"x\":\"\\q\"}", "bad escape at byte 5", NULL },
	{ "a time that is none", SPAN(",\"startTimeUnixNano\":\"noon\""),
	    "number expected", "\"noon" },
	{ "a negative time", SPAN(",\"startTimeUnixNano\":-1"),
	    "number expected", "-1" },
	{ "a name that is none", SPAN(",\"name\":1"),
	    "string expected", "1}" },
	{ "an unknown kind", SPAN(",\"kind\":\"SPAN_KIND_X\""),
	    "number or name of an enum expected", "\"SPAN" },
	{ "a value that is no object", ATTR("\"x\""),
	    "object expected", "\"x\"" },
	{ "bytes that are not base64", ATTR("{\"bytesValue\":\"*\"}"),
	    "bytesValue is not base64", "\"*" },
	{ "flags beyond 32 bits", SPAN(",\"flags\":4294967296"),
	    "number expected", "4294967296" },
};

static const struct {
	const char	*name, *json, *why;
} refused[] = {
	{ "no trace id", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{"
	    "\"spanId\":\"a1a2a3a4a5a6a7a8\"}]}]}]}",
	    "span without trace_id" },
	{ "span id of zeros", "{\"resourceSpans\":[{\"scopeSpans\":[{"
	    "\"spans\":[{\"traceId\":\"0102030405060708090a0b0c0d0e0f10\","
	    "\"spanId\":\"0000000000000000\"}]}]}]}",
	    "span without span_id" },
	{ "base64 id", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{"
	    "\"traceId\":\"AQIDBAUGBwgJCgsMDQ4PEA==\","
	    "\"spanId\":\"a1a2a3a4a5a6a7a8\"}]}]}]}",
	    "trace_id of 12 bytes in a span" },
	{ "short parent", SPAN(",\"parentSpanId\":\"a1\""),
	    "parent_span_id of 1 bytes in a span" },
};

static int
decode(const char *json, struct buf *out, struct otlp_tally *t,
    struct err *e)
{
	size_t n = strlen(json);
	/* Its own memory, so that a read beyond the end is seen. */
	char *copy = malloc(n != 0 ? n : 1);
	int rc;

	memcpy(copy, json, n);
	memset(t, 0, sizeof(*t));
	e->msg[0] = '\0';
	rc = otlp_decode_json(strstr(json, "Logs") != NULL ? OTLP_LOGS :
	    strstr(json, "Metrics") != NULL ? OTLP_METRICS : OTLP_TRACES,
	    copy, n, out, t, e);
	free(copy);
	return rc;
}

static void
test_good(void)
{
	struct otlp_tally t;
	struct buf out = { 0 };
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		buf_reset(&out);
		if (decode(good[i].json, &out, &t, &e) == -1)
			note("%s", e.msg);
		(void)is_str(buf_cstr(&out), good[i].record, good[i].name);
	}
	buf_reset(&out);
	(void)decode(late_head, &out, &t, &e);
	(void)is_str(buf_cstr(&out), late_record, "heads behind their items");
	(void)is_int((intmax_t)t.records, 1, "and counted once");
	buf_fini(&out);
}

static void
test_bad(void)
{
	char why[200];
	struct otlp_tally t;
	struct buf out = { 0 };
	struct err e;

	buf_adds(&out, "before");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)is_int(decode(bad[i].json, &out, &t, &e), -1,
		    bad[i].name);
		(void)snprintf(why, sizeof(why), "%s", bad[i].why);
		if (bad[i].where != NULL)
			(void)snprintf(why, sizeof(why), "%s at byte %td",
			    bad[i].why, strstr(bad[i].json, bad[i].where) -
			    bad[i].json);
		(void)is_str(e.msg, why, bad[i].name);
		(void)is_str(buf_cstr(&out), "before", "output unchanged");
		(void)is_int((intmax_t)(t.records + t.refused), 0,
		    "nothing counted");
	}
	buf_fini(&out);
}

static void
test_refused(void)
{
	struct otlp_tally t;
	struct buf out = { 0 };
	struct err e;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		(void)is_int(decode(refused[i].json, &out, &t, &e), 0,
		    refused[i].name);
		(void)is_int((intmax_t)t.refused, 1, "one refused");
		(void)is_str(t.why, refused[i].why, "and why");
		(void)is_int((intmax_t)out.n, 0, "no record");
	}
	(void)decode(LOG("\"traceId\":\"abc\",\"body\":{\"intValue\":1}"),
	    &out, &t, &e);
	(void)is_str(buf_cstr(&out), "{\"record\":\"log\",\"body\":1}\n",
	    "a log is never refused");
	(void)is_int((intmax_t)t.bad_ids, 1, "its bad id is counted");
	buf_fini(&out);
}

static void
test_utf8(void)
{
	static const char half[] = ATTR("{\"stringValue\":\"x\\ud800y\"}");
	static const char latin[] = ATTR("{\"stringValue\":\"caf\xe9 \xff\"}");
	struct otlp_tally t;
	struct buf out = { 0 };
	struct err e;

	(void)decode(half, &out, &t, &e);
	(void)is_str(buf_cstr(&out), VALUE("\"x\xef\xbf\xbdy\""),
	    "half a surrogate pair");
	(void)is_int((intmax_t)t.bad_utf8, 1, "is counted");
	buf_reset(&out);
	(void)decode(latin, &out, &t, &e);
	(void)is_str(buf_cstr(&out),
	    VALUE("\"caf\xef\xbf\xbd \xef\xbf\xbd\""), "bytes of Latin-1");
	(void)is_int((intmax_t)t.bad_utf8, 2, "are counted");
	buf_fini(&out);
}

/* n arrays in one another, the innermost empty, as an attribute. */
static void
nest(struct buf *b, int n)
{
	buf_adds(b, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" IDS
	    ",\"attributes\":[{\"key\":\"k\",\"value\":");
	for (int i = 0; i < n; i++)
		buf_adds(b, "{\"arrayValue\":{\"values\":[");
	for (int i = 0; i < n; i++)
		buf_adds(b, "]}}");
	buf_adds(b, "}]}]}]}]}");
}

static void
test_depth(void)
{
	struct buf in = { 0 }, out = { 0 };
	struct otlp_tally t;
	struct err e;

	nest(&in, 126);		/* with the record and "attributes": 128 */
	(void)is_int(decode(buf_cstr(&in), &out, &t, &e), 0, "128 levels");
	buf_reset(&in);
	nest(&in, 127);
	(void)is_int(decode(buf_cstr(&in), &out, &t, &e), -1, "129 levels");
	ok(strncmp(e.msg, "value nested too deeply at byte ", 32) == 0,
	    "%s", e.msg);
	buf_reset(&in);
	nest(&in, 1000000);
	(void)is_int(decode(buf_cstr(&in), &out, &t, &e), -1,
	    "a million levels");
	buf_fini(&in);
	buf_fini(&out);
}

static void
test_signal(void)
{
	static const char both[] = "{\"resourceLogs\":[{\"scopeLogs\":[{"
	    "\"logRecords\":[{}]}]}],\"resourceSpans\":[{\"scopeSpans\":[{"
	    "\"spans\":[{" IDS "}]}]}]}";
	struct otlp_tally t = { 0 };
	struct buf out = { 0 };
	struct err e;

	(void)is_int(otlp_decode_json(OTLP_SIGNAL_UNKNOWN, both,
	    sizeof(both) - 1, &out, &t, &e), 0, "signals by name");
	(void)is_str(buf_cstr(&out), "{\"record\":\"log\"}\n" RECORD(""),
	    "in order");
	buf_reset(&out);
	(void)is_int(otlp_decode_json(OTLP_TRACES, both, sizeof(both) - 1,
	    &out, &t, &e), 0, "one signal");
	(void)is_str(buf_cstr(&out), RECORD(""), "the others are unknown");
	(void)is_int(otlp_decode_json(OTLP_SIGNAL_UNKNOWN, "{}", 2, &out, &t,
	    &e), -1, "no signal");
	(void)is_str(e.msg, "no resourceSpans, resourceLogs or "
	    "resourceMetrics at byte 0", "is told");
	buf_fini(&out);
}

static void
test_ceiling(void)
{
	struct otlp_tally t = { 0 };
	struct buf out;
	struct err e;

	buf_init(&out, 20);
	(void)is_int(otlp_decode_json(OTLP_TRACES, SPAN(""),
	    sizeof(SPAN("")) - 1, &out, &t, &e), -1, "no room");
	(void)is_int((intmax_t)out.n, 0, "output unchanged");
	(void)is_int(out.err, EMSGSIZE, "and says why");
	buf_fini(&out);
}

static void
decode_attr(bool wide, const char *type, const char *string,
    struct buf *out, struct otlp_tally *t, int *rc)
{
	const char *space = wide ? " " : "";
	struct buf json = { 0 };
	struct err e;

	buf_addf(&json, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" IDS
	    ",\"attributes\":[{%s\"key\":\"%s\",\"value\":{%s\"%s\":\"%s\"}}]"
	    "}]}]}]}", space, string, space, type, string);
	*rc = decode(buf_cstr(&json), out, t, &e);
	buf_fini(&json);
}

/* What is taken in one pass is what is taken in steps, made of these. */
static void
test_one_pass(void)
{
	static const char *const piece[] = { "0", "7", "123456789",
	    "a long and plain text of more than one word", "\\n", "\\\"", "\\\\", "\\/",
	    "\\u0041", "\\u000a", "\\u00e9", "\\ud83d\\ude00", "\\ud83d",
	    "\\ud83d\\u", "\\ude0g", "\\x", "\\", "\"", "\n", "\xc3\xa9", "\xc3",
	    "\xff", "-", "\\u00", "\xf0\x9f\x98\x80" };
	const size_t n = sizeof(piece) / sizeof(piece[0]);
	int wrong = 0, right = 0;

	for (size_t i = 0; i < n * n * n; i++) {
		struct otlp_tally t = { 0 }, u = { 0 };
		struct buf text = { 0 }, a = { 0 }, b = { 0 };
		const char *type = i % 2 != 0 ? "intValue" : "stringValue";
		int rc, same;

		buf_addf(&text, "%s%s%s", piece[i % n], i / n % 3 != 0 ?
		    piece[i / n % n] : "", i / n / n % 2 != 0 ?
		    piece[i / n / n] : "");
		decode_attr(false, type, buf_cstr(&text), &a, &t, &rc);
		decode_attr(true, type, buf_cstr(&text), &b, &u, &same);
		wrong += rc != same || a.n != b.n ||
		    memcmp(buf_cstr(&a), buf_cstr(&b), b.n) != 0 ||
		    t.bad_utf8 != u.bad_utf8;
		right += rc == 0;
		buf_fini(&text);
		buf_fini(&a);
		buf_fini(&b);
	}
	is_int(wrong, 0, "one pass and many agree");
	ok(right > 1000, "also on what is right");
}

int
main(void)
{
	test_good();
	test_bad();
	test_refused();
	test_utf8();
	test_depth();
	test_signal();
	test_ceiling();
	test_one_pass();
	return done_testing();
}

/* The index of a line, times, and ids. */
#include "record/record.h"

#include <stdlib.h>

#include "record/ids.h"
#include "record/rtime.h"
#include "tests/unit/tap.h"

static struct record r;

static bool
index_of(const char *line)
{
	const char *why;

	return record_index(&r, line, strlen(line), &why) == 0;
}

static void
attr_is(const char *key, const char *want)
{
	struct json_val v = record_attr(&r, key);

	if (want == NULL)
		is_int(v.type, JSON_NONE, key);
	else
		is_mem(v.p, v.n, want, strlen(want), key);
}

static void
test_index(void)
{
	ok(index_of("{\"record\":\"span\",\"attributes\":{\"a\":1,"
	    "\"b\":{\"c\":2},\"a\":9007199254740993,\"n\":null},"
	    "\"name\":null,\"resource\":{\"service.name\":\"x\"},"
	    "\"other\":{\"attributes\":{\"a\":5}}}"), "a record");
	is_int(r.kind, RECORD_SPAN, "its kind");
	attr_is("a", "9007199254740993");
	attr_is("b", "{\"c\":2}");
	attr_is("n", NULL);
	attr_is("c", NULL);
	is_int(r.field[F_NAME].type, JSON_NONE, "null is absent");
	ok(json_str_is(record_resource(&r, "service.name"), "x"),
	    "the resource");
	is_int(record_member(&r, "other").type, JSON_OBJECT,
	    "a member without a field");
	ok(index_of(" { \"attributes\" : { \"\\u0061\" : 1 } , "
	    "\"\\u0072ecord\" : \"log\" } "), "white space and escapes");
	is_int(r.kind, RECORD_LOG, "an escaped name is the name");
	attr_is("a", "1");
	ok(index_of("{\"attributes\":{\"a\":1},\"attributes\":{\"b\":2}}"),
	    "twice the attributes");
	attr_is("a", NULL);
	attr_is("b", "2");
	ok(index_of("{\"attributes\":5}"), "attributes that are none");
	is_int((intmax_t)r.nattr, 0, "have no members");
	ok(index_of("{}"), "an empty object");
	is_int(r.kind, RECORD_OTHER, "of no kind");
}

static void
test_names(void)
{
	for (int f = 0; f < F_COUNT_; f++) {
		const char *name = record_field_name((enum record_field)f);
		struct json_member m = { .key = name, .klen = strlen(name) };

		ok(record_field_of(&m) == (enum record_field)f,
		    "%s is found by its name", name);
	}
}

static void
test_bad(void)
{
	static const char *const line[] = { "", " ", "[1]", "5", "\"x\"",
	    "not json", "{\"a\":1", "{\"a\":1}}", "{\"a\":1,}",
	    "{\"attributes\":{\"a\":}}", "{\"attributes\":{\"a\":1}",
	    "{\"attributes\":{\"a\":1,}}", "{\"a\":\"\n\"}", "{a:1}" };

	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++)
		ok(!index_of(line[i]), "no record: case %zu", i);
}

static void
test_depth(void)
{
	char s[1024];
	int n, levels;

	for (levels = 126; levels <= 130; levels++) {
		n = sprintf(s, "{\"attributes\":{\"a\":");
		for (int i = 2; i < levels; i++)
			s[n++] = '[';
		for (int i = 2; i < levels; i++)
			s[n++] = ']';
		s[n++] = '}';
		s[n++] = '}';
		s[n] = '\0';
		ok(index_of(s) == (levels <= JSON_MAX_DEPTH),
		    "%d levels in an attribute", levels);
	}
}

/* Seconds from date(1): date -u -d TEXT +%s */
static void
test_time(void)
{
	static const struct {
		const char	*text;
		uint64_t	 ns;
	} t[] = {
		{ "1970-01-01T00:00:00.000000000Z", 0 },
		{ "2026-11-21T00:03:42.431000000Z", 1795219422431000000 },
		{ "2000-02-29T23:59:59.999999999Z", 951868799999999999 },
		{ "2100-03-01T00:00:00.000000001Z", 4107542400000000001 },
		{ "2554-07-21T23:34:33.709551615Z", UINT64_MAX },
	};
	char out[RTIME_LEN];
	uint64_t ns;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		rtime_format(t[i].ns, out);
		is_mem(out, RTIME_LEN, t[i].text, RTIME_LEN, t[i].text);
		ok(rtime_parse(t[i].text, RTIME_LEN, &ns) == 0 &&
		    ns == t[i].ns, "and back");
	}
	for (uint64_t day = 0; day < 200000; day += 7) {
		rtime_format(day * 86400 * 1000000000, out);
		if (rtime_parse(out, RTIME_LEN, &ns) == -1 ||
		    ns != day * 86400 * 1000000000) {
			ok(false, "day %d comes back", (int)day);
			break;
		}
	}
	ok(rtime_parse("2026-11-21T02:03:42+02:00", 25, &ns) == 0 &&
	    ns == 1795219422000000000, "an offset");
	ok(rtime_parse("2026-11-21T00:03:42.5Z", 22, &ns) == 0 &&
	    ns == 1795219422500000000, "one digit");
}

static void
test_bad_time(void)
{
	static const char *const t[] = { "", "2026-11-21",
	    "2026-11-21T00:03:42", "2026-13-21T00:03:42Z",
	    "2026-02-29T00:03:42Z", "2026-11-21T24:03:42Z",
	    "2026-11-21 00:03:42Z", "2026-11-21T00:03:42.Z",
	    "2026-11-21T00:03:42.1234567890Z", "1969-12-31T23:59:59Z",
	    "2026-11-21T00:03:42ZZ", "2026-11-21T00:03:42+0200",
	    "3000-01-01T00:00:00Z",
	    /* of the record format's own length */
	    "2026-13-21T00:03:42.431000000Z", "2026-02-29T00:03:42.431000000Z",
	    "2026-04-31T00:03:42.431000000Z", "2026-11-00T00:03:42.431000000Z",
	    "2026-11-21T24:03:42.431000000Z", "2026-11-21T00:60:42.431000000Z",
	    "2026-11-21T00:03:61.431000000Z", "2026-11-21T00:03:42,431000000Z",
	    "2026-11-21T00:03:42.43100000xZ", "2026-11-21T00:03:42.x31000000Z",
	    "2026-11-21T00:03:42.4310000000", "202x-11-21T00:03:42.431000000Z",
	    "1969-12-31T23:59:59.999999999Z", "2554-07-21T23:34:33.709551616Z",
	    "2554-08-01T00:00:00.000000000Z" };
	uint64_t ns;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		ok(rtime_parse(t[i], strlen(t[i]), &ns) == -1, "no time: %s",
		    t[i]);
}

static struct json_val
string(const char *s)
{
	return (struct json_val){ s, strlen(s), JSON_STRING };
}

static void
test_ids(void)
{
	const struct id_part ab[] = { { "a", 1 }, { "b", 1 } };
	const struct id_part a_b[] = { { "ab", 2 }, { "", 0 } };
	char one[TRACE_ID_LEN], two[TRACE_ID_LEN], span[SPAN_ID_LEN];

	ids_trace(ab, 2, one);
	ids_trace(ab, 2, two);
	is_mem(one, TRACE_ID_LEN, two, TRACE_ID_LEN, "the same parts");
	ids_trace(a_b, 2, two);
	ok(memcmp(one, two, TRACE_ID_LEN) != 0, "cut elsewhere: another id");
	/* printf 'trace\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\1b' | sha256sum */
	is_mem(one, TRACE_ID_LEN, "08f54a8fd044f16815ccae8b2623a67f",
	    TRACE_ID_LEN, "what sha256sum says");
	ids_span(ab, 2, span);
	ok(memcmp(one, span, SPAN_ID_LEN) != 0, "a span is no trace");
	ok(ids_is_trace(string("\"0123456789abcdef0123456789abcdef\"")),
	    "a trace id");
	ok(!ids_is_trace(string("\"0123456789ABCDEF0123456789abcdef\"")),
	    "upper case is none");
	ok(!ids_is_trace(string("\"00000000000000000000000000000000\"")),
	    "nor all zeros");
	ok(!ids_is_span(string("\"0123456789abcde\"")), "nor a short one");
}

int
main(void)
{
	test_index();
	test_names();
	test_bad();
	test_depth();
	test_time();
	test_bad_time();
	test_ids();
	record_fini(&r);
	return done_testing();
}

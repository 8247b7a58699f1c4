/* OTLP/protobuf into records: the wire format, broken and unusual. */
#include <stdlib.h>

#include "otlp/otlp.h"
#include "otlp/wire.h"
#include "tests/unit/tap.h"

#define RECORD_IDS							\
	"{\"record\":\"span\","						\
	"\"trace_id\":\"0102030405060708090a0b0c0d0e0f10\","		\
	"\"span_id\":\"a1a2a3a4a5a6a7a8\""

/* Fields of a span: both ids. */
#define IDS	"\x0a\x10\x01\x02\x03\x04\x05\x06\x07\x08"		\
		"\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10"			\
		"\x12\x08\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8"

/* A field of that number around bytes. */
static void
wrap(struct buf *to, unsigned number, const void *p, size_t n)
{
	struct buf b = { 0 };

	buf_addc(&b, (char)(number << 3 | WIRE_LEN));
	for (size_t v = n; ; v >>= 7) {
		buf_addc(&b, (char)(v < 0x80 ? v : (v | 0x80)));
		if (v < 0x80)
			break;
	}
	buf_add(&b, p, n);
	buf_add(to, b.p, b.n);
	buf_fini(&b);
}

/* A request with one span or log of these fields. */
static void
request(struct buf *to, const void *fields, size_t n)
{
	struct buf item = { 0 }, scope = { 0 };

	wrap(&item, 2, fields, n);
	wrap(&scope, 2, item.p, item.n);
	wrap(to, 1, scope.p, scope.n);
	buf_fini(&item);
	buf_fini(&scope);
}

static int
decode(enum otlp_signal sig, const void *p, size_t n, struct buf *out,
    struct otlp_tally *t, struct err *e)
{
	/* Its own memory, so that a read beyond the end is seen. */
	char *copy = malloc(n != 0 ? n : 1);
	int rc;

	memcpy(copy, p, n);
	memset(t, 0, sizeof(*t));
	e->msg[0] = '\0';
	rc = otlp_decode_pb(sig, copy, n, out, t, e);
	free(copy);
	return rc;
}

#define F(s)	s, sizeof(s) - 1

static const struct {
	const char	*name, *fields;
	size_t		 n;
	const char	*record;
} good[] = {
	{ "ids", F(IDS), RECORD_IDS "}\n" },
	{ "fields in any order", F("\x2a\x01n" IDS), RECORD_IDS
	    ",\"name\":\"n\"}\n" },
	{ "the last of equal fields", F(IDS "\x2a\x01" "a" "\x2a\x01" "b"),
	    RECORD_IDS ",\"name\":\"b\"}\n" },
	{ "attributes in short and in long spelling", F(IDS
	    "\x4a\x08\x0a\x01" "a\x12\x03\x0a\x01" "1"
	    "\xca\x00\x8b\x00\x8a\x00\x81\x00" "b\x12\x83\x00\x0a\x01" "2"
	    "\x4a\x09\x0a\x01" "c\x12\x04\x0a\x81\x00" "3"
	    "\x4a\x0a\x0a\x01" "d\x12\x05\x0a\x81\x80\x00" "4"), RECORD_IDS
	    ",\"attributes\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\",\"d\":\"4\"}}\n" },
	{ "a value before its key", F(IDS "\x4a\x08\x12\x03\x0a\x01v"
	    "\x0a\x01k"), RECORD_IDS ",\"attributes\":{\"k\":\"v\"}}\n" },
	{ "the last of several values", F(IDS
	    "\x4a\x0b\x0a\x01" "a\x12\x06\x0a\x01" "1\x0a\x01" "2"
	    "\x4a\x0a\x0a\x01" "b\x12\x05\x0a\x01" "1\x18\x05"
	    "\x4a\x0d\x0a\x01" "c\x12\x03\x0a\x01" "1\x12\x03\x0a\x01" "2"),
	    RECORD_IDS ",\"attributes\":{\"a\":\"2\",\"b\":5,\"c\":\"2\"}}\n" },
	{ "unknown fields", F(IDS "\x98\x06\x05\xa2\x06\x01x\xa9\x06"
	    "12345678\xad\x06" "1234"), RECORD_IDS "}\n" },
	{ "a long varint for 1", F(IDS "\x30\x81\x80\x80\x80\x80\x00"),
	    RECORD_IDS ",\"kind\":\"INTERNAL\"}\n" },
	{ "a negative enum", F(IDS
	    "\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
	    RECORD_IDS ",\"kind\":-1}\n" },
	{ "a NUL in a string", F(IDS "\x2a\x03" "a\0b"),
	    RECORD_IDS ",\"name\":\"a\\u0000b\"}\n" },
	{ "attributes between other fields", F(IDS
	    "\x4a\x05\x0a\x01" "a" "\x12\x00" "\x30\x02"
	    "\x4a\x07\x0a\x01" "b" "\x12\x02\x18\x05"),
	    RECORD_IDS ",\"kind\":\"SERVER\",\"attributes\":"
	    "{\"a\":null,\"b\":5}}\n" },
	{ "attribute without a value", F(IDS "\x4a\x03\x0a\x01" "a"),
	    RECORD_IDS ",\"attributes\":{\"a\":null}}\n" },
	{ "attribute without anything", F(IDS "\x4a\x00"),
	    RECORD_IDS ",\"attributes\":{\"\":null}}\n" },
	{ "the last of a oneof", F(IDS "\x4a\x0a\x0a\x01" "a"
	    "\x12\x05\x0a\x01x\x10\x01"),
	    RECORD_IDS ",\"attributes\":{\"a\":true}}\n" },
	{ "value before key", F(IDS "\x4a\x07\x12\x02\x10\x00\x0a\x01" "a"),
	    RECORD_IDS ",\"attributes\":{\"a\":false}}\n" },
	{ "parent of zeros", F(IDS "\x22\x08\0\0\0\0\0\0\0\0"),
	    RECORD_IDS "}\n" },
};

static const struct {
	const char	*name, *fields;
	size_t		 n;
	const char	*why;		/* at which byte of the fields */
	size_t		 at;
} bad[] = {
	{ "string beyond its message", F("\x2a\x05" "ab"),
	    "field longer than its message", 2 },
	{ "length beyond 64 bits", F("\x2a\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\xff\x7f"), "number of more than 64 bits", 1 },
	{ "length of 2^63", F("\x2a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
	    "field longer than its message", 11 },
	{ "varint cut short", F("\x30\x80"),
	    "message cut short in a number", 1 },
	{ "fixed64 cut short", F("\x39" "1234567"),
	    "message cut short in a number", 1 },
	{ "fixed32 cut short", F("\x85\x01" "123"),
	    "message cut short in a number", 2 },
	{ "time as varint", F("\x38\x05"), "field of a wrong wire type", 0 },
	{ "name as varint", F("\x28\x05"), "field of a wrong wire type", 0 },
	{ "flags as fixed64", F("\x81\x01" "12345678"),
	    "field of a wrong wire type", 0 },
	{ "a group", F("\x2b\x2c"), "wire type that OTLP does not use", 0 },
	{ "wire type 7", F("\x2f"), "wire type that OTLP does not use", 0 },
	{ "field number 0", F("\x02\x00"), "no such field number", 0 },
	{ "broken value", F(IDS "\x4a\x05\x0a\x01" "a" "\x12\x09"),
	    "field longer than its message", 35 },
	{ "text as varint in a value", F(IDS "\x4a\x06\x12\x04\x08\x01\x08"
	    "\x01"), "field of a wrong wire type", 32 },
};

static void
test_good(void)
{
	struct buf in = { 0 }, out = { 0 };
	struct otlp_tally t;
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		buf_reset(&in);
		buf_reset(&out);
		request(&in, good[i].fields, good[i].n);
		if (decode(OTLP_TRACES, in.p, in.n, &out, &t, &e) == -1)
			note("%s", e.msg);
		(void)is_str(buf_cstr(&out), good[i].record, good[i].name);
	}
	(void)is_int(otlp_decode_pb(OTLP_LOGS, NULL, 0, &out, &t, &e), 0,
	    "an empty request");
	buf_fini(&in);
	buf_fini(&out);
}

static void
test_bad(void)
{
	struct buf in = { 0 }, out = { 0 };
	struct otlp_tally t;
	struct err e;
	char why[100];

	buf_adds(&out, "before");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&in);
		/* A good span first: it must not stay either. */
		request(&in, F(IDS));
		request(&in, bad[i].fields, bad[i].n);
		(void)is_int(decode(OTLP_TRACES, in.p, in.n, &out, &t, &e),
		    -1, bad[i].name);
		(void)snprintf(why, sizeof(why), "%s at byte %zu", bad[i].why,
		    in.n - bad[i].n + bad[i].at);
		(void)is_str(e.msg, why, "the cause and the place");
		(void)is_str(buf_cstr(&out), "before", "output unchanged");
		(void)is_int((intmax_t)(t.records + t.refused), 0,
		    "nothing counted");
	}
	buf_fini(&in);
	buf_fini(&out);
}

/* Each prefix of a request is refused whole, unless it ends a field. */
static void
test_prefixes(void)
{
	struct buf in = { 0 }, out = { 0 };
	struct otlp_tally t;
	struct err e;
	size_t taken = 0;

	request(&in, F(IDS "\x4a\x07\x0a\x01" "b" "\x12\x02\x18\x05"));
	for (size_t n = 0; n < in.n; n++)
		if (decode(OTLP_TRACES, in.p, n, &out, &t, &e) == 0)
			taken++;
	(void)is_int((intmax_t)taken, 1, "only the empty prefix is a request");
	(void)is_int((intmax_t)out.n, 0, "nothing is half-written");
	buf_fini(&in);
	buf_fini(&out);
}

static void
test_refused(void)
{
	struct buf in = { 0 }, out = { 0 };
	struct otlp_tally t;
	struct err e;

	request(&in, F("\x2a\x01n"));
	request(&in, F(IDS));
	request(&in, F("\x0a\x02xy"));
	request(&in, F(IDS "\x22\x03" "abc"));
	(void)is_int(decode(OTLP_TRACES, in.p, in.n, &out, &t, &e), 0,
	    "spans without ids among others");
	(void)is_str(buf_cstr(&out), RECORD_IDS "}\n", "the good one stays");
	(void)is_int((intmax_t)t.refused, 3, "three refused");
	(void)is_int((intmax_t)t.records, 1, "one record");
	(void)is_str(t.why, "span without trace_id", "the first cause");

	buf_reset(&in);
	buf_reset(&out);
	request(&in, F("\x4a\x02xy\x52\x08\0\0\0\0\0\0\0\0"));
	(void)decode(OTLP_LOGS, in.p, in.n, &out, &t, &e);
	(void)is_str(buf_cstr(&out), "{\"record\":\"log\"}\n",
	    "a log with a bad id");
	(void)is_int((intmax_t)t.bad_ids, 1, "is taken, the id counted");
	buf_fini(&in);
	buf_fini(&out);
}

static void
test_utf8(void)
{
	struct buf in = { 0 }, out = { 0 };
	struct otlp_tally t;
	struct err e;

	request(&in, F(IDS "\x2a\x06" "a\xff\xc3(\xe2\x82"));
	(void)decode(OTLP_TRACES, in.p, in.n, &out, &t, &e);
	(void)is_str(buf_cstr(&out), RECORD_IDS ",\"name\":\"a\xef\xbf\xbd"
	    "\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\"}\n",
	    "bytes that are no UTF-8");
	(void)is_int((intmax_t)t.bad_utf8, 4, "are counted");
	buf_fini(&in);
	buf_fini(&out);
}

/* An attribute of n arrays in one another. */
static void
nest(struct buf *b, int n)
{
	struct buf in = { 0 }, out = { 0 };

	for (int i = 0; i < n; i++) {
		buf_reset(&out);
		if (i > 0)
			wrap(&out, 1, in.p, in.n);	/* values */
		buf_reset(&in);
		wrap(&in, 5, out.p, out.n);		/* array_value */
	}
	buf_reset(&out);
	wrap(&out, 2, in.p, in.n);
	buf_reset(&in);
	wrap(&in, 9, out.p, out.n);
	buf_reset(&out);
	buf_add(&out, F(IDS));
	buf_add(&out, in.p, in.n);
	request(b, out.p, out.n);
	buf_fini(&in);
	buf_fini(&out);
}

static void
test_depth(void)
{
	struct buf in = { 0 }, out = { 0 };
	struct otlp_tally t;
	struct err e;

	nest(&in, 126);		/* with the record and "attributes": 128 */
	(void)is_int(decode(OTLP_TRACES, in.p, in.n, &out, &t, &e), 0,
	    "128 levels");
	buf_reset(&in);
	nest(&in, 127);
	(void)is_int(decode(OTLP_TRACES, in.p, in.n, &out, &t, &e), -1,
	    "129 levels");
	ok(strncmp(e.msg, "value nested too deeply at byte ", 32) == 0,
	    "%s", e.msg);
	buf_reset(&in);
	nest(&in, 20000);
	(void)is_int(decode(OTLP_TRACES, in.p, in.n, &out, &t, &e), -1,
	    "20000 levels");
	buf_fini(&in);
	buf_fini(&out);
}

int
main(void)
{
	test_good();
	test_bad();
	test_prefixes();
	test_refused();
	test_utf8();
	test_depth();
	return done_testing();
}

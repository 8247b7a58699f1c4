/* Writing JSON; and documents through the door to cJSON. */
#include "json/write.h"

#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "json/doc.h"
#include "json/scan.h"
#include "tests/unit/tap.h"

static void
string(const char *p, size_t n, const char *want, size_t broken,
    const char *name)
{
	struct buf b = { 0 };

	is_int((intmax_t)json_put_str(&b, p, n), (intmax_t)broken,
	    "broken bytes are counted");
	is_str(buf_cstr(&b), want, name);
	buf_fini(&b);
}

static void
number(double v, const char *want)
{
	struct buf b = { 0 };

	json_put_double(&b, v);
	is_str(buf_cstr(&b), want, want);
	buf_fini(&b);
}

static void
test_write(void)
{
	struct buf b = { 0 };

	string("a\"b\\c\n\t\x01\x1f", 9, "\"a\\\"b\\\\c\\n\\t\\u0001\\u001f\"",
	    0, "what must be escaped");
	string("\0", 1, "\"\\u0000\"", 0, "NUL");
	string("\xe2\x82\xac/\x7f", 5, "\"\xe2\x82\xac/\x7f\"", 0,
	    "what need not be");
	string("a\xff\xfe" "b", 4, "\"a\xef\xbf\xbd\xef\xbf\xbd" "b\"", 2,
	    "invalid bytes");
	string("\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"", 2,
	    "a cut character");
	number(3.0, "3.0");
	number(0.1, "0.1");
	number(0.30000000000000004, "0.30000000000000004");
	number(1e300, "1e+300");
	number(-0.0, "-0.0");
	number(5e-324, "4.94065645841247e-324");
	number((double)NAN, "{\"@double\":\"NaN\"}");
	number((double)-INFINITY, "{\"@double\":\"-Infinity\"}");
	buf_addc(&b, '{');
	json_put_key(&b, "a");
	json_put_int(&b, -5);
	json_put_key(&b, "b");
	json_put_bool(&b, true);
	is_str(buf_cstr(&b), "{\"a\":-5,\"b\":true", "keys and commas");
	buf_fini(&b);
}

/* The same, a byte at a time. */
static size_t
plainly(struct buf *b, const char *p, size_t n)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *end = p + n, *at;
	size_t broken = 0, len;

	buf_addc(b, '"');
	for (; p < end; p += len) {
		len = utf8_len(p, end);
		if (len == 0) {
			buf_adds(b, "\xef\xbf\xbd");
			broken++;
			len = 1;
		} else if (*p != '\0' && (at = strchr(from, *p)) != NULL)
			buf_addf(b, "\\%c", to[at - from]);
		else if ((unsigned char)*p < 0x20)
			buf_addf(b, "\\u%04x", *p);
		else
			buf_add(b, p, len);
	}
	buf_addc(b, '"');
	return broken;
}

/*
 * Strings of every length up to three words of sixteen, each in a block of its
 * own so that a sanitizer sees a step beyond it; mostly plain, with something
 * in it that is not.
 */
static void
test_lengths(void)
{
	static const char *const piece[] = { "\"", "\\", "\n", "\x1f", "\x7f",
	    " ", "!", "#", "[", "]", "\xc3\xa4", "\xe2\x82\xac",
	    "\xf0\x9f\x98\x80", "\xff", "\xc3", "\x80", "\xed\xa0\x80", "\x02" };
	struct buf got = { 0 }, want = { 0 };
	uint64_t r = 88172645463325252;
	int wrong = 0;

	for (int i = 0; i < 200000; i++) {
		size_t n = (size_t)i % 53, at = 0;
		char *p = malloc(n != 0 ? n : 1);

		if (p == NULL)
			break;
		memset(p, 'a' + i % 26, n);
		for (int k = i / 53 % 4; k > 0 && n > 0; k--) {
			const char *s = piece[(r >> 32) % 18];

			at = (r >> 8) % n;
			memcpy(p + at, s, strlen(s) < n - at ? strlen(s) :
			    n - at);
			r ^= r << 13;
			r ^= r >> 7;
			r ^= r << 17;
		}
		buf_reset(&got);
		buf_reset(&want);
		wrong += json_put_str(&got, p, n) != plainly(&want, p, n) ||
		    got.n != want.n || memcmp(got.p, want.p, got.n) != 0;
		buf_reset(&got);
		buf_reset(&want);
		buf_addc(&want, ',');
		plainly(&want, p, n);
		buf_addc(&want, ':');
		json_put_name(&got, ',', p, n);
		wrong += got.n != want.n || memcmp(got.p, want.p, got.n) != 0;
		free(p);
	}
	is_int(wrong, 0, "200000 strings of all lengths");
	buf_fini(&got);
	buf_fini(&want);
}

/* Prices, ratios, milliseconds: as printf says them, in the fewest digits. */
static void
test_decimals(void)
{
	struct buf b = { 0 };
	int wrong = 0;
	char want[40];

	for (long i = 0; i < 300000; i++) {
		double v = (double)(i * 7919 % 10000019) /
		    (double[]){ 10, 100, 1000, 1e4, 1e5, 1e6, 3 }[i % 7];

		for (int digits = 15; digits <= 17; digits++) {
			snprintf(want, sizeof(want), "%.*g", digits, v);
			if (strtod(want, NULL) == v)
				break;
		}
		buf_reset(&b);
		json_put_double(&b, v);
		(void)buf_cstr(&b);
		if (strchr(want, '.') == NULL && strchr(want, 'e') == NULL)
			strcat(want, ".0");
		wrong += strcmp(b.p, want) != 0;
	}
	is_int(wrong, 0, "300000 decimals are the shortest text");
	buf_fini(&b);
}

/* Every double that is written reads back as the same bits. */
static void
test_round_trip(void)
{
	uint64_t bits = 88172645463325252;
	struct buf b = { 0 };
	int bad = 0;

	for (int i = 0; i < 200000; i++) {
		double v;

		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&v, &bits, sizeof(v));
		if (isnan(v) || isinf(v))
			continue;
		buf_reset(&b);
		json_put_double(&b, v);
		double back = strtod(buf_cstr(&b), NULL);

		bad += memcmp(&back, &v, sizeof(v)) != 0;
	}
	is_int(bad, 0, "200000 doubles come back");
	buf_fini(&b);
}

static void
refused(const char *text, const char *want)
{
	struct err e = { "" };
	struct doc *d = doc_parse(text, strlen(text), &e);

	ok(d == NULL && strcmp(e.msg, want) == 0, "refused: %s", e.msg);
	doc_free(d);
}

static void
test_doc(void)
{
	static const char text[] = "{\"n\":9007199254740992,\"f\":1.5,"
	    "\"s\":\"x\",\"a\":[1,true,null],\"S\":\"y\"}\n";
	struct err e;
	struct doc *d = doc_parse(text, strlen(text), &e);
	const struct doc *a;
	int64_t v;
	int n = 0;

	ok(d != NULL && doc_is_object(d), "a document");
	ok(doc_int(doc_get(d, "n"), &v) == 0 && v == 9007199254740992,
	    "an integer up to 2^53");
	is_int(doc_int(doc_get(d, "f"), &v), -1, "1.5 is none");
	is_str(doc_str(doc_get(d, "s")), "x", "names are case-sensitive");
	is_str(doc_str(doc_get(d, "S")), "y", "both ways");
	ok(doc_str(doc_get(d, "zz")) == NULL, "what is not there");
	for (a = doc_first(doc_get(d, "a")); a != NULL; a = doc_next(a))
		n++;
	is_int(n, 3, "children");
	doc_free(d);
	doc_free(NULL);
	refused("{\"a\":1} x", "line 1 column 9: text behind the value");
	refused("{\n \"a\":,}", "line 2 column 6: not valid JSON");
	refused("\xef\xbb\xbf{}", "line 1 column 1: byte-order mark");
}

int
main(void)
{
	test_write();
	test_lengths();
	test_decimals();
	test_round_trip();
	test_doc();
	return done_testing();
}

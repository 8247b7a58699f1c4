/*
 * The scanner: what RFC 8259 allows and what not. Where the grammar's corner
 * is well known (numbers, escapes, depth) each case stands on its own.
 */
#include "json/scan.h"

#include <stdlib.h>

#include "tests/unit/tap.h"

static const char *const good[] = {
	"0", "-0", "10", "1.5", "-1.5e+10", "1E5", "0.0", "1e-7", "true",
	"false", "null", "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	"\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "[]", "{}",
	"[1,2,[3]]", "{\"a\":1,\"b\":{\"c\":[]}}", " \t\r\n[ 1 , 2 ] ",
	"{ \"a\" : 1 }", "\"0123456789abcdef0123456789abcdef\"",
	"\"0123456789abcde\\n\"", "\"\x7f\"", "\"\xe2\x82\xac\"",
};

static const char *const bad[] = {
	"", " ", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN",
	"tru", "nul", "True", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"",
	"\"\\u12g4\"", "\"\n\"", "\"\t\"", "\"0123456789abcde\x01\"", "[",
	"]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "}", "{\"a\"",
	"{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}",
	"{\"a\" 1}", "{\"a\":1 \"b\":2}", "[}", "{]", "1 2", "{} x", "//",
	"[1]]", "'a'", "\xef\xbb\xbf{}",
};

static void
test_grammar(void)
{
	struct json_val v;
	const char *why;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(json_parse(good[i], strlen(good[i]), &v, &why),
		    "good: case %zu", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!json_parse(bad[i], strlen(bad[i]), &v, &why),
		    "bad: case %zu (%s)", i, why);
}

/* Nothing behind the end is looked at: copies without a byte to spare. */
static void
test_bounds(void)
{
	struct json_val v;
	const char *why;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		size_t n = strlen(good[i]);

		for (size_t k = 0; k <= n; k++) {
			char *copy = malloc(k != 0 ? k : 1);

			memcpy(copy, good[i], k);
			(void)json_parse(copy, k, &v, &why);
			free(copy);
		}
	}
	ok(true, "no prefix makes it look behind the end");
}

static bool
nested(int depth, char open, char shut)
{
	struct json_val v;
	const char *why;
	char s[600];
	int n = 0;

	for (int i = 0; i < depth; i++)
		s[n++] = open;
	for (int i = 0; i < depth; i++)
		s[n++] = shut;
	return json_parse(s, (size_t)n, &v, &why);
}

static void
test_depth(void)
{
	ok(nested(JSON_MAX_DEPTH, '[', ']'), "128 levels");
	ok(!nested(JSON_MAX_DEPTH + 1, '[', ']'), "129 levels");
	ok(!nested(250, '[', ']'), "250 levels");
}

static struct json_val
parse(const char *s)
{
	struct json_val v;
	const char *why;

	if (!json_parse(s, strlen(s), &v, &why))
		exit(99);
	return v;
}

static void
text_is(const char *json, const char *want, size_t n, const char *name)
{
	struct buf b = { 0 };
	size_t len;
	const char *p = json_str(parse(json), &b, &len);

	is_mem(p, len, want, n, name);
	buf_fini(&b);
}

static void
test_strings(void)
{
	text_is("\"plain\"", "plain", 5, "a plain string");
	text_is("\"a\\u0000b\"", "a\0b", 3, "NUL is a character");
	text_is("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4, "a pair");
	text_is("\"\\ud83dx\"", "\xef\xbf\xbdx", 4, "half a pair");
	text_is("\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd", 6,
	    "a pair the wrong way round");
	text_is("\"\\/\\\"\\\\\\n\"", "/\"\\\n", 4, "short escapes");
	ok(json_str_is(parse("\"\\u0061b\""), "ab"), "compared unescaped");
	ok(!json_str_is(parse("\"ab\""), "abc"), "as a whole");
	ok(!json_str_is(parse("12"), "12"), "and only strings");
}

static void
test_members(void)
{
	struct json_val v = parse("{\"a\":1,\"\\u0062\":[2,{\"c\":\"x\"}],"
	    "\"a\":3}");
	struct json_iter it;
	struct json_member m;
	struct json_val e;
	int n = 0;

	json_iter(&it, v);
	while (json_next_member(&it, &m))
		n++;
	is_int(n, 3, "every member, duplicates too");
	is_mem(json_get(v, "a").p, 1, "3", 1, "the last of a name counts");
	is_int(json_get(v, "b").type, JSON_ARRAY, "an escaped name is found");
	is_int(json_get(v, "z").type, JSON_NONE, "what is not there");
	json_iter(&it, json_get(v, "b"));
	for (n = 0; json_next_elem(&it, &e); n++)
		continue;
	is_int(n, 2, "elements");
	ok(json_str_is(json_path(parse("{\"x\":{\"y\":\"z\"}}"), "x", "y",
	    NULL), "z"), "a path of names");
	is_int(json_path(v, "a", "y", NULL).type, JSON_NONE, "through no "
	    "object");
}

static void
test_numbers(void)
{
	int64_t i;
	double d;
	bool b;

	ok(json_int(parse("9223372036854775807"), &i) == 0 && i == INT64_MAX,
	    "the largest integer");
	ok(json_int(parse("-9223372036854775808"), &i) == 0 &&
	    i == INT64_MIN, "the smallest");
	is_int(json_int(parse("9223372036854775808"), &i), -1, "one more");
	ok(json_int(parse("\"42\""), &i) == 0 && i == 42, "as a string");
	is_int(json_int(parse("1.0"), &i), -1, "1.0 is no integer");
	is_int(json_int(parse("\"\""), &i), -1, "nor is nothing");
	ok(json_int(parse("9007199254740993"), &i) == 0 &&
	    i == 9007199254740993, "beyond what a double holds");
	ok(json_double(parse("1.5e3"), &d) == 0 && d > 1499 && d < 1501,
	    "a double");
	is_int(json_double(parse("\"x\""), &d), -1, "which x is not");
	ok(json_bool(parse("\"true\""), &b) == 0 && b, "true as a string");
	is_int(json_bool(parse("1"), &b), -1, "1 is not true");
}

int
main(void)
{
	test_grammar();
	test_bounds();
	test_depth();
	test_strings();
	test_members();
	test_numbers();
	return done_testing();
}

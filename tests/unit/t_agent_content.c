/* Other shapes of content: cutting keeps JSON valid, parts keep the words. */
#include "agent/content.h"

#include <stdlib.h>

#include "json/scan.h"
#include "tests/unit/tap.h"

static void
cut(const char *json, size_t max, const char *want)
{
	struct buf b = { 0 };
	struct json_val v;
	const char *why;

	content_cut(json, strlen(json), max, &b);
	is_str(buf_cstr(&b), want, "cut");
	ok(json_parse(b.p, b.n, &v, &why), "valid JSON");
	buf_fini(&b);
}

static void
test_cut(void)
{
	cut("{\"long_name_of_a_member\":\"0123456789\"}", 4,
	    "{\"long_name_of_a_member\":\"0123... [4 of 10 bytes]\"}");
	cut("[\"abcd\",\"\\u20ac\\u20ac\",12345678]", 4,
	    "[\"abcd\",\"\xe2\x82\xac... [3 of 6 bytes]\",12345678]");
	cut("[\"\\\"\\\"\\\"\\\"\\\"\"]", 2,
	    "[\"\\\"\\\"... [2 of 5 bytes]\"]");
	cut("[\"anything\"]", 0, "[\"anything\"]");
}

static void
test_parts(void)
{
	static const char in[] = "[{\"role\":\"user\",\"content\":\"hi\"},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
	    "\"thinking\":\"hm\"},{\"type\":\"text\",\"text\":\"yes\"},"
	    "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"Bash\","
	    "\"input\":{\"c\":1}}]},{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"ok\"}]}]";
	struct buf b = { 0 };

	is_int(content_parts(in, strlen(in), NULL, &b), 0, "parts");
	is_str(buf_cstr(&b), "[{\"role\":\"user\",\"parts\":[{\"type\":"
	    "\"text\",\"content\":\"hi\"}]},{\"role\":\"assistant\","
	    "\"parts\":[{\"type\":\"reasoning\",\"content\":\"hm\"},"
	    "{\"type\":\"text\",\"content\":\"yes\"},{\"type\":\"tool_call\","
	    "\"id\":\"t1\",\"name\":\"Bash\",\"arguments\":{\"c\":1}}]},"
	    "{\"role\":\"user\",\"parts\":[{\"type\":\"tool_call_response\","
	    "\"id\":\"t1\",\"response\":\"ok\"}]}]",
	    "as the semantic conventions shape them");
	is_int(content_parts("{\"role\":", 8, NULL, &b), -1, "no JSON");
	buf_fini(&b);
}

int
main(void)
{
	test_cut();
	test_parts();
	return done_testing();
}

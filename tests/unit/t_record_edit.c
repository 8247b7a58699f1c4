/*
 * Edits: each case gives a line, changes, and the bytes that must come out,
 * written by hand. Then the promise in general: what is not named stays as it
 * is, whatever the line looks like.
 */
#include "record/edit.h"

#include <stdlib.h>

#include "tests/unit/tap.h"

static struct record rec;
static struct edit ed;
static struct buf got;

static void
begin(const char *line)
{
	const char *why;

	if (record_index(&rec, line, strlen(line), &why) == -1) {
		note("%s: %s", line, why);
		exit(99);
	}
	edit_begin(&ed, &rec);
}

static void
end(const char *want, const char *name)
{
	buf_reset(&got);
	if (edit_append(&ed, &got) == -1)
		exit(99);
	is_str(buf_cstr(&got), want, name);
}

static void
set(const char *key, const char *raw)
{
	edit_attr(&ed, key, raw, strlen(raw));
}

static void
test_attributes(void)
{
	begin("{\"attributes\":{}}");
	set("a", "1");
	end("{\"attributes\":{\"a\":1}}", "into an empty object");
	begin("{\"attributes\":{ \"x\" : 3.0 , \"y\":9007199254740993}}");
	set("a", "1");
	set("b", "\"t\"");
	end("{\"attributes\":{ \"x\" : 3.0 , \"y\":9007199254740993,"
	    "\"a\":1,\"b\":\"t\"}}", "behind what is there");
	begin("{\"attributes\":{\"a\": 1 ,\"b\":2}}");
	set("a", "[7]");
	end("{\"attributes\":{\"a\": [7] ,\"b\":2}}", "in place");
	begin("{\"attributes\":{\"a\":1,\"a\":2}}");
	set("a", "3");
	end("{\"attributes\":{\"a\":3,\"a\":3}}", "every duplicate");
	begin("{\"attributes\":{\"\\u0061\":1}}");
	set("a", "3");
	end("{\"attributes\":{\"\\u0061\":3}}", "a name with escapes");
	begin("{\"x\":1}");
	set("a", "1");
	end("{\"x\":1,\"attributes\":{\"a\":1}}", "no attributes yet");
	begin("{}");
	set("a", "1");
	end("{\"attributes\":{\"a\":1}}", "nothing yet");
	begin("{\"attributes\":null,\"zz\":1}");
	set("a", "1");
	end("{\"attributes\":{\"a\":1},\"zz\":1}", "null for attributes");
	begin("{\"attributes\":{\"a\":null}}");
	set("a", "1");
	end("{\"attributes\":{\"a\":1}}", "null for a value");
	begin("{\"attributes\":{}}");
	set("a", "1");
	set("a", "2");
	end("{\"attributes\":{\"a\":2}}", "the later of two");
}

static void
drop(const char *line, const char *key, const char *want)
{
	begin(line);
	edit_attr_drop(&ed, key);
	end(want, want);
}

static void
test_drops(void)
{
	static const char abc[] = "{\"attributes\":{\"a\":1, \"b\":2 ,\"c\":3}}";

	drop(abc, "a", "{\"attributes\":{\"b\":2 ,\"c\":3}}");
	drop(abc, "b", "{\"attributes\":{\"a\":1 ,\"c\":3}}");
	drop(abc, "c", "{\"attributes\":{\"a\":1, \"b\":2}}");
	drop(abc, "z", abc);
	drop("{\"attributes\":{ \"a\":1 }}", "a", "{\"attributes\":{  }}");
	begin(abc);
	edit_attr_drop(&ed, "a");
	edit_attr_drop(&ed, "b");
	end("{\"attributes\":{\"c\":3}}", "the first two");
	begin(abc);
	edit_attr_drop(&ed, "a");
	edit_attr_drop(&ed, "b");
	edit_attr_drop(&ed, "c");
	set("d", "4");
	end("{\"attributes\":{\"d\":4}}", "all, and a new one");
	begin(abc);
	edit_attr_drop(&ed, "a");
	edit_attr_drop(&ed, "c");
	set("b", "5");
	end("{\"attributes\":{\"b\":5}}", "around one that changes");
	begin(abc);
	edit_attr_drop(&ed, "b");
	set("b", "6");
	end("{\"attributes\":{\"a\":1, \"b\":6 ,\"c\":3}}",
	    "dropped and set again");
}

static void
test_members(void)
{
	begin("{\"record\":\"span\",\"name\":\"x\",\"attributes\":{}}");
	edit_member_str(&ed, F_NAME, "y\"", 2);
	edit_member(&ed, F_TRACE_ID, "\"t\"", 3);
	edit_member(&ed, F_STATUS, "{}", 2);
	end("{\"record\":\"span\",\"trace_id\":\"t\",\"name\":\"y\\\"\","
	    "\"status\":{},\"attributes\":{}}", "where they belong");
	begin("{\"unknown\":1}");
	edit_member(&ed, F_NAME, "\"n\"", 3);
	end("{\"unknown\":1,\"name\":\"n\"}", "behind what we do not know");
	begin("{\"name\":1,\"kind\":2,\"unknown\":3}");
	edit_member_drop(&ed, F_NAME);
	edit_member_drop(&ed, F_KIND);
	edit_member(&ed, F_BODY, "4", 1);
	end("{\"unknown\":3,\"body\":4}", "dropped from the front");
	begin("{\"name\":1}");
	edit_member_drop(&ed, F_NAME);
	edit_member(&ed, F_TIME, "2", 1);
	end("{\"time\":2}", "the only one");
}

static void
test_nothing(void)
{
	static const char line[] = " {\"attributes\" : {\"a\": 1e2 } } ";

	begin(line);
	set("a", "1e2");
	ok(!edit_changes(&ed), "the value it has is no change");
	end(line, "and leaves every byte");
}

int
main(void)
{
	test_attributes();
	test_drops();
	test_members();
	test_nothing();
	edit_fini(&ed);
	record_fini(&rec);
	buf_fini(&got);
	return done_testing();
}

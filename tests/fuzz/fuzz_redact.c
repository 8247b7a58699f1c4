/*
 * Redacting a line: what comes out is an object as what went in was, holds
 * none of the known value, and is the same when redacted again. The first byte
 * picks the mode. What is no JSON is put into a text.
 */
#include <string.h>

#include "json/scan.h"
#include "json/write.h"
#include "redact/redact.h"
#include "tests/fuzz/fuzz.h"

#define SECRET	"tiger lily 7"

static const char rules[] = "{\"rules\":["
    "{\"name\":\"a\",\"kind\":\"token\",\"prefix\":[\"sk-\",\"k_\"],"
    "\"alphabet\":\"A-Za-z0-9_-\",\"min\":4},"
    "{\"name\":\"j\",\"kind\":\"jwt\",\"prefix\":\"eyJ\",\"alphabet\":"
    "\"A-Za-z0-9_.-\",\"min\":8},"
    "{\"name\":\"b\",\"kind\":\"basic\",\"prefix\":\"Basic \",\"alphabet\":"
    "\"A-Za-z0-9+/=\",\"min\":8,\"keep\":true},"
    "{\"name\":\"p\",\"kind\":\"block\"},{\"name\":\"n\",\"kind\":\"named\"},"
    "{\"name\":\"u\",\"kind\":\"url\"},{\"name\":\"e\",\"kind\":\"email\"},"
    "{\"name\":\"i\",\"kind\":\"ipv4\"},{\"name\":\"s\",\"kind\":\"ipv6\"},"
    "{\"name\":\"c\",\"kind\":\"card\"},{\"name\":\"t\",\"kind\":\"phone\"}],"
    "\"names\":[\"password\",\"key\"],\"weak_names\":[\"token\"],\"lines\":"
    "[\"cookie\"],\"drop\":[\"gone\"],\"keep\":[\"id\",\"*.id\"],"
    "\"content\":[\"input\",\"content*\"]}";

static struct redact *
engine(unsigned which)
{
	struct redact *x = redact_new();
	struct err e;

	must(x != NULL, "an engine");
	redact_mode(x, which % 3 == 0 ? MODE_MASK : which % 3 == 1 ?
	    MODE_HASH : MODE_DROP);
	if ((which & 8) != 0)
		redact_drop_content(x);
	must(redact_key(x, "0123456789", 10, &e) == 0, "a key");
	return x;
}

static void
check(struct redact *x, const char *p, size_t n)
{
	struct buf once = { 0 }, twice = { 0 };
	const char *why = NULL;
	struct json_val v;
	bool object = json_parse(p, n, &v, &why) && v.type == JSON_OBJECT;

	switch (redact_line(x, p, n, &once, &why)) {
	case REDACT_SAME:
		must(object, "only objects pass");
		break;
	case REDACT_CHANGED:
		must(object && json_parse(once.p, once.n, &v, &why) &&
		    v.type == JSON_OBJECT, "an object stays one");
		must(memmem(once.p, once.n, SECRET, sizeof(SECRET) - 1) ==
		    NULL, "the known value is gone");
		must(redact_line(x, once.p, once.n, &twice, &why) !=
		    REDACT_BAD, "what was redacted can be again");
		break;
	case REDACT_BAD:
		must(why != NULL, "a refusal has a reason");
		break;
	case REDACT_NOMEM:
		break;
	}
	buf_fini(&once);
	buf_fini(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf line = { 0 };
	struct redact *x;
	struct err e;

	if (size == 0)
		return 0;
	x = engine(data[0]);
	must(redact_rules_text(x, "rules", rules, sizeof(rules) - 1, &e) == 0,
	    "rules");
	must(redact_secret(x, "known", SECRET, sizeof(SECRET) - 1, &e) == 0,
	    "a secret");
	must(redact_ready(x, &e) == 0, "ready");
	check(x, (const char *)data + 1, size - 1);
	buf_adds(&line, "{\"attributes\":{\"input\":\"");
	json_put_chars(&line, (const char *)data + 1, size - 1);
	buf_adds(&line, "\",\"x\":[{\"text\":\"");
	json_put_chars(&line, (const char *)data + 1, size / 2);
	buf_adds(&line, "\"},{\"text\":\"");
	json_put_chars(&line, (const char *)data + 1 + size / 2,
	    size - 1 - size / 2);
	buf_adds(&line, "\"}]}}");
	if (line.err == 0)
		check(x, line.p, line.n);
	buf_fini(&line);
	redact_free(x);
	return 0;
}

/* The JSON scanner: what it takes can be walked, read and scanned again. */
#include <string.h>

#include "json/scan.h"
#include "json/write.h"
#include "tests/fuzz/fuzz.h"

static void walk(struct json_val v, int depth);

static void
walk_string(struct json_val v)
{
	struct buf plain = { 0 }, text = { 0 }, again = { 0 };
	struct json_val whole;
	const char *why;

	must(json_unescape(&plain, v) == 0, "a string has characters");
	(void)json_put_str(&text, plain.p != NULL ? plain.p : "", plain.n);
	must(json_parse(text.p, text.n, &whole, &why) &&
	    whole.type == JSON_STRING, "a written string is JSON");
	must(json_unescape(&again, whole) == 0, "and has characters");
	buf_fini(&plain);
	buf_fini(&text);
	buf_fini(&again);
}

static void
walk_inside(struct json_val v, int depth)
{
	struct json_iter it;
	struct json_member m;
	struct json_val elem;

	must(depth < JSON_MAX_DEPTH, "depth is bounded");
	json_iter(&it, v);
	if (v.type == JSON_ARRAY) {
		while (json_next_elem(&it, &elem))
			walk(elem, depth + 1);
	} else {
		while (json_next_member(&it, &m)) {
			(void)json_key_is(&m, "key", 3);
			walk_string((struct json_val){ m.key - 1,
			    m.klen + 2, JSON_STRING });
			walk(m.val, depth + 1);
		}
		(void)json_get(v, "key");
	}
	must(json_ws(it.p, it.end) == it.end, "the walk ends at the end");
}

static void
walk(struct json_val v, int depth)
{
	struct json_val again;
	const char *why;
	int64_t i;
	double x;
	bool b;

	if (depth < 3)		/* for its own sake: it is quadratic */
		must(json_parse(v.p, v.n, &again, &why) &&
		    again.type == v.type && again.n == v.n,
		    "a value is a value by itself");
	(void)json_int(v, &i);
	(void)json_double(v, &x);
	(void)json_bool(v, &b);
	if (v.type == JSON_STRING)
		walk_string(v);
	else if (v.type == JSON_ARRAY || v.type == JSON_OBJECT)
		walk_inside(v, depth);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_val v;
	const char *why = NULL;

	if (json_parse((const char *)data, size, &v, &why))
		walk(v, 0);
	else
		must(why != NULL, "a refusal has a reason");
	return 0;
}

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

/* Elements taken apart in the walk are those taken apart one by one. */
static void
both_walks(struct json_val array)
{
	static const struct json_name name[] = { JSON_NAME("a"),
	    JSON_NAME("type") };
	struct json_val elem, got[2], want[2];
	struct json_iter one, all;
	bool more;

	json_iter(&one, array);
	json_iter(&all, array);
	do {
		more = json_next_elem(&one, &elem);
		must(json_next_elem_all(&all, name, got, 2) == more,
		    "as many elements");
		must(!more || json_ws(all.p, all.end) == json_ws(one.p,
		    one.end), "the same next one");
		if (!more)
			break;
		json_get_all(elem, name, want, 2);
		for (int i = 0; i < 2; i++)
			must(got[i].type == want[i].type && (got[i].p ==
			    want[i].p || got[i].type == JSON_NONE),
			    "the same members");
	} while (more);
}

/* An object's members, found while it is checked. */
static void
same_index(const char *p, size_t n)
{
	struct json_member m[8], k;
	struct json_iter it;
	struct json_val v;
	size_t count, i = 0;
	const char *why, *end, *q;

	if (n == 0 || *p != '{')
		return;
	end = json_skip(p, p + n, JSON_MAX_DEPTH, &v, &why);
	why = NULL;
	q = json_index(p, p + n, m, 8, &count, &why);
	must(end == q, "an object ends where it ends");
	must(q != NULL || why != NULL, "a refusal has a reason");
	if (q == NULL)
		return;
	json_iter(&it, v);
	for (; json_next_member(&it, &k); i++)
		must(i >= 8 || (m[i].key == k.key && m[i].klen == k.klen &&
		    m[i].val.p == k.val.p && m[i].val.n == k.val.n &&
		    m[i].val.type == k.val.type), "the same member");
	must(i == count, "as many members");
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
	if (v.type == JSON_ARRAY && depth < 3)
		both_walks(v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_val v;
	const char *why = NULL;

	same_index((const char *)data, size);
	if (json_parse((const char *)data, size, &v, &why))
		walk(v, 0);
	else
		must(why != NULL, "a refusal has a reason");
	return 0;
}

/*
 * A usage that is written as the last one was: what is known of it without
 * reading it is what reading it would tell, and what is no JSON is not known.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "import/transcript.h"
#include "tests/unit/tap.h"

#define LIVES	"\"cache_creation\":{\"ephemeral_5m_input_tokens\":3," \
    "\"ephemeral_1h_input_tokens\":4}"

static const char usual[] = "{\"input_tokens\":12,"
    "\"cache_creation_input_tokens\":7,\"cache_read_input_tokens\":8192,"
    LIVES ",\"output_tokens\":60,\"server_tool_use\":{\"web_search_requests"
    "\":0,\"ratio\":-1.5e3},\"service_tier\":\"standard 1\",\"iterations\":[5,"
    "{\"n\":[0]}],\"speed\":\"fast\\\"2\\\\\"}";

static unsigned known, wrong;

static bool
same_val(struct json_val a, struct json_val b)
{
	/* What is no string is nobody's. */
	return (a.type != JSON_STRING && b.type != JSON_STRING) ||
	    json_same(a, b);
}

static bool
same_usage(const struct tr_usage *a, const struct tr_usage *b)
{
	const struct usage *x = &a->count, *y = &b->count;

	return x->known == y->known && x->split == y->split &&
	    x->fold == y->fold && x->input == y->input &&
	    x->cache_read == y->cache_read && x->write == y->write &&
	    x->write_5m == y->write_5m && x->write_1h == y->write_1h &&
	    x->tool == y->tool && x->output == y->output &&
	    x->reasoning == y->reasoning && same_val(a->speed, b->speed) &&
	    same_val(a->tier, b->tier);
}

/* Learns old; text, in memory of its own size, is known rightly or not. */
static bool
knows(const char *old, const char *text, size_t n)
{
	struct tr_shape x = { 0 };
	struct json_val v = { NULL, 0, JSON_NONE }, w;
	char *copy = malloc(n > 0 ? n : 1);
	struct tr_usage got, want;
	const char *why, *q, *end;

	if (copy == NULL)
		return false;
	memcpy(copy, text, n);
	if (json_skip(old, old + strlen(old), 64, &v, &why) == NULL)
		wrong++;
	transcript_shape_learn(&x, v);
	q = transcript_shape_match(&x, copy, copy + n, &got);
	if (q != NULL) {
		known++;
		end = json_skip(copy, copy + n, 64, &w, &why);
		if (end != q)
			wrong++;
		else {
			transcript_usage(&want, w);
			wrong += !same_usage(&got, &want);
		}
	}
	transcript_shape_fini(&x);
	free(copy);
	return q != NULL;
}

static bool
knows_text(const char *old, const char *text)
{
	return knows(old, text, strlen(text));
}

/* The usual one, with the number that begins at a name's end replaced. */
static void
with_number(struct buf *b, const char *name, const char *number)
{
	const char *at = strstr(usual, name) + strlen(name);

	buf_reset(b);
	buf_add(b, usual, (size_t)(at - usual));
	buf_adds(b, number);
	buf_adds(b, at + strspn(at, "0123456789"));
	(void)buf_cstr(b);
}

static void
test_numbers(void)
{
	static const char *const name[] = { "\"input_tokens\":", "read_input_tokens\":",
	    "creation_input_tokens\":", "5m_input_tokens\":", "1h_input_tokens\":",
	    "output_tokens\":", "web_search_requests\":", "[", "\"n\":[" };
	static const struct { const char *number; bool known; } row[] = {
		{ "0", true }, { "7", true }, { "4", true }, { "3", true },
		{ "123456", true }, { "999999999999999999", true },
		{ "1000000000000000000", false }, { "00", false },
		{ "012", false }, { "", false }, { "-1", false },
		{ "1.5", false }, { "1e3", false }, { "\"5\"", false },
		{ "null", false }, { "5 ", false }, { "5,5", false },
	};
	struct buf b = { 0 };
	unsigned other = 0;

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		for (size_t k = 0; k < sizeof(row) / sizeof(row[0]); k++) {
			with_number(&b, name[i], row[k].number);
			other += knows_text(usual, b.p) != row[k].known;
		}
	is_int(other, 0, "numbers are known, and what is none is not");
	buf_fini(&b);
}

/* Each byte another, one more, one less; and cut everywhere. */
static void
test_bytes(void)
{
	static const char bytes[] = "0123456789 ,:.-eE\"\\{}[]x";
	const size_t n = sizeof(usual) - 1;
	char text[sizeof(usual) + 1];
	unsigned cut = 0;

	for (size_t i = 0; i < n; i++) {
		cut += knows(usual, usual, i);
		for (size_t k = 0; k < sizeof(bytes) - 1; k++) {
			memcpy(text, usual, sizeof(usual));
			text[i] = bytes[k];
			(void)knows(usual, text, n);
			memcpy(text + i + 1, usual + i, n - i);
			(void)knows(usual, text, n + 1);
			memcpy(text + i, usual + i + 1, n - i - 1);
			(void)knows(usual, text, n - 1);
		}
	}
	is_int(cut, 0, "one that ends early is not known");
}

static void
test_odd(void)
{
	static const char *const odd[] = {
		"{\"input_tokens\":\"12\"}", "{\"input_tokens\":-1}",
		"{\"input_tokens\":1.5}", "{\"input_tokens\":null}",
		"{\"input_tokens\":[1]}", "{\"output_tokens\":1e3}",
		"{\"cache_creation\":{\"ephemeral_5m_input_tokens\":\"3\"}}",
	};
	static const char *const fine[] = {
		"{}", "{ \"input_tokens\" : 12 , \"output_tokens\" : 3 }",
		"{\"input_tokens\":1,\"input_tokens\":2}",
		"{\"speed\":null,\"service_tier\":7}", "{\"cache_creation\":5}",
		"{\"cache_creation\":null,\"cache_creation_input_tokens\":9}",
		"{\"x\":\"\\\"1\",\"input_tokens\":1,\"speed\":\"\\\\\"}",
		"{\"cache_creation_input_tokens\":7," LIVES "}",
		"{\"cache_creation_input_tokens\":8," LIVES "}",
	};
	unsigned other = 0;
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		other += knows_text(odd[i], odd[i]);
	is_int(other, 0, "what is odd is not learned");
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		other += !knows_text(fine[i], fine[i]);
		buf_reset(&b);
		buf_adds(&b, fine[i]);
		buf_adds(&b, ",1}");
		other += !knows_text(fine[i], buf_cstr(&b));
	}
	is_int(other, 0, "all else is, whatever is behind it");
	is_int(knows_text("[1]", "[1]") || knows_text("7", "7"), 0,
	    "what is no object is not");
	buf_reset(&b);
	for (int i = 0; i < 40; i++)
		buf_addf(&b, "%s\"a\":%d", i == 0 ? "{" : ",", i);
	buf_adds(&b, "}");
	is_int(knows_text(buf_cstr(&b), buf_cstr(&b)), 0,
	    "nor more numbers than there is room for");
	buf_fini(&b);
}

/* A usage that is known stands for that of one that was learned before it. */
static void
test_again(void)
{
	struct tr_shape x = { 0 };
	const char *second = "{\"output_tokens\":1}", *why;
	struct tr_usage u;
	struct json_val v;

	(void)json_skip(usual, usual + sizeof(usual) - 1, 64, &v, &why);
	transcript_shape_learn(&x, v);
	(void)json_skip(second, second + strlen(second), 64, &v, &why);
	transcript_shape_learn(&x, v);
	ok(transcript_shape_match(&x, usual, usual + sizeof(usual) - 1, &u) ==
	    NULL, "the last one is known, and no other");
	ok(transcript_shape_match(&x, second, second + strlen(second), &u) ==
	    second + strlen(second) && u.count.output == 1 &&
	    u.count.input == 0, "with its counts alone");
	transcript_shape_fini(&x);
}

int
main(void)
{
	test_numbers();
	test_bytes();
	test_odd();
	test_again();
	is_int(wrong, 0, "what is known is right");
	ok(known > 500, "and there was some: %u", known);
	return done_testing();
}

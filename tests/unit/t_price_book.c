/* Price files: what is taken, what is refused and with which line. */
#include "price/bookfile.h"

#include "record/rtime.h"
#include "tap.h"

static struct book *
load(struct book *b, const char *text, struct err *e)
{
	struct buf t = { 0 };

	buf_adds(&t, text);
	if (bookfile_parse(b, &t, "f", e) != 0) {
		buf_fini(&t);
		return NULL;
	}
	return b;
}

/* The names first, and then all that waits: *rows is whether it came to that. */
static struct book *
load_names(struct book *b, const char *text, struct err *e, bool *rows)
{
	struct buf t = { 0 };

	buf_adds(&t, text);
	*rows = bookfile_parse_names(b, &t, "f", e) == 0;
	if (!*rows) {
		buf_fini(&t);
		return NULL;
	}
	for (size_t i = 0; i < b->nmodel; i++)
		if (bookfile_rows(b, &b->model[i], e) != 0)
			return NULL;
	return b;
}

static void
refuse(const char *text, const char *want, const char *name)
{
	struct book *b = book_new();
	struct err e = { "" };
	bool rows;

	ok(load(b, text, &e) == NULL, "%s is refused", name);
	is_str(e.msg, want, "with line and reason");
	book_free(b);
	b = book_new();
	strcpy(e.msg, "");
	ok(load_names(b, text, &e, &rows) == NULL, "%s, rows read later", name);
	/* What is no JSON is told of where the rows begin. */
	ok(!rows || strcmp(e.msg, want) == 0, "with line and reason: %s", e.msg);
	book_free(b);
}

#define HEAD	"{\"aitrace_prices\":1,\n\"models\":{\n"

static void
refusals(void)
{
	refuse("", "f: empty file", "an empty file");
	refuse("[]", "f:1: a price file is an object", "an array");
	refuse("{}", "f:1: no price file: aitrace_prices is missing",
	    "an object");
	refuse("{\"models\":{}}", "f:1: no price file: it does not begin with "
	    "aitrace_prices", "a file without version");
	refuse("{\"aitrace_prices\":2}",
	    "f:1: price file of another version than 1", "another version");
	refuse("{\"aitrace_prices\":1} x", "f:1: text behind the end",
	    "text behind");
	refuse("{\"aitrace_prices\":1,\n\n", "f:3: the file ends early",
	    "half a file");
	refuse(HEAD "\"m\":[{\"input\":\"1\"}\n", "f:4: the file ends early",
	    "a cut row");
	refuse(HEAD "\"m\":{}}}", "f:3: a model is an array of rows",
	    "a model that is an object");
	refuse(HEAD "\"m\":[]}}", "f:3: model without a row: m", "no row");
	refuse(HEAD "\"m\":[{}]}}", "f:3: a row needs a price for input",
	    "an empty row");
	refuse(HEAD "\"m\":[{\"input\":1}]}}",
	    "f:3: a price is a string, \"0.25\"", "a number as price");
	refuse(HEAD "\"m\":[{\"input\":\"-1\"}]}}",
	    "f:3: price is no decimal number: -1", "a negative price");
	refuse(HEAD "\"m\":[{\"input\":\"0.0000001\"}]}}",
	    "f:3: price has more than 6 decimals: 0.0000001",
	    "too fine a price");
	refuse(HEAD "\"m\":[{\"input\":\"1\",\n\"inptu\":\"2\"}]}}",
	    "f:4: unknown name in a row: inptu", "a misspelt name");
	refuse(HEAD "\"m\":[{\"input\":\"1\",\"from\":\"2026-13-01\"}]}}",
	    "f:3: from is no date (2026-11-21): 2026-13-01", "a wrong date");
	refuse(HEAD "\"m\":[{\"input\":\"1\"},\n{\"input\":\"2\"}]}}",
	    "f:4: two rows from the same date: m", "two undated rows");
	refuse(HEAD "\"m\":[{\"input\":\"1\"}],\n\"M\":[{\"input\":\"1\"}]}}",
	    "f:4: model stands twice: m", "a model twice");
	refuse(HEAD "\"m\":[{\"input\":\"1\",\"tiers\":[{\"input\":\"2\"}]}]}}",
	    "f:3: a tier needs a condition and a price",
	    "a tier without condition");
	refuse(HEAD "\"m\":[{\"input\":\"1\",\"tiers\":[{\"above\":\"9\","
	    "\"input\":\"2\"}]}]}}", "f:3: above is no count of tokens",
	    "a limit that is text");
	refuse(HEAD "\"m\":[{\"input\":\"1\",\"tiers\":[{\"service\":\"best\","
	    "\"input\":\"2\"}]}]}}",
	    "f:3: service is flex, priority or batch, not: best",
	    "a strange service");
	refuse(HEAD "\"m\":[{\"input\":\"1\",\"region\":{\"us\":\"x\"}}]}}",
	    "f:3: no factor from 0 to 100: x", "a strange factor");
	refuse(HEAD "\"m\":[{\"input\":\"1\"}]},\n\"aliases\":{\"a\":\"b\"}}",
	    "f:4: no such model: b", "an alias for nothing");
	refuse(HEAD "\"m\":[{\"input\":\"1\"}]},\n\"aliases\":{\"m\":\"m\"}}",
	    "f:4: name stands twice: m", "an alias over its model");
	refuse(HEAD "\"a\\u0041\":[{\"input\":\"1\"}]}}",
	    "f:3: escapes are not allowed here: a\\u0041", "an escaped name");
}

static int64_t
input_at(const struct book *b, const char *name, const char *when)
{
	const struct book_model *m = book_find(b, name, strlen(name));
	const struct book_row *r;
	uint64_t t;

	if (m == NULL || rtime_parse(when, strlen(when), &t) != 0)
		return -2;
	r = book_row_at(b, m, t);
	return r == NULL ? -1 : r->prices.v[PRICE_INPUT];
}

/* The row of the day, to the nanosecond, in any order in the file. */
static void
dates(void)
{
	struct book *b = book_new();
	struct err e = { "" };

	ok(load(b, HEAD
	    "\"a\":[{\"from\":\"2026-06-01\",\"input\":\"2\"},"
	    "{\"input\":\"1\"},{\"from\":\"2026-07-01\",\"input\":\"3\"}],"
	    "\"b\":[{\"from\":\"2026-06-01T12:00:00Z\",\"input\":\"5\"}]}}",
	    &e) != NULL, "dated rows are read");
	is_int(input_at(b, "a", "1970-01-01T00:00:00Z"), 1000000, "undated");
	is_int(input_at(b, "a", "2026-05-31T23:59:59.999999999Z"), 1000000,
	    "the last nanosecond of the old price");
	is_int(input_at(b, "a", "2026-06-01T00:00:00Z"), 2000000,
	    "the first of the new");
	is_int(input_at(b, "a", "2026-06-30T23:00:00Z"), 2000000, "still");
	is_int(input_at(b, "a", "2030-01-01T00:00:00Z"), 3000000, "the last");
	is_int(input_at(b, "b", "2026-06-01T11:59:59Z"), -1,
	    "before the first price there is none");
	is_int(input_at(b, "b", "2026-06-01T12:00:00Z"), 5000000,
	    "a date with a time");
	book_free(b);
}

/* A file read later counts first, where its dates hold. */
static void
merging(void)
{
	struct book *b = book_new();
	struct err e = { "" };

	ok(load(b, HEAD "\"a\":[{\"input\":\"1\"},"
	    "{\"from\":\"2026-09-01\",\"input\":\"4\"}],"
	    "\"b\":[{\"input\":\"7\"}]},\"aliases\":{\"x\":\"b\"}}",
	    &e) != NULL, "the book");
	ok(load(b, HEAD "\"A\":[{\"from\":\"2026-08-01\",\"input\":\"2\"}],"
	    "\"own\":[{\"input\":\"9\"}]},\"aliases\":{\"y\":\"own\","
	    "\"x\":\"own\"}}", &e) != NULL, "a user's file over it");
	is_int(input_at(b, "a", "2026-07-01T00:00:00Z"), 1000000,
	    "before the user's date: the book's");
	is_int(input_at(b, "a", "2026-08-02T00:00:00Z"), 2000000,
	    "from it on: the user's");
	is_int(input_at(b, "a", "2026-10-01T00:00:00Z"), 2000000,
	    "also where the book has a later row");
	is_int(input_at(b, "b", "2026-10-01T00:00:00Z"), 7000000,
	    "other models stay");
	is_int(input_at(b, "y", "2026-10-01T00:00:00Z"), 9000000,
	    "own models and names");
	is_int(input_at(b, "x", "2026-10-01T00:00:00Z"), 9000000,
	    "an alias can be given anew");
	book_free(b);
}

/* Capitals anywhere in a name, and what stands beside them in ASCII. */
static void
capitals(void)
{
	struct book *b = book_new();
	struct err e = { "" };

	ok(load(b, HEAD "\"aaaaaaaaZbbbbbb@[`{AZaz\xc1.cccccccC\":"
	    "[{\"input\":\"1\"}]}}", &e) == b, "a name with capitals");
	ok(book_find(b, "aaaaaaaazbbbbbb@[`{azaz\xc1.cccccccc", 33) != NULL,
	    "is that name without");
	book_free(b);
}

int
main(void)
{
	capitals();
	refusals();
	dates();
	merging();
	book_free(NULL);
	return done_testing();
}

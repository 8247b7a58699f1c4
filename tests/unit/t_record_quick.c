/* Lines indexed both ways: whole, cut, with each byte changed. */
#include "record/quick.h"

#include <stdio.h>
#include <stdlib.h>

#include "json/quotes.h"
#include "tests/fuzz/bothways.h"
#include "tests/unit/tap.h"

static struct record a, b;

static const char *const lines[] = {
	"{\"record\":\"span\",\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\","
	"\"span_id\":\"b7ad6b7169203331\",\"name\":\"LLM Call\",\"kind\":"
	"\"INTERNAL\",\"start_time\":\"2026-11-21T00:04:26.740000000Z\","
	"\"resource\":{\"service.name\":\"claude-code\",\"n\":[1,2,{\"x\":"
	"\"y\"}]},\"attributes\":{\"input\":\"a text that is longer than a block "
	"of sixty-four bytes, so that it spans two of them\",\"tokens\":12,"
	"\"usage\":\"{\\\"input\\\":1,\\\"output\\\":2}\",\"ok\":true,\"cost\":"
	"0.25,\"tags\":[\"a\",\"b\"],\"empty\":\"\",\"none\":null}}",
	"{\"record\":\"log\",\"body\":\"\\ud83d\\ude00 caf\\u00e9\\n\\\\\","
	"\"attributes\":{\"\\u0061\":\"escaped name\",\"b\":\"\\\"\"}}",
	"{\"attributes\":{}}", "{}",
	"{\"attributes\":{\"a\":1},\"attributes\":{\"b\":\"2\"}}",
	"{\"attributes\":{\"a\":\"1\",\"a\":\"2\",\"a\":{\"a\":\"3\"}}}",
	"{\"attributes\":\"none\",\"record\":\"metric\"}",
	"{ \"record\" : \"span\" , \"attributes\" : { \"a\" : \"b\" , \"c\" : "
	"[ \"d\" ] } , \"name\" : \"e\" }",
};

#define LINES	(sizeof(lines) / sizeof(lines[0]))

static const char *
differs(const char *p, size_t n)
{
	return both_ways(&a, &b, p, n);
}

static void
test_whole(void)
{
	for (size_t i = 0; i < LINES; i++) {
		const char *bad = differs(lines[i], strlen(lines[i]));

		ok(bad == NULL, "line %zu: %s", i, bad == NULL ? "the same" :
		    bad);
		/* Not attributes in two objects, nor in none. */
		is_int(quick_index(&a, lines[i], strlen(lines[i])),
		    QUOTES_ABLE && i != 4 && i != 6,
		    "is it a line for this way?");
	}
}

static void
test_cut(void)
{
	for (size_t i = 0; i < LINES; i++) {
		size_t n = strlen(lines[i]), at = 0;

		while (at < n && differs(lines[i], at) == NULL)
			at++;
		is_int((intmax_t)at, (intmax_t)n, lines[i]);
	}
}

/* Each byte gives way to each of those that mean something. */
static void
test_changed(void)
{
	static const char with[] = "\"\\{}[]:,x0u \t\n\x1f\x7f\xc3";

	for (size_t i = 0; i < LINES; i++) {
		size_t n = strlen(lines[i]), bad = 0;
		char *line = strdup(lines[i]);

		for (size_t at = 0; at < n; at++) {
			for (const char *c = with; *c != '\0'; c++) {
				line[at] = *c;
				bad += differs(line, n) != NULL;
			}
			line[at] = lines[i][at];
		}
		is_int((intmax_t)bad, 0, lines[i]);
		free(line);
	}
}

/* An escape at every place of a block, and over its end. */
static void
test_places(void)
{
	static const char *const escape[] = { "\\\\", "\\\"", "\\u00e9",
	    "\\\\\\\"", "\\n\\u00e9\\\\", "\\x", "\\u00g0", "\\u12" };
	char line[512];
	size_t bad = 0, quick = 0;

	for (size_t e = 0; e < sizeof(escape) / sizeof(escape[0]); e++) {
		for (int pad = 0; pad < 200; pad++) {
			int n = snprintf(line, sizeof(line),
			    "{\"attributes\":{\"k\":\"%*s%s\",\"l%s\":\"\"}}",
			    pad, "", escape[e], pad % 3 == 0 ? escape[e] : "");

			bad += differs(line, (size_t)n) != NULL;
			quick += quick_index(&a, line, (size_t)n);
		}
	}
	is_int((intmax_t)bad, 0, "escapes anywhere");
	is_int((intmax_t)quick, QUOTES_ABLE ? 5 * 200 : 0,
	    "the good ones are for this way");
}

/* More attributes than there is room for at first, some of them twice. */
static void
test_many(void)
{
	char *line = malloc(1 << 20);
	int n = sprintf(line, "{\"attributes\":{");
	const char *bad;

	for (int i = 0; i < 3000; i++)
		n += sprintf(line + n, "%s\"name.%d\":%d", i > 0 ? "," : "",
		    i % 2000, i);
	n += sprintf(line + n, "}}");
	bad = differs(line, (size_t)n);
	ok(bad == NULL, "3000 attributes: %s", bad == NULL ? "the same" : bad);
	is_int((intmax_t)a.nattr, 3000, "all of them");
	is_mem(record_attr(&a, "name.999").p, 4, "2999", 4, "the last counts");
	free(line);
}

int
main(void)
{
	test_whole();
	test_cut();
	test_changed();
	test_places();
	test_many();
	record_fini(&a);
	record_fini(&b);
	return done_testing();
}

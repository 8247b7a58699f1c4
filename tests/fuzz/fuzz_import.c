/*
 * Whatever file is read: what comes out are whole spans with ids, that end no
 * earlier than they begin and whose tokens add up; and read again it is the
 * same.
 */
#include <string.h>

#include "json/scan.h"
#include "record/ids.h"
#include "record/record.h"
#include "record/rtime.h"
#include "tests/fuzz/imported.h"

static void
bad(void *arg, const char *file, uint64_t line, const char *why)
{
	(void)arg;
	(void)file;
	(void)line;
	must(why != NULL && why[0] != '\0', "a complaint has a cause");
}

static void
set(struct import *im, void *arg)
{
	(void)arg;
	im->bad = bad;
}

static int64_t
tokens(const struct record *r, const char *name)
{
	int64_t n = 0;

	(void)json_int(record_attr(r, name), &n);
	return n;
}

static void
check(struct record *r, const char *p, size_t n)
{
	uint64_t start, end;
	const char *why;

	must(record_index(r, p, n, &why) == 0 && r->kind == RECORD_SPAN,
	    "a span");
	must(ids_is_trace(r->field[F_TRACE_ID]) &&
	    ids_is_span(r->field[F_SPAN_ID]), "it has ids");
	must(rtime_get(r->field[F_START_TIME], &start) == 0 &&
	    rtime_get(r->field[F_END_TIME], &end) == 0 && start <= end,
	    "it ends after it begins");
	must(tokens(r, "gen_ai.usage.input_tokens") >= 0 &&
	    tokens(r, "gen_ai.usage.output_tokens") >= 0, "no token is owed");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct emit_opts o = { 0 };
	struct buf once = { 0 }, twice = { 0 };
	struct record r = { 0 };
	const char *p, *nl, *end;

	imported(data, size, &o, set, NULL, &once);
	imported(data, size, &o, set, NULL, &twice);
	must(once.n == twice.n && (once.n == 0 ||
	    memcmp(once.p, twice.p, once.n) == 0), "again it is the same");
	p = once.p;
	end = once.n > 0 ? once.p + once.n : once.p;
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		must(nl != NULL, "whole lines");
		check(&r, p, (size_t)(nl - p));
	}
	record_fini(&r);
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}

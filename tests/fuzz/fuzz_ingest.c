/*
 * The body of a request to Langfuse's ingestion API, sent twice: an answer
 * that is JSON, and lines that are records.
 */
#include <string.h>

#include "recv/ingest.h"
#include "record/record.h"
#include "tests/fuzz/fuzz.h"

static void
lines(const struct buf *b)
{
	struct record r = { 0 };
	const char *p = b->p, *end, *nl, *why;

	if (b->n == 0)
		return;
	end = p + b->n;
	must(end[-1] == '\n', "whole lines");
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		must(record_index(&r, p, (size_t)(nl - p), &why) == 0,
		    "a line is a record");
		must(r.kind == RECORD_SPAN || r.kind == RECORD_SCORE ||
		    json_str_is(r.field[F_RECORD], "langfuse"),
		    "of a kind we know");
	}
	record_fini(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ingest *in = ingest_new(1 << 20, true);
	struct buf out = { 0 }, answer = { 0 };
	uint64_t records = 0, refused = 0;
	struct err e = { "" };
	struct json_val v;
	const char *why;
	unsigned status;

	must(in != NULL, "an ingester");
	for (int i = 0; i < 2; i++) {
		buf_reset(&answer);
		status = ingest_request(in, (const char *)data, size, i, &out,
		    &answer, &records, &refused, &e);
		if (status == 207)
			must(json_parse(answer.p, answer.n, &v, &why),
			    "the answer is JSON");
		else
			must(e.msg[0] != '\0', "a refusal has a cause");
	}
	(void)ingest_expire(in, INT64_MAX, &out);
	must(ingest_oldest(in) == -1, "nothing is kept");
	lines(&out);
	buf_fini(&out);
	buf_fini(&answer);
	ingest_free(in);
	return 0;
}

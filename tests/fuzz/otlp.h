/* What must hold for any request that could be decoded. */
#ifndef FUZZ_OTLP_H
#define FUZZ_OTLP_H

#include <string.h>

#include "otlp/otlp.h"
#include "tests/fuzz/fuzz.h"

/* Each line a record that can be encoded again: as a request. */
static inline void
otlp_encode(enum otlp_signal sig, enum otlp_format f, const struct buf *lines,
    struct buf *out)
{
	struct otlp_batch *b = otlp_batch_new(sig, f);
	const char *p = lines->p != NULL ? lines->p : "", *nl, *why;
	const char *end = p + lines->n;
	struct record r = { 0 };
	struct err e;

	must(b != NULL, "there is memory");
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		must(nl != NULL, "a record ends with a newline");
		must(record_index(&r, p, (size_t)(nl - p), &why) == 0,
		    "a record is a JSON object");
		must(otlp_batch_add(b, &r, &e) == 0,
		    "a decoded record can be encoded");
	}
	must(otlp_batch_finish(b, out) == 0, "a batch can be finished");
	record_fini(&r);
	otlp_batch_free(b);
}

static inline size_t
otlp_decode(enum otlp_signal sig, enum otlp_format f, const struct buf *in,
    struct buf *lines)
{
	struct otlp_tally t = { 0 };
	struct err e;
	int rc;

	rc = f == OTLP_PROTOBUF ?
	    otlp_decode_pb(sig, in->p, in->n, lines, &t, &e) :
	    otlp_decode_json(sig, in->p, in->n, lines, &t, &e);
	must(rc == 0, "an encoded request can be decoded");
	must(t.refused == 0 && t.bad_utf8 == 0 && t.bad_ids == 0,
	    "nothing in it is bad");
	return t.records;
}

/*
 * Out and in again, by way of one encoding: as many records, and after the
 * first time, which groups them, the very same bytes.
 */
static inline void
otlp_there_and_back(enum otlp_signal sig, enum otlp_format f,
    const struct buf *lines, size_t records)
{
	struct buf request = { 0 }, once = { 0 }, twice = { 0 };

	otlp_encode(sig, f, lines, &request);
	must(otlp_decode(sig, f, &request, &once) == records,
	    "no record is lost");
	buf_reset(&request);
	otlp_encode(sig, f, &once, &request);
	must(otlp_decode(sig, f, &request, &twice) == records,
	    "no record is lost");
	must(once.n == twice.n && (once.n == 0 ||
	    memcmp(once.p, twice.p, once.n) == 0), "twice is once");
	buf_fini(&request);
	buf_fini(&once);
	buf_fini(&twice);
}

#endif

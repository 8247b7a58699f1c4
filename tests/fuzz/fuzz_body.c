/*
 * The body of an HTTP request: unpacked in pieces as it comes, within a bound,
 * and decoded. The first byte chooses the packing, the second how it is cut;
 * however it is cut, the same comes out.
 */
#include <string.h>

#include "net/inflate.h"
#include "recv/decode.h"
#include "tests/fuzz/fuzz.h"

#define MAX	65536

static enum inflate_res
unpack(enum inflate_kind kind, const char *p, size_t n, size_t piece,
    struct buf *out)
{
	struct inflate *z = inflate_new(kind);
	enum inflate_res res = INFLATE_OK;
	struct err e = { "" };

	must(z != NULL, "an inflater");
	for (size_t at = 0; at < n && res == INFLATE_OK; at += piece)
		res = inflate_feed(z, p + at, n - at < piece ? n - at : piece,
		    out, MAX, &e);
	if (res == INFLATE_OK)
		res = inflate_end(z, &e);
	must(res == INFLATE_OK || res == INFLATE_NOMEM ||
	    res == INFLATE_LARGE || e.msg[0] != '\0', "a cause");
	must(out->n <= MAX, "no more than allowed");
	inflate_free(z);
	return res;
}

static void
decode(enum wire w, const char *p, size_t n)
{
	enum otlp_signal sig = OTLP_SIGNAL_UNKNOWN;
	struct otlp_tally t = { 0 };
	struct buf lines = { 0 };
	struct err e = { "" };
	unsigned status = decode_request(w, &sig, p, n, &lines, &t, &e);

	if (status == 200)
		must(lines.n == 0 || lines.p[lines.n - 1] == '\n',
		    "whole lines");
	else
		must(lines.n == 0 && e.msg[0] != '\0',
		    "a request is whole or absent");
	buf_fini(&lines);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum inflate_kind kind[] = { INFLATE_GZIP,
	    INFLATE_DEFLATE, INFLATE_ZSTD, INFLATE_ZSTD_FILE };
	struct buf whole = { 0 }, cut = { 0 };
	const char *p = (const char *)data + 2;
	enum inflate_res a, b;

	if (size < 2)
		return 0;
	a = unpack(kind[data[0] % 4], p, size - 2, size, &whole);
	b = unpack(kind[data[0] % 4], p, size - 2, data[1] % 64 + 1u, &cut);
	must((a == INFLATE_OK) == (b == INFLATE_OK), "the same verdict");
	if (a == INFLATE_OK) {
		must(whole.n == cut.n && (whole.n == 0 ||
		    memcmp(whole.p, cut.p, whole.n) == 0), "the same bytes");
		decode(WIRE_JSON, whole.p != NULL ? whole.p : "", whole.n);
		decode(WIRE_PROTOBUF, whole.p != NULL ? whole.p : "",
		    whole.n);
	}
	decode(WIRE_JSON, p, size - 2);
	decode(WIRE_PROTOBUF, p, size - 2);
	buf_fini(&whole);
	buf_fini(&cut);
	return 0;
}

/*
 * The framing of a gRPC message in a stream that comes in pieces of the first
 * byte's length: what is taken is the message and nothing else.
 */
#include <string.h>

#include "base/buf.h"
#include "net/grpcmsg.h"
#include "tests/fuzz/fuzz.h"

#define MAX	4096

static enum grpcmsg_res
take(struct grpcmsg *m, const char *p, size_t n, size_t piece,
    struct buf *out)
{
	enum grpcmsg_res res = GRPCMSG_OK;

	for (size_t at = 0; at < n && res == GRPCMSG_OK; at += piece) {
		const char *q = p + at;
		size_t k = n - at < piece ? n - at : piece;

		res = grpcmsg_take(m, &q, &k, MAX);
		if (res != GRPCMSG_OK)
			break;
		must(k == 0 || (q >= p + at && q + k <= p + n),
		    "bytes of the stream");
		buf_add(out, q, k);
	}
	return res;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct grpcmsg m = { 0 }, once = { 0 };
	struct buf a = { 0 }, b = { 0 };
	const char *p = (const char *)data + 1;
	enum grpcmsg_res x, y;

	if (size == 0)
		return 0;
	x = take(&m, p, size - 1, data[0] % 32 + 1u, &a);
	y = take(&once, p, size - 1, size, &b);
	must(x == y, "the same verdict however it is cut");
	must(a.n <= MAX, "no more than allowed");
	if (x == GRPCMSG_OK) {
		must(a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0),
		    "the same bytes");
		must(grpcmsg_whole(&m) == grpcmsg_whole(&once),
		    "whole or not");
		must(!grpcmsg_whole(&m) || (a.n == m.length &&
		    size - 1 == GRPCMSG_HEAD + a.n), "all of it, no more");
	}
	buf_fini(&a);
	buf_fini(&b);
	return 0;
}

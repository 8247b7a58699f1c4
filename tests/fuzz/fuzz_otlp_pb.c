/* Protobuf requests; the first byte says which signal. */
#include "tests/fuzz/otlp.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct otlp_tally t = { 0 };
	struct buf lines = { 0 };
	enum otlp_signal sig;
	struct err e;

	if (size == 0)
		return 0;
	sig = (enum otlp_signal)(data[0] % 3);
	if (otlp_decode_pb(sig, data + 1, size - 1, &lines, &t, &e) == -1)
		must(lines.n == 0, "a bad request leaves nothing");
	else
		otlp_there_and_back(sig, OTLP_PROTOBUF, &lines,
		    t.records);
	buf_fini(&lines);
	return 0;
}

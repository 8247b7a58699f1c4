/* OTLP/JSON requests of one signal, which they say themselves. */
#include "tests/fuzz/otlp.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct otlp_tally t;
	struct buf lines = { 0 };
	struct err e;

	for (int sig = OTLP_TRACES; sig <= OTLP_METRICS; sig++) {
		buf_reset(&lines);
		memset(&t, 0, sizeof(t));
		if (otlp_decode_json((enum otlp_signal)sig,
		    (const char *)data, size, &lines, &t, &e) == -1)
			must(lines.n == 0, "a bad request leaves nothing");
		else
			otlp_there_and_back((enum otlp_signal)sig,
			    OTLP_PROTOBUF, &lines, t.records);
	}
	buf_fini(&lines);
	return 0;
}

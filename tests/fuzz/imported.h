/* A whole import of the fuzzer's bytes as a file. */
#ifndef TESTS_FUZZ_IMPORTED_H
#define TESTS_FUZZ_IMPORTED_H

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "import/import.h"
#include "tests/fuzz/fuzz.h"

/* Reads it as set has set it up; what is written is in b. */
static inline void
imported(const uint8_t *data, size_t size, const struct emit_opts *o,
    void (*set)(struct import *im, void *arg), void *arg, struct buf *b)
{
	struct import im;
	struct out out;
	struct err e;
	int in = memfd_create("in", 0), to = memfd_create("out", 0);
	/* What tells no time has the file's. */
	const struct timespec when[2] = { { 1795219518, 0 },
	    { 1795219518, 0 } };

	must(in != -1 && to != -1, "files");
	must(file_write_all(in, data, size) == 0 && lseek(in, 0, SEEK_SET) ==
	    0 && futimens(in, when) == 0, "an input");
	must(out_init(&out, to, 0) == 0, "an output");
	import_init(&im, o, &out);
	im.max_line = 1 << 16;
	set(&im, arg);
	must(import_fd(&im, in, "/proc/self/fd/0") >= 0, "is read");
	must(import_session_end(&im) == 0, "ends");
	import_fini(&im);
	must(out_flush(&out) == 0, "is written");
	out_fini(&out);
	must(lseek(to, 0, SEEK_SET) == 0 && file_read_fd(to, "out",
	    (size_t)1 << 30, b, &e) == 0, "is there");
	(void)close(in);
	(void)close(to);
}

#endif

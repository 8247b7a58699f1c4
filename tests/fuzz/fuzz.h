/*
 * What the fuzz targets share. A target is LLVMFuzzerTestOneInput in a file
 * fuzz_<target>.c; its inputs are the files of corpus/<target>. libFuzzer
 * drives it (configure --enable-fuzz), or driver.c, which replays files.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold; the fuzzer keeps the input when it does not. */
static inline void
must(int holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

#endif

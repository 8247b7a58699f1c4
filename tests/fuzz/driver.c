/*
 * Replays files through a fuzz target, without libFuzzer: each in memory of
 * its own size, so that sanitizers and valgrind see a read beyond the end.
 * Prints TAP.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"

static uint8_t *
read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = NULL;
	long n;

	*size = 0;
	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 &&
	    fseek(f, 0, SEEK_SET) == 0 &&
	    (p = malloc(n > 0 ? (size_t)n : 1)) != NULL) {
		*size = (size_t)n;
		if (fread(p, 1, *size, f) != *size) {
			free(p);
			p = NULL;
		}
	}
	(void)fclose(f);
	return p;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		const char *name = strrchr(argv[i], '/');
		size_t size;
		uint8_t *p = read_file(argv[i], &size);

		if (p != NULL)
			(void)LLVMFuzzerTestOneInput(p, size);
		else
			failed++;
		printf("%sok %d - %s\n", p != NULL ? "" : "not ", i,
		    name != NULL ? name + 1 : argv[i]);
		(void)fflush(stdout);
		free(p);
	}
	printf("1..%d\n", argc - 1);
	return failed == 0 && argc > 1 ? 0 : 1;
}

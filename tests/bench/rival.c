/*
 * What others need for the same work, for tests/bench/bench.py:
 *
 *	rival protobuf-c FILE...	unpacks each request and frees it
 *	rival cjson-parse FILE...	parses each file and frees it
 *	rival cjson-stage FILE		parses each line, adds an attribute,
 *					prints it to standard output
 *
 * Built by bench.py where protobuf-c and its compiler are installed.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "otlp-trace.pb-c.h"

static unsigned char *
slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	unsigned char *p;
	long size;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0)
		err(1, "%s", path);
	rewind(f);
	*n = (size_t)size;
	p = malloc(*n + 1);
	if (p == NULL || fread(p, 1, *n, f) != *n)
		err(1, "%s", path);
	p[*n] = '\0';
	fclose(f);
	return p;
}

static void
protobuf(const char *path)
{
	size_t n;
	unsigned char *p = slurp(path, &n);
	TracesData *t = traces_data__unpack(NULL, n, p);

	if (t == NULL)
		errx(1, "%s: not unpacked", path);
	traces_data__free_unpacked(t, NULL);
	free(p);
}

static void
cjson_parse(const char *path)
{
	size_t n;
	unsigned char *p = slurp(path, &n);
	cJSON *j = cJSON_ParseWithLength((char *)p, n);

	if (j == NULL)
		errx(1, "%s: not parsed", path);
	cJSON_Delete(j);
	free(p);
}

/* A stage as one is written with cJSON: a tree, eight attributes, text again. */
static void
cjson_stage(const char *path)
{
	static const char *const added[] = { "added.one", "added.two",
	    "added.three", "added.four", "added.five", "added.six",
	    "added.seven", "added.eight" };
	FILE *f = fopen(path, "r");
	char *line = NULL, *out;
	size_t cap = 0;
	ssize_t n;
	cJSON *j, *to;

	if (f == NULL)
		err(1, "%s", path);
	while ((n = getline(&line, &cap, f)) > 0) {
		j = cJSON_ParseWithLength(line, (size_t)n);
		if (j == NULL)
			errx(1, "%s: not parsed", path);
		to = cJSON_GetObjectItemCaseSensitive(j, "attributes");
		for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++)
			cJSON_AddStringToObject(to, added[i], "a value");
		out = cJSON_PrintUnformatted(j);
		if (out == NULL || puts(out) == EOF)
			errx(1, "%s: not printed", path);
		free(out);
		cJSON_Delete(j);
	}
	free(line);
	fclose(f);
}

int
main(int argc, char **argv)
{
	void (*one)(const char *) = argc < 2 ? NULL :
	    strcmp(argv[1], "protobuf-c") == 0 ? protobuf :
	    strcmp(argv[1], "cjson-parse") == 0 ? cjson_parse :
	    strcmp(argv[1], "cjson-stage") == 0 ? cjson_stage : NULL;

	if (one == NULL)
		errx(1, "usage: rival protobuf-c|cjson-parse|cjson-stage "
		    "FILE...");
	for (int i = 2; i < argc; i++)
		one(argv[i]);
	return 0;
}

/* Passing over a value: where it is one, it ends where the scanner says. */
#include <string.h>

#include "json/pass.h"
#include "json/scan.h"
#include "tests/fuzz/fuzz.h"

/* May the byte at p stand behind a number or a literal? */
static int
is_behind(const char *p, const char *end)
{
	return p == end || strchr(",]} \t\r\n", *p) != NULL;
}

/* In memory of its own size: a sanitizer sees each byte too many. */
static void
pass(const char *p, size_t n)
{
	char *copy = malloc(n > 0 ? n : 1);
	const char *end, *q, *want, *why;

	if (copy == NULL)
		return;
	if (n > 0)
		memcpy(copy, p, n);
	end = copy + n;
	q = json_pass(copy, end);
	must(q == NULL || (q >= copy && q <= end), "the end is in the text");
	want = json_skip(copy, end, JSON_MAX_DEPTH, NULL, &why);
	if (want != NULL && json_ws(copy, end) == copy &&
	    (strchr("\"[{", *copy) != NULL || is_behind(want, end)))
		must(q == want, "a value ends where it ends");
	if (want != NULL && json_ws(copy, end) == copy &&
	    strchr("\"[{", *copy) != NULL)
		must(json_pass(copy, want - 1) == NULL, "and not before");
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;

	pass(p, size);
	/* From other places of the text, too: blocks begin elsewhere. */
	for (size_t i = 1; i < size && i < 8; i++)
		pass(p + i, size - i);
	return 0;
}

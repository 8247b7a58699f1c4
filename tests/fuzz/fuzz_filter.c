/*
 * An expression, then a record behind a NUL: what is taken can be evaluated
 * on any record, a second time with the same result, and what is refused says
 * why, at a place inside the text. The same bytes are tried as a template.
 */
#include <string.h>

#include "filter/expr.h"
#include "filter/format.h"
#include "filter/sample.h"
#include "tests/fuzz/fuzz.h"

static const char other[] = "{\"record\":\"span\",\"trace_id\":"
    "\"0123456789abcdef0123456789abcdef\",\"name\":\"a\",\"start_time\":"
    "\"2026-11-21T10:00:00.000000000Z\",\"end_time\":"
    "\"2026-11-21T10:00:01.000000000Z\",\"attributes\":{\"a\":1,\"b\":\"x\","
    "\"c\":[1,\"x\",null],\"d\":true,\"e\":1e300}}";

static void
refused(const struct expr_error *e, const char *text, size_t n)
{
	struct buf line = { 0 }, mark = { 0 };

	must(e->msg[0] != '\0' && e->pos <= n, "an error has a place");
	expr_point(&line, &mark, text, n, e->pos);
	must(line.err == 0 && mark.n != 0, "that can be shown");
	buf_fini(&line);
	buf_fini(&mark);
}

static void
ask(struct expr *x, struct format *f, const char *line, size_t n)
{
	struct record r = { 0 };
	struct buf b = { 0 };
	const char *why;

	if (record_index(&r, line, n, &why) == 0) {
		if (x != NULL)
			must(expr_eval(x, &r) == expr_eval(x, &r),
			    "the verdict stands");
		if (f != NULL)
			format_put(&b, f, &r);
		must(b.err == 0, "memory");
		(void)sample_keeps(SAMPLE_ONE / 2, &r);
	}
	buf_fini(&b);
	record_fini(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const char *text = (const char *)p, *nul = n != 0 ? memchr(p, 0, n) :
	    NULL;
	size_t len = nul != NULL ? (size_t)(nul - text) : n;
	struct expr x = { 0 };
	struct format *f = calloc(1, sizeof(*f));
	struct expr_error e = { .msg = "" };
	char *copy = malloc(len + 1);
	bool good, shaped;

	must(f != NULL && copy != NULL, "memory");
	if (len != 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	good = expr_compile(&x, copy, len, &e) == 0;
	if (!good)
		refused(&e, copy, len);
	shaped = format_compile(f, copy, &e) == 0;
	if (!shaped)
		refused(&e, copy, len);
	ask(good ? &x : NULL, shaped ? f : NULL, other, sizeof(other) - 1);
	if (nul != NULL)
		ask(good ? &x : NULL, shaped ? f : NULL, nul + 1,
		    n - len - 1);
	expr_fini(&x);
	format_fini(f);
	free(f);
	free(copy);
	return 0;
}

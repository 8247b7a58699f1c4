/*
 * Test Anything Protocol for C unit tests: main calls ok() and its kin and
 * returns done_testing(). A test that crashes prints no plan and so fails.
 */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

/* Explains, on a line that counts for nothing. */
static inline void __attribute__((format(printf, 1, 2)))
note(const char *fmt, ...)
{
	va_list ap;

	fputs("# ", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* One test point; returns cond. Printed at once, should the next one crash. */
static inline bool __attribute__((format(printf, 2, 3)))
ok(bool cond, const char *fmt, ...)
{
	va_list ap;

	tap_count++;
	if (!cond)
		tap_failed++;
	printf("%sok %d - ", cond ? "" : "not ", tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	return cond;
}

static inline bool
is_int(intmax_t got, intmax_t want, const char *name)
{
	ok(got == want, "%s", name);
	if (got != want)
		note("got %" PRIdMAX ", want %" PRIdMAX, got, want);
	return got == want;
}

/* NULL equals only NULL. */
static inline bool
is_str(const char *got, const char *want, const char *name)
{
	bool same;

	same = got == NULL || want == NULL ? got == want :
	    strcmp(got, want) == 0;
	ok(same, "%s", name);
	if (!same) {
		note("got  %s", got == NULL ? "(null)" : got);
		note("want %s", want == NULL ? "(null)" : want);
	}
	return same;
}

static inline bool
is_mem(const void *got, size_t ngot, const void *want, size_t nwant,
    const char *name)
{
	bool same;

	same = ngot == nwant && (ngot == 0 || memcmp(got, want, ngot) == 0);
	ok(same, "%s", name);
	if (!same) {
		note("got  %zu bytes: %.*s", ngot,
		    (int)(ngot < 2000 ? ngot : 2000), (const char *)got);
		note("want %zu bytes: %.*s", nwant,
		    (int)(nwant < 2000 ? nwant : 2000), (const char *)want);
	}
	return same;
}

static inline void
skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, name, why);
}

/* The plan; the exit status of the test. */
static inline int
done_testing(void)
{
	printf("1..%d\n", tap_count);
	return fflush(stdout) == 0 && tap_failed == 0 && tap_count > 0 ? 0 : 1;
}

#endif

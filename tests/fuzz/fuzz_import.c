/*
 * Whatever file is read: what comes out are whole spans with ids, that end no
 * earlier than they begin and whose tokens add up; and read again it is the
 * same.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "import/import.h"
#include "json/scan.h"
#include "record/ids.h"
#include "record/record.h"
#include "record/rtime.h"
#include "tests/fuzz/fuzz.h"

static void
bad(void *arg, const char *file, uint64_t line, const char *why)
{
	(void)arg;
	(void)file;
	(void)line;
	must(why != NULL && why[0] != '\0', "a complaint has a cause");
}

/* Reads the input; what is written is in b. */
static void
read_in(const uint8_t *data, size_t size, struct buf *b)
{
	struct emit_opts o = { 0 };
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
	import_init(&im, &o, &out);
	im.bad = bad;
	im.max_line = 1 << 16;
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

static int64_t
tokens(const struct record *r, const char *name)
{
	int64_t n = 0;

	(void)json_int(record_attr(r, name), &n);
	return n;
}

static void
check(struct record *r, const char *p, size_t n)
{
	uint64_t start, end;
	const char *why;

	must(record_index(r, p, n, &why) == 0 && r->kind == RECORD_SPAN,
	    "a span");
	must(ids_is_trace(r->field[F_TRACE_ID]) &&
	    ids_is_span(r->field[F_SPAN_ID]), "it has ids");
	must(rtime_get(r->field[F_START_TIME], &start) == 0 &&
	    rtime_get(r->field[F_END_TIME], &end) == 0 && start <= end,
	    "it ends after it begins");
	must(tokens(r, "gen_ai.usage.input_tokens") >= 0 &&
	    tokens(r, "gen_ai.usage.output_tokens") >= 0, "no token is owed");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = { 0 }, twice = { 0 };
	struct record r = { 0 };
	const char *p, *nl, *end;

	read_in(data, size, &once);
	read_in(data, size, &twice);
	must(once.n == twice.n && (once.n == 0 ||
	    memcmp(once.p, twice.p, once.n) == 0), "again it is the same");
	p = once.p;
	end = once.n > 0 ? once.p + once.n : once.p;
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		must(nl != NULL, "whole lines");
		check(&r, p, (size_t)(nl - p));
	}
	record_fini(&r);
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}

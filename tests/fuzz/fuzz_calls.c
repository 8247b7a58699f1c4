/*
 * Of the same bytes, calls alone and whole turns are the same calls with the
 * same tokens, unless there is damage: that may stand in a text which the one
 * way has no need to look into.
 */
#include <string.h>

#include "json/scan.h"
#include "record/record.h"
#include "record/rtime.h"
#include "tests/fuzz/imported.h"

struct sum {
	uint64_t	calls, starts;
	int64_t		tokens;
	uint64_t	bad;
};

static void
on_bad(void *arg, const char *file, uint64_t line, const char *why)
{
	struct sum *s = arg;

	(void)file;
	(void)line;
	must(why != NULL && why[0] != '\0', "a complaint has a cause");
	s->bad++;
}

static int64_t
plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int
on_call(void *arg, const struct import_call *c)
{
	struct sum *s = arg;
	const struct usage *u = &c->usage;

	must(c->ident != 0 && c->agent != NULL && (c->start <= c->end ||
	    c->end == 0), "a call");
	s->calls++;
	s->starts += c->start;
	if (u->known)
		s->tokens = plus(s->tokens, plus(plus(u->input, u->cache_read),
		    plus(u->write, u->output)));
	return 0;
}

static void
add_spans(struct sum *s, const struct buf *b)
{
	const char *p = b->p, *end = p != NULL ? p + b->n : p, *nl, *why;
	struct record r = { 0 };
	uint64_t start;
	int64_t n;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		must(nl != NULL && record_index(&r, p, (size_t)(nl - p),
		    &why) == 0, "whole lines");
		if (!json_str_is(record_attr(&r, "langfuse.observation.type"),
		    "generation"))
			continue;
		s->calls++;
		must(rtime_get(r.field[F_START_TIME], &start) == 0, "a time");
		s->starts += start;
		if (json_int(record_attr(&r, "llm.token_count.total"),
		    &n) == 0)
			s->tokens = plus(s->tokens, n);
	}
	record_fini(&r);
}

static void
turns_too(struct import *im, void *arg)
{
	im->bad = on_bad;
	im->bad_arg = arg;
}

static void
calls_alone(struct import *im, void *arg)
{
	turns_too(im, arg);
	im->call = on_call;
	im->call_arg = arg;
}

static void
read_in(const uint8_t *data, size_t size, bool calls, struct sum *s)
{
	const struct emit_opts o = { .content = CONTENT_NONE };
	struct buf b = { 0 };

	memset(s, 0, sizeof(*s));
	imported(data, size, &o, calls ? calls_alone : turns_too, s, &b);
	add_spans(s, &b);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum turns, calls;

	read_in(data, size, false, &turns);
	read_in(data, size, true, &calls);
	must(calls.bad <= turns.bad, "no more is wrong");
	if (turns.bad != 0)
		return 0;
	must(turns.calls == calls.calls, "the same calls");
	must(turns.starts == calls.starts, "at the same times");
	must(turns.tokens == calls.tokens, "with the same tokens");
	return 0;
}

#include "spent/spent.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "price/bookplace.h"
#include "spent/wants.h"

#define MEMORY_MAX	((size_t)512 << 20)	/* texts of a session */

/* ---- what comes -------------------------------------------------------------------- */

static int
on_call(void *arg, const struct import_call *c)
{
	struct spent *s = arg;

	s->run.told = spent_call(s, c);
	return s->run.told == 0 ? 0 : -1;
}

static int
on_line(struct spent *s, const char *p, size_t n)
{
	const char *why;

	/* We wrote it: whatever is wrong with it is want of memory. */
	if (record_index(&s->rec, p, n, &why) == -1) {
		log_error("%s", why);
		return EXIT_SOFT;
	}
	return spent_record(s, &s->rec);
}

/* Whole lines of p[0..n); what is left of it. */
static const char *
whole_lines(struct spent *s, const char *p, const char *end)
{
	const char *nl;

	while (s->run.told == 0 && p < end &&
	    (nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		s->run.told = on_line(s, p, (size_t)(nl - p));
		p = nl + 1;
	}
	return p;
}

/* Records as they leave import's writer, which ends where it likes. */
static int
on_output(void *arg, const struct iovec *v, size_t n)
{
	struct spent *s = arg;
	const char *p, *end, *nl;

	for (size_t i = 0; i < n && s->run.told == 0; i++) {
		p = v[i].iov_base;
		end = p + v[i].iov_len;
		nl = s->rest.n > 0 ? memchr(p, '\n', v[i].iov_len) : NULL;
		if (nl != NULL) {
			buf_add(&s->rest, p, (size_t)(nl + 1 - p));
			p = nl + 1;
			if (s->rest.err == 0)
				(void)whole_lines(s, s->rest.p,
				    s->rest.p + s->rest.n);
			buf_reset(&s->rest);
		}
		if (s->rest.n == 0)
			p = whole_lines(s, p, end);
		buf_add(&s->rest, p, (size_t)(end - p));
		if (s->rest.err != 0 && s->run.told == 0)
			s->run.told = spent_no_memory();
	}
	errno = ECANCELED;	/* the cause was told */
	return s->run.told == 0 ? 0 : -1;
}

/* ---- the run ------------------------------------------------------------------------- */

static int
begin(struct spent *s, const struct conf *x, struct report *r,
    struct stage_io *io)
{
	struct pricer_config config = { .time = r->plan.now };
	struct book *book;

	s->report = r;
	s->calls = r->calls = wants_calls(x, r);
	if (spent_names(s) == -1 || pricer_init(&s->pricer, &config) == -1 ||
	    out_init(&s->out, -1, 0) == -1)
		return spent_no_memory();
	s->out.take = on_output;
	s->out.arg = s;
	emit_opts_env(&s->emit);
	s->emit.content = CONTENT_NONE;
	import_init(&s->run.im, &s->emit, &s->out);
	s->run.im.max_line = (size_t)io->max_line;
	s->run.im.max_memory = MEMORY_MAX;
	if (s->calls) {
		s->run.im.call = on_call;
		s->run.im.call_arg = s;
	}
	/* What a file says is not newer than the file. */
	if (!x->forecast)
		s->run.oldest = r->plan.since;
	s->run.io = io;
	s->run.files = x->files;
	s->run.nfiles = x->nfiles;
	if (!bookplace_is_own(NULL, NULL))
		return 0;
	book = bookplace_load(NULL, NULL, false);
	if (book == NULL)
		return EXIT_BADCONF;
	pricer_set_book(&s->pricer, book);
	return 0;
}

int
spent_all(struct spent *s, const struct conf *x, struct report *r,
    struct stage_io *io)
{
	int code = begin(s, x, r, io);

	if (code == 0)
		code = run_all(&s->run);
	if (code == 0 && out_flush(&s->out) == -1)
		code = s->run.told;
	if (code == 0)
		(void)bookplace_tell(&s->pricer);
	return code;
}

void
spent_summarize(const struct spent *s, struct buf *line)
{
	const struct import *im = &s->run.im;

	buf_addf(line, " files=%" PRIu64 " objects=%" PRIu64 " glanced=%"
	    PRIu64, s->run.nread, im->objects, im->glanced);
}

void
spent_fini(struct spent *s)
{
	if (s->report != NULL) {
		import_fini(&s->run.im);
		run_fini(&s->run);
	}
	pricer_fini(&s->pricer);
	out_fini(&s->out);
	buf_fini(&s->rest);
	buf_fini(&s->text);
	buf_fini(&s->provider);
	record_fini(&s->rec);
}

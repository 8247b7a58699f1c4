#include "sink/backlog.h"

#include <string.h>

#include "base/sig.h"

#define PORTION		(8 * 1024 * 1024)
#define MAX_LINE	(64 * 1024 * 1024)

int
backlog_open(struct backlog *b, const char *dir, struct err *e)
{
	b->in = spooled_open(dir, e);
	return b->in != NULL ? 0 : -1;
}

void
backlog_fini(struct backlog *b)
{
	spooled_close(b->in);
	b->in = NULL;
	buf_fini(&b->portion);
	record_fini(&b->rec);
}

static int
one_line(struct backlog *b, struct shipper *s, const char *p, size_t n)
{
	const char *why;
	int rc;

	b->lines++;
	if (record_index(&b->rec, p, n, &why) == -1) {
		b->bad++;
		b->bad_line(b->arg, p, n, why);
		return 0;
	}
	if (b->wants != NULL && (rc = b->wants(b->arg, &b->rec)) != 1)
		return rc;
	return shipper_add(s, &b->rec);
}

int
backlog_settle(struct backlog *b, const struct shipper *s, struct err *e)
{
	if (!b->out || shipper_left(s) > 0)
		return 0;
	if (b->done != NULL && b->done(b->arg, e) == -1)
		return -1;
	if (spooled_forget(b->in, e) == -1)
		return -1;
	b->settled += b->portion.n;
	if (s->conf.proof != NULL)
		proof_settle(s->conf.proof);
	b->out = false;
	return 0;
}

/* Takes the next portion. 1; 0 when there is none; -1. */
static int
take(struct backlog *b, struct shipper *s, struct err *e)
{
	const char *p, *end, *nl;
	int rc;

	buf_reset(&b->portion);
	rc = spooled_next(b->in, b->most != 0 ? b->most : PORTION, MAX_LINE,
	    &b->portion, e);
	if (rc != 1)
		return rc;
	b->out = true;
	p = b->portion.p;
	for (end = p + b->portion.n; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (one_line(b, s, p, (size_t)(nl - p)) == -1)
			return err_set(e, "out of memory");
	}
	shipper_flush(s);
	return 1;
}

int
backlog_step(struct backlog *b, struct shipper *s, struct err *e)
{
	if (s->failed || shipper_stopped(s))
		return 0;
	if (backlog_settle(b, s, e) == -1)
		return -1;
	return !b->out && take(b, s, e) == -1 ? -1 : 0;
}

int
backlog_run(struct backlog *b, struct shipper *s, int64_t patience,
    int64_t hurry, struct err *e)
{
	const struct clock *clock = s->conf.clock;
	int64_t now = clock_mono(clock), until = INT64_MAX;
	bool hurried = false;
	int got;

	if (patience >= 0)
		until = now + patience;
	while (!s->failed && !shipper_stopped(s)) {
		now = clock_mono(clock);
		if (sig_stop() && !hurried) {
			hurried = true;
			until = now + hurry;
		}
		if (backlog_settle(b, s, e) == -1)
			return -1;
		if (!b->out) {
			/* Nothing new is begun after a signal. */
			got = hurried ? 0 : take(b, s, e);
			if (got == -1)
				return -1;
			b->cut = hurried;
			/* A segment that nobody writes any more may go. */
			if (got == 0 && (hurried || patience >= 0))
				return spooled_forget(b->in, e);
			if (patience >= 0 && !hurried)
				until = now + patience;
		}
		if (now >= until)
			return 0;
		shipper_pause(s, INT64_MAX);
	}
	return 0;
}

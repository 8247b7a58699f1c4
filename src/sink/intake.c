#include "sink/intake.h"

#include <string.h>

#include "base/log.h"

#define ENOUGH		(256 * 1024)
#define SEGMENT_MAX	(8 * 1024 * 1024)
#define SEGMENT_MIN	4096

void
intake_init(struct intake *t, const char *dir, int64_t limit,
    const struct clock *clock)
{
	int64_t segment = limit / 16;

	/* What is dropped is a small part of it. */
	if (segment > SEGMENT_MAX)
		segment = SEGMENT_MAX;
	if (segment < SEGMENT_MIN)
		segment = SEGMENT_MIN;
	memset(t, 0, sizeof(*t));
	t->conf = (struct spool_conf){ .dir = dir, .segment_bytes = segment,
	    .segment_ns = 60 * CLOCK_S, .retain_bytes = limit,
	    .clock = clock };
}

int
intake_line(struct intake *t, const char *p, size_t n)
{
	buf_add(&t->pending, p, n);
	buf_addc(&t->pending, '\n');
	if (t->pending.err != 0)
		return -1;
	t->npending++;
	/* In pieces that segments can be made of. */
	return t->pending.n >= ENOUGH ||
	    t->pending.n >= (size_t)t->conf.segment_bytes;
}

static void
count_lost(struct intake *t)
{
	uint64_t lost = spool_lost(t->spool);

	if (lost == t->lost)
		return;
	log_error("%s: the spool is full: %llu of the oldest records were "
	    "dropped", t->conf.dir, (unsigned long long)(lost - t->lost));
	t->lost = lost;
}

int
intake_keep(struct intake *t, struct err *e)
{
	if (t->spool == NULL && t->pending.n == 0)
		return 0;
	if (t->spool == NULL && (t->spool = spool_open(&t->conf, e)) == NULL)
		return -1;
	if (t->pending.n > 0 && (spool_append(t->spool, t->pending.p,
	    t->pending.n, e) == -1 || spool_commit(t->spool, e) == -1))
		return -1;
	buf_reset(&t->pending);
	t->lines += t->npending;
	t->npending = 0;
	if (spool_tend(t->spool, e) == -1)
		return -1;
	count_lost(t);
	return 0;
}

int
intake_close(struct intake *t, struct err *e)
{
	int rc = intake_keep(t, e);

	spool_close(t->spool);
	t->spool = NULL;
	return rc;
}

void
intake_fini(struct intake *t)
{
	spool_close(t->spool);
	t->spool = NULL;
	buf_fini(&t->pending);
}

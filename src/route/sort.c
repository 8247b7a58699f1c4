#include "route/sort.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define UNROUTED	"unrouted"
#define AGAIN		"unrouted.again"
#define PORTION		(1024 * 1024)
#define MAX_LINE	(64 * 1024 * 1024)
#define NO_RECORD	UINT64_MAX	/* no mask: bit 63 comes with others */

int
sort_open(struct lanes *x, struct err *e)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s/%s", x->conf.spool, UNROUTED);
	if ((x->unrouted_dir = buf_take(&b, NULL)) == NULL)
		return err_set(e, "out of memory");
	intake_init(&x->unrouted, x->unrouted_dir, x->conf.limit,
	    x->conf.box.clock);
	return 0;
}

/* The line's own place: by the rules, or 0. -1 when out of memory. */
static int
judge(struct lanes *x, const char *p, size_t n, uint64_t *to)
{
	const char *why;

	x->lines++;
	if (record_index(&x->rec, p, n, &why) == -1) {
		if (x->bad++ == 0)
			log_warn("%s: %s; not sorted", x->conf.spool, why);
		*to = NO_RECORD;
		return 0;
	}
	*to = rules_match(&x->rules, &x->rec);
	return *to == 0 ? 0 : trail_note(&x->trail, x->rec.field[F_TRACE_ID],
	    *to);
}

/* A line that fulfils no rule, when all around it is known. */
static int
follow(struct lanes *x, const char *p, size_t n, uint64_t *to)
{
	const char *why;

	if (record_index(&x->rec, p, n, &why) == -1)
		return -1;	/* it could be before: out of memory */
	*to = trail_find(&x->trail, x->rec.field[F_TRACE_ID]);
	if (*to == 0)
		*to = x->rules.otherwise;
	return 0;
}

static int
put(struct lanes *x, const char *p, size_t n, uint64_t to, struct err *e)
{
	int rc;

	if (to == 0 || to == NO_RECORD) {
		x->homeless += to == 0;
		rc = intake_line(&x->unrouted, p, n);
		if (rc == -1)
			return err_set(e, "out of memory");
		return rc == 1 ? intake_keep(&x->unrouted, e) : 0;
	}
	for (size_t i = 0; i < x->rules.ndest; i++)
		if ((to >> i & 1) != 0 &&
		    lane_line(&x->lane[i], p, n, e) == -1)
			return -1;
	return 0;
}

/* All that was put somewhere is on disk. */
static int
keep(struct lanes *x, struct err *e)
{
	int rc = intake_keep(&x->unrouted, e);

	for (size_t i = 0; i < x->rules.ndest && rc == 0; i++)
		rc = lane_keep(&x->lane[i], e);
	return rc;
}

/* Whole lines. Twice: a record may stand before the one it follows. */
static int
sort_block(struct lanes *x, const char *p, size_t n, struct err *e)
{
	const char *end = p + n, *at, *nl;
	size_t i = 0;
	uint64_t to;

	buf_reset(&x->verdict);
	for (at = p; at < end; at = nl + 1) {
		nl = memchr(at, '\n', (size_t)(end - at));
		if (judge(x, at, (size_t)(nl - at), &to) == -1)
			return err_set(e, "out of memory");
		buf_add(&x->verdict, &to, sizeof(to));
	}
	if (x->verdict.err != 0)
		return err_set(e, "out of memory");
	for (at = p; at < end; at = nl + 1, i++) {
		nl = memchr(at, '\n', (size_t)(end - at));
		memcpy(&to, x->verdict.p + i * sizeof(to), sizeof(to));
		if (to == 0 && follow(x, at, (size_t)(nl - at), &to) == -1)
			return err_set(e, "out of memory");
		if (put(x, at, (size_t)(nl - at), to, e) == -1)
			return -1;
	}
	return keep(x, e);
}

int
sort_pending(struct lanes *x, struct err *e)
{
	int rc = 0;

	if (x->pending.n > 0)
		rc = sort_block(x, x->pending.p, x->pending.n, e);
	if (rc == 0)
		buf_reset(&x->pending);
	return rc;
}

/* A portion of the folder. 1, 0, or -1. */
static int
one_portion(struct lanes *x, struct spooled *in, struct err *e)
{
	int rc;

	buf_reset(&x->portion);
	rc = spooled_next(in, PORTION, MAX_LINE, &x->portion, e);
	if (rc != 1)
		return rc;
	if (sort_block(x, x->portion.p, x->portion.n, e) == -1)
		return -1;
	return spooled_forget(in, e) == -1 ? -1 : 1;
}

int
sort_more(struct lanes *x, struct err *e)
{
	return one_portion(x, x->main, e);
}

/* An emptied folder: the marks in it, and itself. */
static int
remove_dir(const char *dir, struct err *e)
{
	static const char *const left[] = { ".lock", ".reading", ".shipped" };
	struct buf b = { 0 };
	int rc = 0;

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		buf_reset(&b);
		buf_addf(&b, "%s/%s", dir, left[i]);
		if (unlink(buf_cstr(&b)) == -1 && errno != ENOENT)
			rc = -1;
	}
	/* What is set aside stays, with the folder. */
	if (rc == 0 && rmdir(dir) == -1 && errno != ENOTEMPTY)
		rc = -1;
	if (rc == -1)
		(void)err_set(e, "%s: %s", dir, strerror(errno));
	buf_fini(&b);
	return rc;
}

int
sort_again(struct lanes *x, struct err *e)
{
	struct buf b = { 0 };
	struct spooled *in;
	const char *dir;
	int rc = 1;

	buf_addf(&b, "%s/%s", x->conf.spool, AGAIN);
	dir = buf_cstr(&b);
	/* One that is there was left by a run that was ended. */
	if (access(dir, F_OK) == -1 && rename(x->unrouted_dir, dir) == -1 &&
	    errno != ENOENT)
		rc = err_set(e, "%s: %s", x->unrouted_dir, strerror(errno));
	if (rc == 1 && access(dir, F_OK) == 0) {
		if ((in = spooled_open(dir, e)) == NULL)
			rc = -1;
		while (rc == 1)
			rc = one_portion(x, in, e);
		if (rc == 0)
			rc = spooled_forget(in, e);
		spooled_close(in);
		if (rc == 0)
			rc = remove_dir(dir, e);
	}
	buf_fini(&b);
	return rc == -1 ? -1 : 0;
}

/* What is new in a file of records, for the status line's cache. */
#include "report/status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lines.h"
#include "report/facts.h"
#include "report/pick.h"
#include "report/place.h"
#include "report/seen.h"

#define STEP_BYTES	(8 * 1024 * 1024)	/* read under one lock */
#define LINE_MAX_BYTES	(64 * 1024 * 1024)
#define LOCK_WAIT_MS	10000
#define REMEMBER	100000

struct update {
	struct cache			*cache;
	const struct status_day		*day;
	struct pick			 pick;
	struct facts_names		 names;
	int				 session[3];
	struct record			 rec;
	struct buf			 scratch, id;
	struct seen			 seen;
};

static int
update_init(struct update *u, struct err *e)
{
	static const char *const name[] = { "session.id",
	    "langfuse.session.id", "gen_ai.conversation.id" };

	pick_init(&u->pick);
	seen_init(&u->seen, REMEMBER);
	if (facts_names(&u->names, &u->pick) == -1)
		return err_set(e, "too many attributes");
	for (size_t i = 0; i < 3; i++)
		u->session[i] = pick_name(&u->pick, name[i]);
	return 0;
}

static void
update_fini(struct update *u)
{
	record_fini(&u->rec);
	seen_fini(&u->seen);
	buf_fini(&u->scratch);
	buf_fini(&u->id);
}

static int
take_line(struct update *u, const char *p, size_t n)
{
	const char *id = NULL, *why;
	struct facts f;
	size_t len = 0;

	/* A bad line is not this one's to tell of. */
	if (record_index(&u->rec, p, n, &why) == -1 ||
	    u->rec.kind != RECORD_SPAN)
		return 0;
	pick_walk(&u->pick, &u->rec);
	facts_read(&f, &u->names, &u->pick, &u->rec, &u->scratch);
	if ((f.is & FACT_CALL) == 0 || !f.priced ||
	    f.start < u->day->begin || f.start >= u->day->end)
		return 0;
	switch (seen_span(&u->seen, &u->rec)) {
	case -1:
		return -1;
	case 1:
		return 0;
	default:
		break;
	}
	buf_reset(&u->id);
	for (size_t i = 0; i < 3 && id == NULL; i++)
		id = json_str(u->pick.v[u->session[i]], &u->id, &len);
	return cache_record(u->cache, id != NULL ? id : "", len, f.cost);
}

/*
 * Whole lines from the file's offset on, up to a step's end. 1: there is more,
 * 0: that was all; -1 with errno.
 */
static int
take_step(struct update *u, int fd, uint64_t *offset)
{
	uint64_t stop = *offset + STEP_BYTES;
	struct lines l;
	enum lines_res res = LINES_OK;
	const char *p;
	size_t n;
	int rc = 0;

	if (lseek(fd, (off_t)*offset, SEEK_SET) == -1)
		return -1;
	lines_init(&l, fd, LINE_MAX_BYTES);
	while (rc == 0 && *offset < stop) {
		res = lines_next(&l, &p, &n);
		if (res == LINES_MORE)
			res = lines_fill(&l);
		else if (res == LINES_OK) {
			/* Without its newline it is still being written. */
			if (p + n >= l.p + l.end)
				break;
			rc = take_line(u, p, n);
			*offset += n + 1;
		} else if (res == LINES_PART || res == LINES_PART_END)
			*offset += n + (res == LINES_PART_END);
		else
			break;
		if (res == LINES_ERROR) {
			errno = l.error;
			rc = -1;
		}
	}
	lines_fini(&l);
	if (rc == -1)
		return -1;
	return *offset >= stop;
}

static int
step(struct update *u, const char *path, int fd, struct err *e)
{
	struct buf b = { 0 };
	struct cache_file *at;
	struct stat st;
	int more;

	if (fstat(fd, &st) == -1)
		return err_set(e, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, "not a file that can be read again");
	status_load(u->cache, path);
	cache_day(u->cache, u->day->name, u->day->n);
	at = cache_at(u->cache, st.st_dev, st.st_ino);
	if (at->offset > (uint64_t)st.st_size) {
		/* Cut short: what it told may come again. */
		cache_forget_records(u->cache);
		at = cache_at(u->cache, st.st_dev, st.st_ino);
	}
	more = take_step(u, fd, &at->offset);
	if (more == -1)
		return err_set(e, "%s", strerror(errno));
	cache_put(&b, u->cache);
	if (b.err != 0)
		more = err_set(e, "out of memory");
	else if (place_write(path, b.p, b.n, e) == -1)
		more = -1;
	buf_fini(&b);
	return more;
}

int
status_update(const char *path, const char *records,
    const struct status_day *day, struct err *e)
{
	struct cache cache = { .nsession = 0 };
	struct update u = { .cache = &cache, .day = day };
	struct err why = { "" };
	int fd, lock, res = 1;

	fd = open(records, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return err_set(e, "%s: %s", records, strerror(errno));
	if (update_init(&u, &why) == -1)
		res = -1;
	while (res == 1) {
		lock = place_lock(path, LOCK_WAIT_MS);
		if (lock == -1) {
			res = err_set(&why, "%s.lock: %s", path,
			    strerror(errno));
			break;
		}
		res = step(&u, path, fd, &why);
		(void)close(lock);
	}
	if (res == -1)
		(void)err_set(e, "%s: %s", records, why.msg);
	update_fini(&u);
	cache_fini(&cache);
	(void)close(fd);
	return res;
}

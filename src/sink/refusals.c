#include "sink/refusals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lines.h"
#include "base/log.h"
#include "json/scan.h"
#include "json/write.h"
#include "sink/left.h"

#define TOLD		10		/* named one by one */
#define MAX_LINE	(128 * 1024 * 1024)
#define PARKED		"parked.ndjson"

int
refusals_open(struct refusals *f, const char *path, const char *spool,
    const struct clock *clock, struct err *e)
{
	memset(f, 0, sizeof(*f));
	f->fd = -1;
	f->clock = clock;
	f->path = path;
	if (path == NULL && spool != NULL) {
		buf_addf(&f->own, "%s/%s", spool, PARKED);
		f->path = buf_cstr(&f->own);
		f->parks = true;
	}
	if (f->path == NULL)
		return 0;
	return (f->fd = left_open(f->path, e)) != -1 ? 0 : -1;
}

void
refusals_fini(struct refusals *f)
{
	struct err e;

	if (f->path != NULL && f->fd != -1) {
		if (close(f->fd) == -1)
			log_error("%s: %s", f->path, strerror(errno));
		/* An empty one that we made says nothing. */
		if (left_tidy(f->path, &e) == -1)
			log_warn("%s", e.msg);
	}
	f->fd = -1;
	f->path = NULL;
	buf_fini(&f->own);
}

static void
put_reason(const struct refusals *f, struct buf *b, int status,
    const char *why)
{
	time_t now = (time_t)(clock_wall(f->clock) / CLOCK_S);
	char stamp[32];
	struct tm tm;

	buf_adds(b, "{\"parked\":{");
	if (gmtime_r(&now, &tm) != NULL && strftime(stamp, sizeof(stamp),
	    "%Y-%m-%dT%H:%M:%SZ", &tm) != 0)
		buf_addf(b, "\"time\":\"%s\",", stamp);
	buf_addf(b, "\"status\":%d,\"reason\":", status);
	json_put_cstr(b, why);
	buf_adds(b, "},\"line\":");
}

static void
keep(struct refusals *f, const char *p, size_t n, bool record, int status,
    const char *why)
{
	struct buf b = { 0 };
	int rc;

	if (f->fd == -1)
		return;
	if (f->parks) {
		put_reason(f, &b, status, why);
		if (record)
			buf_add(&b, p, n);
		else
			json_put_str(&b, p, n);
		buf_addc(&b, '}');
		errno = b.err;
		rc = b.err != 0 ? -1 : left_line(f->fd, b.p, b.n);
		buf_fini(&b);
		/* It leaves the spool next. */
		if (rc == 0)
			rc = fdatasync(f->fd);
	} else
		rc = left_line(f->fd, p, n);
	if (rc == -1) {
		log_error("%s: %s", f->path, strerror(errno));
		f->failed = true;
	} else
		f->nkept++;
}

void
refusals_record(struct refusals *f, const struct record *r,
    const char *where, int status, const char *why)
{
	struct json_val trace = r->field[F_TRACE_ID];
	struct json_val span = r->field[F_SPAN_ID];
	struct buf who = { 0 };

	if (trace.type == JSON_STRING)
		buf_addf(&who, " trace %.*s", (int)(trace.n - 2), trace.p + 1);
	if (span.type == JSON_STRING)
		buf_addf(&who, " span %.*s", (int)(span.n - 2), span.p + 1);
	if (f->ntold++ >= TOLD)
		;
	else if (status != 0)
		log_warn("refused (status %d):%s: %s", status, buf_cstr(&who),
		    why);
	else
		log_warn("%s: cannot be sent:%s: %s", where, buf_cstr(&who),
		    why);
	buf_fini(&who);
	keep(f, r->p, r->n, true, status, why);
}

void
refusals_line(struct refusals *f, const char *p, size_t n, const char *why)
{
	keep(f, p, n, false, 0, why);
}

/* A parked line: back into the spool, or to those that stay. 0, or -1. */
static int
one_back(struct intake *to, const char *p, size_t n, struct buf *stay,
    struct err *e)
{
	struct json_val v, line = { 0 };
	const char *why;
	int rc = 0;

	if (json_parse(p, n, &v, &why) && v.type == JSON_OBJECT)
		line = json_get(v, "line");
	if (line.type != JSON_OBJECT) {
		buf_add(stay, p, n);
		buf_addc(stay, '\n');
	} else
		rc = intake_line(to, line.p, line.n);
	if (rc == -1 || stay->err != 0)
		return err_set(e, "out of memory");
	return rc == 1 ? intake_keep(to, e) : 0;
}

static int
all_back(struct intake *to, int fd, const char *path, struct buf *stay,
    struct err *e)
{
	enum lines_res res = LINES_MORE;
	struct lines in;
	const char *p;
	size_t n;
	int rc = 0;

	lines_init(&in, fd, MAX_LINE);
	while (rc == 0 && res != LINES_EOF) {
		res = lines_next(&in, &p, &n);
		if (res == LINES_OK)
			rc = one_back(to, p, n, stay, e);
		else if (res == LINES_MORE && lines_fill(&in) == LINES_ERROR)
			rc = err_set(e, "%s: %s", path, strerror(in.error));
		else if (res == LINES_PART || res == LINES_PART_END)
			rc = err_set(e, "%s: a line is too long", path);
	}
	lines_fini(&in);
	return rc == 0 ? intake_keep(to, e) : -1;
}

int
refusals_retry(const char *spool, struct intake *to, struct err *e)
{
	struct buf path = { 0 }, stay = { 0 };
	int fd, rc = 0;

	buf_addf(&path, "%s/%s", spool, PARKED);
	fd = open(buf_cstr(&path), O_RDONLY | O_CLOEXEC);
	if (fd == -1 && errno != ENOENT)
		rc = err_set(e, "%s: %s", buf_cstr(&path), strerror(errno));
	if (fd != -1) {
		rc = all_back(to, fd, buf_cstr(&path), &stay, e);
		(void)close(fd);	/* only read */
		if (rc == 0 && stay.n > 0) {
			log_warn("%s: what is no record stays",
			    buf_cstr(&path));
			rc = file_write_atomic(buf_cstr(&path), stay.p,
			    stay.n, 0600, e);
		} else if (rc == 0 && unlink(buf_cstr(&path)) == -1)
			rc = err_set(e, "%s: %s", buf_cstr(&path),
			    strerror(errno));
	}
	buf_fini(&path);
	buf_fini(&stay);
	return rc;
}

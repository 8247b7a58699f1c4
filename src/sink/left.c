#include "sink/left.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "base/out.h"

int
left_open(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd == -1)
		err_set(e, "%s: %s", path, strerror(errno));
	return fd;
}

int
left_line(int fd, const char *line, size_t n)
{
	struct buf b = { 0 };
	struct stat st;
	int rc, saved;

	buf_add(&b, line, n);
	buf_addc(&b, '\n');
	if (b.err != 0)
		errno = b.err;
	rc = fstat(fd, &st);
	if (rc == 0)
		rc = b.err != 0 ? -1 : file_write_all(fd, b.p, b.n);
	saved = errno;
	/* A part of a line would spoil the next one. */
	if (rc == -1 && b.err == 0 && S_ISREG(st.st_mode))
		(void)(ftruncate(fd, st.st_size) == -1);
	buf_fini(&b);
	errno = saved;
	return rc;
}

static int
put(void *arg, const char *line, size_t n)
{
	struct out *out = arg;

	return out_write(out, line, n) == -1 ? -1 : out_putc(out, '\n');
}

int
left_save(const struct outbox *o, const char *path, struct err *e)
{
	int fd = left_open(path, e), rc = -1;
	struct out out;

	if (fd == -1)
		return -1;
	if (out_init(&out, fd, 0) == 0) {
		rc = outbox_each(o, put, &out);
		if (rc == 0)
			rc = out_flush(&out);
		out_fini(&out);
	}
	/* EINVAL: a pipe or the like, which cannot be synced. */
	if (rc == 0)
		rc = fsync(fd) == -1 && errno != EINVAL ? -1 : 0;
	if (rc == -1)
		err_set(e, "%s: %s", path, strerror(errno));
	(void)close(fd);	/* synced, or told */
	return rc;
}

int
left_tidy(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size > 0 ||
	    unlink(path) == 0)
		return 0;
	return err_set(e, "%s: %s", path, strerror(errno));
}

static void
tell(const struct outbox *o, struct stage_io *io)
{
	const char *name = o->dest->name;

	if (o->stop != 0)
		stage_status(io, o->stop);
	if (o->tally.refused > 0 || o->tally.rejected > 0)
		stage_status(io, EXIT_DATAERR);
	if (o->tally.scores > 0)
		log_warn("%s takes no scores: %llu were left out", name,
		    (unsigned long long)o->tally.scores);
	if (o->tally.refused > 0)
		log_error("%s: %llu records were refused", name,
		    (unsigned long long)o->tally.refused);
	if (o->tally.rejected > 0)
		log_error("%s: %llu records were thrown away by the server",
		    name, (unsigned long long)o->tally.rejected);
}

void
left_tell(const struct outbox *o, bool printed, const char *path,
    bool several, bool spooled, struct stage_io *io)
{
	const char *name = o->dest->name;
	struct buf to = { 0 };
	size_t n = outbox_left(o);
	struct err e;

	tell(o, io);
	if (n == 0 || printed)
		return;
	stage_status(io, EXIT_TEMP);
	if (path == NULL) {
		log_error("%s: %zu records were not delivered%s: %s", name, n,
		    spooled ? " yet" : " (--left FILE keeps them)", o->why);
		return;
	}
	buf_adds(&to, path);
	if (several)
		buf_addf(&to, ".%s", name);
	if (left_save(o, buf_cstr(&to), &e) == 0)
		log_error("%s: %zu records were not delivered, they are in "
		    "%s: %s", name, n, buf_cstr(&to), o->why);
	else {
		log_error("%s", e.msg);
		stage_status(io, EXIT_IO);
	}
	buf_fini(&to);
}

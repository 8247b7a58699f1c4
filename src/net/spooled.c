#include "net/spooled.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "net/lockfile.h"
#include "net/spoolpack.h"

#define WRITER_LOCK	".lock"		/* net/spool.c holds it */
#define READER_LOCK	".reading"
#define MARK		".shipped"
#define ASIDE		"aside"
#define NAME_LEN	SPOOL_NAME_LEN
#define BLOCK		(256 * 1024)

struct place {
	char	name[NAME_LEN + 1];	/* of a segment; "": before all */
	int64_t	at;			/* bytes of it that are done */
};

struct spooled {
	char		*path;
	int		 dir, lock;
	struct place	 done;		/* forgotten up to here */
	struct place	 next;		/* handed out up to here */
	int		 fd;		/* of the segment next is in, or -1 */
	char		 open[NAME_LEN + 1];
	uint64_t	 aside;		/* segments that cannot be read */
};

static int
fail(const struct spooled *s, const char *what, struct err *e)
{
	return err_set(e, "%s/%s: %s", s->path, what, strerror(errno));
}

static int
is_segment(const struct dirent *d)
{
	return spoolpack_is_segment(d->d_name);
}

/* "NAME OFFSET\n"; anything else counts as nothing done. */
static int
read_mark(struct spooled *s, struct err *e)
{
	struct buf path = { 0 }, b = { 0 };
	const char *why, *text;
	int rc = 0;

	buf_addf(&path, "%s/%s", s->path, MARK);
	if (faccessat(s->dir, MARK, F_OK, 0) == 0)
		rc = file_read(buf_cstr(&path), 256, &b, e);
	if (rc == 0 && b.n > NAME_LEN + 1) {
		text = buf_cstr(&b);
		memcpy(s->done.name, text, NAME_LEN);
		b.p[strcspn(text, "\n")] = '\0';
		s->done.at = strtonum(text + NAME_LEN + 1, 0, INT64_MAX,
		    &why);
		if (why != NULL)
			memset(&s->done, 0, sizeof(s->done));
	}
	s->next = s->done;
	buf_fini(&path);
	buf_fini(&b);
	return rc;
}

static int
write_mark(const struct spooled *s, struct err *e)
{
	struct buf path = { 0 }, b = { 0 };
	int rc;

	buf_addf(&path, "%s/%s", s->path, MARK);
	buf_addf(&b, "%s %lld\n", s->next.name, (long long)s->next.at);
	if (path.err != 0 || b.err != 0)
		rc = err_set(e, "out of memory");
	else
		rc = file_write_atomic(buf_cstr(&path), b.p, b.n, 0600, e);
	buf_fini(&path);
	buf_fini(&b);
	return rc;
}

static void
shut(struct spooled *s)
{
	if (s->fd != -1)
		(void)close(s->fd);	/* only read */
	s->fd = -1;
	s->open[0] = '\0';
}

/*
 * The segment that next is in stays open: a packed one is unpacked once. -1
 * with the cause, errno ENOENT when there is none.
 */
static int
reopen(struct spooled *s, struct err *e)
{
	if (s->fd != -1 && strcmp(s->open, s->next.name) == 0)
		return 0;
	shut(s);
	s->fd = spoolpack_open(s->dir, s->next.name, e);
	if (s->fd == -1)
		return -1;
	memcpy(s->open, s->next.name, sizeof(s->open));
	return 0;
}

struct spooled *
spooled_open(const char *dir, struct err *e)
{
	struct spooled *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->path = strdup(dir)) == NULL) {
		free(s);
		err_set(e, "out of memory");
		return NULL;
	}
	s->lock = s->fd = -1;
	s->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir == -1)
		err_set(e, "%s: %s", dir, strerror(errno));
	else if ((s->lock = lockfile_take(s->dir, dir, READER_LOCK,
	    "is delivering it", 0, e)) != -1 && read_mark(s, e) == 0)
		return s;
	spooled_close(s);
	return NULL;
}

void
spooled_close(struct spooled *s)
{
	int saved = errno;

	if (s == NULL)
		return;
	shut(s);
	if (s->lock != -1)
		(void)close(s->lock);
	if (s->dir != -1)
		(void)close(s->dir);
	free(s->path);
	free(s);
	errno = saved;
}

static int
list(const struct spooled *s, struct dirent ***names, struct err *e)
{
	int n = scandirat(s->dir, ".", names, is_segment, alphasort);

	/* Packed or not, a segment has one name here. */
	for (int i = 0; i < n; i++)
		(*names)[i]->d_name[NAME_LEN] = '\0';
	return n != -1 ? n : fail(s, ".", e);
}

static void
free_names(struct dirent **names, int n)
{
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

/*
 * A segment that cannot be read is out of the way of the others, and kept for
 * people. 0, or -1 with the cause.
 */
static int
set_aside(struct spooled *s, const struct err *why, struct err *e)
{
	struct buf from = { 0 }, to = { 0 };
	int rc = 0;

	shut(s);
	buf_addf(&from, "%s", s->next.name);
	if (faccessat(s->dir, s->next.name, F_OK, AT_SYMLINK_NOFOLLOW) == -1)
		buf_adds(&from, ".zst");
	buf_addf(&to, "%s/%s", ASIDE, buf_cstr(&from));
	if ((mkdirat(s->dir, ASIDE, 0700) == -1 && errno != EEXIST) ||
	    renameat(s->dir, buf_cstr(&from), s->dir, buf_cstr(&to)) == -1)
		rc = fail(s, buf_cstr(&to), e);
	else
		log_error("%s; set aside as %s/%s", why->msg, s->path,
		    buf_cstr(&to));
	s->aside += rc == 0;
	buf_fini(&from);
	buf_fini(&to);
	return rc;
}

/*
 * Whole lines of fd from s->next on. 1; 0 for none; 2 with the cause when the
 * segment cannot be read; -1.
 */
static int
take(struct spooled *s, int fd, size_t max, size_t line_max,
    struct buf *out, struct err *e)
{
	size_t from = out->n, whole = out->n;
	int64_t at = s->next.at;
	ssize_t got;
	char *room, *nl;

	for (;;) {
		if ((room = buf_room(out, BLOCK)) == NULL)
			return err_set(e, "out of memory");
		got = pread(fd, room, BLOCK, (off_t)at);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1) {
			out->n = from;
			(void)fail(s, s->next.name, e);
			return 2;
		}
		if (got == 0)
			break;
		nl = memrchr(room, '\n', (size_t)got);
		if (nl != NULL)
			whole = out->n + (size_t)(nl - room) + 1;
		out->n += (size_t)got;
		at += got;
		if (whole > from && out->n - from >= max)
			break;
		if (out->n - whole <= line_max)
			continue;
		if (whole > from)
			break;		/* those before it are good */
		out->n = from;
		(void)err_set(e, "%s/%s: a line is longer than %zu bytes",
		    s->path, s->next.name, line_max);
		return 2;
	}
	out->n = whole;		/* what is behind comes again */
	s->next.at += (int64_t)(whole - from);
	return whole > from;
}

int
spooled_next(struct spooled *s, size_t max, size_t line_max,
    struct buf *out, struct err *e)
{
	struct dirent **names;
	int n = list(s, &names, e), rc = 0, order;
	struct err why;

	for (int i = 0; i < n && rc == 0; i++) {
		order = strcmp(names[i]->d_name, s->next.name);
		if (order < 0)
			continue;	/* handed out already */
		if (order > 0) {
			memcpy(s->next.name, names[i]->d_name, NAME_LEN);
			s->next.at = 0;
		}
		rc = reopen(s, &why);
		if (rc == -1 && errno == ENOENT) {
			rc = 0;
			continue;	/* dropped by the writer */
		}
		if (rc == 0)
			rc = take(s, s->fd, max, line_max, out, &why);
		else if (errno != EMFILE && errno != ENFILE &&
		    errno != ENOMEM && errno != EINTR)
			rc = 2;		/* damaged, or no file of ours */
		if (rc == 2)
			rc = set_aside(s, &why, e);
		else if (rc == -1)
			*e = why;
	}
	if (n == -1)
		return -1;
	free_names(names, n);
	return rc;
}

uint64_t
spooled_aside(const struct spooled *s)
{
	return s->aside;
}

/* Lines of fd from there on; -1 with errno. */
static int64_t
count_lines(int fd, int64_t at)
{
	char block[16384];
	int64_t lines = 0;
	ssize_t n;

	while ((n = pread(fd, block, sizeof(block), (off_t)at)) > 0) {
		for (const char *p = block; (p = memchr(p, '\n',
		    (size_t)(block + n - p))) != NULL; p++)
			lines++;
		at += n;
	}
	return n == 0 ? lines : -1;
}

int
spooled_waiting(const struct spooled *s, uint64_t *lines, uint64_t *bytes,
    struct err *e)
{
	struct dirent **names;
	int n = list(s, &names, e), rc = 0, fd, order;
	struct err why;
	struct stat st;
	int64_t got = 0, at;

	*bytes = 0;
	if (lines != NULL)
		*lines = 0;
	for (int i = 0; i < n && rc == 0; i++) {
		order = strcmp(names[i]->d_name, s->next.name);
		if (order < 0)
			continue;
		at = order == 0 ? s->next.at : 0;
		fd = spoolpack_open(s->dir, names[i]->d_name, &why);
		if (fd == -1 && errno == ENOENT)
			continue;	/* dropped by the writer */
		if (fd == -1 || fstat(fd, &st) == -1 || (lines != NULL &&
		    S_ISREG(st.st_mode) && (got = count_lines(fd, at)) == -1))
			rc = fail(s, names[i]->d_name, e);
		else if (S_ISREG(st.st_mode) && st.st_size > at) {
			*bytes += (uint64_t)(st.st_size - at);
			if (lines != NULL)
				*lines += (uint64_t)got;
		}
		if (fd != -1)
			(void)close(fd);	/* only read */
	}
	if (n == -1)
		return -1;
	free_names(names, n);
	return rc;
}

/*
 * Does anybody write in the folder? If not its newest segment is finished, and
 * none begins until the descriptor given back, or -1, is closed.
 */
static bool
written(const struct spooled *s, int *fd)
{
	*fd = openat(s->dir, WRITER_LOCK, O_RDWR | O_CLOEXEC);
	if (*fd == -1)
		return errno != ENOENT;
	return flock(*fd, LOCK_EX | LOCK_NB) == -1;
}

/* Nothing but a line that a crash has cut stands behind what was read. */
static bool
all_read(struct spooled *s)
{
	struct err why;
	struct stat st;

	return reopen(s, &why) == 0 && fstat(s->fd, &st) == 0 &&
	    st.st_size == s->next.at;
}

/* Removes what stands before the mark; of the mark's own if it is read. */
static int
remove_done(struct spooled *s, struct dirent **names, int n, bool newest,
    struct err *e)
{
	bool last;

	for (int i = 0; i < n; i++) {
		if (strcmp(names[i]->d_name, s->done.name) > 0)
			break;
		last = strcmp(names[i]->d_name, s->done.name) == 0;
		if (last && (!all_read(s) || (i == n - 1 && !newest)))
			break;
		if (spoolpack_remove(s->dir, names[i]->d_name) == -1)
			return fail(s, names[i]->d_name, e);
	}
	return 0;
}

int
spooled_forget(struct spooled *s, struct err *e)
{
	struct dirent **names;
	const struct place before = s->done;
	int n, fd, rc;
	bool busy, marked = true;

	if (s->next.name[0] == '\0')
		return 0;
	if (memcmp(&s->next, &s->done, sizeof(s->done)) != 0)
		marked = write_mark(s, e) == 0;
	s->done = s->next;
	busy = written(s, &fd);
	/* On a full disk what goes first makes room for the mark. */
	n = list(s, &names, marked ? e : NULL);
	rc = n == -1 ? -1 : remove_done(s, names, n, !busy, marked ? e : NULL);
	if (n != -1)
		free_names(names, n);
	if (fd != -1)
		(void)close(fd);
	if (!marked && rc == 0)
		rc = write_mark(s, e);
	if (!marked && rc == -1)
		s->done = before;	/* to be tried again */
	return rc;
}

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BLOCK	(64 * 1024)

int
file_read_fd(int fd, const char *name, size_t max, struct buf *b,
    struct err *e)
{
	size_t start = b->n;
	ssize_t n;
	char *to;

	for (;;) {
		to = buf_room(b, FILE_BLOCK);
		if (to == NULL)
			return err_set(e, "%s: %s", name, strerror(b->err));
		n = read(fd, to, FILE_BLOCK);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_set(e, "%s: %s", name, strerror(errno));
		if (n == 0)
			return 0;
		b->n += (size_t)n;
		if (b->n - start > max)
			return err_set(e, "%s: larger than %zu bytes", name,
			    max);
	}
}

int
file_read(const char *path, size_t max, struct buf *b, struct err *e)
{
	int fd, res;

	if (strcmp(path, "-") == 0)
		return file_read_fd(STDIN_FILENO, "stdin", max, b, e);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	res = file_read_fd(fd, path, max, b, e);
	(void)close(fd);	/* nothing was written */
	return res;
}

int
file_write_all(int fd, const void *p, size_t n)
{
	const char *at = p;
	ssize_t w;

	while (n > 0) {
		w = write(fd, at, n);
		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1)
			return -1;
		at += w;
		n -= (size_t)w;
	}
	return 0;
}

/* The rename itself must survive a crash: sync the directory. */
static int
sync_dir(const char *path)
{
	char copy[4096];
	int fd, res;

	if (strlen(path) >= sizeof(copy)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(copy, path, strlen(path) + 1);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	res = fsync(fd);
	(void)close(fd);
	return res;
}

/*
 * A device, a pipe, or a link that leads to one or to nothing yet, is there to
 * be written to: a new file must not take its place. -1 with errno when it
 * cannot be told.
 */
static int
is_special(const char *path, bool *special)
{
	struct stat st;

	*special = false;
	if (stat(path, &st) == -1) {
		if (errno != ENOENT)
			return -1;
		*special = lstat(path, &st) == 0;
		return 0;
	}
	*special = !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
	return 0;
}

static int
write_into(const char *path, const void *p, size_t n, mode_t mode,
    struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, mode);
	int saved = 0;

	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (file_write_all(fd, p, n) == -1)
		saved = errno;
	if (close(fd) == -1 && saved == 0)
		saved = errno;
	return saved == 0 ? 0 : err_set(e, "%s: %s", path, strerror(saved));
}

static int
write_beside(const char *path, const void *p, size_t n, mode_t mode,
    struct err *e)
{
	char tmp[4096];
	int fd, saved;

	if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= (int)sizeof(tmp))
		return err_set(e, "%s: %s", path, strerror(ENAMETOOLONG));
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (fchmod(fd, mode) == -1 || file_write_all(fd, p, n) == -1 ||
	    fsync(fd) == -1) {
		saved = errno;
		(void)close(fd);
		goto fail;
	}
	if (close(fd) == -1 || rename(tmp, path) == -1) {
		saved = errno;
		goto fail;
	}
	if (sync_dir(path) == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	return 0;
fail:
	(void)unlink(tmp);
	return err_set(e, "%s: %s", path, strerror(saved));
}

int
file_write_atomic(const char *path, const void *p, size_t n, mode_t mode,
    struct err *e)
{
	char *real;
	bool special;
	int res;

	if (is_special(path, &special) == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (special)
		return write_into(path, p, n, mode, e);
	/* The link stays one; NULL: nothing is there yet. */
	real = realpath(path, NULL);
	res = write_beside(real != NULL ? real : path, p, n, mode, e);
	free(real);
	return res;
}

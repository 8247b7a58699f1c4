#include "report/place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static const struct {
	const char	*env;
	const char	*home;	/* below it */
} base[] = {
	[PLACE_CACHE] = { "XDG_CACHE_HOME", ".cache" },
	[PLACE_STATE] = { "XDG_STATE_HOME", ".local/state" },
};

/* mkdir -p */
static int
make_folders(char *path, struct err *e)
{
	for (char *p = path + 1;; p++) {
		char was = *p;

		if (was != '/' && was != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			return err_set(e, "%s: %s", path, strerror(errno));
		*p = was;
		if (was == '\0')
			return 0;
	}
}

int
place_file(struct buf *path, enum place where, const char *name,
    struct err *e)
{
	const char *dir = getenv(base[where].env), *home = getenv("HOME");
	char *folder;
	int res;

	buf_reset(path);
	/* The specification: what is not absolute is to be ignored. */
	if (dir != NULL && dir[0] == '/')
		buf_addf(path, "%s/aitrace", dir);
	else if (home != NULL && home[0] == '/')
		buf_addf(path, "%s/%s/aitrace", home, base[where].home);
	else
		return err_set(e, "neither %s nor HOME is set",
		    base[where].env);
	folder = strdup(buf_cstr(path));
	if (folder == NULL)
		return err_set(e, "out of memory");
	res = make_folders(folder, e);
	free(folder);
	buf_addf(path, "/%s", name);
	if (res == 0 && path->err != 0)
		return err_set(e, "out of memory");
	return res;
}

int
place_lock(const char *path, int wait_ms)
{
	struct buf name = { 0 };
	int fd, saved;

	buf_addf(&name, "%s.lock", path);
	fd = open(buf_cstr(&name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	buf_fini(&name);
	if (fd == -1)
		return -1;
	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if ((errno != EWOULDBLOCK && errno != EINTR) ||
		    wait_ms-- <= 0) {
			saved = errno;
			(void)close(fd);
			errno = saved;
			return -1;
		}
		(void)poll(NULL, 0, 1);
	}
	return fd;
}

int
place_write(const char *path, const void *p, size_t n, struct err *e)
{
	struct buf tmp = { 0 };
	int fd = -1, saved = 0;

	buf_addf(&tmp, "%s.XXXXXX", path);
	if (buf_cstr(&tmp)[0] != '\0')
		fd = mkostemp(tmp.p, O_CLOEXEC);
	if (fd == -1)
		saved = errno;
	else {
		if (file_write_all(fd, p, n) == -1)
			saved = errno;
		if (close(fd) == -1 && saved == 0)
			saved = errno;
		if (saved == 0 && rename(tmp.p, path) == -1)
			saved = errno;
		if (saved != 0)
			(void)unlink(tmp.p);
	}
	buf_fini(&tmp);
	return saved == 0 ? 0 : err_set(e, "%s: %s", path, strerror(saved));
}

#include "import/plain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "net/inflate.h"

#define CHUNK	(128 * 1024)

/* A file that nobody can see, gone when it is closed. */
static int
nameless(struct err *e)
{
	const char *dir = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (dir == NULL || dir[0] != '/')
		dir = "/tmp";
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd != -1)
		return fd;
	if (strlen(dir) + 32 > sizeof(path))
		return err_set(e, "TMPDIR is too long");
	(void)strlcpy(path, dir, sizeof(path));
	(void)strlcat(path, "/aitrace-import.XXXXXX", sizeof(path));
	fd = mkostemp(path, O_CLOEXEC);
	if (fd == -1)
		return err_set(e, "%s: %s", dir, strerror(errno));
	(void)unlink(path);
	return fd;
}

struct unpacking {
	struct inflate	*z;
	struct buf	 out;
	const char	*name;
	int		 to;
	int64_t		 total;
};

static int
give(struct unpacking *u, struct err *e)
{
	u->total += (int64_t)u->out.n;
	if (u->total > PLAIN_MAX)
		return err_set(e, "%s: unpacks to more than %lld bytes",
		    u->name, (long long)PLAIN_MAX);
	if (file_write_all(u->to, u->out.p, u->out.n) == -1)
		return err_set(e, "%s: cannot be unpacked: %s", u->name,
		    strerror(errno));
	buf_reset(&u->out);
	return 0;
}

static int
take(struct unpacking *u, const char *p, size_t n, struct err *e)
{
	struct err why = { { 0 } };
	enum inflate_res res;
	size_t left = n;

	do {
		res = inflate_some(u->z, p + n - left, left, &u->out, CHUNK,
		    &left, &why);
		if (res == INFLATE_NOMEM)
			return err_set(e, "out of memory");
		if (res == INFLATE_BAD)
			return err_set(e, "%s: %s", u->name, why.msg);
		if (u->out.n == 0)
			break;
		if (give(u, e) == -1)
			return -1;
	} while (left > 0 || res == INFLATE_LARGE);
	return 0;
}

static int
unpack(struct unpacking *u, int fd, bool *cut, struct err *e)
{
	char *in = malloc(CHUNK);
	struct err why;
	ssize_t n = -1;
	int res = 0;

	if (in == NULL)
		return err_set(e, "out of memory");
	while (res == 0 && (n = read(fd, in, CHUNK)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		res = n == -1 ? err_set(e, "%s: %s", u->name,
		    strerror(errno)) : take(u, in, (size_t)n, e);
	}
	free(in);
	/* The rest is missing: what came out is whole. */
	if (res == 0 && inflate_end(u->z, &why) != INFLATE_OK && cut != NULL)
		*cut = true;
	else if (res == -1 && u->total > 0 && cut != NULL) {
		*cut = true;
		res = 0;
	}
	return res;
}

int
plain_open(int fd, const char *name, bool *cut, struct err *e)
{
	struct unpacking u = { .name = name };
	enum inflate_kind kind;
	unsigned char head[16];
	struct stat st;
	ssize_t n;
	int res;

	if (cut != NULL)
		*cut = false;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return fd;
	n = pread(fd, head, sizeof(head), 0);
	kind = n > 0 ? inflate_by_magic(head, (size_t)n) : INFLATE_NONE;
	if (lseek(fd, 0, SEEK_SET) == -1 || kind == INFLATE_NONE)
		return fd;
	u.z = inflate_new(kind);
	u.to = u.z != NULL ? nameless(e) : err_set(e, "out of memory");
	if (u.to == -1) {
		inflate_free(u.z);
		return -1;
	}
	res = unpack(&u, fd, cut, e);
	inflate_free(u.z);
	buf_fini(&u.out);
	if (res == 0 && lseek(u.to, 0, SEEK_SET) == 0)
		return u.to;
	(void)close(u.to);
	return -1;
}

#include "config.h"

#include "net/spoolpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/zstd.h"

#define PLAIN	".ndjson"
#define PACKED	".zst"
#define PART	".part"		/* being packed; a crash may leave it */
#define LONGEST	(SPOOL_NAME_LEN + sizeof(PACKED PART))

bool
spoolpack_is_packed(const char *name)
{
	return strlen(name) == SPOOL_NAME_LEN + sizeof(PACKED) - 1 &&
	    strcmp(name + SPOOL_NAME_LEN, PACKED) == 0;
}

bool
spoolpack_is_segment(const char *name)
{
	size_t n = strlen(name);

	return (n == SPOOL_NAME_LEN || spoolpack_is_packed(name)) &&
	    name[SPOOL_STAMP_LEN] == '-' &&
	    strspn(name, "0123456789TZ") == SPOOL_STAMP_LEN &&
	    memcmp(name + SPOOL_NAME_LEN - (sizeof(PLAIN) - 1), PLAIN,
	    sizeof(PLAIN) - 1) == 0;
}

bool
spoolpack_is_part(const char *name)
{
	return strlen(name) == SPOOL_NAME_LEN + sizeof(PACKED PART) - 1 &&
	    strcmp(name + SPOOL_NAME_LEN, PACKED PART) == 0;
}

static int
fail(const char *name, struct err *e)
{
	return err_set(e, "%s: %s", name, strerror(errno));
}

int
spoolpack_pack(int dir, const char *name, struct err *e)
{
	char part[LONGEST], packed[LONGEST];
	int from, to, rc = -1;

	(void)snprintf(packed, sizeof(packed), "%.*s%s", SPOOL_NAME_LEN, name,
	    PACKED);
	(void)snprintf(part, sizeof(part), "%.*s%s%s", SPOOL_NAME_LEN, name,
	    PACKED, PART);
	from = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (from == -1)
		return fail(name, e);
	to = openat(dir, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (to == -1)
		(void)fail(part, e);
	else if (zstd_pack(from, to, e) == 0) {
		if (fsync(to) == -1 || renameat(dir, part, dir, packed) == -1 ||
		    fsync(dir) == -1 || unlinkat(dir, name, 0) == -1)
			(void)fail(packed, e);
		else
			rc = 0;
	}
	(void)close(from);	/* only read */
	if (to != -1 && close(to) == -1 && rc == 0)
		rc = fail(packed, e);
	if (rc == -1)
		(void)unlinkat(dir, part, 0);
	return rc;
}

/* A file in memory with what the packed segment holds. */
static int
unpack(int dir, const char *packed, struct err *e)
{
	int from = openat(dir, packed, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int to = -1, saved;
	struct err why = { "" };

	if (from == -1) {
		saved = errno;
		(void)fail(packed, e);
		errno = saved;
		return -1;
	}
	/* No such thing on this file system, or no room: in memory. */
	for (int i = 0; i < 2 && to == -1; i++) {
		to = i == 0 ? openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC,
		    0600) : memfd_create("segment", MFD_CLOEXEC);
		if (to != -1 && (lseek(from, 0, SEEK_SET) == -1 ||
		    zstd_unpack(from, to, &why) == -1)) {
			close(to);
			to = -1;
			errno = EIO;
		}
	}
	saved = errno;
	if (to == -1)
		(void)err_set(e, "%s: %s", packed, why.msg[0] != '\0' ?
		    why.msg : strerror(saved));
	(void)close(from);	/* only read */
	errno = saved;
	return to;
}

int
spoolpack_open(int dir, const char *name, struct err *e)
{
	char packed[LONGEST];
	int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC), saved;

	if (fd != -1)	/* a pipe of that name would have kept us waiting */
		return fd;
	if (errno == ENOENT) {
		(void)snprintf(packed, sizeof(packed), "%.*s%s",
		    SPOOL_NAME_LEN, name, PACKED);
		return unpack(dir, packed, e);
	}
	saved = errno;
	(void)fail(name, e);
	errno = saved;
	return -1;
}

int
spoolpack_remove(int dir, const char *name)
{
	char packed[LONGEST];

	(void)snprintf(packed, sizeof(packed), "%.*s%s", SPOOL_NAME_LEN, name,
	    PACKED);
	if (unlinkat(dir, name, 0) == -1 && errno != ENOENT)
		return -1;
	if (unlinkat(dir, packed, 0) == -1 && errno != ENOENT)
		return -1;
	return 0;
}

#include "config.h"

#include "net/lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define AGAIN	(10 * CLOCK_MS)
#define WHO	64		/* bytes of the file */

/* 0; 1 while another process holds it; -1 with errno. */
static int
try(int fd, int64_t patience)
{
	const struct timespec pause = { .tv_nsec = AGAIN };

	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (patience <= 0)
			return 1;
		patience -= AGAIN;
		(void)nanosleep(&pause, NULL);	/* shorter is fine */
	}
	return 0;
}

static void
held(int fd, const char *path, const char *does, struct err *e)
{
	char who[WHO + 1];
	ssize_t n = pread(fd, who, WHO, 0);

	n = n > 0 ? n : 0;
	while (n > 0 && (who[n - 1] == '\n' || who[n - 1] == ' '))
		n--;
	who[n] = '\0';
	(void)err_set(e, "%s: another process %s%s%s", path, does,
	    who[0] != '\0' ? ": " : "", who);
}

/*
 * For people, and as long as any before: on a full disk the old text stays,
 * whose process is gone.
 */
static void
sign(int fd)
{
	char who[WHO];
	int n = snprintf(who, sizeof(who), "%ld %.32s", (long)getpid(),
	    program_invocation_short_name);

	memset(who + n, ' ', sizeof(who) - (size_t)n);
	who[sizeof(who) - 1] = '\n';
	(void)(pwrite(fd, who, sizeof(who), 0) == -1);
}

int
lockfile_take(int dir, const char *path, const char *name, const char *does,
    int64_t patience, struct err *e)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600), rc, saved;

	if (fd == -1)
		return err_set(e, "%s/%s: %s", path, name, strerror(errno));
	rc = try(fd, patience);
	saved = errno;
	if (rc == 0) {
		sign(fd);
		return fd;
	}
	if (rc == 1)
		held(fd, path, does, e);
	else
		(void)err_set(e, "%s/%s: %s", path, name, strerror(saved));
	(void)close(fd);
	errno = rc == 1 ? EWOULDBLOCK : saved;
	return -1;
}

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "tests/unit/tap.h"

/* What a process in the sandbox found, for the one outside. */
struct found {
	int	got;			/* of sandbox_enter */
	int	outside, outside_write;	/* errno of opening, 0: opened */
	int	inside, removed, renamed;
	int	sock, exec, forked, open_fd;
};

static int
try_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd == -1)
		return errno;
	close(fd);
	return 0;
}

static void
inside(const char *dir, int fd, const char *outside, struct found *f)
{
	char path[256], other[256], sh[] = "/bin/true", *argv[] = { sh, NULL };
	struct err e;
	int s;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/file", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	f->got = sandbox_enter(dir, &e);
	f->outside = try_open("/etc/passwd", O_RDONLY);
	f->outside_write = try_open(outside, O_RDWR | O_CREAT);
	f->inside = try_open(path, O_RDWR | O_CREAT | O_EXCL);
	f->renamed = rename(path, other) == 0 ? 0 : errno;
	f->removed = unlink(other) == 0 ? 0 : errno;
	f->open_fd = write(fd, "x", 1) == 1 ? 0 : errno;
	if (f->got < 0 || ((unsigned)f->got & SANDBOX_CALLS) == 0)
		return;		/* the program started would take our place */
	s = socket(AF_INET, SOCK_STREAM, 0);
	f->sock = s == -1 ? errno : 0;
	pid = fork();
	if (pid == 0)
		_exit(0);
	f->forked = pid == -1 ? errno : 0;
	execv(sh, argv);
	f->exec = errno;
}

/* Runs it in a process of its own. */
static struct found
run(const char *dir, const char *outside)
{
	struct found f = { .got = -2 };
	int p[2], fd = open("/dev/null", O_WRONLY);
	pid_t pid;

	if (pipe(p) == -1 || fd == -1 || (pid = fork()) == -1)
		return f;
	if (pid == 0) {
		inside(dir, fd, outside, &f);
		_exit(write(p[1], &f, sizeof(f)) == sizeof(f) ? 0 : 1);
	}
	close(p[1]);
	if (read(p[0], &f, sizeof(f)) != sizeof(f))
		f.got = -2;
	close(p[0]);
	close(fd);
	(void)waitpid(pid, NULL, 0);
	return f;
}

int
main(void)
{
	char dir[] = "/tmp/t_sandbox.XXXXXX", outside[64];
	struct found f;

	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(outside, sizeof(outside), "%s.outside", dir);
	f = run(dir, outside);
	ok(f.got >= 0, "it can be entered (%d)", f.got);
	is_int(f.inside, 0, "the folder's files can be made");
	is_int(f.renamed, 0, "renamed");
	is_int(f.removed, 0, "and removed");
	is_int(f.open_fd, 0, "what is open stays usable");
	if (f.got > 0 && ((unsigned)f.got & SANDBOX_FILES) != 0) {
		is_int(f.outside, EACCES, "no other file can be read");
		is_int(f.outside_write, EACCES, "or made");
		ok(access(outside, F_OK) == -1, "(it is not there)");
	} else
		skip("no other file", "no Landlock here");
	if (f.got > 0 && ((unsigned)f.got & SANDBOX_CALLS) != 0) {
		is_int(f.sock, EPERM, "no socket can be opened");
		is_int(f.forked, EPERM, "no process made");
		is_int(f.exec, EPERM, "no program started");
	} else
		skip("no other calls", "no seccomp here");
	(void)rmdir(dir);
	(void)unlink(outside);
	return done_testing();
}

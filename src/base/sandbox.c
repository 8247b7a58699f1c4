#include "config.h"

#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Rights of later versions of Landlock, which old headers do not know. */
#define FS_REFER	(UINT64_C(1) << 13)	/* version 2 */
#define FS_TRUNCATE	(UINT64_C(1) << 14)	/* version 3 */
#define FS_FIRST	((UINT64_C(1) << 13) - 1)

/* All that has to do with files, as far as this kernel can tell. */
static uint64_t
known_rights(long version)
{
	uint64_t rights = FS_FIRST;

	if (version >= 2)
		rights |= FS_REFER;
	if (version >= 3)
		rights |= FS_TRUNCATE;
	return rights;
}

static int
allow_dir(int rules, const char *dir, uint64_t known, struct err *e)
{
	struct landlock_path_beneath_attr at = { .allowed_access = known &
	    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
	    LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE) };
	long rc;

	at.parent_fd = open(dir, O_PATH | O_CLOEXEC);
	if (at.parent_fd == -1)
		return err_set(e, "%s: %s", dir, strerror(errno));
	rc = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
	    &at, 0);
	if (rc == -1)
		(void)err_set(e, "Landlock: %s: %s", dir, strerror(errno));
	close(at.parent_fd);
	return (int)rc;
}

/* 1: done, 0: this kernel cannot. */
static int
limit_files(const char *dir, struct err *e)
{
	struct landlock_ruleset_attr attr = { 0 };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	int rules, rc = 1;

	if (version < 1)
		return 0;
	attr.handled_access_fs = known_rights(version);
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr.handled_access_fs), 0);
	if (rules == -1)
		return err_set(e, "Landlock: %s", strerror(errno));
	if (dir != NULL)
		rc = allow_dir(rules, dir, attr.handled_access_fs, e);
	if (rc != -1 && syscall(SYS_landlock_restrict_self, rules, 0) == -1)
		rc = err_set(e, "Landlock: %s", strerror(errno));
	close(rules);
	return rc == -1 ? -1 : 1;
}

#if defined(HAVE_SECCOMP) && !SANITIZED
/*
 * What a server with open sockets and files needs, with the C library's own
 * needs. Everything else fails: no program is started, no connection made, no
 * socket opened, nobody traced.
 */
static const int calls[] = {
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(brk),
	SCMP_SYS(clock_getres), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64), SCMP_SYS(clock_nanosleep), SCMP_SYS(close),
	SCMP_SYS(dup), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_ctl_old),
	SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_wait), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(fadvise64), SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64), SCMP_SYS(fdatasync), SCMP_SYS(flock),
	SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(fstatat64),
	SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(fstatfs),
	SCMP_SYS(fsync), SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64),
	SCMP_SYS(futex), SCMP_SYS(getdents64), SCMP_SYS(getpeername),
	SCMP_SYS(getpid), SCMP_SYS(getrandom), SCMP_SYS(getrlimit),
	SCMP_SYS(getrusage), SCMP_SYS(getsockname), SCMP_SYS(getsockopt),
	SCMP_SYS(gettid), SCMP_SYS(gettimeofday), SCMP_SYS(geteuid),
	SCMP_SYS(_llseek), SCMP_SYS(lseek), SCMP_SYS(madvise), SCMP_SYS(mmap),
	SCMP_SYS(mmap2), SCMP_SYS(mprotect), SCMP_SYS(mremap),
	SCMP_SYS(munmap), SCMP_SYS(nanosleep), SCMP_SYS(open),
	SCMP_SYS(openat), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(pread64),
	SCMP_SYS(pwrite64), SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(recv),
	SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(rename),
	SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn), SCMP_SYS(sched_yield),
	SCMP_SYS(send), SCMP_SYS(sendfile), SCMP_SYS(sendfile64),
	SCMP_SYS(sendmsg), SCMP_SYS(sendto), SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown), SCMP_SYS(tgkill), SCMP_SYS(time),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(write),
	SCMP_SYS(writev),
};

static int
limit_calls(struct err *e)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = ctx != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < sizeof(calls) / sizeof(calls[0]); i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	/* Of devices only: is it a terminal, how much is there to read? */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
		    SCMP_A1(SCMP_CMP_EQ, TCGETS, 0));
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
		    SCMP_A1(SCMP_CMP_EQ, FIONREAD, 0));
	if (rc == 0)
		rc = seccomp_load(ctx);
	if (ctx != NULL)
		seccomp_release(ctx);
	/* A kernel without it is no error. */
	if (rc == -EINVAL || rc == -ENOSYS || rc == -ECANCELED)
		return 0;
	return rc == 0 ? 1 : err_set(e, "seccomp: %s", strerror(-rc));
}
#else
static int
limit_calls(struct err *e)
{
	(void)e;
	return 0;
}
#endif

int
sandbox_enter(const char *dir, struct err *e)
{
	unsigned got = SANDBOX_PRIVS;
	int rc;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return err_set(e, "no new privileges: %s", strerror(errno));
	/* The search for leaks traces the process and reads its maps. */
	if (SANITIZED)
		return (int)got;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return err_set(e, "not dumpable: %s", strerror(errno));
	rc = limit_files(dir, e);
	if (rc == -1)
		return -1;
	if (rc == 1)
		got |= SANDBOX_FILES;
	rc = limit_calls(e);
	if (rc == -1)
		return -1;
	if (rc == 1)
		got |= SANDBOX_CALLS;
	return (int)got;
}

void
sandbox_text(unsigned got, struct buf *b)
{
	if ((got & SANDBOX_PRIVS) != 0)
		buf_adds(b, "no new privileges");
	if ((got & SANDBOX_FILES) != 0)
		buf_adds(b, ", no files");
	if ((got & SANDBOX_CALLS) != 0)
		buf_adds(b, ", no needless system calls");
}

#include "net/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

extern char **environ;

/* One word of the line at *in, written to *out with a NUL behind. */
static int
one_word(const char **in, char **out, struct err *e)
{
	const char *p = *in;
	char *w = *out, quote = 0;

	for (; *p != '\0' && (quote != 0 || strchr(" \t\n", *p) == NULL); p++) {
		if (quote == 0 && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (quote != 0 && *p == quote)
			quote = 0;
		else if (*p == '\\' && quote != '\'' && p[1] != '\0')
			*w++ = *++p;
		else
			*w++ = *p;
	}
	if (quote != 0)
		return err_set(e, "command: a quote is not closed");
	*w++ = '\0';
	*in = p;
	*out = w;
	return 0;
}

int
command_split(struct command *c, const char *line, struct err *e)
{
	char *out;

	memset(c, 0, sizeof(*c));
	if ((c->text = out = malloc(strlen(line) + 2)) == NULL)
		return err_set(e, "out of memory");
	for (;;) {
		line += strspn(line, " \t\n");
		if (*line == '\0')
			break;
		if (c->n == COMMAND_MAX_WORDS) {
			err_set(e, "command: more than %d words",
			    COMMAND_MAX_WORDS);
			goto bad;
		}
		c->word[c->n++] = out;
		if (one_word(&line, &out, e) == -1)
			goto bad;
	}
	if (c->n > 0)
		return 0;
	err_set(e, "command: empty");
bad:
	command_fini(c);
	return -1;
}

void
command_fini(struct command *c)
{
	free(c->text);
	memset(c, 0, sizeof(*c));
}

/* posix_spawn with stdout into fd; 0 or an errno. */
static int
spawn(char *const argv[], int fd, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t set;
	int rc;

	if ((rc = posix_spawn_file_actions_init(&files)) != 0)
		return rc;
	if ((rc = posix_spawnattr_init(&attr)) != 0) {
		(void)posix_spawn_file_actions_destroy(&files);
		return rc;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);	/* we may ignore it */
	rc = posix_spawnattr_setsigdefault(&attr, &set);
	if (rc == 0)
		rc = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(&files, STDIN_FILENO,
		    "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&files, fd,
		    STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	return rc;
}

/* Everything until the end: 0, or an errno (ETIMEDOUT, EMSGSIZE). */
static int
read_all(int fd, char *out, size_t max, size_t *n)
{
	const struct clock *clock = clock_system();
	int64_t end = clock_mono(clock) + COMMAND_TIMEOUT_S * CLOCK_S, left;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char more;
	ssize_t got;

	*n = 0;
	for (;;) {
		left = (end - clock_mono(clock)) / CLOCK_MS;
		if (left <= 0)
			return ETIMEDOUT;
		if (poll(&pfd, 1, (int)left) == -1) {
			/* A signal: whoever waits wants to be off. */
			return errno;
		}
		if (pfd.revents == 0)
			continue;
		got = *n < max ? read(fd, out + *n, max - *n) :
		    read(fd, &more, 1);
		if (got == 0)
			return 0;
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return errno;
		if (*n == max)
			return EMSGSIZE;
		*n += (size_t)got;
	}
}

static int
wait_end(pid_t pid, const char *name, struct err *e)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return err_set(e, "%s: %s", name, strerror(errno));
	if (WIFSIGNALED(status))
		return err_set(e, "%s: killed by signal %d", name,
		    WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(e, "%s: exit status %d", name,
		    WEXITSTATUS(status));
	return 0;
}

int
command_run(char *const argv[], char *out, size_t max, size_t *n,
    struct err *e)
{
	int fd[2], rc;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) == -1)
		return err_set(e, "%s: %s", argv[0], strerror(errno));
	if ((rc = spawn(argv, fd[1], &pid)) != 0) {
		(void)close(fd[0]);
		(void)close(fd[1]);
		return err_set(e, "%s: %s", argv[0], rc == ENOENT ?
		    "no such program" : strerror(rc));
	}
	(void)close(fd[1]);
	rc = read_all(fd[0], out, max, n);
	(void)close(fd[0]);
	if (rc != 0) {
		explicit_bzero(out, max);
		(void)kill(pid, SIGKILL);
		(void)wait_end(pid, argv[0], NULL);	/* rc says it */
		return err_set(e, "%s: %s", argv[0], rc == EMSGSIZE ?
		    "prints more than a key pair" : strerror(rc));
	}
	rc = wait_end(pid, argv[0], e);
	if (rc != 0)
		explicit_bzero(out, max);
	return rc;
}

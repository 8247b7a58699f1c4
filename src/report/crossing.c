#include "report/crossing.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "record/ids.h"
#include "report/place.h"

#define FILE_MAX	(1024 * 1024)
#define LOCK_WAIT_MS	60000
#define LINE		(IDS_SHA256_LEN + 1)

extern char **environ;

static const char *const level_name[] = { "within", "warning", "over" };

/* What makes a crossing the same crossing. */
static void
line_of(char out[LINE], const struct budget *b, const struct budget_line *l)
{
	struct buf id = { 0 };

	buf_addf(&id, "%s %s ", level_name[l->level], b->per);
	money_put(&id, b->limit, false);
	buf_addc(&id, ' ');
	buf_add(&id, l->group->key, l->group->nkey);
	ids_sha256(id.p, id.n, out);
	out[LINE - 1] = '\n';
	buf_fini(&id);
}

/* The lines told before; what is no such line is left out. */
static int
load(struct buf *told, const char *path, struct err *e)
{
	struct buf file = { 0 };
	struct stat st;
	int res = 0;

	if (stat(path, &st) == -1 && errno == ENOENT)
		return 0;
	res = file_read(path, FILE_MAX, &file, e);
	for (size_t at = 0; res == 0 && file.n - at >= LINE; at += LINE) {
		if (file.p[at + LINE - 1] != '\n') {
			res = err_set(e, "%s: not a list of crossings; "
			    "remove it", path);
			break;
		}
		buf_add(told, file.p + at, LINE);
	}
	buf_fini(&file);
	return res;
}

static bool
is_told(const struct buf *told, const char line[LINE])
{
	for (size_t at = 0; at + LINE <= told->n; at += LINE)
		if (memcmp(told->p + at, line, LINE) == 0)
			return true;
	return false;
}

static void
variable(struct buf *env, const char *name, struct buf *value)
{
	/* The environment ends a value at a NUL. */
	buf_addf(env, "%s=%s", name, buf_cstr(value));
	buf_addc(env, '\0');
	buf_reset(value);
}

/* NAME=value, each ended by a NUL. */
static void
variables(struct buf *env, const struct budget *b,
    const struct budget_line *l)
{
	struct buf v = { 0 };
	const char *p = NULL;
	size_t n = 0;

	buf_adds(&v, level_name[l->level]);
	variable(env, "AITRACE_LEVEL", &v);
	buf_adds(&v, *b->per != '\0' ? b->per : "all");
	variable(env, "AITRACE_PER", &v);
	if (*b->per != '\0')
		p = table_key(l->group, 0, &n);
	if (p != NULL)
		buf_add(&v, p, n);
	variable(env, "AITRACE_KEY", &v);
	money_put(&v, l->cost, false);
	variable(env, "AITRACE_COST", &v);
	money_put(&v, b->limit, false);
	variable(env, "AITRACE_BUDGET", &v);
	budget_text(&v, b, l);
	variable(env, "AITRACE_MESSAGE", &v);
	buf_fini(&v);
}

/* Our environment and env's behind it; NULL when out of memory. */
static char **
joined(struct buf *env)
{
	size_t n = 0, more = 0, i;
	char **all;

	while (environ[n] != NULL)
		n++;
	for (i = 0; i < env->n; i++)
		more += env->p[i] == '\0';
	all = calloc(n + more + 1, sizeof(char *));
	if (all == NULL || env->err != 0) {
		free(all);
		return NULL;
	}
	/* The first of a name is the one that is found. */
	for (i = 0; i < env->n; i += strlen(env->p + i) + 1)
		*all++ = env->p + i;
	memcpy(all, environ, n * sizeof(char *));
	return all - more;
}

/* Does the command end well? -1 with the cause when it cannot be run. */
static int
ran_well(const char *command, char **env, struct err *e)
{
	char *const argv[] = { (char *)(uintptr_t)"sh",
	    (char *)(uintptr_t)"-c", (char *)(uintptr_t)command, NULL };
	posix_spawn_file_actions_t act;
	int status = 0, rc;
	pid_t pid;

	rc = posix_spawn_file_actions_init(&act);
	if (rc != 0)
		return err_set(e, "%s: %s", command, strerror(rc));
	rc = posix_spawn_file_actions_addopen(&act, 0, "/dev/null", O_RDONLY,
	    0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&act, 2, 1);
	if (rc == 0)
		rc = posix_spawn(&pid, "/bin/sh", &act, NULL, argv, env);
	(void)posix_spawn_file_actions_destroy(&act);
	if (rc != 0)
		return err_set(e, "%s: %s", command, strerror(rc));
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return err_set(e, "%s: %s", command, strerror(errno));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int
tell(const char *command, const struct budget *b,
    const struct budget_line *l, struct err *e)
{
	struct buf env = { 0 };
	char **all;
	int res;

	variables(&env, b, l);
	all = joined(&env);
	res = all == NULL ? err_set(e, "out of memory") :
	    ran_well(command, all, e);
	free(all);
	buf_fini(&env);
	return res;
}

static int
save(const char *path, const struct buf *told, struct err *e)
{
	size_t skip = told->n > (size_t)CROSSING_KEEP * LINE ?
	    told->n - (size_t)CROSSING_KEEP * LINE : 0;

	return file_write_atomic(path, told->p + skip, told->n - skip, 0600,
	    e);
}

int
crossing_run(const char *path, const char *command,
    const struct budget *b, const struct budget_result *res,
    struct crossing_count *n, struct err *e)
{
	struct buf told = { 0 };
	char line[LINE];
	int lock, rc = 0;

	memset(n, 0, sizeof(*n));
	lock = place_lock(path, LOCK_WAIT_MS);
	if (lock == -1)
		return err_set(e, "%s.lock: %s", path, strerror(errno));
	rc = load(&told, path, e);
	for (size_t i = 0; i < res->nlines && rc == 0; i++) {
		line_of(line, b, &res->line[i]);
		if (is_told(&told, line)) {
			n->known++;
			continue;
		}
		switch (tell(command, b, &res->line[i], e)) {
		case 1:
			n->ran++;
			buf_add(&told, line, LINE);
			/* At once: what was told stays told. */
			rc = save(path, &told, e);
			break;
		case 0:
			n->failed++;
			break;
		default:
			rc = -1;
		}
	}
	buf_fini(&told);
	(void)close(lock);
	return rc;
}

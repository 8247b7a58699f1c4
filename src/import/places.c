#include "import/places.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "import/once.h"

#define FOLDERS_MAX	64	/* below one another; also of a circle */

/* The folders above the one being read: a link may lead back to them. */
struct above {
	const struct above	*up;
	dev_t			 dev;
	ino_t			 ino;
	int			 depth;
};

void
places_reset(struct places *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].path);
	p->n = 0;
}

void
places_fini(struct places *p)
{
	places_reset(p);
	free(p->v);
	p->v = NULL;
	p->cap = 0;
}

static void
trouble(struct places *p, const char *path, const char *why)
{
	if (p->trouble != NULL)
		p->trouble(p->arg, path, why);
}

/* "…/ID.jsonl" and what lies below "…/ID/subagents/" are one session. */
static size_t
group_of(const char *path)
{
	const char *below = strstr(path, "/subagents/");
	const char *base = strrchr(path, '/');
	const char *dot = strstr(base != NULL ? base : path, ".jsonl");

	if (below != NULL)
		return (size_t)(below - path);
	return dot != NULL ? (size_t)(dot - path) : strlen(path);
}

static uint64_t
ns_of(int64_t s, int64_t ns)
{
	return s < 0 ? 0 : (uint64_t)s * CLOCK_S + (uint64_t)ns;
}

/* A copied file keeps its time of change but is born anew. */
static uint64_t
born(const char *path, uint64_t mtime)
{
	struct statx sx;
	uint64_t t;

	if (statx(AT_FDCWD, path, 0, STATX_BTIME, &sx) == -1 ||
	    (sx.stx_mask & STATX_BTIME) == 0)
		return mtime;
	t = ns_of(sx.stx_btime.tv_sec, sx.stx_btime.tv_nsec);
	return t < mtime ? t : mtime;
}

/*
 * What a program writes to a database stands in the log beside it, and for
 * long not in the file.
 */
static void
see_log(struct place *q)
{
	struct buf b = { 0 };
	struct stat st;
	uint64_t t;

	buf_adds(&b, q->path);
	buf_adds(&b, "-wal");
	(void)buf_cstr(&b);
	if (b.err == 0 && stat(b.p, &st) == 0) {
		t = ns_of(st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
		q->mtime = t > q->mtime ? t : q->mtime;
		q->size += (uint64_t)st.st_size;
	}
	buf_fini(&b);
}

static int
add_file(struct places *p, const char *path, const struct stat *st, bool named)
{
	struct place *q;

	if (p->n == p->cap) {
		size_t cap = p->cap != 0 ? 2 * p->cap : 256;

		q = reallocarray(p->v, cap, sizeof(*q));
		if (q == NULL)
			return -1;
		p->v = q;
		p->cap = cap;
	}
	q = &p->v[p->n];
	memset(q, 0, sizeof(*q));
	q->path = strdup(path);
	if (q->path == NULL)
		return -1;
	q->group = group_of(path);
	q->mtime = ns_of(st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	q->born = born(path, q->mtime);
	q->size = (uint64_t)st->st_size;
	if (strlen(path) > 3 && strcmp(path + strlen(path) - 3, ".db") == 0)
		see_log(q);
	q->ino = (uint64_t)st->st_ino;
	q->dev = (uint64_t)st->st_dev;
	q->named = named;
	p->n++;
	return 0;
}

static int add_path(struct places *p, const char *path, bool named,
    const struct above *up);

static int
add_entry(struct places *p, const char *folder, const char *name,
    const struct above *up)
{
	struct buf b = { 0 };
	int res;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    strcmp(name, ".git") == 0)
		return 0;
	buf_adds(&b, folder);
	if (b.n > 0 && b.p[b.n - 1] != '/')
		buf_addc(&b, '/');
	buf_adds(&b, name);
	(void)buf_cstr(&b);
	res = b.err != 0 ? -1 : add_path(p, b.p, false, up);
	buf_fini(&b);
	return res;
}

static int
add_folder(struct places *p, const char *path, const struct stat *st,
    const struct above *up)
{
	struct above here = { up, st->st_dev, st->st_ino,
	    up != NULL ? up->depth + 1 : 1 };
	struct dirent *e;
	int res = 0;
	DIR *d;

	for (const struct above *a = up; a != NULL; a = a->up)
		if (a->dev == st->st_dev && a->ino == st->st_ino) {
			trouble(p, path, "the folder leads back to itself");
			return 0;
		}
	if (here.depth > FOLDERS_MAX) {
		trouble(p, path, "too many folders below one another");
		return 0;
	}
	d = opendir(path);
	if (d == NULL) {
		trouble(p, path, strerror(errno));
		return 0;
	}
	if (p->folder != NULL)
		p->folder(p->arg, path);
	errno = 0;
	while (res == 0 && (e = readdir(d)) != NULL) {
		res = add_entry(p, path, e->d_name, &here);
		errno = 0;
	}
	if (res == 0 && errno != 0)
		trouble(p, path, strerror(errno));
	(void)closedir(d);	/* nothing was written */
	return res;
}

static int
add_path(struct places *p, const char *path, bool named,
    const struct above *up)
{
	struct stat st;

	if (stat(path, &st) == -1) {
		trouble(p, path, strerror(errno));
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		return add_folder(p, path, &st, up);
	/* A pipe somebody names is read; one that lies about is not. */
	if (!S_ISREG(st.st_mode) && !named)
		return 0;
	return add_file(p, path, &st, named);
}

int
places_add(struct places *p, const char *path)
{
	return add_path(p, path, true, NULL);
}

/* ---- the usual ones ------------------------------------------------------------------- */

static int
add_usual(struct places *p, const char *base, const char *below)
{
	struct buf b = { 0 };
	struct stat st;
	int res = 0;

	if (base == NULL || *base == '\0')
		return 0;
	buf_adds(&b, base);
	buf_adds(&b, below);
	(void)buf_cstr(&b);
	if (b.err != 0)
		res = -1;
	else if (stat(b.p, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
		res = add_path(p, b.p, false, NULL);
	buf_fini(&b);
	return res;
}

static const char *
env(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

/* Several folders may be given, with commas between them. */
static int
add_claude(struct places *p, const char *list)
{
	int res = 0;

	while (res == 0 && *list != '\0') {
		size_t n = strcspn(list, ",");
		char *one = strndup(list, n);

		if (one == NULL)
			return -1;
		res = add_usual(p, one, "/projects");
		free(one);
		list += n + (list[n] == ',');
	}
	return res;
}

/* Below $var, or else below ~ and then home. */
static int
add_either(struct places *p, const char *var, const char *home,
    const char *below)
{
	struct buf b = { 0 };
	int res;

	if (env(var) != NULL)
		return add_usual(p, env(var), below);
	buf_adds(&b, home);
	buf_adds(&b, below);
	(void)buf_cstr(&b);
	res = b.err != 0 ? -1 : add_usual(p, env("HOME"), b.p);
	buf_fini(&b);
	return res;
}

/* opencode.db, or opencode-CHANNEL.db; not what SQLite keeps beside them. */
static int
add_opencode(struct places *p)
{
	size_t from = p->n, to = p->n;
	int res = add_either(p, "XDG_DATA_HOME", "/.local/share",
	    "/opencode");

	for (size_t i = from; i < p->n; i++) {
		const char *base = strrchr(p->v[i].path, '/');
		size_t n = strlen(base);

		if (strncmp(base, "/opencode", 9) == 0 &&
		    strcmp(base + n - 3, ".db") == 0) {
			p->v[to] = p->v[i];
			/* Nobody else's: what is wrong with it is told. */
			p->v[to++].named = true;
		} else
			free(p->v[i].path);
	}
	p->n = to;
	return res;
}

int
places_usual(struct places *p)
{
	int res;

	if (env("CLAUDE_CONFIG_DIR") != NULL)
		res = add_claude(p, env("CLAUDE_CONFIG_DIR"));
	else {
		res = add_usual(p, env("HOME"), "/.claude/projects");
		if (res == 0)
			res = add_either(p, "XDG_CONFIG_HOME", "/.config",
			    "/claude/projects");
	}
	if (res == 0)
		res = add_either(p, "CODEX_HOME", "/.codex", "/sessions");
	if (res == 0)
		res = add_either(p, "CODEX_HOME", "/.codex",
		    "/archived_sessions");
	if (res == 0)
		res = add_either(p, "GEMINI_CLI_HOME", "", "/.gemini/tmp");
	return res == 0 ? add_opencode(p) : -1;
}

/* ---- order ------------------------------------------------------------------------------ */

bool
places_together(const struct place *a, const struct place *b)
{
	return a->group == b->group &&
	    memcmp(a->path, b->path, a->group) == 0;
}

uint64_t
places_look(const struct places *p, size_t from, size_t to)
{
	uint64_t h = 0;

	for (size_t i = from; i < to; i++) {
		const struct place *q = &p->v[i];
		const uint64_t number[] = { q->mtime, q->size, q->ino,
		    q->dev };

		h = once_hash(h, number, sizeof(number));
		h = once_hash(h, q->path, strlen(q->path));
	}
	return h;
}

static int
by_group(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	size_t n = x->group < y->group ? x->group : y->group;
	int c = memcmp(x->path, y->path, n);

	if (c == 0 && x->group != y->group)
		c = x->group < y->group ? -1 : 1;
	return c != 0 ? c : strcmp(x->path, y->path);
}

static int
by_age(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->born != y->born)
		return x->born < y->born ? -1 : 1;
	return by_group(a, b);
}

static int
by_file(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return by_group(a, b);
}

static void
drop_twins(struct places *p)
{
	size_t to = 0;

	qsort(p->v, p->n, sizeof(*p->v), by_file);
	for (size_t i = 0; i < p->n; i++) {
		if (to > 0 && p->v[to - 1].dev == p->v[i].dev &&
		    p->v[to - 1].ino == p->v[i].ino)
			free(p->v[i].path);
		else
			p->v[to++] = p->v[i];
	}
	p->n = to;
}

void
places_sort(struct places *p)
{
	size_t i, k;

	if (p->n == 0)
		return;
	drop_twins(p);
	qsort(p->v, p->n, sizeof(*p->v), by_group);
	for (i = 0; i < p->n; i = k) {
		uint64_t oldest = p->v[i].born;

		for (k = i + 1; k < p->n && places_together(&p->v[i],
		    &p->v[k]); k++)
			if (p->v[k].born < oldest)
				oldest = p->v[k].born;
		for (size_t j = i; j < k; j++)
			p->v[j].born = oldest;
	}
	qsort(p->v, p->n, sizeof(*p->v), by_age);
}

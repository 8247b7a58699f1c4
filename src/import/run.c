#include "import/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/log.h"
#include "base/sig.h"
#include "import/plain.h"
#include "net/lockfile.h"

#define NAMES_MAX	(256u << 20)	/* bytes of names with --null */
#define LOOK_AGAIN	(60 * CLOCK_S)	/* with --follow, at least so often */

/* ---- what is wrong with files ----------------------------------------------------- */

/* The first of a file is told, when it is known whether the file is ours. */
static void
on_bad(void *arg, const char *file, uint64_t line, const char *why)
{
	struct run *x = arg;
	size_t n = strlen(why);

	(void)file;
	if (x->bad++ != 0)
		return;
	x->line = line;
	if (n >= sizeof(x->why))
		n = sizeof(x->why) - 1;
	memcpy(x->why, why, n);
	x->why[n] = '\0';
}

static void
on_trouble(void *arg, const char *path, const char *why)
{
	struct run *x = arg;

	log_warn("%s: %s", path, why);
	stage_status(x->io, EXIT_DATAERR);
}

static void
tell_bad(struct run *x, const char *name)
{
	if (x->bad == 0)
		return;
	x->io->bad += x->bad;
	stage_status(x->io, EXIT_DATAERR);
	if (x->line == 0)
		log_warn("%s: %s", name, x->why);
	else
		log_warn("%s:%" PRIu64 ": %s", name, x->line, x->why);
	if (x->bad > 1)
		log_warn("%s: %" PRIu64 " bad lines in all", name, x->bad);
	if (x->io->strict)
		x->io->done = true;
}

/* ---- files --------------------------------------------------------------------------- */

static int
failed(const struct run *x)
{
	if (x->told != 0)
		return x->told;
	if (x->io->out->err != 0)
		return EXIT_IO;
	log_error("out of memory");
	return EXIT_SOFT;
}

/* 0, 1 (again, after the others), or an exit code. */
static int
read_fd(struct run *x, int fd, const char *name, bool named)
{
	const uint64_t before = x->im.objects;
	struct err e = { "" };
	bool cut = false;
	int plain, res;

	x->bad = 0;
	x->nread++;
	plain = plain_open(fd, name, &cut, &e);
	if (plain == -1) {
		log_warn("%s", e.msg);
		stage_status(x->io, EXIT_DATAERR);
		return 0;
	}
	res = import_fd(&x->im, plain, name);
	if (cut)
		import_bad(&x->im, "its end is missing");
	if (plain != fd)
		(void)close(plain);	/* nothing was written */
	if (res == -1)
		return failed(x);
	/* Somebody else's file in a folder may look as it likes. */
	if (res == 0 && (named || x->im.objects > before))
		tell_bad(x, name);
	return res;
}

static int
read_place(struct run *x, const struct place *p)
{
	int fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NOCTTY), res;

	if (fd == -1) {
		on_trouble(x, p->path, strerror(errno));
		return 0;
	}
	res = read_fd(x, fd, p->path, p->named);
	(void)close(fd);	/* nothing was written */
	return res;
}

/* Older than that cannot hold what is asked for. */
static bool
too_old(const struct run *x, const struct place *p)
{
	return p->mtime < x->oldest &&
	    strstr(p->path, ".jsonl") != NULL;
}

static bool
remembers(const struct run *x)
{
	return x->state != NULL || x->follow;
}

/* Somebody may still be writing to it. */
static bool
is_young(const struct run *x, size_t from, size_t to)
{
	const uint64_t now = (uint64_t)clock_wall(x->io->clock);

	for (size_t i = from; i < to; i++)
		if (x->places.v[i].mtime + (uint64_t)x->settle > now)
			return true;
	return false;
}

static bool
stopped(const struct run *x)
{
	return x->io->done || sig_stop();
}

/* The files of a session. 0, or an exit code. */
static int
read_session(struct run *x, size_t from, size_t to, bool *again)
{
	const struct places *p = &x->places;
	struct known_session *s = NULL;
	int res;

	if (remembers(x)) {
		s = known_session(&x->known, p->v[from].path, p->v[from].group);
		if (s == NULL)
			return failed(x);
		if (s->look == places_look(p, from, to))
			return 0;
		x->im.pick.written = &x->known.written;
		x->im.pick.news = &s->spans;
		x->im.once.news = &s->calls;
		x->im.pick.young = is_young(x, from, to);
		x->im.pick.waits = false;
		x->known.changed = true;
	}
	x->im.group = once_hash(0, p->v[from].path, p->v[from].group);
	for (size_t i = from; i < to; i++) {
		if (stopped(x))
			return 0;
		res = read_place(x, &p->v[i]);
		if (res == 1)
			again[i] = true;
		else if (res != 0)
			return res;
	}
	if (import_session_end(&x->im) == -1)
		return failed(x);
	if (s != NULL)
		s->look = x->im.pick.waits || again[from] ? 0 :
		    places_look(p, from, to);
	x->waits = x->waits || x->im.pick.waits;
	return 0;
}

static int
read_places(struct run *x)
{
	const struct places *p = &x->places;
	bool *again = calloc(p->n + 1, sizeof(*again));
	size_t i, k;
	int code = 0;

	if (again == NULL)
		return failed(x);
	x->im.last = x->waits = false;
	for (i = 0; i < p->n && code == 0 && !stopped(x); i = k) {
		bool old = too_old(x, &p->v[i]);

		for (k = i + 1; k < p->n && places_together(&p->v[i],
		    &p->v[k]); k++)
			old = old && too_old(x, &p->v[k]);
		if (!old)
			code = read_session(x, i, k, again);
	}
	x->im.last = true;
	for (i = 0; i < p->n && code == 0 && !stopped(x); i++)
		if (again[i]) {
			again[i] = false;
			code = read_session(x, i, i + 1, again);
		}
	free(again);
	return code;
}

/* What has gone out is remembered only then. 0, or an exit code. */
static int
save(struct run *x)
{
	struct err e;

	if (out_flush(x->io->out) == -1)
		return EXIT_IO;
	if (x->state == NULL || known_save(&x->known, x->state, &e) == 0)
		return 0;
	log_error("%s", e.msg);
	return EXIT_CANTCREATE;
}

/* ---- the program ------------------------------------------------------------------------ */

/* Names from stdin. 0, or an exit code. */
static int
add_names(struct run *x)
{
	struct err e;
	const char *p, *end;

	if (x->names.n == 0 &&
	    file_read("-", NAMES_MAX, &x->names, &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_IO;
	}
	p = buf_cstr(&x->names);
	if (x->names.err != 0)
		return failed(x);
	for (end = p + x->names.n; p < end; p += strlen(p) + 1)
		if (*p != '\0' && places_add(&x->places, p) == -1)
			return failed(x);
	return 0;
}

static int
add_named(struct run *x)
{
	int code = x->null ? add_names(x) : 0;

	for (int i = 0; i < x->nfiles && code == 0; i++) {
		if (strcmp(x->files[i], "-") == 0) {
			code = read_fd(x, STDIN_FILENO, "stdin", true);
			if (code == 0 && import_session_end(&x->im) == -1)
				code = failed(x);
		} else if (places_add(&x->places, x->files[i]) == -1)
			code = failed(x);
	}
	return code;
}

/* All there is to read, once. 0, or an exit code. */
static int
sweep(struct run *x)
{
	int code = 0;

	places_reset(&x->places);
	if (x->null || x->nfiles != 0)
		code = add_named(x);
	else if (places_usual(&x->places) == -1)
		code = failed(x);
	places_sort(&x->places);
	if (code == 0)
		code = read_places(x);
	return code == 0 ? save(x) : code;
}

static void
on_folder(void *arg, const char *path)
{
	struct run *x = arg;

	if (x->follow)
		watch_folder(&x->watch, path);
}

/* 0, or an exit code. */
static int
follow(struct run *x)
{
	int code;

	watch_init(&x->watch);
	code = sweep(x);
	while (code == 0 && !stopped(x)) {
		watch_wait(&x->watch, sig_fd(), x->waits ? x->settle :
		    LOOK_AGAIN);
		sig_drain();
		if (!stopped(x))
			code = sweep(x);
	}
	watch_fini(&x->watch);
	return code;
}

/* Two runs with one state would both write what is new. 0, or a code. */
static int
open_state(struct run *x)
{
	const char *slash = strrchr(x->state, '/');
	struct buf folder = { 0 }, name = { 0 };
	struct err e = { "" };
	int dir, code = 0;

	if (slash != NULL)
		buf_add(&folder, x->state, (size_t)(slash - x->state) + 1);
	else
		buf_adds(&folder, ".");
	buf_adds(&name, slash != NULL ? slash + 1 : x->state);
	buf_adds(&name, ".lock");
	dir = open(buf_cstr(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		(void)err_set(&e, "%s: %s", buf_cstr(&folder),
		    strerror(errno));
	else
		x->lock = lockfile_take(dir, buf_cstr(&folder),
		    buf_cstr(&name), "imports", 0, &e);
	if (x->lock == -1)
		code = errno == EWOULDBLOCK ? EXIT_TEMP : EXIT_CANTCREATE;
	else if (known_load(&x->known, x->state, &x->im.once, &e) == -1)
		code = EXIT_BADCONF;
	if (code != 0)
		log_error("%s", e.msg);
	if (dir != -1)
		(void)close(dir);	/* nothing was written */
	buf_fini(&folder);
	buf_fini(&name);
	return code;
}

/* A run that is to go on until it is stopped is whole then. */
static void
tell_end(struct run *x)
{
	if (sig_stop() && !x->follow) {
		log_warn("interrupted: not all was read");
		stage_status(x->io, EXIT_TEMP);
	}
	/* Who asks for what is new may well find nothing. */
	if (remembers(x) || stopped(x))
		return;
	if (x->nread == 0)
		log_warn("no file to read was found");
	else if (x->im.objects == 0 && x->io->status == 0)
		log_warn("nothing that a coding CLI wrote was found in what "
		    "was read");
}

int
run_all(struct run *x)
{
	int code = 0;

	x->im.bad = on_bad;
	x->im.bad_arg = x;
	x->places.trouble = on_trouble;
	x->places.folder = on_folder;
	x->places.arg = x;
	x->lock = -1;
	if (x->state != NULL)
		code = open_state(x);
	if (code == 0)
		code = x->follow ? follow(x) : sweep(x);
	if (code == 0)
		tell_end(x);
	return code;
}

void
run_fini(struct run *x)
{
	places_fini(&x->places);
	buf_fini(&x->names);
	known_fini(&x->known);
	if (x->lock > 0)
		(void)close(x->lock);	/* nothing was written */
}

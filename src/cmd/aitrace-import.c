/* Transcripts and CI logs in, one correct tree per turn out. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/log.h"
#include "base/sig.h"
#include "import/import.h"
#include "import/places.h"
#include "import/plain.h"
#include "record/stage.h"

#define NAMES_MAX	(256u << 20)	/* bytes of names with --null */

struct program {
	struct emit_opts	 emit;
	const char		*since, *until, *project;
	bool			 null;
	int64_t			 max_memory;
	char			**files;
	int			 nfiles;

	struct import		 im;
	struct places		 places;
	struct buf		 names;		/* of --null */
	struct stage_io		*io;
	bool			 begun;
	uint64_t		 nfile, nread;
	/* Of the file being read. */
	uint64_t		 line, bad;
	char			 why[128];
};

static const char *const content_modes[] = { "langfuse", "openinference",
    "genai", "all", "none", NULL };

#define OFF(m)	offsetof(struct program, m)

static const struct opt opts[] = {
	{ "content", 0, OPT_ENUM, OFF(emit.content), "MODE",
	    "where prompts and answers go (default langfuse)", 0, 0,
	    content_modes },
	{ "max-chars", 0, OPT_SIZE, OFF(emit.max_chars), "N",
	    "cut every text to N bytes (default 0: no limit)", 0, 0, NULL },
	{ "max-memory", 0, OPT_SIZE, OFF(max_memory), "SIZE",
	    "texts of a session at most (default 512M)", 1024,
	    INT64_C(1) << 40, NULL },
	{ "null", '0', OPT_FLAG, OFF(null), NULL,
	    "stdin holds names of files, each ended by a NUL", 0, 0, NULL },
	{ "project", 'p', OPT_STR, OFF(project), "NAME",
	    "only turns of this project", 0, 0, NULL },
	{ "since", 's', OPT_STR, OFF(since), "TIME",
	    "turns that began then or later: 2026-11-21, today, 7d", 0, 0,
	    NULL },
	{ "until", 'u', OPT_STR, OFF(until), "TIME",
	    "turns that began before; a day is included", 0, 0, NULL },
	{ .name = NULL }
};

/* ---- what is wrong with files ----------------------------------------------------- */

/* The first of a file is told, when it is known whether the file is ours. */
static void
on_bad(void *arg, const char *file, uint64_t line, const char *why)
{
	struct program *x = arg;
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
	struct program *x = arg;

	log_warn("%s: %s", path, why);
	stage_status(x->io, EXIT_DATAERR);
}

static void
tell_bad(struct program *x, const char *name)
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
failed(const struct program *x)
{
	if (x->io->out->err != 0)
		return EXIT_IO;
	log_error("out of memory");
	return EXIT_SOFT;
}

/* 0, 1 (again, after the others), or an exit code. */
static int
read_fd(struct program *x, int fd, const char *name, bool named)
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
read_place(struct program *x, const struct place *p)
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
too_old(const struct program *x, const struct place *p)
{
	return p->mtime < x->im.pick.since &&
	    strstr(p->path, ".jsonl") != NULL;
}

static bool
stopped(const struct program *x)
{
	return x->io->done || sig_stop();
}

/* The files of a session. 0, or an exit code. */
static int
read_session(struct program *x, size_t from, size_t to, bool *again)
{
	int res;

	for (size_t i = from; i < to && !stopped(x); i++) {
		res = read_place(x, &x->places.v[i]);
		if (res == 1)
			again[i] = true;
		else if (res != 0)
			return res;
	}
	return import_session_end(&x->im) == -1 ? failed(x) : 0;
}

static int
read_places(struct program *x)
{
	const struct places *p = &x->places;
	bool *again = calloc(p->n + 1, sizeof(*again));
	size_t i, k;
	int code = 0;

	if (again == NULL)
		return failed(x);
	x->im.last = false;
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
		if (again[i])
			code = read_session(x, i, i + 1, again);
	free(again);
	return code;
}

/* ---- the program ------------------------------------------------------------------------ */

/* Names from stdin. 0, or an exit code. */
static int
add_names(struct program *x)
{
	struct err e;
	const char *p, *end;

	if (file_read("-", NAMES_MAX, &x->names, &e) == -1) {
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
add_operands(struct program *x)
{
	int code = 0;

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

static int
window(struct program *x)
{
	const uint64_t now = (uint64_t)clock_wall(x->io->clock);
	struct pick *p = &x->im.pick;
	struct err e;

	p->project = x->project;
	if (x->since != NULL && pick_time(x->since, false, now, &p->since,
	    &e) == -1) {
		log_error("--since: %s", e.msg);
		return EXIT_USAGE;
	}
	if (x->until != NULL && pick_time(x->until, true, now, &p->until,
	    &e) == -1) {
		log_error("--until: %s", e.msg);
		return EXIT_USAGE;
	}
	return 0;
}

/* An empty variable is an unset one. */
static const char *
env(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

static int
program_operands(void *ctx, int argc, char **argv)
{
	struct program *x = ctx;

	x->files = argv;
	x->nfiles = argc;
	return argc;
}

static int
program_open(void *ctx, struct stage_io *io)
{
	struct program *x = ctx;
	int code;

	x->io = io;
	x->emit.user = env("LANGFUSE_USER_ID");
	x->emit.session = env("LANGFUSE_SESSION_ID");
	x->emit.environment = env("LANGFUSE_TRACING_ENVIRONMENT");
	x->emit.release = env("LANGFUSE_RELEASE");
	x->emit.tags = env("LANGFUSE_TAGS");
	import_init(&x->im, &x->emit, io->out);
	x->begun = true;
	x->im.bad = on_bad;
	x->im.bad_arg = x;
	x->im.max_line = (size_t)io->max_line;
	x->im.max_memory = (size_t)x->max_memory;
	x->places.trouble = on_trouble;
	x->places.arg = x;
	code = window(x);
	if (code == 0 && x->null)
		code = add_names(x);
	else if (code == 0 && x->nfiles == 0 &&
	    places_usual(&x->places) == -1)
		code = failed(x);
	if (code == 0)
		code = add_operands(x);
	places_sort(&x->places);
	if (code == 0)
		code = read_places(x);
	io->done = true;
	if (code == 0 || io->out->err != 0)
		stage_status(io, code);
	return io->out->err != 0 ? 0 : code;
}

/* Nothing is read by the stage. */
static int
program_record(void *ctx, struct stage_io *io, const struct record *r)
{
	(void)ctx;
	(void)io;
	(void)r;
	return 0;
}

static void
program_summarize(void *ctx, struct buf *line)
{
	const struct program *x = ctx;

	buf_addf(line, " files=%" PRIu64 " objects=%" PRIu64 " others=%" PRIu64
	    " spans=%" PRIu64, x->nread, x->im.objects, x->im.others,
	    x->im.pick.spans);
}

static void
program_fini(void *ctx)
{
	struct program *x = ctx;

	if (x->begun)
		import_fini(&x->im);
	places_fini(&x->places);
	buf_fini(&x->names);
}

static const struct stage stage = {
	.name = "aitrace-import",
	.summary = "Turns what AI coding CLIs keep and print into one "
	    "correct tree per turn.",
	.synopsis = "[FILE|FOLDER ...]",
	.opts = opts,
	.operands = program_operands,
	.open = program_open,
	.record = program_record,
	.summarize = program_summarize,
	.fini = program_fini,
};

int
main(int argc, char **argv)
{
	struct program x = { .max_memory = INT64_C(512) << 20 };

	return stage_main(&stage, &x, argc, argv);
}

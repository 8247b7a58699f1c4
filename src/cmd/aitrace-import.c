/* Transcripts and CI logs in, one correct tree per turn out. */
#include <inttypes.h>
#include <stddef.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "import/run.h"
#include "record/stage.h"

struct program {
	struct emit_opts	 emit;
	const char		*since, *until, *project;
	int64_t			 max_memory;
	struct run		 run;
	bool			 begun;
};

static const char *const content_modes[] = { "langfuse", "openinference",
    "genai", "all", "none", NULL };

#define OFF(m)	offsetof(struct program, m)

static const struct opt opts[] = {
	{ "content", 0, OPT_ENUM, OFF(emit.content), "MODE",
	    "where prompts and answers go (default langfuse)", 0, 0,
	    content_modes },
	{ "follow", 'f', OPT_FLAG, OFF(run.follow), NULL,
	    "go on with what is written to the files from now on", 0, 0,
	    NULL },
	{ "max-chars", 0, OPT_SIZE, OFF(emit.max_chars), "N",
	    "cut every text to N bytes (default 0: no limit)", 0, 0, NULL },
	{ "max-memory", 0, OPT_SIZE, OFF(max_memory), "SIZE",
	    "texts of a session at most (default 512M)", 1024,
	    INT64_C(1) << 40, NULL },
	{ "null", '0', OPT_FLAG, OFF(run.null), NULL,
	    "stdin holds names of files, each ended by a NUL", 0, 0, NULL },
	{ "project", 'p', OPT_STR, OFF(project), "NAME",
	    "only turns of this project", 0, 0, NULL },
	{ "settle", 0, OPT_DUR, OFF(run.settle), "TIME",
	    "a session this quiet is as it will stay (default 1m)", 0, 0,
	    NULL },
	{ "since", 's', OPT_STR, OFF(since), "TIME",
	    "turns that began then or later: 2026-11-21, today, 7d", 0, 0,
	    NULL },
	{ "state", 0, OPT_STR, OFF(run.state), "FILE",
	    "write only what earlier runs have not", 0, 0, NULL },
	{ "until", 'u', OPT_STR, OFF(until), "TIME",
	    "turns that began before; a day is included", 0, 0, NULL },
	{ .name = NULL }
};

static int
window(struct program *x)
{
	const uint64_t now = (uint64_t)clock_wall(x->run.io->clock);
	struct pick_rules *p = &x->run.im.pick;
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

static int
program_operands(void *ctx, int argc, char **argv)
{
	struct program *x = ctx;

	x->run.files = argv;
	x->run.nfiles = argc;
	return argc;
}

static int
program_open(void *ctx, struct stage_io *io)
{
	struct program *x = ctx;
	int code;

	x->run.io = io;
	emit_opts_env(&x->emit);
	import_init(&x->run.im, &x->emit, io->out);
	x->begun = true;
	x->run.im.max_line = (size_t)io->max_line;
	x->run.im.max_memory = (size_t)x->max_memory;
	code = window(x);
	x->run.oldest = x->run.im.pick.since;
	if (code == 0)
		code = run_all(&x->run);
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
	    " spans=%" PRIu64, x->run.nread,
	    x->run.im.objects, x->run.im.others, x->run.im.pick.spans);
}

static void
program_fini(void *ctx)
{
	struct program *x = ctx;

	if (x->begun)
		import_fini(&x->run.im);
	run_fini(&x->run);
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
	struct program x = { .max_memory = INT64_C(512) << 20,
	    .run.settle = 60 * CLOCK_S };

	return stage_main(&stage, &x, argc, argv);
}

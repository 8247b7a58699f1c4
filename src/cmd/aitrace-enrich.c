/* Turns the raw records of AI coding CLIs into one correct tree per turn. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/enrich.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "record/stage.h"

struct enrich_cmd {
	struct enrich_opts	 opts;
	struct opt_list		 set;		/* key=value as given */
	struct emit_pair	*pair;
	char			*pairs;		/* their bytes */
	struct enrich		 enrich;
	bool			 started;
};

static const char *const content_modes[] = { "langfuse", "openinference",
    "genai", "all", "none", NULL };
static const char *const keep_modes[] = { "canonical", "native", NULL };

#define AT(m)	offsetof(struct enrich_cmd, opts.m)

static const struct opt opts[] = {
	{ "content", 0, OPT_ENUM, AT(emit.content), "MODE",
	    "where prompts and answers go (default langfuse)", 0, 0,
	    content_modes },
	{ "max-chars", 0, OPT_SIZE, AT(emit.max_chars), "N",
	    "cut every text to N bytes (default 0: no limit)", 0, 0, NULL },
	{ "names", 0, OPT_ENUM, AT(emit.names), "MODE",
	    "names of spans (default canonical)", 0, 0, keep_modes },
	{ "hierarchy", 0, OPT_ENUM, AT(emit.hierarchy), "MODE",
	    "parents of spans (default canonical)", 0, 0, keep_modes },
	{ "set", 0, OPT_LIST, offsetof(struct enrich_cmd, set), "KEY=VALUE",
	    "put an attribute on every span made here", 0, 0, NULL },
	{ "force", 0, OPT_FLAG, AT(emit.force), NULL,
	    "our values win over those the client set", 0, 0, NULL },
	{ "drop-used", 0, OPT_FLAG, AT(drop_used), NULL,
	    "leave out log records that a span stands for", 0, 0, NULL },
	{ "keep-native", 0, OPT_FLAG, AT(keep_native), NULL,
	    "keep the CLI's own spans that say nothing", 0, 0, NULL },
	{ "explain", 0, OPT_FLAG, AT(explain), NULL,
	    "say of each span what it was made from and why, and no more",
	    0, 0, NULL },
	{ "settle", 0, OPT_DUR, AT(settle), "TIME",
	    "a complete span is written after this quiet (default 1s)", 0, 0,
	    NULL },
	{ "linger", 0, OPT_DUR, AT(linger), "TIME",
	    "how long to wait for the other signal (default 10s)", 0, 0,
	    NULL },
	{ "idle", 0, OPT_DUR, AT(idle), "TIME",
	    "a turn this quiet has ended (default 60s)", 0, 0, NULL },
	{ "max-memory", 0, OPT_SIZE, AT(max_memory), "SIZE",
	    "held records at most (default 128M)", 1024, INT64_C(1) << 40,
	    NULL },
	{ .name = NULL }
};

/* "key=value" into two strings. 0, or an exit code. */
static int
split_pairs(struct enrich_cmd *x)
{
	size_t total = 0;
	char *to;

	for (size_t i = 0; i < x->set.n; i++)
		total += strlen(x->set.v[i]) + 1;
	x->pair = calloc(x->set.n + 1, sizeof(*x->pair));
	x->pairs = to = malloc(total + 1);
	if (x->pair == NULL || to == NULL) {
		log_error("out of memory");
		return EXIT_SOFT;
	}
	for (size_t i = 0; i < x->set.n; i++) {
		size_t n = strlen(x->set.v[i]) + 1;
		char *eq;

		memcpy(to, x->set.v[i], n);
		eq = strchr(to, '=');
		if (eq == NULL || eq == to || strpbrk(to, "\"\\") != NULL) {
			log_error("--set: not KEY=VALUE: '%s'", x->set.v[i]);
			return EXIT_USAGE;
		}
		*eq = '\0';
		x->pair[i] = (struct emit_pair){ to, eq + 1 };
		to += n;
	}
	x->opts.emit.set = x->pair;
	x->opts.emit.nset = x->set.n;
	return 0;
}

static int
enrich_open(void *ctx, struct stage_io *io)
{
	struct enrich_cmd *x = ctx;
	int code = split_pairs(x);

	(void)io;
	if (code != 0)
		return code;
	emit_opts_env(&x->opts.emit);
	enrich_init(&x->enrich, &x->opts);
	x->started = true;
	return 0;
}

static int
on_record(void *ctx, struct stage_io *io, const struct record *r)
{
	struct enrich_cmd *x = ctx;
	int code = enrich_record(&x->enrich, r, clock_mono(io->clock),
	    io->out);

	if (code == ENRICH_PASS)
		code = x->opts.explain ? 0 : stage_pass(io, r);
	return code;
}

static int64_t
on_idle(void *ctx, struct stage_io *io, int64_t now)
{
	struct enrich_cmd *x = ctx;

	stage_status(io, enrich_idle(&x->enrich, now, io->out));
	return enrich_due(&x->enrich);
}

static int
on_close(void *ctx, struct stage_io *io)
{
	struct enrich_cmd *x = ctx;

	return enrich_close(&x->enrich, io->out);
}

static void
summarize(void *ctx, struct buf *line)
{
	const struct enrich *e = &((struct enrich_cmd *)ctx)->enrich;

	buf_addf(line, " spans=%llu used=%llu twins=%llu dropped=%llu "
	    "unknown=%llu unknown_attributes=%llu "
	    "closed_early=%llu open=%zu held_bytes=%zu",
	    (unsigned long long)e->spans, (unsigned long long)e->used,
	    (unsigned long long)e->twins, (unsigned long long)e->dropped,
	    (unsigned long long)e->unknown.records,
	    (unsigned long long)e->unknown.attrs,
	    (unsigned long long)e->closed, e->st.nopen, e->st.bytes);
}

static void
fini(void *ctx)
{
	struct enrich_cmd *x = ctx;

	if (x->started)
		enrich_fini(&x->enrich);
	opt_list_fini(&x->set);
	free(x->pair);
	free(x->pairs);
}

static const struct stage stage = {
	.name = "aitrace-enrich",
	.summary = "Turns the records of AI coding CLIs into one correct "
	    "tree per turn.",
	.opts = opts,
	.open = enrich_open,
	.record = on_record,
	.idle = on_idle,
	.close = on_close,
	.summarize = summarize,
	.fini = fini,
};

int
main(int argc, char **argv)
{
	struct enrich_cmd x = { .opts = { .settle = CLOCK_S,
	    .linger = 10 * CLOCK_S, .idle = 60 * CLOCK_S,
	    .max_memory = 128 << 20 } };

	return stage_main(&stage, &x, argc, argv);
}

/*
 * Shows traces as trees on the terminal: those of files in order at the end,
 * those of a live stream each when it has come to rest.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "record/stage.h"
#include "view/draw.h"
#include "view/order.h"
#include "view/store.h"
#include "view/term.h"

#define ROOTLESS_WAIT	(600 * CLOCK_S)	/* for a root that does not come */

struct tree {
	int64_t		 width, depth, settle, memory;
	int		 color, sort;
	bool		 ascii, content;
	const char	*session;
	struct store	 store;
	struct draw	 draw;
	uint64_t	 spans, others, traces, early;
};

static const char *const colors[] = { "auto", "always", "never", NULL };
static const char *const sorts[] = { "start", "cost", "duration", NULL };

static const struct opt opts[] = {
	{ "ascii", 'a', OPT_FLAG, offsetof(struct tree, ascii), NULL,
	    "draw with ASCII characters", 0, 0, NULL },
	{ "color", 0, OPT_ENUM, offsetof(struct tree, color), "WHEN",
	    "use colours", 0, 0, colors },
	{ "content", 'c', OPT_FLAG, offsetof(struct tree, content), NULL,
	    "show a line of what went in and came out", 0, 0, NULL },
	{ "depth", 'd', OPT_NUM, offsetof(struct tree, depth), "N",
	    "show N levels below the root", 0, 0, NULL },
	{ "max-memory", 0, OPT_SIZE, offsetof(struct tree, memory), "SIZE",
	    "hold at most so much (default 256M)", 65536, INT64_C(1) << 40,
	    NULL },
	{ "session", 's', OPT_STR, offsetof(struct tree, session), "ID",
	    "show only this session", 0, 0, NULL },
	{ "settle", 0, OPT_DUR, offsetof(struct tree, settle), "TIME",
	    "show a trace so long after its last news (default 2s)", 0, 0,
	    NULL },
	{ "sort", 0, OPT_ENUM, offsetof(struct tree, sort), "KEY",
	    "order of the traces at the end of the input", 0, 0, sorts },
	{ "width", 'w', OPT_NUM, offsetof(struct tree, width), "N",
	    "columns to fill", LAYOUT_MIN, LAYOUT_MAX, NULL },
	{ .name = NULL }
};

static int
tree_open(void *ctx, struct stage_io *io)
{
	struct tree *x = ctx;

	store_init(&x->store, (size_t)x->memory, x->content);
	draw_init(&x->draw, io->out, term_color(STDOUT_FILENO,
	    (enum term_color)x->color), x->ascii);
	x->draw.depth = x->depth;
	x->draw.content = x->content;
	return 0;
}

/* An exit code. */
static int
failed(const struct stage_io *io)
{
	if (io->out->err != 0)
		return EXIT_IO;
	log_error("out of memory");
	return EXIT_SOFT;
}

static int
show(struct tree *x, struct stage_io *io, struct trace *t, const char *early)
{
	struct node *root = RB_MIN(node_map, &t->nodes), *n;
	const char *session = t->info[INFO_SESSION];
	struct text name;
	int code = 0;

	RB_FOREACH(n, node_map, &t->nodes) {
		if (n->parent == 0) {
			root = n;
			break;
		}
	}
	name = root->name;
	if (x->session == NULL ||
	    (session != NULL && strcmp(session, x->session) == 0)) {
		/* The terminal may have another size by now. */
		layout_make(&x->draw.l, term_width(STDOUT_FILENO,
		    (size_t)x->width));
		if (draw_trace(&x->draw, t, early) == -1)
			code = failed(io);
		x->traces++;
	}
	store_printed(&x->store, t, &name);
	return code;
}

/* Over the ceiling: what is there is shown, the longest silent first. */
static int
make_room(struct tree *x, struct stage_io *io)
{
	struct trace *t;
	int code = 0;

	while (code == 0 && store_full(&x->store) &&
	    (t = store_oldest(&x->store)) != NULL) {
		if (x->early++ == 0)
			log_warn("more than --max-memory to hold: showing "
			    "traces before their end");
		code = show(x, io, t,
		    "shown before its end: more than --max-memory to hold");
	}
	return code;
}

static int
tree_record(void *ctx, struct stage_io *io, const struct record *r)
{
	struct tree *x = ctx;
	uint64_t no_id = x->store.no_id;

	if (r->kind != RECORD_SPAN) {
		x->others++;
		return 0;
	}
	x->spans++;
	if (store_put(&x->store, r, clock_mono(io->clock)) == -1)
		return failed(io);
	if (no_id == 0 && x->store.no_id == 1)
		log_warn("%s:%" PRIu64 ": span without trace_id or span_id; "
		    "left out", io->file, io->lineno);
	return make_room(x, io);
}

static int64_t
tree_idle(void *ctx, struct stage_io *io, int64_t now)
{
	struct tree *x = ctx;
	struct trace *t;
	int64_t next;
	int code;

	if (x->sort != ORDER_START)
		return -1;	/* there is no order before the end */
	while ((t = store_due(&x->store, now, x->settle,
	    x->settle > ROOTLESS_WAIT ? x->settle : ROOTLESS_WAIT,
	    &next)) != NULL) {
		code = show(x, io, t, NULL);
		if (code != 0) {
			stage_status(io, code);
			return -1;
		}
	}
	return next;
}

static int
tree_close(void *ctx, struct stage_io *io)
{
	struct tree *x = ctx;
	struct trace **all;
	size_t n;
	int code = 0;

	all = store_all(&x->store, &n);
	if (all == NULL || order_traces(all, n, (enum order_by)x->sort) == -1)
		code = failed(io);
	for (size_t i = 0; code == 0 && i < n; i++)
		code = show(x, io, all[i], NULL);
	free(all);
	if (code == 0 && draw_all(&x->draw) == -1)
		code = failed(io);
	if (x->spans == 0 && x->others != 0)
		log_warn("no spans among %" PRIu64 " records; aitrace-enrich "
		    "makes them from log records", x->others);
	if (x->store.no_id > 1)
		log_warn("%" PRIu64 " spans without trace_id or span_id in "
		    "all", x->store.no_id);
	return code;
}

static void
tree_summarize(void *ctx, struct buf *line)
{
	const struct tree *x = ctx;

	buf_addf(line, " spans=%" PRIu64 " others=%" PRIu64 " traces=%" PRIu64
	    " early=%" PRIu64 " repeated=%" PRIu64 " no_id=%" PRIu64, x->spans,
	    x->others, x->traces, x->early, x->store.twins, x->store.no_id);
}

static void
tree_fini(void *ctx)
{
	struct tree *x = ctx;

	store_fini(&x->store);
	draw_fini(&x->draw);
}

static const struct stage stage = {
	.name = "aitrace-tree",
	.summary = "Shows traces as trees: calls, tools, time, tokens, cost.",
	.opts = opts,
	.sink = true,
	.open = tree_open,
	.record = tree_record,
	.idle = tree_idle,
	.close = tree_close,
	.summarize = tree_summarize,
	.fini = tree_fini,
};

int
main(int argc, char **argv)
{
	struct tree x = { .depth = -1, .settle = 2 * CLOCK_S,
	    .memory = INT64_C(256) << 20 };

	return stage_main(&stage, &x, argc, argv);
}

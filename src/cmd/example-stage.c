/*
 * The smallest stage: marks records with an attribute. Copy this file to begin
 * a stage of your own; src/README says which lines to add elsewhere.
 */
#include <stddef.h>
#include <string.h>

#include "base/exitcode.h"
#include "record/edit.h"
#include "record/stage.h"

/* What the options set and what the stage remembers between records. */
struct example {
	const char	*mark;
	bool		 spans_only;
	struct edit	 edit;
	uint64_t	 marked;
};

static const struct opt opts[] = {
	{ "mark", 'm', OPT_STR, offsetof(struct example, mark), "TEXT",
	    "value of the attribute example.mark (default \"seen\")", 0, 0,
	    NULL },
	{ "spans-only", 's', OPT_FLAG, offsetof(struct example, spans_only),
	    NULL, "leave logs and metrics alone", 0, 0, NULL },
	{ .name = NULL }
};

static int
example_record(void *ctx, struct stage_io *io, const struct record *r)
{
	struct example *x = ctx;

	/* What is not ours goes on as it came, byte for byte. */
	if (r->kind == RECORD_OTHER ||
	    (x->spans_only && r->kind != RECORD_SPAN))
		return stage_pass(io, r);
	edit_begin(&x->edit, r);
	edit_attr_str(&x->edit, "example.mark", x->mark, strlen(x->mark));
	x->marked++;
	return edit_write(&x->edit, io->out) == -1 ? EXIT_IO : 0;
}

static void
example_summarize(void *ctx, struct buf *line)
{
	const struct example *x = ctx;

	buf_addf(line, " marked=%llu", (unsigned long long)x->marked);
}

static void
example_fini(void *ctx)
{
	struct example *x = ctx;

	edit_fini(&x->edit);
}

static const struct stage stage = {
	.name = "example-stage",
	.summary = "Marks every record with an attribute.",
	.opts = opts,
	.record = example_record,
	.summarize = example_summarize,
	.fini = example_fini,
};

int
main(int argc, char **argv)
{
	struct example x = { .mark = "seen" };

	return stage_main(&stage, &x, argc, argv);
}

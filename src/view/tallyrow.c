/* The row of sums; see view/rows.h. */
#include <inttypes.h>
#include <string.h>

#include "view/cells.h"
#include "view/rows.h"

/* Appends "N things", with a comma before unless it is the first. */
static void
some(struct buf *b, uint64_t n, const char *one, const char *many)
{
	if (n == 0)
		return;
	buf_addf(b, "%s%" PRIu64 " %s", b->n != 0 ? ", " : "", n,
	    n == 1 ? one : many);
}

static void
what(struct buf *b, const struct tally *t)
{
	uint64_t calls = t->type[NODE_LLM] + t->type[NODE_EMBEDDING];

	if (t->traces > 1)
		some(b, t->traces, "trace", "traces");
	some(b, calls, "call", "calls");
	some(b, t->type[NODE_TOOL], "tool", "tools");
	some(b, t->type[NODE_AGENT], "agent", "agents");
	if (calls == 0)
		some(b, t->spans, "span", "spans");
}

static void
trouble(struct buf *b, const struct tally *t)
{
	some(b, t->errors, "error", "errors");
	some(b, t->warnings, "warning", "warnings");
	some(b, t->sum.unpriced, "unpriced", "unpriced");
	some(b, t->sum.estimated, "estimated", "estimated");
}

static void
sums(struct draw *d, const struct tally *t, uint64_t duration)
{
	const struct spend_sum *s = &t->sum;
	bool tokens = s->in != 0 || s->out != 0;
	char num[CELL_MAX] = "";

	if (duration != 0)
		cell_duration(num, duration);
	rows_cell(d, PEN_BOLD, num, LAYOUT_TIME);
	if (d->l.tokens && tokens)
		rows_tokens(d, PEN_BOLD, s->in, s->cached, s->out);
	else if (d->l.tokens)
		rows_tokens_blank(d);
	if (s->priced != 0) {
		cell_cost(num, s->cost, s->unpriced != 0 ? '>' :
		    s->estimated != 0 ? '~' : '\0');
		rows_cell(d, PEN_BOLD, num, LAYOUT_COST);
	} else if (s->unpriced != 0)
		rows_cell(d, PEN_WARNING, "unpriced", LAYOUT_COST);
}

void
rows_tally(struct draw *d, const struct tally *t, uint64_t duration)
{
	enum pen_style s = t->errors != 0 ? PEN_ERROR : PEN_WARNING;
	struct buf is = { 0 }, bad = { 0 };
	size_t wide = layout_wide(&d->l);
	size_t used;
	bool fits;

	what(&is, t);
	trouble(&bad, t);
	fits = is.n + bad.n + 2 <= wide;
	pen_on(&d->pen, PEN_DIM);
	used = text_put(&d->b, is.p, is.n, wide, d->pen.ascii);
	pen_off(&d->pen, PEN_DIM);
	if (bad.n != 0 && fits) {
		used += pen_text(&d->pen, PEN_DIM, ", ");
		used += pen_text(&d->pen, s, buf_cstr(&bad));
	}
	text_pad(&d->b, wide - used);
	sums(d, t, duration);
	rows_end(d);
	if (bad.n != 0 && !fits) {
		pen_on(&d->pen, s);
		(void)text_put(&d->b, bad.p, bad.n, d->l.width, d->pen.ascii);
		pen_off(&d->pen, s);
		rows_end(d);
	}
	if (is.err != 0 || bad.err != 0)
		d->b.err = is.err != 0 ? is.err : bad.err;
	buf_fini(&is);
	buf_fini(&bad);
}

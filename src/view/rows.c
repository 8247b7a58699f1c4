#include "view/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/branch.h"
#include "view/cells.h"

static enum pen_style
style_of(const struct node *n)
{
	static const enum pen_style of[NODE_TYPES_] = {
		[NODE_SPAN] = PEN_DIM, [NODE_CHAIN] = PEN_CHAIN,
		[NODE_LLM] = PEN_LLM, [NODE_TOOL] = PEN_TOOL,
		[NODE_AGENT] = PEN_AGENT, [NODE_EMBEDDING] = PEN_LLM,
		[NODE_RETRIEVER] = PEN_OTHER, [NODE_RERANKER] = PEN_OTHER,
		[NODE_GUARDRAIL] = PEN_OTHER, [NODE_EVALUATOR] = PEN_OTHER,
		[NODE_EVENT] = PEN_DIM,
	};

	return of[n->type];
}

void
rows_cell(struct draw *d, enum pen_style s, const char *text, size_t w)
{
	size_t n = strlen(text);

	text_pad(&d->b, d->l.gap + (n < w ? w - n : 0));
	(void)pen_text(&d->pen, s, text);
}

void
rows_end(struct draw *d)
{
	while (d->b.n > 0 && d->b.p[d->b.n - 1] == ' ')
		d->b.n--;
	buf_addc(&d->b, '\n');
}

void
rows_titles(struct draw *d)
{
	rows_cell(d, PEN_PLAIN, "time", LAYOUT_TIME);
	if (d->l.tokens) {
		rows_cell(d, PEN_PLAIN, "in", LAYOUT_TOKENS);
		rows_cell(d, PEN_PLAIN, "cached", LAYOUT_CACHED);
		rows_cell(d, PEN_PLAIN, "out", LAYOUT_TOKENS);
	}
	rows_cell(d, PEN_PLAIN, "cost", LAYOUT_COST);
}

void
rows_tokens(struct draw *d, enum pen_style s, uint64_t in, uint64_t cached,
    uint64_t out)
{
	char num[CELL_MAX];

	cell_count(num, in);
	rows_cell(d, s, num, LAYOUT_TOKENS);
	cell_count(num, cached);
	rows_cell(d, PEN_DIM, num, LAYOUT_CACHED);
	cell_count(num, out);
	rows_cell(d, s, num, LAYOUT_TOKENS);
}

void
rows_tokens_blank(struct draw *d)
{
	text_pad(&d->b, 2 * LAYOUT_TOKENS + LAYOUT_CACHED + 3 * d->l.gap);
}

static void
numbers(struct draw *d, const struct node *n)
{
	const struct spend *s = &n->spend;
	char num[CELL_MAX] = "?";

	if (n->start != 0 && n->end >= n->start)
		cell_duration(num, n->end - n->start);
	rows_cell(d, PEN_PLAIN, num, LAYOUT_TIME);
	if (d->l.tokens && s->used)
		rows_tokens(d, PEN_PLAIN, s->in, s->cached, s->out);
	else if (d->l.tokens)
		rows_tokens_blank(d);
	if (s->priced) {
		cell_cost(num, s->cost, s->estimated ? '~' : '\0');
		rows_cell(d, PEN_PLAIN, num, LAYOUT_COST);
	} else if (s->in != 0 || s->out != 0)
		rows_cell(d, PEN_WARNING, "unpriced", LAYOUT_COST);
}

/* x of range, in w columns. */
static size_t
scale(uint64_t x, uint64_t range, size_t w)
{
	while (range > UINT64_MAX / LAYOUT_MAX) {
		range >>= 1;
		x >>= 1;
	}
	return range == 0 ? 0 : (size_t)(x * w / range);
}

static void
bar(struct draw *d, const struct plan *p, const struct node *n)
{
	enum pen_style s = n->level == NODE_ERROR ? PEN_ERROR : style_of(n);
	uint64_t range = p->end - p->start;
	size_t w = d->l.bar, from, to;

	text_pad(&d->b, d->l.gap);
	if (n->start == 0) {
		text_pad(&d->b, w);
		return;
	}
	from = scale(n->start - p->start, range, w);
	to = n->end > n->start ? scale(n->end - p->start, range, w) : from;
	if (from == w)
		from--;
	if (to <= from)
		to = from + 1;
	text_pad(&d->b, from);
	pen_on(&d->pen, s);
	for (size_t i = from; i < to; i++)
		pen_glyph(&d->pen, PEN_BAR);
	pen_off(&d->pen, s);
	text_pad(&d->b, w - to);
}

/* Is it a name like claude_code.llm_request? Then what is behind the dot. */
static const char *
behind_dot(const struct text *t)
{
	const char *dot = memrchr(t->p, '.', t->n);

	if (dot == NULL || dot + 1 == t->p + t->n || dot[1] < 'a' ||
	    dot[1] > 'z' || memchr(t->p, ' ', t->n) != NULL ||
	    memchr(t->p, '-', t->n) != NULL)
		return NULL;
	return dot + 1;
}

static bool
is(const struct text *t, const char *s)
{
	return t->n == strlen(s) && memcmp(t->p, s, t->n) == 0;
}

/*
 * The type stands in front, so that the name need not say it again: of
 * "LLM Call: x" and "Agent: x" the x is left, of claude_code.tool nothing if
 * it is known which tool.
 */
static struct text
short_name(const struct node *n)
{
	const char *front = n->type == NODE_LLM ? "LLM Call: " :
	    n->type == NODE_AGENT ? "Agent: " : "";
	size_t k = strlen(front);
	struct text t = n->name;
	const char *p;

	if (k != 0 && t.n > k && memcmp(t.p, front, k) == 0)
		return (struct text){ t.p + k, t.n - k };
	if (n->type == NODE_SPAN || (p = behind_dot(&t)) == NULL)
		return t;
	t.n -= (size_t)(p - t.p);
	t.p = p;
	if (n->detail.n != 0 && (is(&t, node_type_name(n->type)) ||
	    is(&t, "llm_request")))
		t.n = 0;
	return t;
}

/* What is said behind the name, dim. */
static void
suffix(struct buf *b, const struct draw *d, const struct node *n, bool named)
{
	if (n->detail.n != 0 && memmem(n->name.p, n->name.n, n->detail.p,
	    n->detail.n) == NULL) {
		if (named)
			buf_addc(b, ' ');
		(void)text_put(b, n->detail.p, n->detail.n, d->l.name / 2,
		    d->pen.ascii);
	}
	if (n->attempts > 1)
		buf_addf(b, " x%" PRIu64, n->attempts);
	if (n->incomplete)
		buf_adds(b, " (incomplete)");
	if (d->depth >= 0 && n->depth == (uint64_t)d->depth && n->below != 0)
		buf_addf(b, " (+%" PRIu64 ")", n->below);
}

/* The name and what goes with it, in at most cols columns; those it took. */
static size_t
title(struct draw *d, const struct node *n, size_t cols)
{
	enum pen_style s = n->level == NODE_ERROR ? PEN_ERROR :
	    n->up == NULL ? PEN_BOLD : PEN_PLAIN;
	static const struct text nameless = { "(no name)", 9 };
	struct text name = short_name(n);
	struct buf more = { 0 };
	size_t used = 0, w;

	suffix(&more, d, n, name.n != 0);
	w = text_width(more.p, more.n);
	if (name.n == 0 && n->detail.n == 0)
		name = nameless;
	pen_on(&d->pen, s);
	used = text_put(&d->b, name.p, name.n, cols > w + 8 ? cols - w :
	    cols < 8 ? cols : 8, d->pen.ascii);
	pen_off(&d->pen, s);
	pen_on(&d->pen, PEN_DIM);
	used += text_put(&d->b, more.p, more.n, cols - used, d->pen.ascii);
	pen_off(&d->pen, PEN_DIM);
	if (more.err != 0)
		d->b.err = more.err;
	buf_fini(&more);
	return used;
}

static void
below_row(struct draw *d, const struct node *n, enum pen_style s,
    enum pen_glyph g, struct text t)
{
	size_t used = branch_put(d, n, true);

	pen_on(&d->pen, s);
	pen_glyph(&d->pen, g);
	buf_addc(&d->b, ' ');
	used += 2;
	(void)text_put(&d->b, t.p, t.n, d->l.width - used, d->pen.ascii);
	pen_off(&d->pen, s);
	rows_end(d);
}

static void
message(struct draw *d, const struct node *n)
{
	static const struct text none = { "error", 5 };

	if (n->level == NODE_ERROR)
		below_row(d, n, PEN_ERROR, PEN_CROSS,
		    n->message.n != 0 ? n->message : none);
	else if (n->message.n != 0)
		below_row(d, n, n->level == NODE_WARNING ? PEN_WARNING :
		    PEN_DIM, n->level == NODE_WARNING ? PEN_BANG : PEN_DOT,
		    n->message);
}

/* A span that stands at the top but is no root says why. */
static size_t
place(struct draw *d, const struct node *n)
{
	static const char *const word[] = {
		[NODE_CHILD] = "", [NODE_ORPHAN] = "orphan ",
		[NODE_LATER] = "", [NODE_CYCLE] = "cycle ",
	};

	return pen_text(&d->pen, PEN_WARNING, word[n->place]);
}

void
rows_span(struct draw *d, const struct plan *p, const struct node *n)
{
	/* The one root's bar would be full: its name may have the room. */
	bool full = n->up == NULL && n->start == p->start && n->end == p->end;
	bool bars = d->l.bar != 0 && !full;
	size_t cols = bars ? d->l.name : layout_wide(&d->l);
	size_t used = branch_put(d, n, false);
	const char *type = node_type_name(n->type);

	used += place(d, n);
	if (n->up != NULL || n->type != NODE_CHAIN) {
		used += pen_text(&d->pen, style_of(n), type);
		buf_addc(&d->b, ' ');
		used++;
	}
	used += title(d, n, cols > used ? cols - used : 0);
	text_pad(&d->b, cols > used ? cols - used : 0);
	if (bars)
		bar(d, p, n);
	numbers(d, n);
	rows_end(d);
	message(d, n);
	if (d->content && n->input.n != 0)
		below_row(d, n, PEN_DIM, PEN_INTO, n->input);
	if (d->content && n->output.n != 0)
		below_row(d, n, PEN_DIM, PEN_OUT, n->output);
}

/*
 * Charts as SVG. Lengths along the page are percentages and those across are
 * pixels, so that texts keep their size on a phone.
 */
#include "report/html.h"

#include <inttypes.h>
#include <string.h>

#include "report/zone.h"
#include "view/cells.h"

#define BARS_MAX	400
#define HEIGHT		180	/* of the plot */
#define TOP		16
#define LABELS		5	/* at the foot, at most */

struct chart {
	const struct rows	*r;
	bool			 tokens;	/* there is no cost to show */
	money			 step;		/* between lines of the grid */
	money			 most;		/* the top line */
	size_t			 n;		/* bars */
};

static money
height_of(const struct chart *c, const struct sums *s)
{
	return c->tokens ? (money)sums_tokens(s) : sums_cost(s);
}

/* 1, 2 or 5 times a power of ten, so that at most 5 steps reach the top. */
static void
scale(struct chart *c)
{
	static const int digit[] = { 1, 2, 5 };
	money top = 1, unit = 1;

	for (size_t k = 0; k < c->r->n; k++) {
		money h = height_of(c, &c->r->v[k]->sums);

		top = h > top ? h : top;
	}
	for (int i = 0;; i++) {
		c->step = unit * digit[i % 3];
		if (c->step * 5 >= top)
			break;
		if (i % 3 == 2)
			unit *= 10;
	}
	c->most = (top + c->step - 1) / c->step * c->step;
}

/* Hundredths of a pixel above the foot. */
static int
pixels(const struct chart *c, money v)
{
	return (int)(v * (HEIGHT * 100) / c->most);
}

static void
put_amount(struct buf *b, const struct chart *c, money v)
{
	char text[CELL_MAX];

	if (!c->tokens) {
		budget_usd(b, v);
		return;
	}
	cell_count(text, (uint64_t)v);
	buf_adds(b, text);
}

static void
put_grid(struct buf *b, const struct chart *c)
{
	for (money v = 0; v <= c->most; v += c->step) {
		int y = (HEIGHT + TOP) * 100 - pixels(c, v);

		buf_addf(b, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" "
		    "y1=\"%d.%02d\" y2=\"%d.%02d\"/>", y / 100, y % 100,
		    y / 100, y % 100);
	}
}

/* What the lines stand for; above the bars, or these would hide it. */
static void
put_amounts(struct buf *b, const struct chart *c)
{
	for (money v = c->step; v <= c->most; v += c->step) {
		buf_addf(b, "<text class=\"on\" x=\"0\" y=\"%d\">",
		    HEIGHT + TOP - pixels(c, v) / 100 - 3);
		put_amount(b, c, v);
		buf_adds(b, "</text>");
	}
}

/* Percent in thousandths: a place of i out of n. */
static void
put_percent(struct buf *b, const char *name, uint64_t milli)
{
	buf_addf(b, " %s=\"%" PRIu64 ".%03" PRIu64 "%%\"", name, milli / 1000,
	    milli % 1000);
}

static void
put_rect(struct buf *b, const struct chart *c, size_t i, const char *class,
    money from, money to)
{
	int y0 = pixels(c, from), y1 = pixels(c, to);
	uint64_t slot = 100000 / (c->n != 0 ? c->n : 1);
	uint64_t gap = c->n > 60 ? slot / 12 : slot / 6;
	int y = (HEIGHT + TOP) * 100 - y1;

	/* What is not nothing can be seen. */
	if (to != 0 && y1 - y0 < 100 && from == 0) {
		y -= 100 - (y1 - y0);
		y1 = y0 + 100;
	}
	if (y1 == y0)
		return;
	buf_addf(b, "<rect class=\"%s\"", class);
	put_percent(b, "x", i * 100000 / (c->n != 0 ? c->n : 1) + gap / 2);
	put_percent(b, "width", slot - gap);
	buf_addf(b, " y=\"%d.%02d\" height=\"%d.%02d\"/>", y / 100, y % 100,
	    (y1 - y0) / 100, (y1 - y0) % 100);
}

static void
put_bar(struct buf *b, const struct chart *c, size_t i, const char *label,
    size_t n, const struct sums *s)
{
	money all = height_of(c, s), sure = all;

	if (!c->tokens)
		sure = all - s->cost[COST_ESTIMATED];
	buf_adds(b, "<g><title>");
	html_text(b, label, n);
	buf_adds(b, ": ");
	put_amount(b, c, all);
	buf_addf(b, ", %" PRIu64 " calls</title>", s->calls);
	put_rect(b, c, i, "bar", 0, sure);
	put_rect(b, c, i, "guess", sure, all);
	buf_adds(b, "</g>");
}

static void
put_label(struct buf *b, const struct chart *c, size_t i, const char *label,
    size_t n)
{
	size_t every = (c->n + LABELS - 1) / LABELS;

	/* A label needs as much room as there is between two of them. */
	if (every == 0 || i % every != 0 || (c->n - i) * 6 < c->n)
		return;
	if (n > 16)	/* an hour: its offset says little here */
		n = 16;
	buf_addf(b, "<text y=\"%d\"", TOP + HEIGHT + 16);
	put_percent(b, "x", i * 100000 / c->n);
	buf_addc(b, '>');
	html_text(b, label, n);
	buf_adds(b, "</text>");
}

static const struct sums *
sums_of(const struct rows *r, const char *label, size_t n)
{
	for (size_t k = 0; k < r->n; k++) {
		size_t len;
		const char *p = table_key(r->v[k], 0, &len);

		if (p != NULL && len == n && memcmp(p, label, n) == 0)
			return &r->v[k]->sums;
	}
	return NULL;
}

/* How many units there are from the first span to the last. */
static size_t
units(const struct report *rep, enum zone_unit unit)
{
	uint64_t t = zone_begin(unit, rep->first), next;
	size_t n = 0;

	for (; t <= rep->last && n <= BARS_MAX; t = next, n++) {
		next = zone_end(unit, t);
		if (next <= t)
			break;
	}
	return n;
}

/* A bar for each unit, those without a span being empty. */
static void
put_units(struct buf *b, const struct chart *c, const struct report *rep)
{
	struct zone_labels labels = { 0 };
	enum zone_unit unit = c->r->table->dim[0].unit;
	uint64_t t = zone_begin(unit, rep->first);

	for (size_t i = 0; i < c->n; i++, t = zone_end(unit, t)) {
		const struct sums *s;
		const char *label;
		size_t n = zone_label(&labels, unit, t, &label);

		s = sums_of(c->r, label, n);
		if (s != NULL)
			put_bar(b, c, i, label, n, s);
		put_label(b, c, i, label, n);
	}
}

void
html_time_chart(struct buf *b, const struct output *o, const struct rows *r)
{
	struct chart c = { .r = r };

	if (o->report->first == 0 || (r->table->applies & FACT_CALL) == 0)
		return;
	c.tokens = sums_cost(&r->total) == 0;
	c.n = units(o->report, r->table->dim[0].unit);
	if (c.n < 2 || c.n > BARS_MAX)
		return;
	scale(&c);
	buf_addf(b, "<svg class=\"chart\" role=\"img\" aria-label=\"%s over "
	    "time\" width=\"100%%\" height=\"%d\">", c.tokens ? "tokens" : "cost",
	    HEIGHT + TOP + 22);
	put_grid(b, &c);
	put_units(b, &c, o->report);
	put_amounts(b, &c);
	buf_adds(b, "</svg>\n");
	if (!c.tokens && r->total.cost[COST_ESTIMATED] != 0)
		buf_adds(b, "<ul class=\"legend\"><li><svg width=\"11\" "
		    "height=\"11\"><rect class=\"guess\" width=\"11\" "
		    "height=\"11\"/></svg>estimated</li></ul>\n");
}

void
html_token_chart(struct buf *b, const struct sums *s)
{
	static const struct {
		const char	*name;
		int		 token[3];
		size_t		 n;
	} part[] = {
		{ "input", { TOK_INPUT }, 1 },
		{ "read from a cache", { TOK_CACHE_READ }, 1 },
		{ "written to a cache", { TOK_CACHE_WRITE, TOK_CACHE_WRITE_5M,
		    TOK_CACHE_WRITE_1H }, 3 },
		{ "output", { TOK_OUTPUT, TOK_REASONING }, 2 },
		{ "other", { TOK_OTHER }, 1 },
	};
	const size_t nparts = sizeof(part) / sizeof(part[0]);
	uint64_t all = sums_tokens(s), n[5] = { 0 }, at = 0, w;
	char text[CELL_MAX];

	if (all == 0)
		return;
	for (size_t i = 0; i < nparts; i++)
		for (size_t k = 0; k < part[i].n; k++)
			n[i] = sums_plus(n[i], s->token[part[i].token[k]]);
	buf_adds(b, "<section><h2>Tokens</h2>\n<svg role=\"img\" aria-label=\""
	    "shares of the tokens\" width=\"100%\" height=\"20\">");
	for (size_t i = 0; i < nparts; i++) {
		w = (uint64_t)((money)n[i] * 100000 / all);
		buf_addf(b, "<rect class=\"t%zu\" height=\"20\"", i);
		put_percent(b, "x", at);
		put_percent(b, "width", w);
		buf_adds(b, "/>");
		at += w;
	}
	buf_adds(b, "</svg>\n<ul class=\"legend\">");
	for (size_t i = 0; i < nparts; i++) {
		if (n[i] == 0)
			continue;
		cell_count(text, n[i]);
		w = (uint64_t)(((money)n[i] * 1000 + all / 2) / all);
		buf_addf(b, "<li><svg width=\"11\" height=\"11\"><rect "
		    "class=\"t%zu\" width=\"11\" height=\"11\"/></svg>%s %s "
		    "(%" PRIu64 ".%" PRIu64 " %%)</li>", i, part[i].name,
		    text, w / 10, w % 10);
	}
	buf_adds(b, "</ul></section>\n");
}

#include "view/draw.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "view/rows.h"

#define DRAW_BLOCK	(64 * 1024)	/* handed on in such pieces */
#define NS		UINT64_C(1000000000)

void
draw_init(struct draw *d, struct out *out, bool color, bool ascii)
{
	memset(d, 0, sizeof(*d));
	d->out = out;
	d->pen.b = &d->b;
	d->pen.color = color;
	d->pen.ascii = ascii;
	d->depth = -1;
}

void
draw_fini(struct draw *d)
{
	buf_fini(&d->b);
	free(d->session);
	d->session = NULL;
}

/* Hands on what is there, when it is enough or all. */
static int
hand_on(struct draw *d, bool all)
{
	if (d->b.err != 0)
		return -1;
	if (!all && d->b.n < DRAW_BLOCK)
		return 0;
	if (out_write(d->out, d->b.p, d->b.n) == -1)
		return -1;
	buf_reset(&d->b);
	return 0;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static size_t
fact(struct draw *d, enum pen_style s, const char *text, size_t used)
{
	const struct pen *pen = &d->pen;
	size_t room;

	if (text == NULL || used + 8 > d->l.width)
		return used;
	if (used > 8) {
		pen_on(pen, PEN_DIM);
		buf_addc(&d->b, ' ');
		pen_glyph(pen, PEN_DOT);
		buf_addc(&d->b, ' ');
		pen_off(pen, PEN_DIM);
		used += 3;
	}
	room = d->l.width - used;
	pen_on(pen, s);
	used += text_put(&d->b, text, strlen(text), room, pen->ascii);
	pen_off(pen, s);
	return used;
}

/* session ID - agent - user - project, when the session is another one. */
static int
session(struct draw *d, const struct trace *t)
{
	size_t used;

	if (d->begun && same(d->session, t->info[INFO_SESSION]))
		return 0;
	free(d->session);
	d->session = NULL;
	if (t->info[INFO_SESSION] == NULL)
		return 0;
	d->session = strdup(t->info[INFO_SESSION]);
	if (d->session == NULL)
		return -1;
	if (d->begun)
		buf_addc(&d->b, '\n');
	used = pen_text(&d->pen, PEN_DIM, "session ");
	used = fact(d, PEN_BOLD, t->info[INFO_SESSION], used);
	used = fact(d, PEN_PLAIN, t->info[INFO_AGENT], used);
	used = fact(d, PEN_PLAIN, t->info[INFO_PROJECT], used);
	(void)fact(d, PEN_DIM, t->info[INFO_USER], used);
	buf_addc(&d->b, '\n');
	return 0;
}

/* When it began and its id, above the titles of the columns. */
static void
heading(struct draw *d, const struct trace *t, const struct plan *p)
{
	size_t wide = layout_wide(&d->l), used = 0;
	char when[32];
	struct tm tm;
	time_t s;

	pen_on(&d->pen, PEN_DIM);
	s = (time_t)(p->start / NS);
	if (p->start != 0 && localtime_r(&s, &tm) != NULL) {
		used = strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S  ",
		    &tm);
		buf_add(&d->b, when, used);
	}
	used += text_put(&d->b, t->id, TRACE_ID_LEN, wide - used,
	    d->pen.ascii);
	text_pad(&d->b, wide - used);
	rows_titles(d);
	pen_off(&d->pen, PEN_DIM);
	buf_addc(&d->b, '\n');
}

static void
remark(struct draw *d, const struct trace *t, const char *early)
{
	size_t used;

	if (t->past != NULL) {
		used = pen_text(&d->pen, PEN_WARNING, "late spans of: ");
		(void)text_put(&d->b, t->past->name, t->past->name_len,
		    d->l.width - used, d->pen.ascii);
		buf_addc(&d->b, '\n');
	}
	if (early != NULL) {
		pen_on(&d->pen, PEN_WARNING);
		(void)text_put(&d->b, early, strlen(early), d->l.width,
		    d->pen.ascii);
		pen_off(&d->pen, PEN_WARNING);
		buf_addc(&d->b, '\n');
	}
}

static int
draw_plan(struct draw *d, const struct trace *t, const struct plan *p,
    const char *early)
{
	if (session(d, t) == -1)
		return -1;
	if (d->begun || d->session != NULL)
		buf_addc(&d->b, '\n');
	d->begun = true;
	remark(d, t, early);
	heading(d, t, p);
	for (size_t i = 0; i < p->n; i++) {
		if (d->depth >= 0 && p->seq[i]->depth > (uint64_t)d->depth)
			continue;
		rows_span(d, p, p->seq[i]);
		if (hand_on(d, false) == -1)
			return -1;
	}
	if (p->n > 1)
		rows_tally(d, &p->tally, p->end - p->start);
	return hand_on(d, true);
}

int
draw_trace(struct draw *d, struct trace *t, const char *early)
{
	struct plan p;
	int res;

	if (plan_make(&p, t) == -1)
		return -1;
	tally_merge(&d->all, &p.tally);
	if (t->past != NULL)
		d->all.traces--;	/* counted when it was first drawn */
	res = draw_plan(d, t, &p, early);
	plan_fini(&p);
	return res;
}

int
draw_all(struct draw *d)
{
	if (d->all.traces < 2)
		return 0;
	buf_addc(&d->b, '\n');
	rows_tally(d, &d->all, 0);
	return hand_on(d, true);
}

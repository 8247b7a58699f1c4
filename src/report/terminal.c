/*
 * Tables for a terminal, as wide as that is: what does not fit is left out by
 * the rank of its column, and said.
 */
#include "report/output.h"

#include <string.h>

#include "view/pen.h"
#include "view/text.h"

#define GAP		2
#define KEY_MIN		6	/* a value is not cut shorter than this */
#define KEY_FIRST	28	/* nor longer while columns are left out */
#define FEWEST		2	/* columns that are never left out */

struct sheet {
	const struct output	*o;
	const struct rows	*r;
	struct buf		*b;
	struct pen		 pen;
	enum column_id		 col[COL_IDS_];
	size_t			 width[COL_IDS_];
	size_t			 ncol;
	size_t			 key[TABLE_DIMS];	/* widths */
	size_t			 want[TABLE_DIMS];	/* without a cut */
	size_t			 ndims;
	enum column_id		 left[COL_IDS_];	/* out */
	size_t			 nleft;
};

static size_t
largest(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t
figure_width(enum column_id c, const struct sums *s)
{
	char text[COLUMN_TEXT];
	struct figure f;

	column_figure(&f, c, s);
	column_text(text, c, &f);
	return strlen(text);
}

static void
measure_columns(struct sheet *x)
{
	const struct rows *r = x->r;

	for (size_t i = 0; i < x->ncol; i++) {
		enum column_id c = x->col[i];
		size_t w = largest(strlen(columns[c].title),
		    figure_width(c, &r->total));

		for (size_t k = 0; k < r->n; k++)
			w = largest(w, figure_width(c, &r->v[k]->sums));
		if (r->nother != 0)
			w = largest(w, figure_width(c, &r->other));
		x->width[i] = w;
	}
}

static void
measure_keys(struct sheet *x)
{
	struct buf v = { 0 };

	for (size_t i = 0; i < x->ndims; i++) {
		size_t w = strlen(x->r->table->dim[i].name);

		for (size_t k = 0; k < x->r->n; k++) {
			buf_reset(&v);
			output_value(&v, x->r->v[k], i, NULL);
			w = largest(w, text_width(v.p, v.n));
		}
		x->want[i] = w;
	}
	if (x->ndims != 0)	/* "total", "other (123)" */
		x->want[0] = largest(x->want[0], x->r->nother != 0 ? 12 : 5);
	buf_fini(&v);
}

static size_t
keys_width(const struct sheet *x)
{
	size_t w = 0;

	for (size_t i = 0; i < x->ndims; i++)
		w += x->key[i] + (i != 0 ? GAP : 0);
	return w;
}

static size_t
columns_width(const struct sheet *x)
{
	size_t w = 0;

	for (size_t i = 0; i < x->ncol; i++)
		w += x->width[i] + GAP;
	return w;
}

/* Takes the column of the highest rank out; the last of equals first. */
static void
drop_column(struct sheet *x)
{
	size_t worst = 0;

	for (size_t i = 1; i < x->ncol; i++)
		if (columns[x->col[i]].rank >= columns[x->col[worst]].rank)
			worst = i;
	x->left[x->nleft++] = x->col[worst];
	x->ncol--;
	memmove(x->col + worst, x->col + worst + 1,
	    (x->ncol - worst) * sizeof(x->col[0]));
	memmove(x->width + worst, x->width + worst + 1,
	    (x->ncol - worst) * sizeof(x->width[0]));
}

/* Gives keys what is left over, or takes from the widest what is not. */
static void
fit_keys(struct sheet *x, size_t room)
{
	while (keys_width(x) < room) {
		size_t best = x->ndims;

		for (size_t i = 0; i < x->ndims; i++)
			if (x->key[i] < x->want[i] && (best == x->ndims ||
			    x->key[i] < x->key[best]))
				best = i;
		if (best == x->ndims)
			return;
		x->key[best]++;
	}
	while (keys_width(x) > room) {
		size_t widest = 0;

		for (size_t i = 1; i < x->ndims; i++)
			if (x->key[i] > x->key[widest])
				widest = i;
		if (x->ndims == 0 || x->key[widest] <= KEY_MIN)
			return;
		x->key[widest]--;
	}
}

static void
fit(struct sheet *x)
{
	size_t room;

	for (size_t i = 0; i < x->ndims; i++)
		x->key[i] = x->want[i] < KEY_FIRST ? x->want[i] : KEY_FIRST;
	while (x->ncol > FEWEST &&
	    keys_width(x) + columns_width(x) > x->o->width)
		drop_column(x);
	room = x->o->width > columns_width(x) ?
	    x->o->width - columns_width(x) : 0;
	fit_keys(x, room);
}

static void
end_line(struct sheet *x)
{
	while (x->b->n > 0 && x->b->p[x->b->n - 1] == ' ')
		x->b->n--;
	buf_addc(x->b, '\n');
}

static void
put_cell(struct sheet *x, enum pen_style style, const char *text, size_t w)
{
	size_t n = strlen(text);

	text_pad(x->b, GAP + (w > n ? w - n : 0));
	(void)pen_text(&x->pen, style, text);
}

static void
put_figures(struct sheet *x, const struct sums *s, enum pen_style style)
{
	char text[COLUMN_TEXT];
	struct figure f;

	for (size_t i = 0; i < x->ncol; i++) {
		enum pen_style st = style;

		column_figure(&f, x->col[i], s);
		column_text(text, x->col[i], &f);
		if (f.known && f.v == 0 && style == PEN_PLAIN)
			st = PEN_DIM;
		if (f.unpriced || (f.v != 0 && (x->col[i] == COL_ERRORS ||
		    x->col[i] == COL_TOOL_ERRORS)))
			st = PEN_ERROR;
		put_cell(x, st, text, x->width[i]);
	}
	end_line(x);
}

static void
put_key(struct sheet *x, const char *p, size_t n, size_t i,
    enum pen_style style)
{
	size_t used;

	if (i != 0)
		text_pad(x->b, GAP);
	pen_on(&x->pen, style);
	used = text_put(x->b, p, n, x->key[i], x->o->ascii);
	pen_off(&x->pen, style);
	if (used < x->key[i])
		text_pad(x->b, x->key[i] - used);
}

static void
put_titles(struct sheet *x)
{
	for (size_t i = 0; i < x->ndims; i++) {
		const char *name = x->r->table->dim[i].name;

		put_key(x, name, strlen(name), i, PEN_DIM);
	}
	for (size_t i = 0; i < x->ncol; i++)
		put_cell(x, PEN_DIM, columns[x->col[i]].title, x->width[i]);
	end_line(x);
}

/* A row that stands for several groups. */
static void
put_named(struct sheet *x, const char *name, const struct sums *s,
    enum pen_style style)
{
	for (size_t i = 0; i < x->ndims; i++)
		put_key(x, name, i == 0 ? strlen(name) : 0, i, style);
	put_figures(x, s, style);
}

static void
put_rows(struct sheet *x)
{
	struct buf v = { 0 };
	bool none;

	for (size_t k = 0; k < x->r->n; k++) {
		for (size_t i = 0; i < x->ndims; i++) {
			buf_reset(&v);
			output_value(&v, x->r->v[k], i, &none);
			put_key(x, v.p, v.n, i, none ? PEN_DIM : PEN_PLAIN);
		}
		put_figures(x, &x->r->v[k]->sums, PEN_PLAIN);
	}
	if (x->r->nother != 0) {
		buf_reset(&v);
		buf_addf(&v, "other (%zu)", x->r->nother);
		put_named(x, buf_cstr(&v), &x->r->other, PEN_PLAIN);
	}
	buf_fini(&v);
	put_named(x, "total", &x->r->total, PEN_BOLD);
}

static void
say_left_out(struct sheet *x)
{
	struct buf line = { 0 };

	if (x->nleft == 0)
		return;
	buf_adds(&line, "no room for ");
	for (size_t i = x->nleft; i-- > 0;)
		buf_addf(&line, "%s%s", columns[x->left[i]].title,
		    i != 0 ? ", " : "");
	pen_on(&x->pen, PEN_DIM);
	(void)text_put(x->b, line.p, line.n, x->o->width, x->o->ascii);
	pen_off(&x->pen, PEN_DIM);
	buf_addc(x->b, '\n');
	buf_fini(&line);
}

static void
put_sheet(struct buf *b, const struct output *o, const struct rows *r)
{
	struct sheet x = { .o = o, .r = r, .b = b,
	    .pen = { b, o->color, o->ascii }, .ndims = r->table->ndims };

	x.ncol = output_columns(o, r, x.col);
	measure_columns(&x);
	measure_keys(&x);
	fit(&x);
	put_titles(&x);
	put_rows(&x);
	say_left_out(&x);
}

/* The notes, each in as many lines as it needs. */
static void
put_notes(struct buf *b, const struct output *o)
{
	struct buf notes = { 0 };
	size_t at = 0, n;
	const char *p;

	output_notes(&notes, o);
	if (notes.n != 0)
		buf_addc(b, '\n');
	while (output_note(&notes, &at, &p, &n)) {
		(void)text_put(b, p, n, o->width, o->ascii);
		buf_addc(b, '\n');
	}
	buf_fini(&notes);
}

void
output_table(struct buf *b, const struct output *o)
{
	struct pen pen = { b, o->color, o->ascii };

	for (size_t i = 0; i < o->report->plan.nby; i++) {
		if (i != 0)
			buf_addc(b, '\n');
		if (o->report->plan.nby > 1) {
			pen_on(&pen, PEN_BOLD);
			output_title(b, o->rows[i].table);
			pen_off(&pen, PEN_BOLD);
			buf_addc(b, '\n');
		}
		put_sheet(b, o, &o->rows[i]);
	}
	put_notes(b, o);
}

/* Comma-separated values, RFC 4180 but for the line ends. */
#include "report/output.h"

#include <string.h>

/*
 * A field; in quotes where it needs them. A text that a spreadsheet would
 * take for a formula gets a quotation mark of its kind in front, OWASP's
 * advice.
 */
static void
put_text(struct buf *b, const char *p, size_t n)
{
	bool quoted = false;
	bool formula = n != 0 && strchr("=+-@\t\r", p[0]) != NULL;

	for (size_t i = 0; i < n; i++)
		quoted |= strchr(",\"\n\r", p[i]) != NULL || p[i] == '\0';
	if (quoted)
		buf_addc(b, '"');
	if (formula)
		buf_addc(b, '\'');
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			buf_addc(b, '"');
		if (p[i] != '\0')
			buf_addc(b, p[i]);
	}
	if (quoted)
		buf_addc(b, '"');
}

/* The columns asked for, or all that the table has. */
static size_t
all_columns(const struct output *o, const struct rows *r,
    enum column_id out[COL_IDS_])
{
	size_t n = 0;

	if (o->nchosen != 0)
		return output_columns(o, r, out);
	for (int c = 0; c < COL_IDS_; c++)
		if (column_fits((enum column_id)c, r->table->applies))
			out[n++] = (enum column_id)c;
	return n;
}

static void
put_figures(struct buf *b, const struct sums *s, const enum column_id *col,
    size_t n, bool first)
{
	struct figure f;

	for (size_t i = 0; i < n; i++) {
		if (i != 0 || !first)
			buf_addc(b, ',');
		column_figure(&f, col[i], s);
		column_put(b, col[i], &f);
	}
	buf_addc(b, '\n');
}

void
output_csv(struct buf *b, const struct output *o)
{
	const struct rows *r = o->rows;
	enum column_id col[COL_IDS_];
	size_t ncol = all_columns(o, r, col);
	size_t ndims = r->table->ndims;

	for (size_t i = 0; i < ndims; i++)
		buf_addf(b, "%s%s", i == 0 ? "" : ",", r->table->dim[i].name);
	for (size_t i = 0; i < ncol; i++)
		buf_addf(b, "%s%s", i == 0 && ndims == 0 ? "" : ",",
		    columns[col[i]].name);
	buf_addc(b, '\n');
	for (size_t k = 0; k < r->n; k++) {
		for (size_t i = 0; i < ndims; i++) {
			size_t n;
			const char *p = table_key(r->v[k], i, &n);

			if (i != 0)
				buf_addc(b, ',');
			if (p != NULL)
				put_text(b, p, n);
		}
		put_figures(b, &r->v[k]->sums, col, ncol, ndims == 0);
	}
	if (r->nother == 0)
		return;
	buf_adds(b, "(other)");
	for (size_t i = 1; i < ndims; i++)
		buf_addc(b, ',');
	put_figures(b, &r->other, col, ncol, ndims == 0);
}

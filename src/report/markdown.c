/* GitHub-flavoured Markdown; values cannot become markup or commands. */
#include "report/output.h"

#include <string.h>

#include "report/facts.h"
#include "view/text.h"

#define VALUE_MAX	120	/* columns of a value */
#define RANK_MAX	12	/* more columns than these are hard to read */

/* Foreign text: nothing in it is markup, HTML, a mention or a link. */
static void
put_text(struct buf *b, const char *p, size_t n)
{
	struct buf v = { 0 };

	(void)text_put(&v, p, n, VALUE_MAX, false);
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];

		if (c == '<')
			buf_adds(b, "&lt;");
		else if (c == '>')
			buf_adds(b, "&gt;");
		else if (c == '&')
			buf_adds(b, "&amp;");
		else if (c == '@')	/* no mention */
			buf_adds(b, "&#64;");
		else if (c == ':' && i + 1 < v.n && v.p[i + 1] == '/')
			buf_adds(b, "&#58;");	/* no link */
		else if (strchr("\\`*_[]#|~$", c) != NULL) {
			buf_addc(b, '\\');
			buf_addc(b, c);
		} else
			buf_addc(b, c);
	}
	buf_fini(&v);
}

static void
put_figures(struct buf *b, const struct sums *s, const enum column_id *col,
    size_t n)
{
	char text[COLUMN_TEXT];
	struct figure f;

	for (size_t i = 0; i < n; i++) {
		column_figure(&f, col[i], s);
		column_text(text, col[i], &f);
		buf_adds(b, " | ");
		put_text(b, text, strlen(text));
	}
	buf_adds(b, " |\n");
}

static void
put_head(struct buf *b, const struct table *t, const enum column_id *col,
    size_t ncol)
{
	size_t ndims = t->ndims != 0 ? t->ndims : 1;

	for (size_t i = 0; i < ndims; i++)
		buf_addf(b, "%s%s", i == 0 ? "| " : " | ",
		    t->ndims != 0 ? t->dim[i].name : "");
	for (size_t i = 0; i < ncol; i++)
		buf_addf(b, " | %s", columns[col[i]].title);
	buf_adds(b, " |\n");
	for (size_t i = 0; i < ndims; i++)
		buf_adds(b, i == 0 ? "| ---" : " | ---");
	for (size_t i = 0; i < ncol; i++)
		buf_adds(b, " | ---:");
	buf_adds(b, " |\n");
}

static void
put_named(struct buf *b, const struct rows *r, const char *name,
    const struct sums *s, const enum column_id *col, size_t ncol)
{
	buf_addf(b, "| %s", name);
	for (size_t i = 1; i < r->table->ndims; i++)
		buf_adds(b, " | ");
	put_figures(b, s, col, ncol);
}

/* The columns asked for, or those that matter most. */
static size_t
few_columns(const struct output *o, const struct rows *r,
    enum column_id col[COL_IDS_])
{
	size_t n = output_columns(o, r, col), kept = 0;

	if (o->nchosen != 0 || r->table->applies == FACT_TOOL)
		return n;
	for (size_t i = 0; i < n; i++)
		if (columns[col[i]].rank <= RANK_MAX)
			col[kept++] = col[i];
	return kept;
}

/* What most readers want to know, in bold; of calls alone, or of all. */
static void
put_sum(struct buf *b, const struct sums *s, bool calls)
{
	static const struct {
		enum column_id	 c;
		const char	*before, *behind;
	} part[] = {
		{ COL_COST, "**", "** for " }, { COL_CALLS, "", " calls, " },
		{ COL_TOKENS_ALL, "", " tokens" },
		{ COL_TURNS, ", ", " turns" },
	};
	const size_t n = sizeof(part) / sizeof(part[0]);
	char text[COLUMN_TEXT];
	struct figure f;

	for (size_t i = 0; i < n; i++) {
		if (calls && columns[part[i].c].needs != FACT_CALL)
			continue;
		column_figure(&f, part[i].c, s);
		column_text(text, part[i].c, &f);
		buf_adds(b, part[i].before);
		put_text(b, text, strlen(text));
		buf_adds(b, part[i].behind);
	}
	buf_adds(b, "\n\n");
}

static void
put_table(struct buf *b, const struct output *o, const struct rows *r)
{
	enum column_id col[COL_IDS_];
	size_t ncol = few_columns(o, r, col);
	struct buf v = { 0 };

	put_head(b, r->table, col, ncol);
	for (size_t k = 0; k < r->n; k++) {
		for (size_t i = 0; i < r->table->ndims; i++) {
			buf_reset(&v);
			output_value(&v, r->v[k], i, NULL);
			buf_adds(b, i == 0 ? "| " : " | ");
			put_text(b, v.p, v.n);
		}
		put_figures(b, &r->v[k]->sums, col, ncol);
	}
	if (r->nother != 0) {
		buf_reset(&v);
		buf_addf(&v, "other (%zu)", r->nother);
		put_named(b, r, buf_cstr(&v), &r->other, col, ncol);
	}
	put_named(b, r, "**total**", &r->total, col, ncol);
	buf_fini(&v);
}

void
output_markdown(struct buf *b, const struct output *o)
{
	struct buf notes = { 0 };
	size_t at = 0, n;
	const char *p;

	put_sum(b, o->all, o->report->calls);
	for (size_t i = 0; i < o->report->plan.nby; i++) {
		buf_adds(b, i == 0 ? "### AI usage " : "\n### ");
		output_title(b, o->rows[i].table);
		buf_adds(b, "\n\n");
		put_table(b, o, &o->rows[i]);
	}
	output_notes(&notes, o);
	if (notes.n != 0)
		buf_addc(b, '\n');
	while (output_note(&notes, &at, &p, &n)) {
		buf_adds(b, "- ");
		put_text(b, p, n);
		buf_addc(b, '\n');
	}
	buf_fini(&notes);
}

/*
 * One page that needs nothing else: no script, no network, and nothing a value
 * could bring in (its content security policy says so as well).
 */
#include "report/html.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "report/facts.h"
#include "report/zone.h"

void
html_text(struct buf *b, const char *p, size_t n)
{
	struct buf v = { 0 };

	utf8_vis(&v, p, n, false);
	for (size_t i = 0; i < v.n; i++) {
		switch (v.p[i]) {
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '"':
			buf_adds(b, "&quot;");
			break;
		case '\'':
			buf_adds(b, "&#39;");
			break;
		default:
			buf_addc(b, v.p[i]);
		}
	}
	buf_fini(&v);
}

static void
put_str(struct buf *b, const char *s)
{
	html_text(b, s, strlen(s));
}

static void
put_day(struct buf *b, uint64_t ns)
{
	struct zone_labels labels = { 0 };
	const char *p;
	size_t n = zone_label(&labels, ZONE_DAY, ns, &p);

	html_text(b, p, n);
}

static void
put_head(struct buf *b, const struct output *o)
{
	const struct report *r = o->report;

	buf_adds(b, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\""
	    "default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n<title>AI usage</title>\n<style>");
	buf_adds(b, html_style);
	buf_adds(b, "</style></head>\n<body>\n<h1>AI usage</h1>\n"
	    "<p class=\"sub\">");
	if (r->first != 0) {
		put_day(b, r->first);
		buf_adds(b, " to ");
		put_day(b, r->last);
		buf_adds(b, " (");
		put_str(b, zone_name());
		buf_adds(b, "), ");
	}
	buf_adds(b, "made on ");
	put_day(b, r->plan.now);
	buf_adds(b, "</p>\n");
}

static void
put_tile(struct buf *b, const struct sums *s, enum column_id c,
    const char *title)
{
	char text[COLUMN_TEXT];
	struct figure f;

	column_figure(&f, c, s);
	column_text(text, c, &f);
	buf_adds(b, "<div class=\"tile\"><span>");
	put_str(b, title);
	buf_adds(b, "</span><b>");
	put_str(b, text);
	buf_adds(b, "</b><span>");
}

static void
put_small(struct buf *b, const struct sums *s, enum column_id c,
    const char *behind)
{
	char text[COLUMN_TEXT];
	struct figure f;

	column_figure(&f, c, s);
	column_text(text, c, &f);
	put_str(b, text);
	buf_addf(b, " %s", behind);
}

static void
put_tiles(struct buf *b, const struct sums *s)
{
	static const char end[] = "</span></div>\n";

	buf_adds(b, "<div class=\"tiles\">\n");
	put_tile(b, s, COL_COST, "Cost");
	put_small(b, s, COL_COST_REPORTED, "reported, ");
	put_small(b, s, COL_COST_COMPUTED, "computed, ");
	put_small(b, s, COL_COST_ESTIMATED, "estimated");
	buf_adds(b, end);
	put_tile(b, s, COL_CALLS, "Model calls");
	put_small(b, s, COL_TURNS, "turns, ");
	put_small(b, s, COL_TOOLS, "tool calls");
	buf_adds(b, end);
	put_tile(b, s, COL_TOKENS_ALL, "Tokens");
	put_small(b, s, COL_OUTPUT, "of them output");
	buf_adds(b, end);
	put_tile(b, s, COL_CACHE_SHARE, "Cache hits");
	buf_adds(b, "of the prompt tokens");
	buf_adds(b, end);
	put_tile(b, s, COL_LATENCY_P50, "Latency, median");
	put_small(b, s, COL_LATENCY_P95, "p95, ");
	put_small(b, s, COL_TTFT_P50, "to the first token");
	buf_adds(b, end);
	put_tile(b, s, COL_ERRORS, "Failed calls");
	put_small(b, s, COL_TOOL_ERRORS, "failed tool calls");
	buf_adds(b, end);
	buf_adds(b, "</div>\n");
}

static void
put_notes(struct buf *b, const struct output *o)
{
	struct buf notes = { 0 };
	size_t at = 0, n;
	const char *p;

	output_notes(&notes, o);
	if (notes.n != 0)
		buf_addf(b, "<ul class=\"notes%s\">\n", o->result != NULL &&
		    o->result->over != 0 ? " over" : "");
	while (output_note(&notes, &at, &p, &n)) {
		buf_adds(b, "<li>");
		html_text(b, p, n);
		buf_adds(b, "</li>\n");
	}
	if (notes.n != 0)
		buf_adds(b, "</ul>\n");
	buf_fini(&notes);
}

/* What a row's bar is as long as: its cost, its tokens or its calls. */
static money
length(const struct rows *r, const struct sums *s)
{
	if (r->table->applies == FACT_TOOL)
		return s->tools;
	return sums_cost(&r->total) != 0 ? sums_cost(s) :
	    (money)sums_tokens(s);
}

/* s NULL: a row without a bar. */
static void
put_share(struct buf *b, const struct rows *r, const struct sums *s)
{
	money most = 1;
	uint64_t milli;

	if (s == NULL) {
		buf_adds(b, "<td class=\"share\"></td>");
		return;
	}
	for (size_t k = 0; k < r->n; k++)
		if (length(r, &r->v[k]->sums) > most)
			most = length(r, &r->v[k]->sums);
	milli = (uint64_t)(length(r, s) * 1000 / most);
	if (milli > 1000)
		milli = 1000;
	buf_addf(b, "<td class=\"share\"><svg width=\"100%%\" height=\"9\" "
	    "aria-hidden=\"true\"><rect class=\"bar\" height=\"9\" width=\""
	    "%" PRIu64 ".%" PRIu64 "%%\"/></svg></td>", milli / 10,
	    milli % 10);
}

static void
put_figures(struct buf *b, const struct sums *s, const enum column_id *col,
    size_t ncol)
{
	char text[COLUMN_TEXT];
	struct figure f;

	for (size_t i = 0; i < ncol; i++) {
		bool bad;

		column_figure(&f, col[i], s);
		column_text(text, col[i], &f);
		bad = f.unpriced || (f.v != 0 && (col[i] == COL_ERRORS ||
		    col[i] == COL_TOOL_ERRORS));
		buf_addf(b, "<td%s>", bad ? " class=\"warn\"" : !f.known ?
		    " class=\"none\"" : "");
		put_str(b, text);
		buf_adds(b, "</td>");
	}
	buf_adds(b, "</tr>\n");
}

static void
put_key(struct buf *b, const char *p, size_t n, size_t i, bool none)
{
	buf_addf(b, "<th scope=\"row\" class=\"k%s%s\" title=\"", i == 0 ?
	    " first" : "", none ? " none" : "");
	html_text(b, p, n);
	buf_adds(b, "\">");
	html_text(b, p, n);
	buf_adds(b, "</th>");
}

static void
put_named(struct buf *b, const struct rows *r, const char *name,
    const struct sums *s, const enum column_id *col, size_t ncol)
{
	for (size_t i = 0; i < r->table->ndims; i++)
		put_key(b, name, i == 0 ? strlen(name) : 0, i, false);
	put_share(b, r, NULL);
	put_figures(b, s, col, ncol);
}

static void
put_titles(struct buf *b, const struct rows *r, const enum column_id *col,
    size_t ncol)
{
	buf_adds(b, "<div class=\"scroll\"><table><thead><tr>");
	for (size_t i = 0; i < r->table->ndims; i++) {
		buf_addf(b, "<th scope=\"col\" class=\"k%s\">", i == 0 ?
		    " first" : "");
		put_str(b, r->table->dim[i].name);
		buf_adds(b, "</th>");
	}
	buf_adds(b, "<th class=\"share\"></th>");
	for (size_t i = 0; i < ncol; i++) {
		buf_adds(b, "<th scope=\"col\" title=\"");
		put_str(b, columns[col[i]].help);
		buf_adds(b, "\">");
		put_str(b, columns[col[i]].title);
		buf_adds(b, "</th>");
	}
	buf_adds(b, "</tr></thead>\n<tbody>\n");
}

static void
put_table(struct buf *b, const struct output *o, const struct rows *r)
{
	enum column_id col[COL_IDS_];
	size_t ncol = output_columns(o, r, col);
	struct buf v = { 0 };
	bool none;

	put_titles(b, r, col, ncol);
	for (size_t k = 0; k < r->n; k++) {
		buf_adds(b, "<tr>");
		for (size_t i = 0; i < r->table->ndims; i++) {
			buf_reset(&v);
			output_value(&v, r->v[k], i, &none);
			put_key(b, v.p, v.n, i, none);
		}
		put_share(b, r, &r->v[k]->sums);
		put_figures(b, &r->v[k]->sums, col, ncol);
	}
	if (r->nother != 0) {
		buf_reset(&v);
		buf_addf(&v, "other (%zu)", r->nother);
		buf_adds(b, "<tr>");
		put_named(b, r, buf_cstr(&v), &r->other, col, ncol);
	}
	buf_adds(b, "<tr class=\"total\">");
	put_named(b, r, "total", &r->total, col, ncol);
	buf_adds(b, "</tbody></table></div>");
	buf_fini(&v);
}

/* Nothing has a value in any of its dimensions: it says nothing. */
static bool
is_void(const struct rows *r)
{
	size_t n;

	for (size_t k = 0; k < r->n; k++)
		for (size_t i = 0; i < r->table->ndims; i++)
			if (table_key(r->v[k], i, &n) != NULL)
				return false;
	return r->nother == 0;
}

void
output_html(struct buf *b, const struct output *o)
{
	put_head(b, o);
	put_tiles(b, o->all);
	put_notes(b, o);
	html_token_chart(b, o->all);
	for (size_t i = 0; i < o->report->plan.nby; i++) {
		const struct rows *r = &o->rows[i];

		if (is_void(r))
			continue;
		buf_adds(b, "<section><h2>");
		if (r->table->ndims == 1 && r->table->dim[0].is_time &&
		    (r->table->applies & FACT_CALL) != 0)
			buf_adds(b, sums_cost(&r->total) != 0 ? "Cost " :
			    "Tokens ");
		else
			buf_adds(b, "Usage ");
		output_title(b, r->table);
		buf_adds(b, "</h2>\n");
		if (r->table->ndims == 1 && r->table->dim[0].is_time)
			html_time_chart(b, o, r);
		put_table(b, o, r);
		buf_adds(b, "</section>\n");
	}
	buf_adds(b, "<p class=\"small\">Costs in US dollars. ~ a part is an "
	    "estimate; &gt; a part has no price, and the cost is more. "
	    "Percentiles are at most 0.8 % off.</p>\n</body></html>\n");
}

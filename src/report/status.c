#include "report/status.h"

#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "json/scan.h"
#include "report/sums.h"
#include "view/pen.h"
#include "view/text.h"

#define MODEL_COLUMNS	24
#define BURN_MIN_MS	60000	/* before that a rate says nothing */
#define HOUR_MS		3600000
#define CENT		((money)1000000 * 10000)

void
status_fini(struct status *s)
{
	buf_fini(&s->session);
	buf_fini(&s->model);
	memset(s, 0, sizeof(*s));
}

static void
keep_text(struct buf *b, struct json_val v)
{
	buf_reset(b);
	if (v.type == JSON_STRING && json_unescape(b, v) == -1)
		buf_reset(b);
}

/* A share of the context from counts of tokens, rounded. */
static int
from_counts(struct json_val window)
{
	static const char *const part[] = { "input_tokens",
	    "cache_creation_input_tokens", "cache_read_input_tokens", NULL };
	struct json_val usage = json_get(window, "current_usage");
	int64_t size, n, sum = 0;

	if (json_int(json_get(window, "context_window_size"), &size) == -1 ||
	    size <= 0 || usage.type != JSON_OBJECT)
		return -1;
	for (size_t i = 0; part[i] != NULL; i++)
		if (json_int(json_get(usage, part[i]), &n) == 0 && n > 0 &&
		    n <= MONEY_MAX_TOKENS)
			sum += n;
	if (size > MONEY_MAX_TOKENS || sum / size > 10)
		return -1;
	return (int)((sum * 100 + size / 2) / size);
}

static int
context_of(struct json_val window)
{
	struct json_val v = json_get(window, "used_percentage");
	double percent;

	if (v.type == JSON_NUMBER && json_double(v, &percent) == 0 &&
	    percent >= 0 && percent < 1000)
		return (int)(percent + 0.5);
	return from_counts(window);
}

int
status_read(struct status *s, const char *p, size_t n, const char **why)
{
	struct json_val doc, v;
	int64_t ms;

	s->has_cost = s->over_200k = false;
	s->cost = 0;
	s->duration_ms = 0;
	s->context = -1;
	buf_reset(&s->session);
	buf_reset(&s->model);
	if (!json_parse(p, n, &doc, why))
		return -1;
	if (doc.type != JSON_OBJECT) {
		*why = "not a JSON object";
		return -1;
	}
	keep_text(&s->session, json_get(doc, "session_id"));
	keep_text(&s->model, json_path(doc, "model", "display_name", NULL));
	if (s->model.n == 0)
		keep_text(&s->model, json_path(doc, "model", "id", NULL));
	v = json_path(doc, "cost", "total_cost_usd", NULL);
	s->has_cost = v.type == JSON_NUMBER &&
	    money_parse(v.p, v.n, &s->cost) == 0;
	v = json_path(doc, "cost", "total_duration_ms", NULL);
	if (v.type == JSON_NUMBER && json_int(v, &ms) == 0 && ms > 0)
		s->duration_ms = (uint64_t)ms;
	s->context = context_of(json_get(doc, "context_window"));
	(void)json_bool(json_get(doc, "exceeds_200k_tokens"), &s->over_200k);
	if (s->session.err != 0 || s->model.err != 0) {
		*why = "out of memory";
		return -1;
	}
	return 0;
}

/* Cents, rounded; "<$0.01" for less than one. */
static void
put_usd(struct buf *b, money m)
{
	money cents = (m + CENT / 2) / CENT;

	if (m != 0 && cents == 0) {
		buf_adds(b, "<$0.01");
		return;
	}
	buf_addc(b, '$');
	money_put(b, cents / 100 * 100 * CENT, false);
	buf_addf(b, ".%02d", (int)(cents % 100));
}

struct line {
	struct buf			*b;
	struct pen			 pen;
	const struct status_look	*look;
	bool				 begun;
};

static void
between(struct line *x)
{
	if (x->begun) {
		buf_addc(x->b, ' ');
		pen_glyph(&x->pen, PEN_DOT);
		buf_addc(x->b, ' ');
	}
	x->begun = true;
}

/* "$1.20 session", "$4.10 of $5.00 today" when that is what has a budget. */
static void
put_spent(struct line *x, money m, const char *per, const char *name)
{
	const struct budget *budget = x->look->budget;
	enum budget_level level = BUDGET_WITHIN;
	enum pen_style style;

	between(x);
	if (budget != NULL && strcmp(budget->per, per) != 0)
		budget = NULL;
	if (budget != NULL)
		level = budget_level(budget, m);
	style = level == BUDGET_OVER ? PEN_ERROR : level == BUDGET_WARN ?
	    PEN_WARNING : PEN_PLAIN;
	pen_on(&x->pen, style);
	put_usd(x->b, m);
	if (budget != NULL) {
		buf_adds(x->b, " of ");
		put_usd(x->b, budget->limit);
	}
	buf_addf(x->b, " %s%s", name, level == BUDGET_OVER ? "!" : "");
	pen_off(&x->pen, style);
}

static void
put_context(struct line *x, const struct status *s)
{
	enum pen_style style = s->context >= 90 ? PEN_ERROR :
	    s->context >= 70 || s->over_200k ? PEN_WARNING : PEN_PLAIN;

	if (s->context < 0 && !s->over_200k)
		return;
	between(x);
	pen_on(&x->pen, style);
	if (s->context >= 0)
		buf_addf(x->b, "ctx %d%%", s->context);
	else
		buf_adds(x->b, "ctx >200k");
	pen_off(&x->pen, style);
}

void
status_line(struct buf *b, const struct status *s, const struct cache *c,
    const struct status_look *look)
{
	struct line x = { b, { b, look->color, look->ascii }, look, false };
	const struct cache_session *known = cache_find(c, s->session.p,
	    s->session.n);

	if (s->model.n != 0) {
		between(&x);
		(void)text_put(b, s->model.p, s->model.n, MODEL_COLUMNS,
		    look->ascii);
	}
	if (s->has_cost)
		put_spent(&x, s->cost, "session", "session");
	else if (known != NULL && known->records != 0)
		put_spent(&x, known->records, "session", "session");
	put_spent(&x, cache_today(c), "day", "today");
	if (s->has_cost && s->duration_ms >= BURN_MIN_MS) {
		between(&x);
		put_usd(b, s->cost * HOUR_MS / (money)s->duration_ms);
		buf_adds(b, "/h");
	}
	put_context(&x, s);
	buf_addc(b, '\n');
}

void
status_load(struct cache *c, const char *path)
{
	struct buf b = { 0 };

	/* Not there, not readable, damaged: begin anew. */
	if (file_read(path, CACHE_FILE_MAX, &b, NULL) == 0)
		cache_parse(c, b.p, b.n);
	else
		cache_fini(c);
	buf_fini(&b);
}

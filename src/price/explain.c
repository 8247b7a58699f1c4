#include "price/explain.h"

#include <string.h>

#include "price/match.h"
#include "price/money.h"
#include "price/pricer.h"
#include "record/rtime.h"

static void
put_text(struct buf *b, struct book_text t)
{
	buf_add(b, t.p, t.n);
}

static void
put_prices(struct buf *b, const struct book_prices *p)
{
	const char *sep = "";

	for (int k = 0; k < PRICE_COUNT_; k++) {
		if (p->v[k] < 0)
			continue;
		buf_addf(b, "%s%s ", sep, book_price_name((enum book_price)k));
		money_put_price(b, p->v[k]);
		sep = ", ";
	}
}

static void
put_tier(struct buf *b, const struct book_tier *t)
{
	const char *sep = "";

	if (t->above >= 0) {
		buf_addf(b, "over %lld prompt tokens", (long long)t->above);
		sep = ", ";
	}
	if (t->service != SERVICE_ANY) {
		buf_addf(b, "%sservice tier %s", sep,
		    book_service_name(t->service));
		sep = ", ";
	}
	if (t->fast)
		buf_addf(b, "%sspeed fast", sep);
}

/* The row, its tiers and where they come from. */
static void
put_row(struct buf *b, const struct book *book, const struct match *m,
    const struct book_row *row, bool early)
{
	buf_adds(b, "row       ");
	put_text(b, m->model->name);
	if (row->from_text.n > 0) {
		buf_adds(b, ", from ");
		put_text(b, row->from_text);
	}
	if (early)
		buf_adds(b, " (later than the date asked for: an estimate)");
	buf_adds(b, "\nsource    ");
	if (row->source.n > 0)
		put_text(b, row->source);
	else
		buf_adds(b, "not given");
	if (row->note.n > 0) {
		buf_adds(b, "\nnote      ");
		put_text(b, row->note);
	}
	buf_adds(b, "\nprices    USD per million tokens: ");
	put_prices(b, &row->prices);
	for (size_t i = 0; i < row->ntier; i++) {
		const struct book_tier *t = &book->tier[row->tier + i];

		buf_adds(b, "\ntier      ");
		put_tier(b, t);
		buf_adds(b, ": ");
		put_prices(b, &t->prices);
	}
	if (row->region.n > 0) {
		buf_adds(b, "\nregion    ");
		put_text(b, row->region);
		buf_adds(b, ": times ");
		money_put_price(b, row->factor);
	}
	buf_addc(b, '\n');
}

/* "input     12 x 4 / 1000000 = 0.000048 USD" for each bucket, the total. */
static void
put_arithmetic(struct buf *b, const struct cost *c)
{
	if (c->tier != NULL) {
		buf_adds(b, "in tier   ");
		put_tier(b, c->tier);
		buf_addc(b, '\n');
	}
	if (c->region)
		buf_adds(b, "in region prices multiplied\n");
	for (size_t i = 0; i < c->n; i++) {
		const struct cost_line *l = &c->line[i];

		buf_adds(b, "cost      ");
		buf_add(b, l->bucket->key, l->bucket->klen);
		buf_addf(b, ": %lld x ", (long long)l->bucket->count);
		money_put_price(b, l->price);
		buf_adds(b, " / 1000000 = ");
		money_put(b, l->amount, false);
		buf_addf(b, " USD (price: %s%s)\n", book_price_name(l->as),
		    l->in_tier ? " of the tier" : "");
	}
	if (c->unpriced != NULL) {
		buf_adds(b, "cost      ");
		buf_add(b, c->unpriced->key, c->unpriced->klen);
		buf_adds(b, ": no price known\n");
	}
	buf_adds(b, "total     ");
	money_put(b, c->total, false);
	buf_adds(b, " USD\n");
}

static void
put_match(struct buf *b, const struct match *m)
{
	static const char *const how[] = {
		[MATCH_NONE] = "unknown: no row and no relative",
		[MATCH_EXACT] = "its own row",
		[MATCH_PLAIN] = "known under its plain name",
		[MATCH_RELATIVE] = "ESTIMATE by the closest relative",
	};

	buf_adds(b, how[m->how]);
	if (m->is_free)
		buf_adds(b, ", free variant: every price is 0");
	buf_addc(b, '\n');
}

bool
explain_put(struct buf *b, const struct book *book, struct explain *x)
{
	char when[RTIME_LEN];
	const struct book_row *row;
	struct cost cost;
	struct match m;
	bool early;

	m = match_find(book, x->provider, strlen(x->provider), x->model,
	    strlen(x->model));
	x->terms.is_free = m.is_free;
	rtime_format(x->time, when);
	buf_addf(b, "model     %s\n", x->model);
	buf_addf(b, "at        %.10s\n", when);
	buf_adds(b, "match     ");
	put_match(b, &m);
	if (m.model == NULL) {
		if (x->usage != NULL) {
			cost_flat(&cost, m.is_free ? 0 : PRICER_UNKNOWN_PRICE,
			    x->usage);
			put_arithmetic(b, &cost);
		}
		return false;
	}
	row = book_row_at(book, m.model, x->time);
	early = row == NULL;
	if (early)
		row = book_first_row(book, m.model);
	put_row(b, book, &m, row, early);
	if (x->usage != NULL) {
		cost_by_row(&cost, book, row, x->usage, &x->terms);
		put_arithmetic(b, &cost);
	}
	return true;
}

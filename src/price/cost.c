#include "price/cost.h"

#include <string.h>

#define FACTOR_ONE	INT64_C(1000000)
#define MICRODOLLAR	((money)1000000)
#define NO_PRICE	PRICE_COUNT_

/*
 * Which price a kind of tokens has; where a row has none of its own, the next
 * one: a vendor that does not list a cached or reasoning price bills them as
 * input or output.
 */
static const enum book_price chain[][3] = {
	[USE_INPUT] = { PRICE_INPUT, NO_PRICE, NO_PRICE },
	[USE_CACHE_READ] = { PRICE_CACHE_READ, PRICE_INPUT, NO_PRICE },
	[USE_CACHE_WRITE] = { PRICE_CACHE_WRITE_5M, PRICE_INPUT, NO_PRICE },
	[USE_CACHE_WRITE_5M] = { PRICE_CACHE_WRITE_5M, PRICE_INPUT, NO_PRICE },
	[USE_CACHE_WRITE_1H] = { PRICE_CACHE_WRITE_1H, PRICE_CACHE_WRITE_5M,
	    PRICE_INPUT },
	[USE_TOOL] = { PRICE_INPUT, NO_PRICE, NO_PRICE },
	[USE_INPUT_AUDIO] = { PRICE_INPUT_AUDIO, PRICE_INPUT, NO_PRICE },
	[USE_CACHE_READ_AUDIO] = { PRICE_CACHE_READ_AUDIO, PRICE_CACHE_READ,
	    PRICE_INPUT },
	[USE_INPUT_IMAGE] = { PRICE_INPUT_IMAGE, PRICE_INPUT, NO_PRICE },
	[USE_OUTPUT] = { PRICE_OUTPUT, NO_PRICE, NO_PRICE },
	[USE_REASONING] = { PRICE_REASONING, PRICE_OUTPUT, NO_PRICE },
	[USE_OUTPUT_AUDIO] = { PRICE_OUTPUT_AUDIO, PRICE_OUTPUT, NO_PRICE },
	[USE_OUTPUT_IMAGE] = { PRICE_OUTPUT_IMAGE, PRICE_OUTPUT, NO_PRICE },
	[USE_TOTAL] = { NO_PRICE, NO_PRICE, NO_PRICE },
	[USE_OTHER] = { NO_PRICE, NO_PRICE, NO_PRICE },
};

static const struct book_tier *
find_tier(const struct book *b, const struct book_row *row,
    const struct cost_terms *t, int64_t prompt)
{
	for (size_t i = 0; i < row->ntier; i++) {
		const struct book_tier *tier = &b->tier[row->tier + i];

		if ((tier->above < 0 || prompt > tier->above) &&
		    (tier->service == SERVICE_ANY ||
		    tier->service == t->service) &&
		    (!tier->fast || t->fast))
			return tier;
	}
	return NULL;
}

/* Finds the line's price; false when the row has none for the kind. */
static bool
find_price(struct cost_line *l, const struct book_row *row,
    const struct book_tier *tier)
{
	enum usage_kind kind = l->bucket->kind;

	/* A lone total of a model that writes nothing is its input. */
	if (kind == USE_TOTAL && row->prices.v[PRICE_OUTPUT] <= 0)
		kind = USE_INPUT;
	for (int i = 0; i < 3 && chain[kind][i] != NO_PRICE; i++) {
		l->as = chain[kind][i];
		l->in_tier = tier != NULL && tier->prices.v[l->as] >= 0;
		l->price = l->in_tier ? tier->prices.v[l->as] :
		    row->prices.v[l->as];
		if (l->price >= 0)
			return true;
	}
	return false;
}

/* What the line would cost more if its cache writes lived for an hour. */
static void
note_writes(struct cost *c, const struct book_row *row,
    const struct cost_line *l)
{
	struct usage_bucket hour = *l->bucket;
	struct cost_line other = { .bucket = &hour };

	hour.kind = USE_CACHE_WRITE_1H;
	if (!find_price(&other, row, c->tier))
		return;
	if (c->region)
		other.price = money_scale(other.price, row->factor);
	if (other.price <= l->price)
		return;
	c->write_line = c->n;
	c->write_more = (money)(other.price - l->price) * l->bucket->count;
}

static void
start(struct cost *c, const struct book_tier *tier)
{
	c->n = 0;
	c->total = 0;
	c->unpriced = NULL;
	c->write_line = 0;
	c->write_more = 0;
	c->tier = tier;
	c->region = false;
}

static void
add_line(struct cost *c, const struct cost_line *l)
{
	struct cost_line *to = &c->line[c->n++];

	*to = *l;
	to->amount = (money)l->price * l->bucket->count;
	c->total += to->amount;
}

void
cost_by_row(struct cost *c, const struct book *b, const struct book_row *row,
    const struct buckets *u, const struct cost_terms *t)
{
	struct cost_line l;

	start(c, find_tier(b, row, t, usage_prompt(u)));
	c->region = row->factor != FACTOR_ONE && t->region_len > 0 &&
	    t->region_len == row->region.n &&
	    memcmp(t->region, row->region.p, row->region.n) == 0;
	for (size_t i = 0; i < u->n; i++) {
		l.bucket = &u->b[i];
		if (!find_price(&l, row, c->tier)) {
			if (c->unpriced == NULL && l.bucket->count > 0)
				c->unpriced = l.bucket;
			continue;
		}
		if (c->region)
			l.price = money_scale(l.price, row->factor);
		if (t->is_free)
			l.price = 0;
		else if (l.bucket->kind == USE_CACHE_WRITE)
			note_writes(c, row, &l);
		add_line(c, &l);
	}
}

void
cost_flat(struct cost *c, int64_t per_token, const struct buckets *u)
{
	struct cost_line l = { .price = per_token };

	start(c, NULL);
	for (size_t i = 0; i < u->n; i++) {
		l.bucket = &u->b[i];
		l.as = usage_is_input(l.bucket->kind) ? PRICE_INPUT :
		    PRICE_OUTPUT;
		if (l.bucket->kind != USE_OTHER)
			add_line(c, &l);
		else if (c->unpriced == NULL && l.bucket->count > 0)
			c->unpriced = l.bucket;
	}
}

/* The line with the largest remainder that has not got one yet. */
static size_t
largest(const money *rest, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++) {
		if (rest[i] > rest[best])
			best = i;
	}
	return best;
}

/* Each its share of total by the old amounts; false if that overflows. */
static bool
share_out(struct cost *c, money total)
{
	money rest[USAGE_MAX], part[USAGE_MAX], left = total;

	for (size_t i = 0; i < c->n; i++) {
		money m;

		if (__builtin_mul_overflow(total, c->line[i].amount, &m))
			return false;
		part[i] = m / c->total;
		rest[i] = m % c->total;
		left -= part[i];
	}
	for (; left > 0; left--) {
		size_t i = largest(rest, c->n);

		part[i]++;
		rest[i] = -1;
	}
	for (size_t i = 0; i < c->n; i++)
		c->line[i].amount = part[i];
	return true;
}

void
cost_spread(struct cost *c, money total)
{
	money diff = total - c->total;
	size_t big = 0;

	for (size_t i = 1; i < c->n; i++) {
		if (c->line[i].amount > c->line[big].amount)
			big = i;
	}
	if (c->n > 0 && diff > -MICRODOLLAR && diff < MICRODOLLAR &&
	    c->line[big].amount + diff >= 0)
		c->line[big].amount += diff;
	else if (diff > 0 && diff < c->write_more + MICRODOLLAR &&
	    c->write_more > 0)
		c->line[c->write_line].amount += diff;
	else if (c->total <= 0 || !share_out(c, total))
		c->n = 0;
	c->total = total;
}

static money
sum(const struct cost *c, bool input)
{
	money m = 0;

	for (size_t i = 0; i < c->n; i++) {
		if ((c->line[i].as != PRICE_OUTPUT &&
		    c->line[i].as != PRICE_REASONING &&
		    c->line[i].as != PRICE_OUTPUT_AUDIO &&
		    c->line[i].as != PRICE_OUTPUT_IMAGE) == input)
			m += c->line[i].amount;
	}
	return m;
}

money
cost_prompt(const struct cost *c)
{
	return sum(c, true);
}

money
cost_completion(const struct cost *c)
{
	return sum(c, false);
}

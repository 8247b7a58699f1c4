#include "price/pricer.h"

#include <stdlib.h>
#include <string.h>

#include "price/bookfile.h"

#define SLOTS		(PRICER_MAX_MODELS * 2)
#define MAX_TEXT	255	/* longer names share one entry */

int
pricer_init(struct pricer *p, const struct pricer_config *config)
{
	memset(p, 0, sizeof(*p));
	p->config = *config;
	p->model = calloc(SLOTS, sizeof(*p->model));
	return p->model == NULL ? -1 : 0;
}

void
pricer_fini(struct pricer *p)
{
	for (size_t i = 0; p->model != NULL && i < SLOTS; i++)
		free(p->model[i]);
	free(p->model);
	p->model = NULL;
	book_free(p->book);
	p->book = NULL;
	call_fini(&p->call);
}

void
pricer_set_book(struct pricer *p, struct book *book)
{
	book_free(p->book);
	p->book = book;
	for (size_t i = 0; i < SLOTS; i++) {
		if (p->model[i] != NULL)
			p->model[i]->matched = false;
	}
}

const struct pricer_model *
pricer_next(const struct pricer *p, size_t *at)
{
	while (*at < SLOTS) {
		const struct pricer_model *m = p->model[(*at)++];

		if (m != NULL)
			return m;
	}
	if (*at == SLOTS) {
		++*at;
		if (p->other.spans > 0)
			return &p->other;	/* has no name */
	}
	return NULL;
}

static size_t
hash(const struct call *c)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < c->model_len; i++)
		h = (h ^ (unsigned char)c->model[i]) *
		    UINT64_C(1099511628211);
	for (size_t i = 0; i < c->provider_len; i++)
		h = (h ^ (unsigned char)c->provider[i]) *
		    UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32) % SLOTS;
}

/* 0, or -1 with p->err. */
static int
find_match(struct pricer *p, struct pricer_model *m, const struct call *c)
{
	size_t n;

	m->match = match_find(p->book, c->provider, c->provider_len, c->model,
	    c->model_len);
	if (m->match.model != NULL &&
	    bookfile_rows(p->book, m->match.model, &p->err) != 0)
		return -1;
	m->matched = true;
	m->basis[0] = '\0';
	if (m->match.how != MATCH_RELATIVE)
		return 0;
	n = m->match.model->name.n;
	if (n >= sizeof(m->basis))
		n = sizeof(m->basis) - 1;
	memcpy(m->basis, m->match.model->name.p, n);
	m->basis[n] = '\0';
	return 0;
}

static bool
is_entry(const struct pricer_model *m, const struct call *c)
{
	return m->name_len == c->model_len &&
	    m->provider_len == c->provider_len &&
	    memcmp(m->name, c->model, m->name_len) == 0 &&
	    memcmp(m->provider, c->provider, m->provider_len) == 0;
}

/* A new entry, its texts behind it; NULL when out of memory. */
static struct pricer_model *
new_entry(const struct call *c)
{
	struct pricer_model *m;
	char *text;

	m = calloc(1, sizeof(*m) + c->model_len + c->provider_len + 2);
	if (m == NULL)
		return NULL;
	text = (char *)(m + 1);
	memcpy(text, c->model, c->model_len);
	m->name = text;
	m->name_len = c->model_len;
	text += c->model_len + 1;
	memcpy(text, c->provider, c->provider_len);
	m->provider = text;
	m->provider_len = c->provider_len;
	return m;
}

/*
 * The entry of the call's model. A stream with more models than the table
 * holds gets the one entry of all others; NULL when out of memory.
 */
static struct pricer_model *
entry_of(struct pricer *p, const struct call *c)
{
	struct pricer_model *m;
	size_t i = hash(c);

	for (; (m = p->model[i]) != NULL; i = (i + 1) % SLOTS) {
		if (is_entry(m, c))
			return m;
	}
	if (p->nmodel == PRICER_MAX_MODELS || c->model_len > MAX_TEXT ||
	    c->provider_len > MAX_TEXT) {
		p->other.matched = false;	/* each is another model */
		return &p->other;
	}
	if ((m = new_entry(c)) == NULL)
		return NULL;
	p->model[i] = m;
	p->nmodel++;
	return m;
}

static void
copy(char *to, size_t size, const char *p, size_t n)
{
	if (n >= size)
		n = size - 1;
	memcpy(to, p, n);
	to[n] = '\0';
}

static void
note_unpriced(struct pricer *p, const struct usage_bucket *b)
{
	struct pricer_kind *k;

	for (size_t i = 0; i < p->nkind; i++) {
		k = &p->kind[i];
		if (strlen(k->name) == (b->klen < 63 ? b->klen : 63) &&
		    strncmp(k->name, b->key, strlen(k->name)) == 0) {
			k->spans++;
			return;
		}
	}
	if (p->nkind == PRICER_MAX_KINDS) {
		p->kind[p->nkind - 1].spans++;
		return;
	}
	k = &p->kind[p->nkind++];
	copy(k->name, sizeof(k->name), b->key, b->klen);
	copy(k->model, sizeof(k->model), p->call.model, p->call.model_len);
	k->spans = 1;
}

enum found { FOUND_PRICE, FOUND_ESTIMATE, FOUND_UNKNOWN };

/* The day whose prices hold; 0, if one row has always held. */
static uint64_t
time_of(const struct pricer *p, const struct pricer_model *m)
{
	if (p->config.fixed_time)
		return p->config.time;
	return p->book->row[m->match.model->row].from == 0 ? 0 :
	    call_time(&p->call);
}

/* Computes p->cost; says what it is worth. */
static enum found
compute(struct pricer *p, struct pricer_model *m)
{
	struct call *c = &p->call;
	const struct book_row *row;
	enum found found = FOUND_PRICE;

	c->terms.is_free = m->match.is_free;
	if (m->match.model == NULL) {
		m->unknown++;
		cost_flat(&p->cost, m->match.is_free ? 0 :
		    PRICER_UNKNOWN_PRICE, &c->usage);
		return FOUND_UNKNOWN;
	}
	row = book_row_at(p->book, m->match.model, time_of(p, m));
	if (row == NULL) {
		row = book_first_row(p->book, m->match.model);
		m->too_early++;
		found = FOUND_ESTIMATE;
	}
	if (m->match.how == MATCH_RELATIVE) {
		m->estimated++;
		found = FOUND_ESTIMATE;
	}
	cost_by_row(&p->cost, p->book, row, &c->usage, &c->terms);
	return found;
}

/*
 * Over 1 %, and more than the rounding of a micro-dollar and what cache writes
 * of unknown life explain.
 */
static void
compare(struct pricer *p, struct pricer_model *m)
{
	money d = p->cost.total - p->call.reported;

	if (d < 0) {
		d = -d - p->cost.write_more;
		if (d < 0)
			d = 0;
	}
	if (d <= p->call.reported / 100 || d <= 1000000)
		return;
	m->differs++;
	m->differs_reported += p->call.reported;
	m->differs_computed += p->cost.total;
}

/* Chooses what is shown. */
static enum pricer_result
settle(struct pricer *p, const struct pricer_model *m, enum found found,
    struct call_cost *cc)
{
	const struct call *c = &p->call;

	*cc = (struct call_cost){ .shown = &p->cost,
	    .from = CALL_COST_BOOK, .has_reported = c->has_reported,
	    .reported = c->reported };
	if (found != FOUND_UNKNOWN) {
		cc->has_computed = true;
		cc->computed = p->cost.total;
	}
	if (found == FOUND_ESTIMATE) {
		cc->basis = m->match.model->name.p;
		cc->basis_len = m->match.model->name.n;
	}
	if (c->has_reported && (!p->config.reprice || found != FOUND_PRICE)) {
		/* A price of our own never split an unknown model's cost. */
		p->shown = p->cost;
		if (found == FOUND_UNKNOWN)
			p->shown.n = 0;
		if (p->shown.n == 0)
			p->shown.total = c->reported;
		else
			cost_spread(&p->shown, c->reported);
		cc->shown = &p->shown;
		cc->from = CALL_COST_REPORTED;
	} else if (found == FOUND_UNKNOWN &&
	    p->config.unknown != UNKNOWN_ESTIMATE) {
		p->left++;
		return PRICER_LEFT;
	} else if (found != FOUND_PRICE)
		cc->from = CALL_COST_ESTIMATE;
	p->priced++;
	return PRICER_PRICED;
}

enum pricer_result
pricer_decide(struct pricer *p, struct call_cost *cc)
{
	struct call *c = &p->call;
	struct pricer_model *m;
	enum found found = FOUND_UNKNOWN;

	if (c->usage.bad != NULL && p->bad_usage++ == 0)
		copy(p->bad_name, sizeof(p->bad_name), c->usage.bad,
		    c->usage.badlen);
	if (!c->has_usage && !c->has_reported) {
		p->left++;
		return PRICER_LEFT;
	}
	m = entry_of(p, c);
	if (m == NULL)
		return PRICER_NOMEM;
	if (!m->matched && find_match(p, m, c) != 0)
		return PRICER_BAD_BOOK;
	m->spans++;
	if (!c->has_usage) {
		c->usage.n = 0;
		cost_flat(&p->cost, 0, &c->usage);
	} else {
		found = compute(p, m);
		if (p->cost.unpriced != NULL)
			note_unpriced(p, p->cost.unpriced);
		if (c->has_reported && found == FOUND_PRICE)
			compare(p, m);
	}
	return settle(p, m, found, cc);
}

enum pricer_result
pricer_price(struct pricer *p, const struct record *r, struct edit *e)
{
	enum pricer_result res;
	struct call_cost cc;

	if (!p->config.reprice && call_is_priced(r)) {
		p->already++;
		return PRICER_LEFT;
	}
	if (call_read(&p->call, r) != 0)
		return PRICER_NOMEM;
	res = pricer_decide(p, &cc);
	if (res == PRICER_PRICED)
		call_write(&p->call, e, &cc);
	return res;
}

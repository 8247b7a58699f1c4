#include "price/bookfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "price/money.h"
#include "price/reader.h"
#include "record/rtime.h"

#define FORMAT_VERSION	1
#define FACTOR_ONE	INT64_C(1000000)
#define MAX_NAME	255

/* "input": "0.25" and so on: 1 taken, 0 no such name, -1 error. */
static int
read_price(struct reader *r, struct book_text key, struct book_prices *p)
{
	enum book_price k = book_price_named(key.p, key.n);
	struct book_text t;
	const char *why;

	if (k == PRICE_COUNT_)
		return 0;
	if (reader_string(r, &t, "a price is a string, \"0.25\"") != 0)
		return -1;
	if (money_price(t.p, t.n, &p->v[k], &why) != 0)
		return reader_bad(r, t.p, why, t);
	return 1;
}

static int
read_service(struct reader *r, enum book_service *out)
{
	struct book_text t;

	if (reader_string(r, &t, "a service is a string") != 0)
		return -1;
	for (int s = SERVICE_FLEX; s <= SERVICE_BATCH; s++) {
		if (reader_is(t, book_service_name((enum book_service)s))) {
			*out = (enum book_service)s;
			return 0;
		}
	}
	return reader_bad(r, t.p, "service is flex, priority or batch, not", t);
}

static int
read_condition(struct reader *r, struct book_text key, struct book_tier *t)
{
	struct json_val v;
	struct book_text word;

	if (reader_is(key, "above")) {
		if (reader_skip(r, &v) != 0)
			return -1;
		if (v.type != JSON_NUMBER || json_int(v, &t->above) != 0 ||
		    t->above < 0)
			return reader_bad(r, v.p, "above is no count of tokens",
			    reader_nothing);
		return 0;
	}
	if (reader_is(key, "service"))
		return read_service(r, &t->service);
	if (reader_is(key, "speed")) {
		if (reader_string(r, &word, "a speed is a string") != 0)
			return -1;
		t->fast = reader_is(word, "fast");
		return t->fast ? 0 :
		    reader_bad(r, word.p, "speed is fast, not", word);
	}
	return reader_bad(r, key.p, "unknown name in a tier", key);
}

static int
read_tier(struct reader *r)
{
	const char *at = r->p;
	struct book_tier *t;
	struct book_text key;
	bool first = true, priced = false;
	int got;

	if (reader_enter(r, '{', "a tier is an object") != 0)
		return -1;
	if ((t = book_add_tier(r->b)) == NULL)
		return reader_bad(r, at, "too many tiers", reader_nothing);
	while ((got = reader_member(r, &first, &key)) > 0) {
		if ((got = read_price(r, key, &t->prices)) < 0)
			return -1;
		if (got > 0)
			priced = true;
		else if (read_condition(r, key, t) != 0)
			return -1;
	}
	if (got < 0)
		return -1;
	if (!priced || (t->above < 0 && t->service == SERVICE_ANY && !t->fast))
		return reader_bad(r, at, "a tier needs a condition and a price",
		    reader_nothing);
	return 0;
}

static int
read_tiers(struct reader *r, struct book_row *row)
{
	bool first = true;
	int got;

	row->tier = r->b->ntier;
	if (reader_enter(r, '[', "tiers is an array") != 0)
		return -1;
	while ((got = reader_more(r, ']', &first)) > 0) {
		if (read_tier(r) != 0)
			return -1;
		row->ntier++;
	}
	return got;
}

/* {"us": "1.1"} */
static int
read_region(struct reader *r, struct book_row *row)
{
	const char *why = "", *at = r->p;
	struct book_text t;
	bool first = true;
	int got;

	if (reader_enter(r, '{', "region is an object") != 0 ||
	    (got = reader_member(r, &first, &row->region)) < 0)
		return -1;
	if (got == 0)
		return reader_bad(r, at, "region wants a name and its factor",
		    reader_nothing);
	reader_lower(r, row->region);
	if (reader_string(r, &t, "a factor is a string, \"1.1\"") != 0)
		return -1;
	if (money_price(t.p, t.n, &row->factor, &why) != 0 ||
	    row->factor > 100 * FACTOR_ONE)
		return reader_bad(r, t.p, "no factor from 0 to 100", t);
	if ((got = reader_more(r, '}', &first)) > 0)
		return reader_bad(r, at, "region wants one name only", reader_nothing);
	return got;
}

static int
read_from(struct reader *r, struct book_row *row)
{
	struct book_text t;
	char day[32];

	if (reader_string(r, &t, "from is a string, \"2026-11-21\"") != 0)
		return -1;
	row->from_text = t;
	if (t.n == 10) {
		snprintf(day, sizeof(day), "%.10sT00:00:00Z", t.p);
		if (rtime_parse(day, strlen(day), &row->from) == 0)
			return 0;
	} else if (rtime_parse(t.p, t.n, &row->from) == 0) {
		return 0;
	}
	return reader_bad(r, t.p, "from is no date (2026-11-21)", t);
}

/* A member of a row that is no price. */
static int
read_row_member(struct reader *r, struct book_text key, struct book_row *row)
{
	if (reader_is(key, "from"))
		return read_from(r, row);
	if (reader_is(key, "source"))
		return reader_string(r, &row->source, "source is a string");
	if (reader_is(key, "note"))
		return reader_string(r, &row->note, "note is a string");
	if (reader_is(key, "tiers"))
		return read_tiers(r, row);
	if (reader_is(key, "region"))
		return read_region(r, row);
	return reader_bad(r, key.p, "unknown name in a row", key);
}

/* Adds the row to the book, not yet to its model. */
static int
read_row(struct reader *r, size_t *index)
{
	const char *at = r->p;
	struct book_row *row;
	struct book_text key;
	bool first = true;
	int got;

	if (reader_enter(r, '{', "a row is an object") != 0)
		return -1;
	if ((row = book_add_row(r->b)) == NULL)
		return reader_bad(r, at, "too many rows", reader_nothing);
	row->factor = FACTOR_ONE;
	while ((got = reader_member(r, &first, &key)) > 0) {
		if ((got = read_price(r, key, &row->prices)) < 0 ||
		    (got == 0 && read_row_member(r, key, row) != 0))
			return -1;
	}
	if (got < 0)
		return -1;
	if (row->prices.v[PRICE_INPUT] < 0)
		return reader_bad(r, at, "a row needs a price for input", reader_nothing);
	*index = (size_t)(row - r->b->row);
	return 0;
}

/* The model of that name, not one that only has it as another name. */
static const struct book_model *
find_own(const struct reader *r, struct book_text name)
{
	const struct book_model *m = book_find(r->b, name.p, name.n);

	if (m == NULL || m->name.n != name.n ||
	    memcmp(m->name.p, name.p, name.n) != 0)
		return NULL;
	return m;
}

/* The model to add rows to; NULL after an error. */
static struct book_model *
open_model(struct reader *r, struct book_text name)
{
	const struct book_model *known;
	struct book_model *m;

	reader_lower(r, name);
	if (name.n == 0 || name.n > MAX_NAME) {
		(void)reader_bad(r, name.p, "bad name of a model", name);
		return NULL;
	}
	known = find_own(r, name);
	if (known != NULL && known->row >= r->old_rows) {
		(void)reader_bad(r, name.p, "model stands twice", name);
		return NULL;
	}
	m = known == NULL ? book_add_model(r->b, name) :
	    &r->b->model[known - r->b->model];
	if (m == NULL)
		(void)reader_bad(r, name.p, "too many models", name);
	return m;
}

/* The model's rows, at which r is. */
static int
read_rows(struct reader *r, struct book_model *m)
{
	size_t row = BOOK_NONE, older = m->row;
	const char *at;
	bool first = true;
	int got;

	if (reader_enter(r, '[', "a model is an array of rows") != 0)
		return -1;
	while ((got = reader_more(r, ']', &first)) > 0) {
		at = r->p;
		if (read_row(r, &row) != 0)
			return -1;
		if (book_link_row(r->b, m, row, older) != 0)
			return reader_bad(r, at, "two rows from the same date",
			    m->name);
	}
	if (got == 0 && m->row == older)
		return reader_bad(r, m->name.p, "model without a row", m->name);
	return got;
}

static int
read_model(struct reader *r, struct book_text name)
{
	struct book_model *m = open_model(r, name);
	struct json_val v;

	if (m == NULL)
		return -1;
	if (!r->names)
		return read_rows(r, m);
	if (reader_skip(r, &v) != 0)
		return -1;
	m->unread = (struct book_text){ v.p, v.n };
	return 0;
}

static int
read_alias(struct reader *r, struct book_text name)
{
	const struct book_model *known, *model;
	struct book_text to;

	reader_lower(r, name);
	if (name.n == 0 || name.n > MAX_NAME)
		return reader_bad(r, name.p, "bad other name", name);
	if (reader_string(r, &to, "an alias names a model") != 0)
		return -1;
	reader_lower(r, to);
	if ((model = book_find(r->b, to.p, to.n)) == NULL)
		return reader_bad(r, to.p, "no such model", to);
	known = find_own(r, name);
	if (known != NULL && known->row >= r->old_rows)
		return reader_bad(r, name.p, "name stands twice", name);
	if (book_add_alias(r->b, name, model) != 0)
		return reader_bad(r, name.p, "out of memory", name);
	return 0;
}

static int
read_each(struct reader *r, int (*each)(struct reader *, struct book_text))
{
	struct book_text key;
	bool first = true;
	int got;

	if (reader_enter(r, '{', "models and aliases are objects") != 0)
		return -1;
	while ((got = reader_member(r, &first, &key)) > 0) {
		if (each(r, key) != 0)
			return -1;
	}
	return got;
}

static int
read_version(struct reader *r)
{
	struct json_val v;
	int64_t version;

	if (reader_skip(r, &v) != 0)
		return -1;
	if (json_int(v, &version) != 0 || version != FORMAT_VERSION)
		return reader_bad(r, v.p, "price file of another version than 1",
		    reader_nothing);
	return 0;
}

/*
 * The whole file. The version must stand before the models, and the models
 * before the aliases that name them; what else there is tells people.
 */
static int
read_file(struct reader *r)
{
	struct book_text key;
	bool first = true, versioned = false;
	int got;

	if (reader_enter(r, '{', "a price file is an object") != 0)
		return -1;
	while ((got = reader_member(r, &first, &key)) > 0) {
		if (reader_is(key, "aitrace_prices")) {
			versioned = true;
			got = read_version(r);
		} else if (!versioned) {
			got = reader_bad(r, key.p, "no price file: it does not begin "
			    "with aitrace_prices", reader_nothing);
		} else if (reader_is(key, "models")) {
			got = read_each(r, read_model);
		} else if (reader_is(key, "aliases")) {
			got = read_each(r, read_alias);
		} else {
			got = reader_skip(r, NULL);
		}
		if (got < 0)
			return -1;
	}
	if (got < 0)
		return -1;
	if (!versioned)
		return reader_bad(r, r->p, "no price file: aitrace_prices is missing",
		    reader_nothing);
	if (json_ws(r->p, r->end) != r->end)
		return reader_bad(r, r->p, "text behind the end", reader_nothing);
	return 0;
}

/* The book takes over the text, which becomes the reader's. */
static int
start(struct reader *r, struct book *b, struct buf *text, const char *name,
    struct err *e)
{
	struct buf *f = realloc(b->file, (b->nfile + 1) * sizeof(*f));

	if (f == NULL)
		return err_set(e, "%s: out of memory", name);
	*r = (struct reader){ .b = b, .name = name, .old_rows = b->nrow,
	    .e = e };
	b->file = f;
	b->file[b->nfile] = *text;
	memset(text, 0, sizeof(*text));
	r->text = &b->file[b->nfile++];
	if (r->text->n == 0)
		return err_set(e, "%s: empty file", name);
	r->p = r->text->p;
	r->end = r->p + r->text->n;
	return 0;
}

int
bookfile_parse_names(struct book *b, struct buf *text, const char *name,
    struct err *e)
{
	struct reader r;

	if (start(&r, b, text, name, e) != 0)
		return -1;
	b->lazy = strdup(name);
	if (b->lazy == NULL)
		return err_set(e, "%s: out of memory", name);
	r.names = true;
	return read_file(&r);
}

int
bookfile_rows(struct book *b, const struct book_model *model, struct err *e)
{
	struct book_model *m = &b->model[model - b->model];
	struct reader r = { .b = b, .text = b->file, .name = b->lazy, .e = e };

	if (m->unread.p == NULL)
		return 0;
	r.p = m->unread.p;
	r.end = r.p + m->unread.n;
	m->unread.p = NULL;
	return read_rows(&r, m);
}

/* Rows that are added later count before all there are. */
static int
read_all(struct book *b, struct err *e)
{
	for (size_t i = 0; i < b->nmodel; i++)
		if (bookfile_rows(b, &b->model[i], e) != 0)
			return -1;
	return 0;
}

int
bookfile_parse(struct book *b, struct buf *text, const char *name,
    struct err *e)
{
	struct reader r;

	if (read_all(b, e) != 0 || start(&r, b, text, name, e) != 0)
		return -1;
	return read_file(&r);
}

static int
read_with(int (*parse)(struct book *, struct buf *, const char *,
    struct err *), struct book *b, const char *path, struct err *e)
{
	struct buf text;
	int rc;

	buf_init(&text, BOOKFILE_MAX + 1);
	rc = file_read(path, BOOKFILE_MAX, &text, e);
	if (rc == 0)
		rc = parse(b, &text, path, e);
	buf_fini(&text);
	return rc;
}

int
bookfile_read(struct book *b, const char *path, struct err *e)
{
	return read_with(bookfile_parse, b, path, e);
}

int
bookfile_read_names(struct book *b, const char *path, struct err *e)
{
	return read_with(bookfile_parse_names, b, path, e);
}

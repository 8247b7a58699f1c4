#include "price/bookfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "json/doc.h"
#include "json/scan.h"
#include "price/money.h"
#include "record/rtime.h"

#define FORMAT_VERSION	1
#define FACTOR_ONE	INT64_C(1000000)

struct reader {
	struct book	*b;
	struct buf	*text;
	const char	*name;
	size_t		 old_rows;	/* rows of files read before */
	struct err	*e;
};

/* An error at p, which points into the text. */
static int
bad(struct reader *r, const char *p, const char *why, struct book_text what)
{
	size_t line = 1;

	for (const char *q = r->text->p; q < p; q++)
		line += *q == '\n';
	if (what.n == 0)
		return err_set(r->e, "%s:%zu: %s", r->name, line, why);
	return err_set(r->e, "%s:%zu: %s: %.*s", r->name, line, why,
	    (int)(what.n > 200 ? 200 : what.n), what.p);
}

static const struct book_text nothing = { "", 0 };

/* The characters of a string without escapes; -1 and an error otherwise. */
static int
plain(struct reader *r, struct json_val v, struct book_text *out)
{
	if (v.type != JSON_STRING)
		return bad(r, v.p, "not a string", nothing);
	out->p = v.p + 1;
	out->n = v.n - 2;
	if (memchr(out->p, '\\', out->n) != NULL)
		return bad(r, v.p, "escapes are not allowed here", *out);
	return 0;
}

/* Names are looked up in lower case; the text is ours to change. */
static struct book_text
lower(struct reader *r, const char *p, size_t n)
{
	char *q = r->text->p + (p - r->text->p);
	struct book_text t = { q, n };

	for (size_t i = 0; i < n; i++) {
		if (q[i] >= 'A' && q[i] <= 'Z')
			q[i] = (char)(q[i] + ('a' - 'A'));
	}
	return t;
}

static bool
is(const struct json_member *m, const char *name)
{
	return json_key_is(m, name, strlen(name));
}

/* "input": "0.25" and so on: 1 taken, 0 no such name, -1 error. */
static int
read_price(struct reader *r, const struct json_member *m,
    struct book_prices *p)
{
	struct book_text t;
	const char *why;

	for (int k = 0; k < PRICE_COUNT_; k++) {
		if (!is(m, book_price_name((enum book_price)k)))
			continue;
		if (plain(r, m->val, &t) != 0)
			return -1;
		if (money_price(t.p, t.n, &p->v[k], &why) != 0)
			return bad(r, m->val.p, why, t);
		return 1;
	}
	return 0;
}

static int
read_service(struct reader *r, struct json_val v, enum book_service *out)
{
	struct book_text t;

	if (plain(r, v, &t) != 0)
		return -1;
	for (int s = SERVICE_FLEX; s <= SERVICE_BATCH; s++) {
		if (json_str_is(v, book_service_name((enum book_service)s))) {
			*out = (enum book_service)s;
			return 0;
		}
	}
	return bad(r, v.p, "service is flex, priority or batch, not", t);
}

static int
read_tier(struct reader *r, struct json_val v)
{
	struct book_tier *t;
	struct json_iter it;
	struct json_member m;
	int got, some = 0;

	if (v.type != JSON_OBJECT)
		return bad(r, v.p, "a tier is no object", nothing);
	if ((t = book_add_tier(r->b)) == NULL)
		return bad(r, v.p, "too many tiers", nothing);
	json_iter(&it, v);
	while (json_next_member(&it, &m)) {
		struct book_text key = { m.key, m.klen };

		if ((got = read_price(r, &m, &t->prices)) < 0)
			return -1;
		some |= got;
		if (got)
			continue;
		if (is(&m, "above")) {
			if (json_int(m.val, &t->above) != 0 || t->above < 0)
				return bad(r, m.val.p,
				    "above is no count of tokens", nothing);
		} else if (is(&m, "service")) {
			if (read_service(r, m.val, &t->service) != 0)
				return -1;
		} else if (is(&m, "speed")) {
			if (!json_str_is(m.val, "fast"))
				return bad(r, m.val.p,
				    "the only other speed is fast", nothing);
			t->fast = true;
		} else {
			return bad(r, m.key, "unknown name in a tier", key);
		}
	}
	if (!some || (t->above < 0 && t->service == SERVICE_ANY && !t->fast))
		return bad(r, v.p, "a tier needs a condition and a price",
		    nothing);
	return 0;
}

static int
read_tiers(struct reader *r, struct json_val v, struct book_row *row)
{
	struct json_iter it;
	struct json_val t;

	if (v.type != JSON_ARRAY)
		return bad(r, v.p, "tiers is no array", nothing);
	row->tier = r->b->ntier;
	json_iter(&it, v);
	while (json_next_elem(&it, &t)) {
		if (read_tier(r, t) != 0)
			return -1;
		row->ntier++;
	}
	return 0;
}

/* "region": {"us": "1.1"} */
static int
read_region(struct reader *r, struct json_val v, struct book_row *row)
{
	struct json_iter it;
	struct json_member m;
	struct book_text t;
	const char *why;

	if (v.type != JSON_OBJECT)
		return bad(r, v.p, "region is no object", nothing);
	json_iter(&it, v);
	if (!json_next_member(&it, &m) || plain(r, m.val, &t) != 0)
		return bad(r, v.p, "region wants one name and its factor",
		    nothing);
	if (money_price(t.p, t.n, &row->factor, &why) != 0 ||
	    row->factor > 100 * FACTOR_ONE)
		return bad(r, m.val.p, "no factor from 0 to 100", t);
	row->region = lower(r, m.key, m.klen);
	if (json_next_member(&it, &m))
		return bad(r, v.p, "region wants one name and its factor",
		    nothing);
	return 0;
}

static int
read_from(struct reader *r, struct json_val v, struct book_row *row)
{
	char day[32];

	if (plain(r, v, &row->from_text) != 0)
		return -1;
	if (row->from_text.n == 10) {
		snprintf(day, sizeof(day), "%.10sT00:00:00Z",
		    row->from_text.p);
		if (rtime_parse(day, strlen(day), &row->from) == 0)
			return 0;
	} else if (rtime_parse(row->from_text.p, row->from_text.n,
	    &row->from) == 0) {
		return 0;
	}
	return bad(r, v.p, "from is no date (2026-11-21)", row->from_text);
}

/* A member of a row that is no price. */
static int
read_row_member(struct reader *r, const struct json_member *m,
    struct book_row *row)
{
	struct book_text key = { m->key, m->klen };

	if (is(m, "from"))
		return read_from(r, m->val, row);
	if (is(m, "source"))
		return plain(r, m->val, &row->source);
	if (is(m, "note"))
		return plain(r, m->val, &row->note);
	if (is(m, "tiers"))
		return read_tiers(r, m->val, row);
	if (is(m, "region"))
		return read_region(r, m->val, row);
	return bad(r, m->key, "unknown name in a row", key);
}

/* Adds the row to the book, not yet to its model: 0 and its index, or -1. */
static int
read_row(struct reader *r, struct json_val v, size_t *index)
{
	struct book_row *row;
	struct json_iter it;
	struct json_member m;
	int got;

	if (v.type != JSON_OBJECT)
		return bad(r, v.p, "a row is no object", nothing);
	if ((row = book_add_row(r->b)) == NULL)
		return bad(r, v.p, "too many rows", nothing);
	row->factor = FACTOR_ONE;
	json_iter(&it, v);
	while (json_next_member(&it, &m)) {
		if ((got = read_price(r, &m, &row->prices)) < 0 ||
		    (!got && read_row_member(r, &m, row) != 0))
			return -1;
	}
	if (row->prices.v[PRICE_INPUT] < 0)
		return bad(r, v.p, "a row needs a price for input", nothing);
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

static int
read_model(struct reader *r, const struct json_member *m)
{
	struct book_text name = lower(r, m->key, m->klen);
	const struct book_model *known;
	struct book_model *model;
	struct json_iter it;
	struct json_val v;
	size_t row = BOOK_NONE, older, at;

	if (m->kesc || m->klen == 0 || m->klen > 255)
		return bad(r, m->key, "bad name of a model", name);
	if (m->val.type != JSON_ARRAY)
		return bad(r, m->val.p, "a model is no array of rows", name);
	known = find_own(r, name);
	if (known != NULL && known->row >= r->old_rows)
		return bad(r, m->key, "model stands twice", name);
	model = known == NULL ? book_add_model(r->b, name) :
	    &r->b->model[known - r->b->model];
	if (model == NULL)
		return bad(r, m->key, "too many models", name);
	at = (size_t)(model - r->b->model);
	older = model->row;
	json_iter(&it, m->val);
	while (json_next_elem(&it, &v)) {
		if (read_row(r, v, &row) != 0)
			return -1;
		if (book_link_row(r->b, &r->b->model[at], row, older) != 0)
			return bad(r, v.p, "two rows from the same date",
			    name);
	}
	if (r->b->model[at].row == older)
		return bad(r, m->key, "model without a row", name);
	return 0;
}

static int
read_alias(struct reader *r, const struct json_member *m)
{
	struct book_text name = lower(r, m->key, m->klen), to;
	const struct book_model *model, *known;

	if (m->kesc || m->klen == 0 || m->klen > 255)
		return bad(r, m->key, "bad other name", name);
	if (plain(r, m->val, &to) != 0)
		return -1;
	to = lower(r, to.p, to.n);
	model = book_find(r->b, to.p, to.n);
	if (model == NULL)
		return bad(r, m->val.p, "no such model", to);
	known = find_own(r, name);
	if (known != NULL && known->row >= r->old_rows)
		return bad(r, m->key, "name stands twice", name);
	if (book_add_alias(r->b, name, model) != 0)
		return bad(r, m->key, "out of memory", name);
	return 0;
}

static int
read_each(struct reader *r, struct json_val v, const char *what,
    int (*each)(struct reader *, const struct json_member *))
{
	struct json_iter it;
	struct json_member m;
	struct book_text name = { what, strlen(what) };

	if (v.type == JSON_NONE)
		return 0;
	if (v.type != JSON_OBJECT)
		return bad(r, v.p, "not an object", name);
	json_iter(&it, v);
	while (json_next_member(&it, &m)) {
		if (each(r, &m) != 0)
			return -1;
	}
	return 0;
}

static int
keep_text(struct reader *r, struct buf *text)
{
	struct buf *f;

	f = realloc(r->b->file, (r->b->nfile + 1) * sizeof(*f));
	if (f == NULL)
		return err_set(r->e, "%s: out of memory", r->name);
	r->b->file = f;
	r->b->file[r->b->nfile] = *text;
	memset(text, 0, sizeof(*text));
	r->text = &r->b->file[r->b->nfile++];
	return 0;
}

/* The scanner does not say where; the document parser does. */
static int
bad_json(struct reader *r, const char *why)
{
	struct err where;
	struct doc *d = doc_parse(r->text->p, r->text->n, &where);

	if (d == NULL)
		return err_set(r->e, "%s: not JSON: %s", r->name, where.msg);
	doc_free(d);
	return err_set(r->e, "%s: not JSON: %s", r->name, why);
}

int
bookfile_parse(struct book *b, struct buf *text, const char *name,
    struct err *e)
{
	struct reader r = { .b = b, .name = name, .old_rows = b->nrow, .e = e };
	struct json_val root;
	const char *why = "";
	int64_t version;

	if (keep_text(&r, text) != 0)
		return -1;
	if (r.text->n == 0)
		return err_set(e, "%s: empty file", name);
	if (!json_parse(r.text->p, r.text->n, &root, &why))
		return bad_json(&r, why);
	if (root.type != JSON_OBJECT || json_int(json_get(root,
	    "aitrace_prices"), &version) != 0)
		return err_set(e, "%s: no price file: \"aitrace_prices\" is "
		    "missing", name);
	if (version != FORMAT_VERSION)
		return err_set(e, "%s: price file of version %lld, not %d",
		    name, (long long)version, FORMAT_VERSION);
	if (read_each(&r, json_get(root, "models"), "models",
	    read_model) != 0 ||
	    read_each(&r, json_get(root, "aliases"), "aliases",
	    read_alias) != 0)
		return -1;
	return 0;
}

int
bookfile_read(struct book *b, const char *path, struct err *e)
{
	struct buf text;
	int rc;

	buf_init(&text, BOOKFILE_MAX + 1);
	rc = file_read(path, BOOKFILE_MAX, &text, e);
	if (rc == 0)
		rc = bookfile_parse(b, &text, path, e);
	buf_fini(&text);
	return rc;
}

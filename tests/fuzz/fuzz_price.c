/*
 * A price file, then a name to look up in it behind a NUL: what is taken can
 * be asked for any name, and what a cost is made of adds up to it.
 */
#include <string.h>

#include "price/bookfile.h"
#include "price/cost.h"
#include "price/match.h"
#include "tests/fuzz/fuzz.h"

static void
ask(const struct book *b, const char *name, size_t n)
{
	struct match m = match_find(b, "gcp.gemini", 10, name, n);
	const struct cost_terms terms = { .fast = true,
	    .service = SERVICE_FLEX, .region = "us", .region_len = 2 };
	struct buckets u;
	struct cost c;
	const char *why;
	money sum = 0;

	must((m.model == NULL) == (m.how == MATCH_NONE), "found or not");
	if (m.model == NULL)
		return;
	must(usage_from_text(&u, "input=300000,input_cached_tokens=7,"
	    "input_cache_creation=9,output=11,output_reasoning_tokens=13,"
	    "total=3", &why) == 0, "tokens");
	must(book_first_row(b, m.model) != NULL, "a model has a row");
	cost_by_row(&c, b, book_first_row(b, m.model), &u, &terms);
	for (size_t i = 0; i < c.n; i++) {
		must(c.line[i].amount >= 0, "no cost is negative");
		sum += c.line[i].amount;
	}
	must(sum == c.total, "the buckets add up");
}

/* Names first and rows later: the same book, or none as well. */
static void
lazily(const uint8_t *p, size_t n, const struct book *whole)
{
	struct book *b = book_new();
	struct buf text = { 0 };
	struct err e = { "" };
	bool good;

	must(b != NULL, "memory");
	buf_add(&text, p, n);
	good = bookfile_parse_names(b, &text, "file", &e) == 0;
	for (size_t i = 0; good && i < b->nmodel; i++)
		good = bookfile_rows(b, &b->model[i], &e) == 0;
	must(good == (whole != NULL), "refused both ways, or none");
	must(good || e.msg[0] != '\0', "with a reason");
	must(whole == NULL || (b->nrow == whole->nrow &&
	    b->ntier == whole->ntier && b->nmodel == whole->nmodel),
	    "and as much is in it");
	for (size_t i = 0; good && i < b->nmodel; i++)
		must(memcmp(&book_first_row(b, &b->model[i])->prices,
		    &book_first_row(whole, &whole->model[i])->prices,
		    sizeof(struct book_prices)) == 0, "the same prices");
	buf_fini(&text);
	book_free(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const uint8_t *nul = memchr(p, 0, n);
	size_t len = nul != NULL ? (size_t)(nul - p) : n;
	struct book *b = book_new();
	struct buf text = { 0 };
	struct err e = { "" };

	must(b != NULL, "memory");
	buf_add(&text, p, len);
	must(text.err == 0, "memory");
	if (bookfile_parse(b, &text, "file", &e) == 0) {
		lazily(p, len, b);
		ask(b, "claude-opus-5-5[1m]", 19);
		if (nul != NULL)
			ask(b, (const char *)nul + 1, n - len - 1);
	} else {
		lazily(p, len, NULL);
		must(e.msg[0] != '\0', "a refusal has a reason");
	}
	buf_fini(&text);
	book_free(b);
	return 0;
}

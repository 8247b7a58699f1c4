#include "price/bookplace.h"

#include <stdlib.h>

#include "base/log.h"
#include "price/bookfile.h"

/* NULL when it is not set, or empty. */
static const char *
own_prices(void)
{
	const char *env = getenv("AITRACE_PRICES");

	return env != NULL && *env != '\0' ? env : NULL;
}

bool
bookplace_is_own(const char *book, const struct opt_list *prices)
{
	return book != NULL || (prices != NULL && prices->n > 0) ||
	    own_prices() != NULL;
}

static int
read_installed(struct book *b, bool names, struct err *e)
{
	const char *dir = getenv("AITRACE_DATADIR");
	struct buf path;
	int rc;

	if (dir == NULL || *dir == '\0')
		dir = PKGDATADIR;
	buf_init(&path, 0);
	buf_addf(&path, "%s/prices.json", dir);
	rc = names ? bookfile_read_names(b, buf_cstr(&path), e) :
	    bookfile_read(b, buf_cstr(&path), e);
	buf_fini(&path);
	return rc;
}

struct book *
bookplace_load(const char *book, const struct opt_list *prices, bool names)
{
	const char *env = own_prices();
	struct book *b = book_new();
	struct err e;
	int rc;

	if (b == NULL) {
		log_error("out of memory");
		return NULL;
	}
	rc = book != NULL ? bookfile_read(b, book, &e) :
	    read_installed(b, names, &e);
	if (rc == 0 && env != NULL)
		rc = bookfile_read(b, env, &e);
	for (size_t i = 0; rc == 0 && prices != NULL && i < prices->n; i++)
		rc = bookfile_read(b, prices->v[i], &e);
	if (rc != 0) {
		log_error("%s", e.msg);
		book_free(b);
		return NULL;
	}
	return b;
}

static void
tell_unknown(const struct pricer *p, const struct pricer_model *m,
    const char *name)
{
	if (p->config.unknown == UNKNOWN_ESTIMATE)
		log_warn("%s: unknown model: %llu calls estimated at 5 USD "
		    "per million tokens", name,
		    (unsigned long long)m->unknown);
	else
		log_warn("%s: unknown model: %llu calls without a cost", name,
		    (unsigned long long)m->unknown);
}

static void
tell_differs(const struct pricer_model *m, const char *name)
{
	struct buf rep = { 0 }, our = { 0 };

	money_put(&rep, m->differs_reported, false);
	money_put(&our, m->differs_computed, false);
	log_warn("%s: reported cost differs from the book's by more than 1 %% "
	    "in %llu of %llu calls: reported %s USD, computed %s USD", name,
	    (unsigned long long)m->differs, (unsigned long long)m->spans,
	    buf_cstr(&rep), buf_cstr(&our));
	buf_fini(&rep);
	buf_fini(&our);
}

static void
tell_model(const struct pricer *p, const struct pricer_model *m)
{
	const char *name = m->name == NULL ? "(other models)" :
	    m->name_len == 0 ? "(calls without a model)" : m->name;

	if (m->unknown > 0)
		tell_unknown(p, m, name);
	if (m->estimated > 0)
		log_warn("%s: not in the price book: %llu calls estimated at "
		    "the prices of %s", name,
		    (unsigned long long)m->estimated, m->basis);
	if (m->too_early > 0)
		log_warn("%s: %llu calls before its first price in the book, "
		    "estimated", name, (unsigned long long)m->too_early);
	if (m->differs > 0)
		tell_differs(m, name);
}

bool
bookplace_tell(const struct pricer *p)
{
	const struct pricer_model *m;
	bool unknown = false;
	size_t at = 0;

	while ((m = pricer_next(p, &at)) != NULL) {
		tell_model(p, m);
		unknown = unknown || m->unknown > 0;
	}
	for (size_t i = 0; i < p->nkind; i++)
		log_warn("no price for %s tokens (first of %s): left out of "
		    "the cost of %llu calls", p->kind[i].name,
		    p->kind[i].model, (unsigned long long)p->kind[i].spans);
	if (p->bad_usage > 0)
		log_warn("%llu calls with a usage that is no count of tokens "
		    "(first: %s): left out", (unsigned long long)p->bad_usage,
		    p->bad_name);
	return unknown;
}

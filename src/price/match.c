#include "price/match.h"

#include <string.h>

#include "price/name.h"

#define MAX_STEPS	8

/* The model of that name in this spelling or in Claude's other one. */
static const struct book_model *
look(const struct book *b, const char *p, size_t n)
{
	const struct book_model *m = book_find(b, p, n);
	struct name other;

	if (m == NULL && name_respell(p, n, &other))
		m = book_find(b, other.s, other.n);
	return m;
}

static const struct book_model *
look_provider(const struct book *b, const char *provider, size_t plen,
    const struct name *m)
{
	const char *prefix = name_provider_prefix(provider, plen);
	struct name full;
	size_t k;

	if (prefix == NULL || (k = strlen(prefix)) + m->n > NAME_MAX_LEN)
		return NULL;
	memcpy(full.s, prefix, k);
	memcpy(full.s + k, m->s, m->n);
	return book_find(b, full.s, k + m->n);
}

/* The name with decorations in front removed one by one. */
static const struct book_model *
look_prefixes(const struct book *b, const char *p, size_t n)
{
	const struct book_model *m;
	size_t k;

	for (;;) {
		if ((m = look(b, p, n)) != NULL)
			return m;
		if ((k = name_prefix(p, n)) == 0)
			return NULL;
		p += k;
		n -= k;
	}
}

/* A relative, and how many characters of the name it leaves out. */
struct shorter {
	const struct book_model	*model;
	size_t			 cut;
};

/*
 * The longest beginning, shorter than the name, that is a model, if it leaves
 * out less than the best one so far.
 */
static void
look_shorter(const struct book *b, const char *p, size_t n,
    struct shorter *best)
{
	const struct book_model *m;

	for (size_t k = n - (n > 0); k > 0 && p[k] != '/'; k--) {
		if (best->model != NULL && n - k >= best->cut)
			return;
		if (memchr("-.:@_", p[k], 5) != NULL &&
		    (m = look(b, p, k)) != NULL) {
			best->model = m;
			best->cut = n - k;
			return;
		}
	}
}

/* A name as its vendor gives it: neither a path nor a Bedrock spelling. */
static bool
is_bare(const struct book_model *m)
{
	return memchr(m->name.p, '/', m->name.n) == NULL &&
	    name_prefix(m->name.p, m->name.n) == 0;
}

/* Of the family, the highest version below the name's, else the lowest. */
static const struct book_model *
look_family(const struct book *b, const char *p, size_t n)
{
	const struct book_model *below = NULL, *above = NULL;
	struct name a;
	int order;

	if (!name_init(&a, p, n))
		return NULL;
	for (size_t i = 0; i < b->nmodel; i++) {
		const struct book_model *m = &b->model[i];
		const struct book_model **best;

		if (!name_same_family(&a, m->name.p, m->name.n, &order) ||
		    !is_bare(m))
			continue;
		best = order <= 0 ? &below : &above;
		if (*best == NULL || (order <= 0) == (name_version_cmp(
		    m->name.p, m->name.n, (*best)->name.p,
		    (*best)->name.n) > 0))
			*best = m;
	}
	return below != NULL ? below : above;
}

/*
 * Removes what stands in front of the name, known or not: behind a path we do
 * not know there may be the model, but not at its price.
 */
static const char *
bare(const char *p, size_t *n)
{
	const char *slash = memrchr(p, '/', *n);
	size_t k;

	if (slash != NULL) {
		*n -= (size_t)(slash + 1 - p);
		p = slash + 1;
	}
	while (*n > 0 && (k = name_prefix(p, *n)) > 0) {
		p += k;
		*n -= k;
	}
	return p;
}

static const struct book_model *
look_relative(const struct book *b, const struct name *whole, size_t n)
{
	struct shorter best = { NULL, 0 };
	const struct book_model *m;
	const char *p = whole->s;
	struct name other;
	size_t k;

	for (;;) {
		look_shorter(b, p, n, &best);
		if ((k = name_prefix(p, n)) == 0)
			break;
		p += k;
		n -= k;
	}
	p = bare(p, &n);
	if (n == 0)
		return NULL;
	if (memrchr(whole->s, '/', whole->n) != NULL &&
	    (m = look(b, p, n)) != NULL)
		return m;
	look_shorter(b, p, n, &best);
	if (name_respell(p, n, &other))
		look_shorter(b, other.s, other.n, &best);
	else
		(void)name_init(&other, p, n);
	if (best.model != NULL)
		return best.model;
	if ((m = look_family(b, p, n)) != NULL)
		return m;
	return look_family(b, other.s, other.n);
}

struct match
match_find(const struct book *b, const char *provider, size_t plen,
    const char *name, size_t n)
{
	struct match r = { NULL, MATCH_NONE, false };
	struct name whole;
	size_t len, cut;

	if (!name_init(&whole, name, n))
		return r;
	r.how = MATCH_EXACT;
	if ((r.model = look_provider(b, provider, plen, &whole)) != NULL ||
	    (r.model = book_find(b, whole.s, whole.n)) != NULL)
		return r;
	r.how = MATCH_PLAIN;
	len = whole.n;
	for (int step = 0; step < MAX_STEPS; step++) {
		if ((r.model = look_prefixes(b, whole.s, len)) != NULL)
			return r;
		cut = name_suffix(whole.s, len, &whole, &r.is_free);
		if (cut == 0 || cut >= len)
			break;
		len -= cut;
	}
	r.how = MATCH_RELATIVE;
	if ((r.model = look_relative(b, &whole, len)) == NULL)
		r.how = MATCH_NONE;
	return r;
}

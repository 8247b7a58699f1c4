/*
 * Which model of the book a name means. In this order: the name as it stands
 * (first under the prefix of its provider), the name without decorations
 * (price/name), another name in the book. If none is there, a relative can
 * give an estimate: the longest beginning of the name, cut at a boundary,
 * that is a model; else the nearest version of the same family.
 */
#ifndef PRICE_MATCH_H
#define PRICE_MATCH_H

#include "price/book.h"

enum match_how {
	MATCH_NONE,
	MATCH_EXACT,		/* the name as it stands */
	MATCH_PLAIN,		/* after removing decorations */
	MATCH_RELATIVE		/* an estimate */
};

struct match {
	const struct book_model	*model;
	enum match_how		 how;
	bool			 is_free;	/* ":free": every price is 0 */
};

/*
 * provider is gen_ai.provider.name or empty. A name over NAME_MAX_LEN or an
 * empty one matches nothing. The time taken grows with the book only for
 * names without a row: callers remember results.
 */
struct match match_find(const struct book *b, const char *provider,
    size_t plen, const char *name, size_t n);

#endif

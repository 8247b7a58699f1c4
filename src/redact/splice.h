/*
 * Replacements in a text: where, and by what. Kept while the values inside of
 * it are looked at, carried over from what a JSON string says to how it is
 * spelled, and applied at once.
 */
#ifndef REDACT_SPLICE_H
#define REDACT_SPLICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct splice {
	size_t	 beg, end;	/* bytes that go */
	size_t	 at, n;		/* what comes, in text */
};

struct splices {
	struct splice	*v;
	size_t		 n, cap;
	struct buf	 text;
	bool		 nomem;
};

void splices_reset(struct splices *s);
void splices_fini(struct splices *s);
void splices_add(struct splices *s, size_t beg, size_t end, const char *p,
    size_t n);

/*
 * Sorts those from index from on; where two overlap one remains, over both,
 * with the replacement of the longer.
 */
void splices_merge(struct splices *s, size_t from);

/*
 * Those from index from on (merged) count bytes of what the JSON string with
 * the spelling raw[0..n) (no quotes) says. Afterwards they count bytes of the
 * spelling, from off on, and their replacements are spelled for a string.
 */
void splices_spell(struct splices *s, size_t from, const char *raw, size_t n,
    size_t off);

/* Appends the text p[0..n) with all (merged) of them applied. */
void splices_apply(const struct splices *s, const char *p, size_t n,
    struct buf *out);

#endif

/*
 * Things that may be counted only once, known by a hash of what identifies
 * them, and by whose they are: calls that forked sessions repeat, spans that an
 * earlier run wrote.
 */
#ifndef IMPORT_ONCE_H
#define IMPORT_ONCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct once_cell;

struct once {
	struct once_cell	*cell;	/* open addressing */
	size_t			 cap, n;
	struct buf		*news;	/* what is new, 16 bytes each, or NULL */
};

void once_fini(struct once *o);

/*
 * Puts the thing, unless it is there. 0: it was new; 1: it was there and is
 * the same owner's; 2: it is another's; -1: out of memory.
 */
int once_put(struct once *o, uint64_t hash, uint64_t owner);

/* FNV-1a of p[0..n), going on from h (0: begin); never 0. */
uint64_t once_hash(uint64_t h, const void *p, size_t n);

#endif

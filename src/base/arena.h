/*
 * Memory that lives and dies together: allocations are never freed one by
 * one. For work that builds many small things and throws them away at once.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block	*head;	/* the one being filled */
	struct arena_block	*spare;	/* kept from before the last reset */
};

/* n zeroed bytes, aligned for any type; NULL when out of memory. */
void *arena_get(struct arena *a, size_t n);

/* A copy of n bytes. */
char *arena_copy(struct arena *a, const char *p, size_t n);

/* Forgets everything; keeps a block for the next use. */
void arena_reset(struct arena *a);
void arena_fini(struct arena *a);

#endif

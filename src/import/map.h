/* Pointers found by a 64-bit hash. What is pointed to is not owned. */
#ifndef IMPORT_MAP_H
#define IMPORT_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_cell;

struct map {
	struct map_cell	*cell;		/* open addressing */
	size_t		 cap, n;
};

/*
 * A hash of p[0..n), going on from h. Only of this process: another may have
 * another.
 */
uint64_t map_hash(uint64_t h, const void *p, size_t n);

void map_fini(struct map *m);

/* NULL: not there. */
void *map_get(const struct map *m, uint64_t hash);

/* Takes the place of what was there. 0, or -1 when out of memory. */
int map_put(struct map *m, uint64_t hash, void *p);

#endif

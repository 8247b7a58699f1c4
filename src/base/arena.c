#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK	(64 * 1024)

struct arena_block {
	struct arena_block	*next;
	size_t			 n, cap;
	alignas(max_align_t) char p[];
};

static struct arena_block *
block(struct arena *a, size_t n)
{
	size_t cap = n > ARENA_BLOCK ? n : ARENA_BLOCK;
	struct arena_block *b = a->spare;

	if (b != NULL && b->cap >= n) {
		a->spare = NULL;
		b->n = 0;
	} else {
		b = malloc(sizeof(*b) + cap);
		if (b == NULL)
			return NULL;
		b->cap = cap;
		b->n = 0;
	}
	b->next = a->head;
	a->head = b;
	return b;
}

void *
arena_get(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b = a->head;
	void *p;

	n = (n + align - 1) / align * align;
	if (b == NULL || b->cap - b->n < n)
		b = block(a, n);
	if (b == NULL)
		return NULL;
	p = b->p + b->n;
	b->n += n;
	memset(p, 0, n);
	return p;
}

char *
arena_copy(struct arena *a, const char *p, size_t n)
{
	char *to = arena_get(a, n != 0 ? n : 1);

	if (to != NULL && n != 0)
		memcpy(to, p, n);
	return to;
}

void
arena_reset(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->head; b != NULL; b = next) {
		next = b->next;
		if (a->spare == NULL && b->cap == ARENA_BLOCK)
			a->spare = b;
		else
			free(b);
	}
	a->head = NULL;
}

void
arena_fini(struct arena *a)
{
	arena_reset(a);
	free(a->spare);
	a->spare = NULL;
}

#include "report/sketch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PARTS		64u	/* of a power of two */
#define PART_BITS	6
#define COUNT_BITS	48
#define COUNT_MAX	((UINT64_C(1) << COUNT_BITS) - 1)

static uint64_t
bucket_of(uint64_t v)
{
	unsigned shift;

	if (v < 2 * PARTS)
		return v;
	shift = 63 - (unsigned)__builtin_clzll(v) - PART_BITS;
	return (uint64_t)shift * PARTS + (v >> shift);
}

/* The middle of a bucket. */
static uint64_t
middle(uint64_t bucket)
{
	uint64_t shift;

	if (bucket < 2 * PARTS)
		return bucket;
	shift = bucket / PARTS - 1;
	return ((bucket % PARTS + PARTS) << shift) +
	    ((UINT64_C(1) << shift) >> 1);
}

void
sketch_fini(struct sketch *s)
{
	free(s->cell);
	memset(s, 0, sizeof(*s));
}

/* The first cell that is not below the bucket. */
static uint32_t
find(const struct sketch *s, uint64_t bucket)
{
	uint32_t lo = 0, hi = s->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (s->cell[mid] >> COUNT_BITS < bucket)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
add_cell(struct sketch *s, uint64_t bucket, uint64_t count)
{
	uint32_t at = find(s, bucket), cap = s->cap;
	uint64_t *cell = s->cell, old;

	if (at < s->n && cell[at] >> COUNT_BITS == bucket) {
		old = cell[at] & COUNT_MAX;
		if (count > COUNT_MAX - old)
			count = COUNT_MAX - old;
		cell[at] += count;
		return 0;
	}
	if (s->n == cap) {
		cap = cap != 0 ? 2 * cap : 4;
		cell = reallocarray(cell, cap, sizeof(*cell));
		if (cell == NULL)
			return -1;
		s->cell = cell;
		s->cap = cap;
	}
	memmove(cell + at + 1, cell + at, (s->n - at) * sizeof(*cell));
	cell[at] = bucket << COUNT_BITS | count;
	s->n++;
	return 0;
}

static void
note(struct sketch *s, uint64_t count, uint64_t sum, uint64_t min,
    uint64_t max)
{
	if (s->count == 0 || min < s->min)
		s->min = min;
	if (max > s->max)
		s->max = max;
	s->count += count;
	s->sum = s->sum > UINT64_MAX - sum ? UINT64_MAX : s->sum + sum;
}

int
sketch_add(struct sketch *s, uint64_t value)
{
	if (add_cell(s, bucket_of(value), 1) == -1)
		return -1;
	note(s, 1, value, value, value);
	return 0;
}

int
sketch_merge(struct sketch *s, const struct sketch *other)
{
	if (other->count == 0)
		return 0;
	for (uint32_t i = 0; i < other->n; i++)
		if (add_cell(s, other->cell[i] >> COUNT_BITS,
		    other->cell[i] & COUNT_MAX) == -1)
			return -1;
	note(s, other->count, other->sum, other->min, other->max);
	return 0;
}

uint64_t
sketch_quantile(const struct sketch *s, unsigned per_mille)
{
	uint64_t rank, seen = 0, v;

	if (s->count == 0)
		return 0;
	/* Whole thousands apart, so that nothing overflows. */
	rank = s->count / 1000 * per_mille +
	    (s->count % 1000 * per_mille + 999) / 1000;
	if (rank == 0)
		return s->min;
	if (rank >= s->count)
		return s->max;
	v = s->max;
	for (uint32_t i = 0; i < s->n; i++) {
		seen += s->cell[i] & COUNT_MAX;
		if (seen >= rank) {
			v = middle(s->cell[i] >> COUNT_BITS);
			break;
		}
	}
	return v < s->min ? s->min : v > s->max ? s->max : v;
}

/*
 * Percentiles of durations in little memory. A value is counted in a bucket;
 * each power of two is cut into 64 buckets of the same width, so that the
 * middle of a bucket is less than 1/128 (0.8 %) away from every value in it.
 * Values below 128 ns have buckets of their own. Only buckets that count
 * something take memory, 8 bytes each, and there are at most 3776 of them.
 */
#ifndef REPORT_SKETCH_H
#define REPORT_SKETCH_H

#include <stddef.h>
#include <stdint.h>

struct sketch {
	uint64_t	*cell;		/* bucket << 48 | count, in order */
	uint32_t	 n, cap;
	uint64_t	 count;
	uint64_t	 sum;		/* stops at its largest value */
	uint64_t	 min, max;	/* exact */
};

/* A zeroed struct sketch is empty. */
void sketch_fini(struct sketch *s);

/* 0, or -1 when out of memory. */
int sketch_add(struct sketch *s, uint64_t value);
int sketch_merge(struct sketch *s, const struct sketch *other);

/*
 * The value of which at least per_mille thousandths of all values are not
 * larger (nearest rank): off by at most 1/128 of itself, never outside of
 * min and max. 0 when the sketch is empty.
 */
uint64_t sketch_quantile(const struct sketch *s, unsigned per_mille);

#endif

/* Percentiles: within 1/128 of the exact ones, whatever the values are. */
#include "report/sketch.h"

#include <stdlib.h>

#include "tests/unit/tap.h"

#define MOST	200000

static uint64_t seed = UINT64_C(88172645463325252);

static uint64_t
next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static int
cmp(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Nearest rank. */
static uint64_t
exact(const uint64_t *v, size_t n, unsigned per_mille)
{
	size_t rank = (n * per_mille + 999) / 1000;

	return v[rank == 0 ? 0 : rank - 1];
}

static bool
close_to(uint64_t got, uint64_t want)
{
	uint64_t off = got > want ? got - want : want - got;

	return off <= want / 128;
}

static void
compare(const char *name, uint64_t *v, size_t n)
{
	static const unsigned at[] = { 0, 1, 10, 250, 500, 501, 900, 950, 990,
	    999, 1000 };
	struct sketch s = { 0 }, a = { 0 }, b = { 0 };
	bool good = true, merged = true;

	for (size_t i = 0; i < n; i++) {
		if (sketch_add(&s, v[i]) == -1 ||
		    sketch_add(i % 3 == 0 ? &a : &b, v[i]) == -1)
			good = false;
	}
	if (sketch_merge(&a, &b) == -1)
		good = false;
	qsort(v, n, sizeof(*v), cmp);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		uint64_t got = sketch_quantile(&s, at[i]);
		uint64_t want = exact(v, n, at[i]);

		if (!close_to(got, want)) {
			good = false;
			note("%u/1000: got %" PRIu64 ", exact %" PRIu64, at[i],
			    got, want);
		}
		if (sketch_quantile(&a, at[i]) != got)
			merged = false;
	}
	ok(good, "%s: %zu values", name, n);
	ok(merged, "%s: two halves merged say the same", name);
	ok(s.min == v[0] && s.max == v[n - 1] && s.count == n,
	    "%s: count, least and most are exact", name);
	ok(s.n <= 3776, "%s: %u buckets", name, s.n);
	sketch_fini(&s);
	sketch_fini(&a);
	sketch_fini(&b);
}

int
main(void)
{
	uint64_t *v = calloc(MOST, sizeof(*v));
	struct sketch s = { 0 };

	if (v == NULL)
		return 1;
	is_int((intmax_t)sketch_quantile(&s, 500), 0, "of nothing: 0");
	for (size_t i = 0; i < 1000; i++)
		v[i] = i;
	compare("small integers", v, 1000);
	for (size_t i = 0; i < MOST; i++)
		v[i] = next() >> next() % 64;
	compare("every magnitude", v, MOST);
	for (size_t i = 0; i < MOST; i++)
		v[i] = 1000000 + next() % 60000000000;
	compare("a millisecond to a minute", v, MOST);
	for (size_t i = 0; i < 5000; i++)
		v[i] = 2000000000 + (i % 100 == 0 ? next() % 1000000000000 : 0);
	compare("nearly all the same", v, 5000);
	for (size_t i = 0; i < 64; i++)
		v[i] = (UINT64_C(1) << i) - (i % 2);
	compare("around powers of two", v, 64);
	for (size_t n = 1; n < 8; n++) {
		for (size_t i = 0; i < n; i++)
			v[i] = UINT64_MAX - i;
		compare("the largest", v, n);
	}
	free(v);
	return done_testing();
}

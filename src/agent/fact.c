#include "agent/fact.h"

#include <string.h>

static int
compare(const char *a, size_t n, const char *b)
{
	int c = strncmp(a, b, n);

	return c != 0 ? c : b[n] == '\0' ? 0 : -1;
}

enum fact_id
fact_lookup(const struct fact_map *map, size_t n, const char *key, size_t klen)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = compare(key, klen, map[mid].key);

		if (c == 0)
			return map[mid].id;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return FACT_NONE;
}

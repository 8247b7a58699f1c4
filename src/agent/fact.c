#include "agent/fact.h"

/* strcmp order, with one look where the first bytes differ. */
static int
compare(const char *a, size_t n, const char *b)
{
	size_t i = 0;

	while (i < n && a[i] == b[i])
		i++;
	if (i == n)
		return b[i] == '\0' ? 0 : -1;
	return (unsigned char)a[i] < (unsigned char)b[i] ? -1 : 1;
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

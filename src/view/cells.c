#include "view/cells.h"

#include <inttypes.h>
#include <stdio.h>

#define US	UINT64_C(1000)
#define MS	(1000 * US)
#define SEC	(1000 * MS)

void
cell_duration(char out[CELL_MAX], uint64_t ns)
{
	uint64_t s = ns / SEC;

	if (ns == 0)
		snprintf(out, CELL_MAX, "0ms");
	else if (ns < MS)
		snprintf(out, CELL_MAX, "0.%" PRIu64 "ms", ns / (100 * US));
	else if (ns < SEC)
		snprintf(out, CELL_MAX, "%" PRIu64 "ms", ns / MS);
	else if (s < 10)
		snprintf(out, CELL_MAX, "%" PRIu64 ".%02" PRIu64 "s", s,
		    ns / (10 * MS) % 100);
	else if (s < 60)
		snprintf(out, CELL_MAX, "%" PRIu64 ".%" PRIu64 "s", s,
		    ns / (100 * MS) % 10);
	else if (s < 3600)
		snprintf(out, CELL_MAX, "%" PRIu64 "m%02" PRIu64 "s", s / 60,
		    s % 60);
	else if (s < 100 * 3600)
		snprintf(out, CELL_MAX, "%" PRIu64 "h%02" PRIu64 "m", s / 3600,
		    s / 60 % 60);
	else if (s < 1000 * 86400)
		snprintf(out, CELL_MAX, "%" PRIu64 "d%02" PRIu64 "h",
		    s / 86400, s / 3600 % 24);
	else
		snprintf(out, CELL_MAX, "%" PRIu64 "d", s / 86400);
}

void
cell_count(char out[CELL_MAX], uint64_t n)
{
	static const char unit[] = "kMGTPE";
	uint64_t whole = n / 1000, rest = n % 1000;
	int u = 0;

	if (n < 100000) {
		snprintf(out, CELL_MAX, "%" PRIu64, n);
		return;
	}
	while (whole >= 1000) {
		rest = whole % 1000;
		whole /= 1000;
		u++;
	}
	if (whole >= 100)
		snprintf(out, CELL_MAX, "%" PRIu64 "%c", whole, unit[u]);
	else if (whole >= 10)
		snprintf(out, CELL_MAX, "%" PRIu64 ".%" PRIu64 "%c", whole,
		    rest / 100, unit[u]);
	else
		snprintf(out, CELL_MAX, "%" PRIu64 ".%02" PRIu64 "%c", whole,
		    rest / 10, unit[u]);
}

void
cell_cost(char out[CELL_MAX], money m, char mark)
{
	const money usd = (money)1000000 * 1000000;
	char pre[2] = { mark, '\0' };
	int decimals = m < 10 * usd ? 6 : m < 1000 * usd ? 4 :
	    m < 1000000 * usd ? 2 : 0;
	const money most = usd * 1000000 * 1000000;
	money unit = usd;
	uint64_t scale = 1, v;

	if (m > most)
		m = most;
	for (int i = 0; i < decimals; i++) {
		unit /= 10;
		scale *= 10;
	}
	if (m != 0 && (m + unit / 2) / unit == 0) {
		snprintf(out, CELL_MAX, "<$0.000001");
		return;
	}
	v = (uint64_t)((m + unit / 2) / unit);
	if (decimals == 0)
		snprintf(out, CELL_MAX, "%s$%" PRIu64, pre, v);
	else
		snprintf(out, CELL_MAX, "%s$%" PRIu64 ".%0*" PRIu64, pre,
		    v / scale, decimals, v % scale);
}

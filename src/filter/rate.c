#include "filter/rate.h"

#include <string.h>

#include "base/clock.h"
#include "filter/num.h"

#define LARGEST	1000000		/* a second */

int
rate_parse(const char *s, struct rate *r)
{
	const char *slash = strchr(s, '/');
	size_t n = slash != NULL ? (size_t)(slash - s) : strlen(s);
	int64_t per = CLOCK_S;
	num_fixed each;
	struct num num;

	if (slash != NULL && strcmp(slash, "/m") == 0)
		per = 60 * CLOCK_S;
	else if (slash != NULL && strcmp(slash, "/h") == 0)
		per = 3600 * CLOCK_S;
	else if (slash != NULL && strcmp(slash, "/s") != 0)
		return -1;
	if (num_parse(s, n, &num) == -1 || !num.exact || num.fix <= 0)
		return -1;
	each = (num_fixed)per * NUM_ONE / num.fix;
	if (each < CLOCK_S / LARGEST || each > (num_fixed)365 * 86400 * CLOCK_S)
		return -1;
	memset(r, 0, sizeof(*r));
	r->each = (int64_t)each;
	/* A second's worth may come at once, and one always. */
	r->full = r->each > CLOCK_S ? r->each : CLOCK_S;
	return 0;
}

bool
rate_take(struct rate *r, int64_t now)
{
	int64_t gone = r->begun && now > r->last ? now - r->last : 0;

	if (!r->begun || gone >= r->full - r->level)
		r->level = r->full;
	else
		r->level += gone;
	r->begun = true;
	r->last = now;
	if (r->level < r->each)
		return false;
	r->level -= r->each;
	return true;
}

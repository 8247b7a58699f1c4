/* So many a second, and no more: a bucket that time fills. */
#ifndef FILTER_RATE_H
#define FILTER_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
	int64_t	each;		/* nanoseconds a token takes to come; 0: none */
	int64_t	full;		/* nanoseconds that fill the bucket */
	int64_t	level;		/* nanoseconds' worth of tokens in it */
	int64_t	last;		/* when level was right */
	bool	begun;
};

/* "100/s", "60/m", "0.5/s"; bare: a second. 0, or -1. */
int rate_parse(const char *s, struct rate *r);

/* Takes a token, if there is one at this time (ns). */
bool rate_take(struct rate *r, int64_t now);

#endif

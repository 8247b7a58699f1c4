/*
 * What to do after an answer, and when to try again. Time and randomness are
 * parameters: nothing here waits or rolls dice.
 *
 * Rules: OTLP/HTTP specification, "Failures"; RFC 9110, section 10.2.3
 * (Retry-After); Langfuse's own status codes.
 */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include <stddef.h>
#include <stdint.h>

enum retry_verdict {
	RETRY_DONE,		/* accepted */
	RETRY_AGAIN,		/* the same bytes, later */
	RETRY_SPLIT,		/* too large: in halves */
	RETRY_BISECT,		/* something in it is refused: find it */
	RETRY_DENIED,		/* credentials: stop */
	RETRY_MISTAKE		/* wrong place or manner: stop */
};

/* What a status asks for; 0, no answer at all, is RETRY_AGAIN. */
enum retry_verdict retry_verdict(int status);

struct retry_policy {
	int64_t	first_ns;	/* before the second attempt */
	int64_t	most_ns;	/* never longer, but for Retry-After */
	int64_t	most_asked_ns;	/* never longer, even for Retry-After */
};

extern const struct retry_policy retry_default;	/* 0.5 s, 30 s, 1 h */

/*
 * How long to wait after `failures` (1, 2, ...) failures in a row: doubles
 * each time, of which the upper half is left to chance (random: any 32 bits),
 * so that many clients do not come back together. asked_ns is what the server
 * asked for, -1 if nothing: never less than that, and up to a tenth of
 * first_ns more.
 */
int64_t retry_delay(const struct retry_policy *p, unsigned failures,
    uint32_t random, int64_t asked_ns);

/*
 * The value of a Retry-After header: seconds, or one of the three HTTP dates.
 * wall_ns: now. The time to wait in nanoseconds (0 if it has passed), or -1
 * when the value says nothing. At most a year.
 */
int64_t retry_after(const char *value, int64_t wall_ns);

#endif

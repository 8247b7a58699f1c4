/*
 * Values that are known to be secret, in the spellings they are met in: as
 * they are, in base64 (at each of the three places a byte can have in it) and
 * in hexadecimal. URL and JSON escapes are taken off the text instead.
 */
#ifndef REDACT_SECRETS_H
#define REDACT_SECRETS_H

#include <stddef.h>

#include "base/err.h"
#include "redact/match.h"

#define SECRETS_MIN	4	/* bytes: what is shorter is everywhere */

struct secrets {
	struct literal	*v;	/* bytes are ours, with a NUL, and wiped */
	size_t		 n, cap;
};

/*
 * A value; one of several lines is looked for as a whole and by each line
 * that is long. 0, or -1 with the cause (never the value) in e: too short, or
 * out of memory.
 */
int secrets_add(struct secrets *s, const struct rule *rule, const char *p,
    size_t n, struct err *e);

/* A word, such as a user's name; no other spelling. */
int secrets_add_word(struct secrets *s, const struct rule *rule,
    const char *p, size_t n, struct err *e);

void secrets_fini(struct secrets *s);

#endif

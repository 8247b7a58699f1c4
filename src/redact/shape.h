/*
 * Shapes that are no prefix and alphabet: addresses, numbers, what stands
 * behind a name. Each looks at a place where its mark stands and says from
 * where to where a secret reaches. No look goes further than a fixed number
 * of bytes, or than what it then takes.
 */
#ifndef REDACT_SHAPE_H
#define REDACT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "redact/match.h"

struct shape {
	const char	*p;	/* the whole text */
	size_t		 n;
	size_t		 beg, end;	/* what was found */
};

/* at: the '@'. */
bool shape_email(struct shape *s, size_t at);
/* at: the last digit before the first '.'. */
bool shape_ipv4(struct shape *s, size_t at);
/* at: the first ':', or the first of "::". */
bool shape_ipv6(struct shape *s, size_t at);
/* at: the first digit. Luhn holds. */
bool shape_card(struct shape *s, size_t at);
/* at: the '+', the '(' or the first digit. */
bool shape_phone(struct shape *s, size_t at);
/* at: the ':' of "://"; what is found is user:password. */
bool shape_url(struct shape *s, size_t at);
/* at: the '=' or ':' behind a name, or the "--" before one. */
bool shape_named(struct shape *s, const struct names *names, size_t at);
/* at: the '-' of "-----BEGIN ". A block that is cut off is one, too. */
bool shape_block(struct shape *s, size_t at);

#endif

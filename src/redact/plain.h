/*
 * A text with its escapes taken off, however often they were put on: %XX of
 * URLs, \n \" \/ \uXXXX \xXX of strings of strings; and where each byte came
 * from.
 */
#ifndef REDACT_PLAIN_H
#define REDACT_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PLAIN_ROUNDS	3

struct plain {
	struct buf	 text;
	struct buf	 next;
	uint32_t	*from;	/* text.n + 1 places in the original */
	size_t		 cap;
	bool		 nomem;
};

/*
 * True when escapes were found: text and from are filled. False also when
 * memory ran out (nomem), or the text is over 4 GiB (nomem, too).
 */
bool plain_make(struct plain *x, const char *p, size_t n);
void plain_fini(struct plain *x);

#endif

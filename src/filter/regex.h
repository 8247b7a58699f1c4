/*
 * Regular expressions: the one door to PCRE2. Matching is bounded, so that no
 * pattern and no text can hold up the stream.
 */
#ifndef FILTER_REGEX_H
#define FILTER_REGEX_H

#include <stddef.h>

struct regex;

/* NULL with a message in why[0..n) and the offset in the pattern in *at. */
struct regex *regex_new(const char *pattern, size_t len, char *why, size_t n,
    size_t *at);
void regex_free(struct regex *r);	/* NULL is allowed */

enum regex_res { REGEX_NO, REGEX_YES, REGEX_LIMIT /* gave up */ };

/* Is there a match anywhere in the text? */
enum regex_res regex_match(const struct regex *r, const char *p, size_t n);

#endif

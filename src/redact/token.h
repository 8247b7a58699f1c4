/*
 * What stands behind a literal: tokens, known values, marks.
 */
#ifndef REDACT_TOKEN_H
#define REDACT_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "redact/shape.h"

#define TOKEN_MARK	"[REDACTED:"	/* how a mark begins */

/* The rule's prefix stands at at: does a secret? */
bool token_look(struct shape *s, const struct literal *lit, size_t at);

/* The known value stands at at. */
bool token_exact(struct shape *s, const struct literal *lit, size_t at);

/* The end of the mark that begins at at, or at if it is none of ours. */
size_t token_mark(const struct rules *rules, const struct shape *s,
    size_t at);

/* Is p[0..n) one of the texts that the rule excepts? */
bool token_excepted(const struct rule *r, const char *p, size_t n);

#endif

/* Appends JSON to a buffer. Errors are the buffer's (sticky). */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * A string with quotes; " \ and control characters escaped, everything else
 * as it is. Invalid UTF-8 bytes become U+FFFD each; their number is returned.
 */
size_t json_put_str(struct buf *b, const char *p, size_t n);
size_t json_put_cstr(struct buf *b, const char *s);

/* The name of a member: '{' or ',' before it, and its colon. */
size_t json_put_name(struct buf *b, char before, const char *p, size_t n);

/* A string without the quotes: for building a string in pieces. */
size_t json_put_chars(struct buf *b, const char *p, size_t n);

/*
 * Appends the bytes of p..end up to the first that must be escaped and returns
 * its place; or end, or where memory ended. *high is not 0 any more when one
 * of them is no ASCII; it may be so for one behind them.
 */
const char *json_put_plain(struct buf *b, const char *p, const char *end,
    uint64_t *high);

void json_put_int(struct buf *b, int64_t v);
void json_put_bool(struct buf *b, bool v);

/*
 * The shortest decimal that reads back as the same double, always with a '.'
 * or an exponent; NaN and infinities as {"@double":"NaN"} ("Infinity",
 * "-Infinity"), the record format's wrapping.
 */
void json_put_double(struct buf *b, double v);

/* ,"key": with the comma left out behind '{' or at the start of the buffer. */
void json_put_key(struct buf *b, const char *key);

#endif

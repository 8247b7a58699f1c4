/* UTF-8 (RFC 3629): no surrogates, no overlong forms, at most U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Length 1..4 of the valid character at p, or 0 when it is not one. */
size_t utf8_len(const char *p, const char *end);

/* The character at p (which utf8_len found valid). */
uint32_t utf8_decode(const char *p, size_t len);

/* Appends the character; invalid code points become U+FFFD. */
void utf8_put(struct buf *b, uint32_t c);

/* First byte that is not valid UTF-8, or end. */
const char *utf8_valid_until(const char *p, const char *end);

/* All of it valid UTF-8, without control characters below U+0020? */
bool utf8_is_plain(const char *p, const char *end);

/* The longest prefix of p[0..n) of at most max bytes that cuts no character. */
size_t utf8_cut(const char *p, size_t n, size_t max);

/*
 * Appends the text as it may be shown on a terminal: control characters
 * (C0, DEL, C1), and invalid bytes as \xHH, bidirectional controls as \u{XXXX}.
 * With keep_nl, newline and tab stay.
 */
void utf8_vis(struct buf *b, const char *p, size_t n, bool keep_nl);

/* Columns the character takes on a terminal: 0, 1 or 2. */
int utf8_width(uint32_t c);

#endif

/* Hexadecimal, base64 (RFC 4648) and percent encoding (RFC 3986). */
#ifndef BASE_ENC_H
#define BASE_ENC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Lower-case hex of n bytes into out[2*n]; no NUL. */
void enc_hex(const void *p, size_t n, char *out);

/* Hex text of either case to bytes: true when all 2*n digits were hex. */
bool enc_unhex(const char *s, size_t digits, unsigned char *out);

/* Appends base64 with padding, without line breaks. */
void enc_base64(struct buf *b, const void *p, size_t n);

/*
 * Appends the bytes of base64 text, padded or not; standard and URL alphabets.
 * 0, or -1 when the text is not base64 (b is then unchanged).
 */
int enc_unbase64(struct buf *b, const char *s, size_t n);

/* Appends with every byte but A-Z a-z 0-9 - . _ ~ as %XX. */
void enc_percent(struct buf *b, const char *s, size_t n);

/* Appends with %XX decoded; -1 on a broken escape (b then unchanged). */
int enc_unpercent(struct buf *b, const char *s, size_t n);

#endif

/*
 * SipHash-2-4 with 128 bits of result: a hash with a key, quick enough to go
 * over everything that is sent. Source: Aumasson and Bernstein, "SipHash: a
 * fast short-input PRF" (2012), and its reference for 128 bits.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>

#define SIPHASH_LEN	16	/* bytes, of key and result */

void siphash(const unsigned char key[SIPHASH_LEN], const void *p, size_t n,
    unsigned char out[SIPHASH_LEN]);

#endif

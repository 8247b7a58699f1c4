/*
 * gzip (RFC 1952) of bodies that are in memory as a whole: the one door to
 * libdeflate. Level 1: higher levels cost more than all the rest of the way.
 */
#ifndef NET_DEFLATE_H
#define NET_DEFLATE_H

#include <stddef.h>

#include "base/buf.h"

struct deflate;

/* NULL when out of memory. */
struct deflate *deflate_new(void);
void deflate_free(struct deflate *d);

/* Appends one gzip member; 0, or -1 with out->err set. */
int deflate_gzip(struct deflate *d, const void *p, size_t n, struct buf *out);

#endif

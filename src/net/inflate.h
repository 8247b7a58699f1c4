/*
 * Decompression in pieces with a ceiling on what comes out: a bomb stops as
 * soon as it passes the ceiling, not when it has unpacked. The one door to
 * zlib for reading.
 */
#ifndef NET_INFLATE_H
#define NET_INFLATE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum inflate_kind {
	INFLATE_NONE,		/* identity */
	INFLATE_GZIP,		/* RFC 1952, members may follow one another */
	INFLATE_DEFLATE,	/* RFC 1950; RFC 1951 alone, as some send */
	INFLATE_ZSTD,		/* window up to 8 MiB (RFC 9659) */
	INFLATE_ZSTD_FILE,	/* window up to 128 MiB, as zstd(1) reads */
	INFLATE_UNKNOWN
};

enum inflate_res {
	INFLATE_OK,
	INFLATE_BAD,		/* not this format, or damaged; see e */
	INFLATE_LARGE,		/* more than max bytes come out */
	INFLATE_NOMEM
};

struct inflate;

/*
 * What an HTTP Content-Encoding of n bytes means, in any case and with white
 * space around; empty is identity. A list of several is INFLATE_UNKNOWN.
 */
enum inflate_kind inflate_by_name(const char *name, size_t n);

/* What the first bytes of a file say: gzip, zstd (file), or none. */
enum inflate_kind inflate_by_magic(const void *p, size_t n);

/* NULL when out of memory, or for INFLATE_NONE and INFLATE_UNKNOWN. */
struct inflate *inflate_new(enum inflate_kind kind);
void inflate_free(struct inflate *z);

/*
 * Unpacks n more bytes and appends the result to out, which will hold at most
 * max bytes.
 */
enum inflate_res inflate_feed(struct inflate *z, const void *p, size_t n,
    struct buf *out, size_t max, struct err *e);

/*
 * The same, but stops when out holds max bytes. *left is how many of the n
 * bytes were not looked at yet. If out is full, empty it and call again with
 * those, even if there are none: more may be waiting inside.
 */
enum inflate_res inflate_some(struct inflate *z, const void *p, size_t n,
    struct buf *out, size_t max, size_t *left, struct err *e);

/* No more input: INFLATE_OK if the data were whole, else INFLATE_BAD. */
enum inflate_res inflate_end(struct inflate *z, struct err *e);

#endif

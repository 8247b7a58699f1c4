/*
 * Zstandard (RFC 8878), the one door to libzstd: reading in pieces, and whole
 * files. Frames may follow one another; skippable frames are passed over.
 */
#ifndef NET_ZSTD_H
#define NET_ZSTD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct zstd;

/*
 * window_log: the largest window a frame may ask for, as a power of two, and
 * so the memory it can cost. NULL when out of memory.
 */
struct zstd *zstd_new(int window_log);
void zstd_free(struct zstd *z);

/*
 * Takes from *p..*p+*n (both move on) and writes at most cap bytes to out.
 * Returns the number written; -1 with the cause in e. Call again while input
 * is left or cap bytes were written.
 */
long zstd_step(struct zstd *z, const char **p, size_t *n, char *out,
    size_t cap, struct err *e);

/* Is a frame begun but not finished? */
bool zstd_open(const struct zstd *z);

/*
 * Packs what can be read from `from` into `to`, fast rather than small, with a
 * checksum; unpacks it. Memory does not grow with the file. 0, or -1 with the
 * cause in e.
 */
int zstd_pack(int from, int to, struct err *e);
int zstd_unpack(int from, int to, struct err *e);

#endif

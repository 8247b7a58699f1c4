/* Where what is remembered between runs is kept: the XDG directories. */
#ifndef REPORT_PLACE_H
#define REPORT_PLACE_H

#include "base/buf.h"
#include "base/err.h"

enum place { PLACE_CACHE, PLACE_STATE };

/*
 * The path of aitrace's file of that name in $XDG_CACHE_HOME (~/.cache) or
 * $XDG_STATE_HOME (~/.local/state), whose folders are made, for the user
 * alone. 0, or -1 with the cause in e.
 */
int place_file(struct buf *path, enum place where, const char *name,
    struct err *e);

/*
 * Takes the lock that goes with the path ("path.lock"), waiting for it at most
 * wait_ms. A descriptor to close, which ends it; -1 with errno, EWOULDBLOCK
 * when somebody else holds it.
 */
int place_lock(const char *path, int wait_ms);

/*
 * Writes the file so that readers see all of it or the old one. Unlike
 * file_write_atomic nobody waits for the disk: after a crash the file may be
 * the old one, or empty. 0, or -1 with the cause in e.
 */
int place_write(const char *path, const void *p, size_t n, struct err *e);

#endif

/*
 * A file whose lock (flock) one process holds at a time and which says who:
 * "PID PROGRAM". The lock goes with the process, however that ends; what the
 * file says counts only while it is locked.
 */
#ifndef NET_LOCKFILE_H
#define NET_LOCKFILE_H

#include <stdint.h>

#include "base/err.h"

/*
 * Locks the file in the folder, trying for as long as patience says. The
 * descriptor to close in the end; -1 with e saying where, that another process
 * does what ("writes there"), and which, with errno EWOULDBLOCK.
 */
int lockfile_take(int dir, const char *path, const char *name,
    const char *does, int64_t patience, struct err *e);

#endif

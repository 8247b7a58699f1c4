/*
 * Files as their programs wrote them: what is compressed (Codex keeps rollouts
 * that nobody has touched for a week as .jsonl.zst; people gzip logs) is
 * unpacked into a file without a name.
 */
#ifndef IMPORT_PLAIN_H
#define IMPORT_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* More than this does not come out of one file. */
#define PLAIN_MAX	((int64_t)16 << 30)

/*
 * A descriptor to read the bytes from, at their beginning: fd itself, or a new
 * one, which the caller closes, if fd is a regular file that is compressed as
 * gzip or zstd. -1 with the cause in e (name is for it): damaged, too large,
 * no room. *cut (may be NULL) is set when the end is missing: what there is
 * can be read.
 */
int plain_open(int fd, const char *name, bool *cut, struct err *e);

#endif

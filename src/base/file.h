/*
 * Whole files: read one with a ceiling, write one so that it appears whole or
 * not at all.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the file's bytes to b. path "-" is standard input. 0, or -1 with
 * the path and cause in e. Over max bytes is an error.
 */
int file_read(const char *path, size_t max, struct buf *b, struct err *e);

/* The same from an open descriptor; name is for the message. */
int file_read_fd(int fd, const char *name, size_t max, struct buf *b,
    struct err *e);

/*
 * Writes path by way of a temporary file beside it, fsync and rename. A link is
 * followed, and what is no file (a pipe, a device) is written to as it is. 0, or
 * -1 with the path and cause in e.
 */
int file_write_atomic(const char *path, const void *p, size_t n, mode_t mode,
    struct err *e);

/* All n bytes or -1 with errno. Retries EINTR and short writes. */
int file_write_all(int fd, const void *p, size_t n);

#endif

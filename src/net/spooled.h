/*
 * Reads a spool (net/spool.h) in the order it was written, beside whoever
 * writes it, and forgets what is done with. One reader at a time.
 *
 * How far it has come is kept in the file .shipped of the folder. What was
 * handed out and not forgotten before a crash is handed out again.
 */
#ifndef NET_SPOOLED_H
#define NET_SPOOLED_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct spooled;

/*
 * Locks the folder against other readers. NULL with the folder and cause in
 * e, and errno EWOULDBLOCK when another reader has it.
 */
struct spooled *spooled_open(const char *dir, struct err *e);

/* What was handed out and not forgotten stays. NULL is fine. */
void spooled_close(struct spooled *s);

/*
 * Appends the next whole lines, about max bytes and one line at least, to
 * out. 1; 0 when there is nothing new for now; -1 with the cause. A line
 * longer than line_max, or anything else that makes a segment unreadable: it is
 * told, moved to the folder "aside" in the spool, and counted.
 */
int spooled_next(struct spooled *s, size_t max, size_t line_max,
    struct buf *out, struct err *e);

/* Segments that could not be read, and are out of the way. */
uint64_t spooled_aside(const struct spooled *s);

/*
 * What stands behind it: whole lines in the segments, and bytes. lines may be
 * NULL, which saves reading them. 0, or -1 with the cause.
 */
int spooled_waiting(const struct spooled *s, uint64_t *lines, uint64_t *bytes,
    struct err *e);

/*
 * Everything handed out so far is done with: segments that are all read go,
 * but for the one that is being written. 0, or -1 with the cause.
 */
int spooled_forget(struct spooled *s, struct err *e);

#endif

/*
 * Segments of a spool that are packed: NAME.ndjson.zst, a Zstandard frame of
 * what NAME.ndjson held (zstdcat shows it). To everybody who reads a spool
 * through these functions they are segments like the others, and places in
 * them count unpacked bytes.
 */
#ifndef NET_SPOOLPACK_H
#define NET_SPOOLPACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define SPOOL_STAMP_LEN	16	/* 20261121T033000Z */
#define SPOOL_NAME_LEN	30	/* 20261121T033000Z-000001.ndjson */

/* Is it the name of a segment, packed or not? */
bool spoolpack_is_segment(const char *name);

/* Is it the name of one that is packed? */
bool spoolpack_is_packed(const char *name);

/* Is it what spoolpack_pack was making when the machine stopped? */
bool spoolpack_is_part(const char *name);

/*
 * Packs the segment of the folder. The packed one is durable, and whole under
 * its name, before the other goes. 0; or -1 with the cause, the segment being
 * what it was.
 */
int spoolpack_pack(int dir, const char *name, struct err *e);

/*
 * Opens the segment for reading: itself, or an unpacked copy without a name.
 * -1 with the cause in e, errno ENOENT when there is neither.
 */
int spoolpack_open(int dir, const char *name, struct err *e);

/* Removes the segment in either form. 0, also when there is none; -1. */
int spoolpack_remove(int dir, const char *name);

#endif

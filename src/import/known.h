/*
 * What earlier runs have read and written (--state): per session how its files
 * looked and, in 64 bits each, which spans went out and which calls were
 * counted. A file of JSON lines, replaced as a whole; behind the data itself,
 * so a run that dies writes things again and loses none.
 */
#ifndef IMPORT_KNOWN_H
#define IMPORT_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "import/map.h"
#include "import/once.h"

struct known_session {
	struct known_session	*next;
	char			*name;
	uint64_t		 look;		/* of its files; 0: read again */
	struct buf		 spans;		/* 8 bytes each */
	struct buf		 calls;		/* hash and owner, 16 bytes */
};

struct known {
	struct known_session	*first;
	struct map		 map;
	struct once		 written;	/* spans of all sessions */
	bool			 changed;	/* since it was read or saved */
};

void known_fini(struct known *k);

/*
 * Reads the file, if it is there; calls go into once, too. 0, or -1 with the
 * cause in e: unreadable, or no state of ours.
 */
int known_load(struct known *k, const char *path, struct once *once,
    struct err *e);

/* Writes it, if it has changed. 0, or -1 with the cause in e. */
int known_save(struct known *k, const char *path, struct err *e);

/* The session, made if need be; NULL: out of memory. */
struct known_session *known_session(struct known *k, const char *name,
    size_t n);

#endif

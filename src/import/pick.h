/*
 * Which turns and spans go out: those in a window of time, of a project, and
 * not written by an earlier run.
 */
#ifndef IMPORT_PICK_H
#define IMPORT_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/model.h"
#include "base/buf.h"
#include "base/err.h"
#include "import/once.h"

struct pick_rules {
	uint64_t	 since, until;	/* ns since 1970; 0: open */
	const char	*project;	/* name or folder; NULL: any */
	/*
	 * Spans of this run, so that a copy of a file says nothing again, and
	 * of earlier ones; NULL: not asked. What goes out is added, and
	 * appended to news (8 bytes each; NULL: nobody keeps it).
	 */
	struct once	*written;
	struct buf	*news;
	/*
	 * The session is still being written: what may change (a turn that
	 * has not ended, an answer that is coming in) waits for a later look.
	 */
	bool		 young;
	bool		 waits;		/* something does */
	uint64_t	 spans, known;	/* out; not again */
};

/* A turn is inside when it begins inside. The folder is the last one seen. */
bool pick_turn(const struct pick_rules *p, const struct model *m);

/* Has the span, as it is, not been written yet? 1, 0, or -1 (memory). */
int pick_span(struct pick_rules *p, const struct node *n);

/*
 * "2026-11-21", "2026-11-21T10:00:00Z", "2026-11-21 10:00" (local time, as is
 * a day), "today", "yesterday", "7d" (ago). end: a day or "today" means its
 * end. 0, or -1 with the cause in e.
 */
int pick_time(const char *s, bool end, uint64_t now, uint64_t *ns,
    struct err *e);

#endif

/*
 * Records taken into a spool before anything else is done with them. The
 * spool is opened for writing with the first one, so that no lock is taken
 * where there is nothing to write.
 */
#ifndef SINK_INTAKE_H
#define SINK_INTAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/spool.h"

struct intake {
	struct spool_conf	 conf;		/* filled in by intake_init */
	struct spool		*spool;		/* NULL: nothing came yet */
	struct buf		 pending;	/* whole lines not yet written */
	uint64_t		 lines;		/* taken, and durable */
	uint64_t		 npending;	/* lines in pending */
	uint64_t		 lost;		/* dropped to make room */
};

/* limit: bytes of all segments together; beyond, the oldest go. */
void intake_init(struct intake *t, const char *dir, int64_t limit,
    const struct clock *clock);

/*
 * Takes a line. 0, or 1 when so much has come together that intake_keep is to
 * be called; -1 when memory has run out.
 */
int intake_line(struct intake *t, const char *p, size_t n);

/*
 * Makes everything taken durable, and drops what is over the limit. 0, or -1
 * with the cause: then what is pending is in no file.
 */
int intake_keep(struct intake *t, struct err *e);

/* As intake_keep, and writes no more: readers may finish the last segment. */
int intake_close(struct intake *t, struct err *e);

/* Lets go of everything, kept or not. */
void intake_fini(struct intake *t);

#endif

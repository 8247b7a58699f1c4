/*
 * What was accepted by whom, so that nothing is sent twice: a hash a record
 * and destination (its URL and its project, see sink/dest.h), over all bytes of
 * the record, so that one which has changed is another. Files in the spool:
 *
 *	.accepted	since the spool was last forgotten: after a crash these
 *			are in the spool and at the server
 *	.delivered	before that, LEDGER_WINDOW of them at least, the older
 *	.delivered.1	half apart: for those who replay what was delivered
 */
#ifndef SINK_LEDGER_H
#define SINK_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define LEDGER_WINDOW	250000
#define LEDGER_KEY	16		/* bytes */

struct ledger {
	int		 dir;		/* -1: there is none */
	int		 fd;		/* of .accepted */
	bool		 all;		/* .delivered counts as well */
	struct buf	 fresh;		/* what .accepted holds */
	unsigned char	*slot;		/* a hash table; all 0: free */
	size_t		 nslot, used;
};

/* all: also what was delivered long ago. 0, or -1 with the cause. */
int ledger_open(struct ledger *l, const char *dir, bool all, struct err *e);
void ledger_fini(struct ledger *l);

/* The destination has accepted this line before, as it is. */
bool ledger_knows(const struct ledger *l, const char *to, const char *p,
    size_t n);

/* Notes a line that has been accepted; ledger_write makes it last. */
int ledger_add(struct ledger *l, const char *to, const char *p, size_t n);

/* Writes what was added since the last time. 0, or -1 with errno. */
int ledger_write(struct ledger *l);

/* The spool has forgotten it all. 0, or -1 with errno. */
int ledger_settle(struct ledger *l);

#endif

/*
 * What is written down of a request that was accepted: a receipt for people,
 * and the ledger (ledger.h) of its records when there is a spool. A receipt
 * is a line
 *
 *	{"time":"...Z","to":"langfuse","url":"...","signal":"traces",
 *	"count":12,"bytes":3456,"status":200,"sha256":"..."}
 *
 * bytes and hash being those of the request as it was sent.
 */
#ifndef SINK_PROOF_H
#define SINK_PROOF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"
#include "sink/ledger.h"

struct outbox;
struct parcel;

struct proof {
	const struct clock	*clock;
	const char		*path;		/* of receipts, or NULL */
	int			 fd;
	bool			 has_ledger;
	struct ledger		 ledger;
	bool			 failed;	/* to write, and told */
};

/*
 * path: for receipts; spool: where the ledger is; either may be NULL. all: as
 * ledger_open. 0, or -1 with the cause.
 */
int proof_open(struct proof *f, const char *path, const char *spool, bool all,
    const struct clock *clock, struct err *e);
void proof_fini(struct proof *f);

/* That destination (self of struct dest_way) has accepted the line before. */
bool proof_known(const struct proof *f, const char *self, const char *line,
    size_t n);

/* The parcel was accepted with that status. */
void proof_accepted(struct proof *f, const struct parcel *p, int status);

/* The spool has forgotten what was accepted. */
void proof_settle(struct proof *f);

#endif

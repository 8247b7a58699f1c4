/*
 * What aitrace-ship is made of. It runs in one of these ways, each a file with
 * the functions of a stage (record/stage.h):
 *
 *	ship/direct.h	records are read and sent; nothing is kept on disk
 *	ship/queue.h	--spool: what is read is kept on disk, and delivered
 *			from there
 *	ship/rehearse.h	the same with --dry-run: only said
 *	ship/routed.h	--route: the same for many destinations, of which
 *			rules give each its records
 *	ship/verified.h	--verify: nothing is sent, Langfuse is asked
 */
#ifndef SHIP_SHIP_H
#define SHIP_SHIP_H

#include <stdbool.h>

#include "base/clock.h"
#include "record/stage.h"
#include "route/desk.h"
#include "route/trial.h"
#include "ship/options.h"
#include "ship/progress.h"
#include "sink/backlog.h"
#include "sink/intake.h"
#include "sink/period.h"
#include "sink/proof.h"
#include "sink/refusals.h"
#include "sink/shipper.h"
#include "sink/verify.h"

#define SHIP_HURRY	(10 * CLOCK_S)	/* after a signal to stop */

struct ship {
	struct ship_options o;

	struct shipper	 shipper;
	struct backlog	 backlog;
	struct backlog	 again;		/* what was parked: in spool/retry */
	struct buf	 again_dir;
	struct intake	 intake;
	struct refusals	 refusals;
	struct proof	 proof;
	struct desk	 desk;		/* with --route, instead of these */
	struct trial	 trial;		/* and with --dry-run as well */
	struct verify	 verify;	/* with --verify */
	struct period	 period;
	uint64_t	 outside;	/* of it: not sent */
	uint64_t	 waiting;	/* in the spool, at the end */
	struct buf	 kept;		/* of these, to stay in the spool */
	struct progress	 progress;
	uint64_t	 read, total;	/* bytes of input; 0: nobody knows */
	uint64_t	 behind;	/* bytes of the spool, when last looked */
	struct stage_io	*io;
	int		 nfiles;
	bool		 accepts;	/* input, into the spool */
	bool		 ended;		/* the input has */
};

/*
 * Adds the destinations of the options, which are checked by then. 0, or an
 * exit code, told.
 */
int ship_dests(struct ship *x);

/* Opens what refusals, receipts and the rest are written to. As above. */
int ship_files(struct ship *x);

/* Shows how far it has come. */
void ship_progress(struct ship *x);

/* Why a stage's function fails: its exit code, told. */
int ship_failed(const struct ship *x);

#endif

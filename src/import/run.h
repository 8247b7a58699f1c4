/*
 * A run of aitrace-import: which files are read and when, what is told of
 * them, what is remembered for the next run.
 */
#ifndef IMPORT_RUN_H
#define IMPORT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "import/import.h"
#include "import/known.h"
#include "import/places.h"
#include "import/watch.h"
#include "record/stage.h"

struct run {
	/* What is asked for. */
	char			**files;	/* and folders; "-": stdin */
	int			 nfiles;	/* 0: where the CLIs keep them */
	bool			 null;		/* names on stdin */
	bool			 follow;
	const char		*state;		/* file, or NULL */
	int64_t			 settle;	/* ns */
	uint64_t		 oldest;	/* older files are not read */
	struct stage_io		*io;
	struct import		 im;		/* made by the caller */

	struct places		 places;
	struct buf		 names;		/* of --null */
	struct known		 known;		/* with --state, --follow */
	struct watch		 watch;
	int			 lock;
	bool			 waits;		/* for a session to settle */
	uint64_t		 nread;
	/*
	 * Set by who takes the calls or the records before it gives up: the
	 * exit code of what it has told; 0: nothing was told.
	 */
	int			 told;
	/* Of the file being read. */
	uint64_t		 line, bad;
	char			 why[128];
};

/* Does it all, and tells what goes wrong. 0, or an exit code. */
int run_all(struct run *x);

/* Frees all but im. */
void run_fini(struct run *x);

#endif

/*
 * What transcripts say was spent: read, priced and counted in one process, with
 * the figures that aitrace-import | aitrace-price | aitrace-report would give.
 * Where only calls are asked for, transcripts that can tell them alone make no
 * records on the way.
 */
#ifndef SPENT_SPENT_H
#define SPENT_SPENT_H

#include <stdbool.h>

#include "import/run.h"
#include "price/pricer.h"
#include "record/stage.h"
#include "report/conf.h"
#include "report/report.h"

/* Places in the report's pick, of what a call is grouped by. */
struct spent_names {
	int	session, agent, provider, model, project, version;
};

struct spent {
	struct report		*report;
	struct pricer		 pricer;
	struct spent_names	 names;
	bool			 calls;		/* nothing else is counted */
	struct run		 run;
	struct emit_opts	 emit;
	/* Of sources that make records. */
	struct out		 out;
	struct buf		 rest;		/* a line's beginning */
	struct record		 rec;
	/* Of a call that is none. */
	struct record		 about;		/* its resource */
	struct buf		 text, provider;
};

/*
 * Reads the files and folders of x (none: where the CLIs keep them) and counts
 * what they say. What is wrong with a file, and what has no price, is told. 0,
 * or an exit code.
 */
int spent_all(struct spent *s, const struct conf *x, struct report *r,
    struct stage_io *io);

/* Appends what was read, as " name=count". */
void spent_summarize(const struct spent *s, struct buf *line);

/* Also of one that was never used (all zeros). */
void spent_fini(struct spent *s);

/*
 * spent-call.c: one call, priced and counted. 0, or an exit code that was
 * told.
 */
int spent_names(struct spent *s);
int spent_call(struct spent *s, const struct import_call *c);

/* spent-record.c: the same of a record, whatever it is. */
int spent_record(struct spent *s, const struct record *r);

/* The cost of the call in s->pricer.call, to f. 0, or an exit code. */
int spent_cost(struct spent *s, struct facts *f);

/* Tells it; the exit code. */
int spent_no_memory(void);

#endif

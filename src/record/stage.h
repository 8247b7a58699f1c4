/*
 * The runtime every filter runs on: options, signals, the read loop, flushing
 * when input pauses, bad lines, the summary and the exit code. A program is an
 * option table, a few functions and
 *
 *	int main(int argc, char **argv)
 *	{ return stage_main(&stage, &ctx, argc, argv); }
 *
 * See src/cmd/example-stage.c for one to copy.
 *
 * Lines that are no JSON object (or too deep, or too long) never reach the
 * stage: they are passed on untouched, counted, reported and make the exit
 * status 65; with --strict the first one ends the run.
 */
#ifndef RECORD_STAGE_H
#define RECORD_STAGE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/opt.h"
#include "base/out.h"
#include "record/record.h"

struct stage_io {
	struct out		*out;		/* stdout, buffered */
	const struct clock	*clock;
	uint64_t		 in;		/* lines read */
	uint64_t		 bad;		/* lines that were no record */
	int			 status;	/* exit code so far: worst wins */
	uint64_t		 lineno;	/* of the current line */
	bool			 newline;	/* one stands behind it */
	const char		*file;		/* of the current line, "stdin" */
	bool			 done;		/* set by the stage: read no more */
	/*
	 * Set at any time: as done, but what has been read already, to the
	 * end of the last whole line, is still handed to the stage.
	 */
	bool			 stop;
	bool			 sink;		/* see struct stage; open may set it */
	bool			 keeps_bad;	/* bad lines do not go on */
	bool			 strict;	/* --strict */
	int64_t			 max_line;	/* --max-line */
};

struct stage {
	const char		*name;		/* program name */
	const char		*summary;	/* one sentence for --help */
	const char		*synopsis;	/* operands; NULL: "[FILE ...]" */
	const struct opt	*opts;		/* into ctx */

	/*
	 * stdout is no stream of records (a tree, a table, requests): lines
	 * that are no record are counted and reported, but not passed on.
	 */
	bool			 sink;

	/*
	 * Operands that stand before the files, and how many they are; or -1
	 * (already told on stderr). They outlive the run. May be NULL: none.
	 */
	int	(*operands)(void *ctx, int argc, char **argv);

	/* After the options. 0, or an exit code (already told on stderr). */
	int	(*open)(void *ctx, struct stage_io *io);

	/*
	 * One record; write to io->out what shall go on (stage_pass writes it
	 * as it came). The record lives until the function returns. 0, or an
	 * exit code that ends the run.
	 */
	int	(*record)(void *ctx, struct stage_io *io,
		    const struct record *r);

	/*
	 * A line that is no record, which then is not passed on: p[0..n), or
	 * a piece of one over --max-line, last telling the last. 0, or an
	 * exit code that ends the run. May be NULL: passed on, or left out by
	 * a sink.
	 */
	int	(*bad)(void *ctx, struct stage_io *io, const char *p,
		    size_t n, bool last);

	/*
	 * The input has paused: everything read so far was handled. Returns
	 * the time (mono) at which to be called again if still nothing came,
	 * or -1 for not before the next pause. May be NULL.
	 */
	int64_t	(*idle)(void *ctx, struct stage_io *io, int64_t now);

	/*
	 * Waits like poll(2) for the descriptors given; a stage with transfers
	 * of its own does them meanwhile. May be NULL: poll(2).
	 */
	int	(*wait)(void *ctx, struct pollfd *pfd, nfds_t n,
		    int timeout_ms);

	/* End of input, or INT/TERM: write what is held. May be NULL. */
	int	(*close)(void *ctx, struct stage_io *io);

	/* SIGHUP. May be NULL. */
	void	(*reload)(void *ctx, struct stage_io *io);

	/* Appends " key=value" pairs to the summary line. May be NULL. */
	void	(*summarize)(void *ctx, struct buf *line);

	/* Frees ctx's own. May be NULL. */
	void	(*fini)(void *ctx);
};

int stage_main(const struct stage *s, void *ctx, int argc, char **argv);

/* Writes the record as it came. 0, or 74. */
int stage_pass(struct stage_io *io, const struct record *r);

/*
 * The record is refused after all: counted, reported and told by the exit
 * code like a line that is none. With --strict the run ends. What becomes of
 * it is for the stage to do.
 */
void stage_bad(struct stage_io *io, const char *why);

/* Makes the exit code at least this bad (0 never lowers it). */
void stage_status(struct stage_io *io, int code);

#endif

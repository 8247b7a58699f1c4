/*
 * Reads what CLIs keep and print, whatever it is, and writes the turns: finds
 * the objects in a file or a log and hands each to the source that knows it.
 */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/lines.h"
#include "base/out.h"
#include "import/call.h"
#include "import/made.h"
#include "import/once.h"
#include "import/pick.h"
#include "import/source.h"
#include "import/spawned.h"

#define IMPORT_SOURCES	12	/* room for that many */
#define IMPORT_MEMBERS	64

struct import {
	struct made	 made;		/* where spans are written */
	struct spawned	 spawned;	/* sub-agents of Codex and Gemini CLI */
	struct once	 once;		/* calls that are counted already */
	struct once	 seen;		/* spans that another copy told */
	struct pick_rules	 pick;		/* what goes out */
	bool		 content;	/* false: --content none */
	size_t		 max_line;
	size_t		 max_memory;	/* of a session */

	const char	*name;		/* of the file being read */
	uint64_t	 lineno;
	uint64_t	 when;		/* ns: stood before the line; 0: none */
	uint64_t	 mtime;		/* ns: of the file; 0: none */
	uint64_t	 group;		/* whose files are being read */

	/* A line or file that should have been readable was not. */
	void	(*bad)(void *arg, const char *file, uint64_t line,
		    const char *why);
	void	*bad_arg;
	/*
	 * Set by the caller, if calls to models are all that is asked for: a
	 * source that can tell them apart tells them here, in less time, and
	 * writes no spans. 0, or -1 (memory).
	 */
	int	(*call)(void *arg, const struct import_call *c);
	void	*call_arg;

	bool	 failed;		/* memory; output: made.failed */
	bool	 last;			/* sources wait no longer */

	struct {
		void		*x;
		bool		 session;
	}		 reader[IMPORT_SOURCES];
	/*
	 * The members of the object that begins at indexed; it has no more.
	 * A source whose object it is need not walk it again.
	 */
	const char	*indexed;
	struct json_member member[IMPORT_MEMBERS];
	size_t		 nmember;

	struct buf	 text;		/* a document over several lines */
	struct buf	 clean;		/* a line without what surrounds it */
	struct buf	 utf8;
	uint64_t	 objects, others;	/* taken; of no source */
	uint64_t	 glanced;	/* taken without being read whole */
};

/* out and o are kept by reference. */
void import_init(struct import *im, const struct emit_opts *o,
    struct out *out);
void import_fini(struct import *im);

/*
 * Reads one file or stream to its end. 0; 1: a source waits for another file,
 * read it again after them; -1: memory or output (made.failed).
 */
int import_fd(struct import *im, int fd, const char *name);

/* All files of a session have been read. 0, or -1. */
int import_session_end(struct import *im);

/* Counts and tells: line 0 is the whole file. */
void import_bad(struct import *im, const char *why);

#endif

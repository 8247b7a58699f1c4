/*
 * A source is one kind of thing that CLIs keep or print. It is recognised by
 * what its lines say, not by the name of the file. Adding one is a file with a
 * struct source and a line in source.c.
 */
#ifndef IMPORT_SOURCE_H
#define IMPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "json/scan.h"

struct import;

struct source {
	const char	*name;		/* for -v: "Claude Code transcript" */

	/*
	 * It gets the lines of all files of one session (a transcript and
	 * those of its sub-agents) before its end, not of one file.
	 */
	bool		 session;

	/* Is the object one that this source writes, and no other? */
	bool	(*is)(struct json_val line);

	/* A reader of one file or session; NULL when out of memory. */
	void	*(*open)(struct import *im);

	/*
	 * One object for which is() holds, valid JSON and UTF-8, gone when the
	 * function returns. im->when is the time that stood in front of it in
	 * a log, im->mtime that of the file. 0; -1: memory, or the output
	 * failed (im->made.failed).
	 */
	int	(*line)(void *x, struct json_val line);

	/*
	 * For a source that tells calls (im->call): takes a line that is not
	 * known to be valid, and reads no more of it than it needs. 0; -1 as
	 * line; IMPORT_PASS: it is not the usual line, and not taken. May be
	 * NULL.
	 */
	int	(*glance)(void *x, const char *p, size_t n);

	/*
	 * All lines were given. True: something that another file will tell
	 * is missing, so the reader is closed without an end and the file is
	 * read again after all others (then nobody asks). May be NULL.
	 */
	bool	(*waits)(void *x);

	/* Writes what is left to write. 0, or -1 as line. */
	int	(*end)(void *x);
	void	(*close)(void *x);

	/*
	 * Files that are no lines of JSON: known by their first bytes (n <=
	 * 64), read from a file that can be seeked in and reopened by its
	 * path. 0; -1 as line; IMPORT_BAD after import_bad: it is damaged, or
	 * another's after all. All other members are NULL. May be NULL.
	 */
	bool	(*is_file)(const char *head, size_t n);
	int	(*file)(struct import *im, int fd, const char *path);
};

#define IMPORT_BAD	1
#define IMPORT_PASS	1

/* All of them; ends with NULL. */
extern const struct source *const sources[];

/* The source of the object; NULL: of none. hint is tried first, if not NULL. */
const struct source *source_of(struct json_val line,
    const struct source *hint);

extern const struct source source_transcript, source_printed, source_rollout,
    source_chat, source_codex_printed, source_gemini_printed, source_opencode,
    source_opencode_printed;

#endif

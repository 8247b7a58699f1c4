/*
 * The objects of a line: whole, behind what a service puts in front of it,
 * broken over several lines, or written into the middle of another. Each goes
 * to the source that knows it.
 */
#ifndef IMPORT_IMPORT_LINE_H
#define IMPORT_IMPORT_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "import/import.h"

/* The lines of one file; all zeros but for im at its beginning. */
struct reading {
	struct import		*im;
	const struct source	*hint;	/* of the object before */
	size_t			 doc;	/* what stands before its lines, + 1 */
	bool			 torn;	/* text is the beginning of a line */
};

/* A line without its end. 0; -1: memory, or the output (im->failed is set). */
int import_line(struct reading *r, const char *p, size_t n);

#endif

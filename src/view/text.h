/*
 * Foreign text in terminal columns. What could act on a terminal is escaped
 * (utf8_vis), and what is too wide is cut between characters.
 */
#ifndef VIEW_TEXT_H
#define VIEW_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct text {
	const char	*p;		/* n bytes of anything */
	size_t		 n;
};

/* Columns the text takes when nothing is cut. */
size_t text_width(const char *p, size_t n);

/*
 * Appends as much of the text as fits into cols columns; a cut is shown by an
 * ellipsis ("..." with ascii). Returns the columns taken, at most cols.
 */
size_t text_put(struct buf *b, const char *p, size_t n, size_t cols,
    bool ascii);

/* Appends n spaces. */
void text_pad(struct buf *b, size_t n);

/*
 * Appends the text in one line: runs of white space become one space, at the
 * ends none. At most max bytes of p are taken, cut between characters.
 */
void text_squeeze(struct buf *b, const char *p, size_t n, size_t max);

#endif

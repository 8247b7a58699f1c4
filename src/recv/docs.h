/*
 * Finds the JSON documents in a stream of text: one a line (the Collector's
 * file exporter), pretty-printed over many, or joined without any space.
 * Holds at most one document, and knows where to go on behind a broken one.
 */
#ifndef RECV_DOCS_H
#define RECV_DOCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct docs {
	const char	*text;		/* n bytes */
	size_t		 n;
	struct buf	 own;		/* where they are kept */
	size_t		 max;		/* longest document */
	size_t		 pos;		/* the document begins here */
	size_t		 seen;		/* looked at up to here */
	uint64_t	 line;		/* of pos */
	size_t		 guess;		/* length of the line offered last */
	uint64_t	 guess_line;
	unsigned	 depth;
	bool		 walking;	/* braces are counted */
	bool		 in_string, escaped;
	bool		 skipping;	/* a document over max is passed over */
	bool		 begun;		/* a byte-order mark has been dealt with */
	const char	*why;		/* of DOCS_BAD */
};

enum docs_res {
	DOCS_OK,	/* *p, *n is (likely) a document; see docs_retry */
	DOCS_MORE,	/* feed more, or end */
	DOCS_BAD	/* d->why, at d->line; go on with the next */
};

void docs_init(struct docs *d, size_t max);
void docs_fini(struct docs *d);

/*
 * Appends bytes. 0, or -1 when out of memory. Slices become invalid. last:
 * nothing will follow; p may then be read in place and stays until docs_fini.
 */
int docs_feed(struct docs *d, const char *p, size_t n, bool last);

/*
 * The next document. eof: nothing will follow. *line is where it begins. It
 * stays valid until the next call. A whole line is offered without counting
 * braces; if it turns out not to be one document, docs_retry offers what lies
 * between the first brace and its partner instead.
 */
enum docs_res docs_next(struct docs *d, bool eof, const char **p, size_t *n,
    uint64_t *line);

/*
 * True: the document offered last was only a guess, and docs_next will look
 * closer at the same place. False: it stands.
 */
bool docs_retry(struct docs *d);

#endif

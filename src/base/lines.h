/*
 * Reads lines from a file descriptor in large blocks, with a ceiling on the
 * length of a line. Nothing is copied: a line is a slice of the block and
 * stays valid until the next lines_fill.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines {
	int		 fd;
	char		*p;
	size_t		 cap;
	size_t		 beg;		/* first byte not handed out yet */
	size_t		 end;		/* end of what was read */
	size_t		 seen;		/* no newline in beg..seen */
	size_t		 max;		/* longest line, without its newline */
	bool		 eof;
	bool		 in_long;	/* inside a line over the ceiling */
	uint64_t	 lineno;	/* of the line handed out last */
	uint64_t	 bytes;		/* read so far */
	int		 error;		/* errno of a failed read */
};

enum lines_res {
	LINES_OK,	/* *p, *n: a whole line without its newline */
	LINES_MORE,	/* no whole line here: call lines_fill */
	LINES_PART,	/* *p, *n: bytes of a line over the ceiling */
	LINES_PART_END,	/* its last bytes; the newline is not included */
	LINES_EOF,
	LINES_ERROR	/* l->error tells */
};

/* Takes the descriptor but never closes it. */
void lines_init(struct lines *l, int fd, size_t max_line);
void lines_fini(struct lines *l);

/*
 * The next buffered line. Never reads. A last line without a newline counts
 * as a line once the end was seen.
 */
enum lines_res lines_next(struct lines *l, const char **p, size_t *n);

/*
 * One read(2), as much as there is room for, growing the room if a line is
 * longer than the block. LINES_OK, LINES_EOF or LINES_ERROR (EINTR and EAGAIN
 * count as LINES_OK: nothing new).
 */
enum lines_res lines_fill(struct lines *l);

#endif

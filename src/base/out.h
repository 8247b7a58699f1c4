/*
 * A buffered writer over a file descriptor. Errors are sticky: err holds the
 * errno of the first failed write and later writes do nothing. Bytes leave in
 * blocks; a piece larger than the block is written straight from where it is.
 */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define OUT_PIECES	128

struct out {
	int		 fd;
	int		 err;
	size_t		 n;		/* bytes in the block */
	size_t		 cap;
	char		*p;		/* the block */
	uint64_t	 bytes;		/* accepted so far */
	/* What leaves next, in order: v, then the block from `from` on. */
	struct iovec	 v[OUT_PIECES + 3];
	size_t		 nv;
	size_t		 from;
	size_t		 sliced;	/* bytes of v outside the block */
	/*
	 * Takes the pieces instead of the descriptor, if not NULL: 0, or -1
	 * with errno.
	 */
	int		(*take)(void *arg, const struct iovec *v, size_t n);
	void		*arg;
};

/* cap 0: the default block of 128 KiB. Returns 0, or -1 when out of memory. */
int out_init(struct out *o, int fd, size_t cap);

/* Frees the block; does not flush and does not close. */
void out_fini(struct out *o);

/* 0, or -1 with o->err set. Retries EINTR; waits on EAGAIN. */
int out_write(struct out *o, const void *p, size_t n);
int out_putc(struct out *o, char c);

/*
 * Like out_write, but the bytes are not copied: they must stay where they are
 * until out_settle or out_flush. Slices that follow one another in memory
 * leave as one piece; short ones are copied all the same.
 */
int out_slice(struct out *o, const void *p, size_t n);

/* The slices are taken care of: their memory may be used again. */
int out_settle(struct out *o);

int out_flush(struct out *o);

#endif

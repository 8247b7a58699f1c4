/*
 * A buffered writer over a file descriptor. Errors are sticky: err holds the
 * errno of the first failed write and later writes do nothing. Bytes leave in
 * blocks; a piece larger than the block is written straight from where it is.
 */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stddef.h>
#include <stdint.h>

struct out {
	int		 fd;
	int		 err;
	size_t		 n;
	size_t		 cap;
	char		*p;
	uint64_t	 bytes;		/* accepted so far */
};

/* cap 0: the default block of 128 KiB. Returns 0, or -1 when out of memory. */
int out_init(struct out *o, int fd, size_t cap);

/* Frees the block; does not flush and does not close. */
void out_fini(struct out *o);

/* 0, or -1 with o->err set. Retries EINTR; waits on EAGAIN. */
int out_write(struct out *o, const void *p, size_t n);
int out_putc(struct out *o, char c);
int out_flush(struct out *o);

#endif

#include "base/out.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define OUT_BLOCK	(128 * 1024)

int
out_init(struct out *o, int fd, size_t cap)
{
	memset(o, 0, sizeof(*o));
	o->fd = fd;
	o->cap = cap != 0 ? cap : OUT_BLOCK;
	o->p = malloc(o->cap);
	return o->p != NULL ? 0 : -1;
}

void
out_fini(struct out *o)
{
	free(o->p);
	o->p = NULL;
	o->n = o->cap = 0;
}

static int
out_wait(struct out *o)
{
	struct pollfd pfd = { .fd = o->fd, .events = POLLOUT };

	if (poll(&pfd, 1, -1) == -1 && errno != EINTR) {
		o->err = errno;
		return -1;
	}
	return 0;
}

/* Writes the block, then the piece behind it. */
static int
out_push(struct out *o, const void *p, size_t n)
{
	union { const void *c; void *v; } u = { .c = p != NULL ? p : o->p };
	struct iovec v[2] = { { o->p, o->n }, { u.v, n } };
	size_t done;
	ssize_t w;

	while (v[0].iov_len + v[1].iov_len > 0) {
		w = writev(o->fd, v, 2);
		if (w == -1) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN && out_wait(o) == 0)
				continue;
			if (o->err == 0)
				o->err = errno;
			return -1;
		}
		done = (size_t)w;
		for (int i = 0; i < 2; i++) {
			size_t k = done < v[i].iov_len ? done : v[i].iov_len;

			v[i].iov_base = (char *)v[i].iov_base + k;
			v[i].iov_len -= k;
			done -= k;
		}
	}
	o->n = 0;
	return 0;
}

int
out_settle(struct out *o)
{
	const char *p = o->slice;
	size_t n = o->nslice;

	if (o->err != 0)
		return -1;
	if (n == 0)
		return 0;
	o->slice = NULL;
	o->nslice = 0;
	if (n > o->cap - o->n)
		return out_push(o, p, n);
	memcpy(o->p + o->n, p, n);
	o->n += n;
	return 0;
}

int
out_slice(struct out *o, const void *p, size_t n)
{
	if (o->slice != NULL && o->slice + o->nslice == (const char *)p) {
		o->nslice += n;
		o->bytes += n;
		return o->err != 0 ? -1 : 0;
	}
	if (out_settle(o) == -1)
		return -1;
	o->slice = p;
	o->nslice = n;
	o->bytes += n;
	return 0;
}

int
out_write(struct out *o, const void *p, size_t n)
{
	if (o->nslice > 0 && out_settle(o) == -1)
		return -1;
	if (o->err != 0)
		return -1;
	o->bytes += n;
	if (n > o->cap - o->n)
		return out_push(o, p, n);
	memcpy(o->p + o->n, p, n);
	o->n += n;
	return 0;
}

int
out_putc(struct out *o, char c)
{
	if (o->n < o->cap && o->err == 0 && o->nslice == 0) {
		o->p[o->n++] = c;
		o->bytes++;
		return 0;
	}
	return out_write(o, &c, 1);
}

int
out_flush(struct out *o)
{
	const char *p = o->slice;
	size_t n = o->nslice;

	if (o->err != 0)
		return -1;
	o->slice = NULL;
	o->nslice = 0;
	return o->n + n != 0 ? out_push(o, p, n) : 0;
}

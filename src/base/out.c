#include "base/out.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUT_BLOCK	(128 * 1024)
#define OUT_SHORT	256	/* a piece of its own costs more than a copy */

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
	o->n = o->cap = o->nv = o->from = o->sliced = 0;
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

static void
add_piece(struct out *o, const void *p, size_t n)
{
	union { const void *c; void *v; } u = { .c = p };

	if (n > 0)
		o->v[o->nv++] = (struct iovec){ u.v, n };
}

/* What was written into the block since the last slice becomes a piece. */
static void
close_run(struct out *o)
{
	add_piece(o, o->p + o->from, o->n - o->from);
	o->from = o->n;
}

/* Writes all that waits, then the bytes behind it. */
static int
out_push(struct out *o, const void *p, size_t n)
{
	struct iovec *v = o->v, *end;
	size_t done;
	ssize_t w;

	close_run(o);
	add_piece(o, p, n);
	end = v + o->nv;
	if (o->take != NULL) {
		if (o->take(o->arg, v, o->nv) == -1) {
			o->err = o->err != 0 ? o->err : errno;
			return -1;
		}
		v = end;
	}
	while (v < end) {
		w = writev(o->fd, v, (int)(end - v));
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
		while (v < end && done >= v->iov_len)
			done -= v++->iov_len;
		if (v < end) {
			v->iov_base = (char *)v->iov_base + done;
			v->iov_len -= done;
		}
	}
	o->n = o->nv = o->from = o->sliced = 0;
	return 0;
}

/* Everything that waits into the block, which has room for it. */
static void
gather(struct out *o)
{
	size_t at = o->n + o->sliced;

	close_run(o);
	o->n = o->from = at;
	/* From the last: what is in the block only moves to higher places. */
	while (o->nv > 0) {
		const struct iovec *v = &o->v[--o->nv];

		at -= v->iov_len;
		memmove(o->p + at, v->iov_base, v->iov_len);
	}
	o->from = 0;
	o->sliced = 0;
}

int
out_settle(struct out *o)
{
	if (o->err != 0)
		return -1;
	if (o->sliced == 0)
		return 0;
	/* Little waits for more; much is not copied just to wait. */
	if (o->sliced > o->cap / 4 || o->sliced > o->cap - o->n)
		return out_push(o, NULL, 0);
	gather(o);
	return 0;
}

int
out_slice(struct out *o, const void *p, size_t n)
{
	struct iovec *last = o->nv > 0 ? &o->v[o->nv - 1] : NULL;

	if (o->sliced > 0 && o->from == o->n &&
	    (const char *)last->iov_base + last->iov_len == (const char *)p) {
		last->iov_len += n;
		o->sliced += n;
		o->bytes += n;
		return o->err != 0 ? -1 : 0;
	}
	if (n < OUT_SHORT)
		return out_write(o, p, n);
	if (o->err != 0 || (o->nv >= OUT_PIECES && out_push(o, NULL, 0) == -1))
		return -1;
	close_run(o);
	add_piece(o, p, n);
	o->sliced += n;
	o->bytes += n;
	return 0;
}

int
out_write(struct out *o, const void *p, size_t n)
{
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
	if (o->n < o->cap && o->err == 0) {
		o->p[o->n++] = c;
		o->bytes++;
		return 0;
	}
	return out_write(o, &c, 1);
}

int
out_flush(struct out *o)
{
	if (o->err != 0)
		return -1;
	return o->n + o->sliced != 0 ? out_push(o, NULL, 0) : 0;
}

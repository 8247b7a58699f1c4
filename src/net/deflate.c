#include "net/deflate.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>

#define LEVEL	1

struct deflate {
	struct libdeflate_compressor	*c;
};

struct deflate *
deflate_new(void)
{
	struct deflate *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	if ((d->c = libdeflate_alloc_compressor(LEVEL)) == NULL) {
		free(d);
		return NULL;
	}
	return d;
}

void
deflate_free(struct deflate *d)
{
	if (d == NULL)
		return;
	libdeflate_free_compressor(d->c);
	free(d);
}

int
deflate_gzip(struct deflate *d, const void *p, size_t n, struct buf *out)
{
	size_t bound = libdeflate_gzip_compress_bound(d->c, n), made;
	char *room = buf_room(out, bound);

	if (room == NULL)
		return -1;
	made = libdeflate_gzip_compress(d->c, p, n, room, bound);
	if (made == 0) {	/* cannot be: the bound is the library's own */
		out->err = EMSGSIZE;
		return -1;
	}
	out->n += made;
	return 0;
}

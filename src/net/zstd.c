#include "config.h"

#include "net/zstd.h"

#include <stdlib.h>
#include <zstd.h>

struct zstd {
	ZSTD_DStream	*s;
	size_t		 want;	/* 0: between frames */
};

struct zstd *
zstd_new(int window_log)
{
	struct zstd *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return NULL;
	z->s = ZSTD_createDStream();
	if (z->s == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(z->s,
	    ZSTD_d_windowLogMax, window_log))) {
		zstd_free(z);
		return NULL;
	}
	return z;
}

void
zstd_free(struct zstd *z)
{
	if (z == NULL)
		return;
	(void)ZSTD_freeDStream(z->s);
	free(z);
}

long
zstd_step(struct zstd *z, const char **p, size_t *n, char *out, size_t cap,
    struct err *e)
{
	ZSTD_inBuffer in = { *p, *n, 0 };
	ZSTD_outBuffer to = { out, cap, 0 };
	size_t res;

	res = ZSTD_decompressStream(z->s, &to, &in);
	if (ZSTD_isError(res))
		return err_set(e, "bad zstd data: %s", ZSTD_getErrorName(res));
	*p += in.pos;
	*n -= in.pos;
	z->want = res;
	return (long)to.pos;
}

bool
zstd_open(const struct zstd *z)
{
	return z->want != 0;
}

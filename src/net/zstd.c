#include "config.h"

#include "net/zstd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define BLOCK		(128 * 1024)
#define LEVEL		1	/* a writer waits for it */
#define WINDOW_LOG	27

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

static int
write_all(int fd, const char *p, size_t n, struct err *e)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1)
			return err_set(e, "%s", strerror(errno));
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

/* Up to n bytes; 0 at the end, -1. */
static ssize_t
read_some(int fd, char *p, size_t n, struct err *e)
{
	ssize_t got;

	do
		got = read(fd, p, n);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		(void)err_set(e, "%s", strerror(errno));
	return got;
}

/* Packs one block; at the end of the file the frame is closed. */
static int
pack_block(ZSTD_CCtx *z, int to, const char *p, size_t n, char *out,
    struct err *e)
{
	ZSTD_EndDirective how = n == 0 ? ZSTD_e_end : ZSTD_e_continue;
	ZSTD_inBuffer in = { p, n, 0 };
	size_t left;

	do {
		ZSTD_outBuffer o = { out, BLOCK, 0 };

		left = ZSTD_compressStream2(z, &o, &in, how);
		if (ZSTD_isError(left))
			return err_set(e, "zstd: %s",
			    ZSTD_getErrorName(left));
		if (write_all(to, out, o.pos, e) == -1)
			return -1;
	} while (in.pos < in.size || (how == ZSTD_e_end && left > 0));
	return 0;
}

int
zstd_pack(int from, int to, struct err *e)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	char *in = malloc(2 * BLOCK);
	ssize_t n = 1;
	int rc = 0;

	if (z == NULL || in == NULL ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel,
	    LEVEL)) || ZSTD_isError(ZSTD_CCtx_setParameter(z,
	    ZSTD_c_checksumFlag, 1)))
		rc = err_set(e, "out of memory");
	while (rc == 0 && n > 0) {
		n = read_some(from, in, BLOCK, e);
		rc = n == -1 ? -1 : pack_block(z, to, in, (size_t)n,
		    in + BLOCK, e);
	}
	free(in);
	(void)ZSTD_freeCCtx(z);
	return rc;
}

int
zstd_unpack(int from, int to, struct err *e)
{
	struct zstd *z = zstd_new(WINDOW_LOG);
	char *in = malloc(2 * BLOCK);
	ssize_t n = 1;
	int rc = 0;

	if (z == NULL || in == NULL)
		rc = err_set(e, "out of memory");
	while (rc == 0 && (n = read_some(from, in, BLOCK, e)) > 0) {
		const char *p = in;
		size_t left = (size_t)n;
		long got;

		do {
			got = zstd_step(z, &p, &left, in + BLOCK, BLOCK, e);
			if (got > 0 && write_all(to, in + BLOCK, (size_t)got,
			    e) == -1)
				got = -1;
		} while (got == BLOCK || (got >= 0 && left > 0));
		if (got == -1)
			rc = -1;
	}
	if (n == -1)
		rc = -1;
	else if (rc == 0 && zstd_open(z))
		rc = err_set(e, "the zstd data are cut short");
	free(in);
	zstd_free(z);
	return rc;
}

#include "config.h"

#include "net/inflate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "net/zstd.h"

#define STEP		((size_t)64 * 1024)	/* unpacked at a time */
#define FEED_MAX	((size_t)1 << 30)	/* zlib counts in 32 bits */
#define WINDOW_HTTP	23
#define WINDOW_FILE	27

enum zstate {
	Z_FRESH,	/* nothing seen of this member */
	Z_INSIDE,
	Z_BETWEEN	/* a member is whole, another may follow */
};

struct inflate {
	enum inflate_kind	 kind;
	enum zstate		 state;
	bool			 ready;		/* zs is initialised */
	unsigned char		 first;		/* of deflate, held back */
	bool			 held;
	z_stream		 zs;
	struct zstd		*zstd;
};

enum inflate_kind
inflate_by_name(const char *name, size_t n)
{
	static const struct {
		const char		*name;
		enum inflate_kind	 kind;
	} known[] = {
		{ "identity", INFLATE_NONE }, { "gzip", INFLATE_GZIP },
		{ "x-gzip", INFLATE_GZIP }, { "deflate", INFLATE_DEFLATE },
		{ "zstd", INFLATE_ZSTD },
	};

	while (n > 0 && (*name == ' ' || *name == '\t')) {
		name++;
		n--;
	}
	while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\t'))
		n--;
	if (n == 0)
		return INFLATE_NONE;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].name) == n &&
		    strncasecmp(known[i].name, name, n) == 0)
			return known[i].kind;
	return INFLATE_UNKNOWN;
}

enum inflate_kind
inflate_by_magic(const void *p, size_t n)
{
	const unsigned char *c = p;

	if (n >= 2 && c[0] == 0x1f && c[1] == 0x8b)
		return INFLATE_GZIP;
	/* A frame, or a skippable one (0x184D2A50 to 0x184D2A5F). */
	if (n >= 4 && ((c[0] == 0x28 && c[1] == 0xb5 && c[2] == 0x2f &&
	    c[3] == 0xfd) || ((c[0] & 0xf0) == 0x50 && c[1] == 0x2a &&
	    c[2] == 0x4d && c[3] == 0x18)))
		return INFLATE_ZSTD_FILE;
	return INFLATE_NONE;
}

struct inflate *
inflate_new(enum inflate_kind kind)
{
	struct inflate *z;

	if (kind == INFLATE_NONE || kind == INFLATE_UNKNOWN)
		return NULL;
	z = calloc(1, sizeof(*z));
	if (z == NULL)
		return NULL;
	z->kind = kind;
	switch (kind) {
	case INFLATE_GZIP:
		z->ready = inflateInit2(&z->zs, 15 + 16) == Z_OK;
		break;
	case INFLATE_ZSTD:
		z->zstd = zstd_new(WINDOW_HTTP);
		break;
	case INFLATE_ZSTD_FILE:
		z->zstd = zstd_new(WINDOW_FILE);
		break;
	default:
		return z;	/* deflate: the first bytes decide */
	}
	if (!z->ready && z->zstd == NULL) {
		inflate_free(z);
		return NULL;
	}
	return z;
}

void
inflate_free(struct inflate *z)
{
	if (z == NULL)
		return;
	if (z->ready)
		(void)inflateEnd(&z->zs);
	zstd_free(z->zstd);
	free(z);
}

/*
 * zlib's header is two bytes whose value is a multiple of 31; without it the
 * stream is taken for bare deflate.
 */
static enum inflate_res
begin_deflate(struct inflate *z, unsigned char second)
{
	unsigned head = (unsigned)z->first << 8 | second;
	int bits = (z->first & 0x0f) == 8 && head % 31 == 0 ? 15 : -15;

	if (inflateInit2(&z->zs, bits) != Z_OK)
		return INFLATE_NOMEM;
	z->ready = true;
	return INFLATE_OK;
}

/* One call of zlib. *p, *n move on; the bytes written, or -1. */
static long
zlib_step(struct inflate *z, const char **p, size_t *n, char *out, size_t cap,
    struct err *e)
{
	union { const char *c; Bytef *b; } u = { .c = *p };
	size_t feed = *n < FEED_MAX ? *n : FEED_MAX;
	int rc;

	if (z->state == Z_BETWEEN) {
		if (z->kind != INFLATE_GZIP) {
			(void)err_set(e, "data behind the end of the deflate "
			    "stream");
			return -1;
		}
		if (inflateReset(&z->zs) != Z_OK) {
			(void)err_set(e, "gzip: %s", "cannot begin anew");
			return -1;
		}
	}
	z->state = Z_INSIDE;
	z->zs.next_in = u.b;
	z->zs.avail_in = (uInt)feed;
	z->zs.next_out = (Bytef *)out;
	z->zs.avail_out = (uInt)cap;
	rc = inflate(&z->zs, Z_NO_FLUSH);
	*p += feed - z->zs.avail_in;
	*n -= feed - z->zs.avail_in;
	if (rc == Z_STREAM_END)
		z->state = Z_BETWEEN;
	else if (rc != Z_OK && rc != Z_BUF_ERROR) {
		(void)err_set(e, "bad %s data: %s", z->kind == INFLATE_GZIP ?
		    "gzip" : "deflate", rc == Z_NEED_DICT ?
		    "needs a dictionary" : rc == Z_MEM_ERROR ?
		    "out of memory" : z->zs.msg != NULL ? z->zs.msg :
		    "damaged");
		return -1;
	}
	return (long)(cap - z->zs.avail_out);
}

static long
step(struct inflate *z, const char **p, size_t *n, char *out, size_t cap,
    struct err *e)
{
	if (z->zstd != NULL) {
		z->state = Z_INSIDE;
		return zstd_step(z->zstd, p, n, out, cap, e);
	}
	return zlib_step(z, p, n, out, cap, e);
}

/* Could more come out without further input? */
static bool
pending(const struct inflate *z)
{
	return z->zstd != NULL ? zstd_open(z->zstd) : z->state == Z_INSIDE;
}

/*
 * Unpacks until the input is used up or out holds max bytes. With probe, a
 * byte more than that is looked for, and *full tells whether it was there.
 */
static enum inflate_res
pump(struct inflate *z, const char **p, size_t *n, struct buf *out, size_t max,
    bool probe, bool *full, struct err *e)
{
	size_t before, cap;
	char one, *to;
	long got;

	*full = false;
	if (!z->ready && z->zstd == NULL)
		return INFLATE_OK;	/* one byte of deflate so far */
	while (*n > 0 || pending(z)) {
		cap = out->n < max ? max - out->n : 0;
		if (cap > STEP)
			cap = STEP;
		if (cap == 0 && !probe)
			return INFLATE_OK;
		to = cap == 0 ? &one : buf_room(out, cap);
		if (to == NULL)
			return INFLATE_NOMEM;
		before = *n;
		got = step(z, p, n, to, cap == 0 ? 1 : cap, e);
		if (got == -1)
			return INFLATE_BAD;
		if (cap == 0 && got > 0) {
			*full = true;
			return INFLATE_OK;
		}
		out->n += (size_t)got;
		if (*n == 0 && (size_t)got < cap)
			break;
		if (*n == before && got == 0)
			break;
	}
	return INFLATE_OK;
}

/* The two bytes that tell zlib from bare deflate. */
static enum inflate_res
deflate_head(struct inflate *z, const char **p, size_t *n, struct buf *out,
    size_t max, struct err *e)
{
	const char *first;
	size_t one = 1;
	bool full;
	enum inflate_res res;

	if (!z->held && *n > 0) {
		z->first = (unsigned char)**p;
		z->held = true;
		++*p;
		--*n;
	}
	if (*n == 0)
		return INFLATE_OK;
	res = begin_deflate(z, (unsigned char)**p);
	if (res != INFLATE_OK)
		return res;
	first = (const char *)&z->first;
	return pump(z, &first, &one, out, max, true, &full, e);
}

enum inflate_res
inflate_some(struct inflate *z, const void *p, size_t n, struct buf *out,
    size_t max, size_t *left, struct err *e)
{
	const char *c = p;
	enum inflate_res res = INFLATE_OK;
	bool full;

	if (z->kind == INFLATE_DEFLATE && !z->ready)
		res = deflate_head(z, &c, &n, out, max, e);
	if (res == INFLATE_OK)
		res = pump(z, &c, &n, out, max, false, &full, e);
	*left = n;
	return res;
}

enum inflate_res
inflate_feed(struct inflate *z, const void *p, size_t n, struct buf *out,
    size_t max, struct err *e)
{
	const char *c = p;
	enum inflate_res res = INFLATE_OK;
	bool full = false;

	if (z->kind == INFLATE_DEFLATE && !z->ready)
		res = deflate_head(z, &c, &n, out, max, e);
	if (res == INFLATE_OK)
		res = pump(z, &c, &n, out, max, true, &full, e);
	if (res == INFLATE_OK && full)
		return INFLATE_LARGE;
	return res;
}

enum inflate_res
inflate_end(struct inflate *z, struct err *e)
{
	if (z->zstd != NULL ? z->state != Z_FRESH && !zstd_open(z->zstd) :
	    z->state == Z_BETWEEN)
		return INFLATE_OK;
	(void)err_set(e, "the compressed data end too early");
	return INFLATE_BAD;
}

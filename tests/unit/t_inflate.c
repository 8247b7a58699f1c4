/*
 * The packed texts are made here with zlib's and zstd's own compressors, or
 * were written out by their command-line programs.
 */
#include "config.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "net/inflate.h"
#include "tests/unit/tap.h"

#define TEXT	200000

static char text[TEXT];

static void
make_text(void)
{
	unsigned x = 1;

	for (size_t i = 0; i < TEXT; i++) {
		x = x * 1103515245 + 12345;
		text[i] = (char)('a' + (x >> 16) % 7);
	}
}

/* bits: 31 gzip, 15 zlib, -15 bare. */
static void
pack(struct buf *b, const char *p, size_t n, int bits)
{
	z_stream z = { 0 };
	union { const char *c; Bytef *b; } in = { .c = p };
	size_t room = n + 1000;

	if (deflateInit2(&z, 6, Z_DEFLATED, bits, 8, 0) != Z_OK ||
	    buf_room(b, room) == NULL)
		abort();
	z.next_in = in.b;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)b->p + b->n;
	z.avail_out = (uInt)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	b->n += z.total_out;
	deflateEnd(&z);
}

static void
pack_zstd(struct buf *b, const char *p, size_t n)
{
	size_t room = ZSTD_compressBound(n), k;

	if (buf_room(b, room) == NULL)
		abort();
	k = ZSTD_compress(b->p + b->n, room, p, n, 3);
	if (ZSTD_isError(k))
		abort();
	b->n += k;
}

static enum inflate_res
unpack(enum inflate_kind kind, const char *p, size_t n, size_t step,
    struct buf *out, size_t max)
{
	struct inflate *z = inflate_new(kind);
	enum inflate_res res = INFLATE_OK;
	struct err e = { "" };

	for (size_t at = 0; at < n && res == INFLATE_OK; at += step)
		res = inflate_feed(z, p + at, n - at < step ? n - at : step,
		    out, max, &e);
	if (res == INFLATE_OK)
		res = inflate_end(z, &e);
	if (res == INFLATE_BAD && e.msg[0] == '\0')
		ok(false, "a cause is given");
	inflate_free(z);
	return res;
}

static void
round_trips(enum inflate_kind kind, const struct buf *packed, const char *name)
{
	static const size_t step[] = { 1, 7, 4096, SIZE_MAX };

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		struct buf out = { 0 };

		ok(unpack(kind, packed->p, packed->n, step[i], &out, TEXT) ==
		    INFLATE_OK && out.n == TEXT &&
		    memcmp(out.p, text, TEXT) == 0,
		    "%s in steps of %zu, exactly to the limit", name, step[i]);
		buf_reset(&out);
		is_int(unpack(kind, packed->p, packed->n, step[i], &out,
		    TEXT - 1), INFLATE_LARGE, "one byte less is too much");
		ok(out.n <= TEXT - 1, "and out holds no more");
		buf_reset(&out);
		is_int(unpack(kind, packed->p, packed->n - 1, step[i], &out,
		    TEXT), INFLATE_BAD, "cut short");
		buf_fini(&out);
	}
}

/* A drain that empties a small buffer again and again. */
static void
some(enum inflate_kind kind, const struct buf *packed, const char *name)
{
	struct inflate *z = inflate_new(kind);
	struct buf out = { 0 }, all = { 0 };
	size_t left = packed->n;
	enum inflate_res res;
	struct err e;
	bool full;

	do {
		res = inflate_some(z, packed->p + packed->n - left, left, &out,
		    1000, &left, &e);
		full = out.n == 1000;
		if (out.n > 1000)
			ok(false, "never more than asked for");
		buf_add(&all, out.p, out.n);
		buf_reset(&out);
	} while (res == INFLATE_OK && (full || left > 0));
	ok(res == INFLATE_OK && inflate_end(z, &e) == INFLATE_OK &&
	    all.n == TEXT && memcmp(all.p, text, TEXT) == 0,
	    "%s, a thousand bytes at a time", name);
	inflate_free(z);
	buf_fini(&out);
	buf_fini(&all);
}

/* 64 MiB of zeros: the ceiling must stop it, not the end. */
static void
bombs(void)
{
	size_t n = (size_t)64 << 20;
	char *zeros = calloc(1, n);
	struct buf gz = { 0 }, zs = { 0 }, out = { 0 };

	if (zeros == NULL)
		abort();
	pack(&gz, zeros, n, 31);
	pack_zstd(&zs, zeros, n);
	free(zeros);
	is_int(unpack(INFLATE_GZIP, gz.p, gz.n, SIZE_MAX, &out, 100000),
	    INFLATE_LARGE, "a gzip bomb");
	ok(out.n == 100000 && out.cap < 400000, "stops at the ceiling");
	buf_reset(&out);
	is_int(unpack(INFLATE_ZSTD, zs.p, zs.n, SIZE_MAX, &out, 100000),
	    INFLATE_LARGE, "a zstd bomb");
	ok(out.n == 100000 && out.cap < 400000, "stops at the ceiling");
	buf_fini(&gz);
	buf_fini(&zs);
	buf_fini(&out);
}

static void
oddities(void)
{
	struct buf b = { 0 }, out = { 0 };
	struct err e;

	pack(&b, text, TEXT / 2, 31);
	pack(&b, text + TEXT / 2, TEXT / 2, 31);
	round_trips(INFLATE_GZIP, &b, "gzip of two members");
	buf_addc(&b, 'x');
	is_int(unpack(INFLATE_GZIP, b.p, b.n, SIZE_MAX, &out, TEXT),
	    INFLATE_BAD, "rubbish behind it");
	b.n--;
	b.p[b.n - 6] ^= 1;
	buf_reset(&out);
	is_int(unpack(INFLATE_GZIP, b.p, b.n, SIZE_MAX, &out, TEXT),
	    INFLATE_BAD, "a wrong checksum");
	buf_reset(&b);
	pack(&b, text, TEXT, 15);
	buf_addc(&b, 'x');
	buf_reset(&out);
	is_int(unpack(INFLATE_DEFLATE, b.p, b.n, SIZE_MAX, &out, TEXT),
	    INFLATE_BAD, "rubbish behind deflate");
	buf_reset(&out);
	for (int k = INFLATE_GZIP; k <= INFLATE_ZSTD_FILE; k++) {
		is_int(unpack((enum inflate_kind)k, "", 0, 1, &out, TEXT),
		    INFLATE_BAD, "nothing at all");
		is_int(unpack((enum inflate_kind)k, "\xff\xff\xff\xff\xff", 5,
		    1, &out, TEXT), INFLATE_BAD, "no such format");
	}
	ok(inflate_new(INFLATE_NONE) == NULL, "identity needs no inflate");
	(void)e;
	buf_fini(&b);
	buf_fini(&out);
}

static void
names(void)
{
	is_int(inflate_by_name("gzip", 4), INFLATE_GZIP, "gzip");
	is_int(inflate_by_name(" X-GZip ", 8), INFLATE_GZIP, "x-gzip");
	is_int(inflate_by_name("deflate", 7), INFLATE_DEFLATE, "deflate");
	is_int(inflate_by_name("zstd", 4), INFLATE_ZSTD, "zstd");
	is_int(inflate_by_name("", 0), INFLATE_NONE, "none");
	is_int(inflate_by_name("identity", 8), INFLATE_NONE, "identity");
	is_int(inflate_by_name("gzip, gzip", 10), INFLATE_UNKNOWN, "two");
	is_int(inflate_by_name("br", 2), INFLATE_UNKNOWN, "br");
	is_int(inflate_by_magic("\x1f\x8b\x08", 3), INFLATE_GZIP, "gzip file");
	is_int(inflate_by_magic("\x28\xb5\x2f\xfd", 4), INFLATE_ZSTD_FILE,
	    "zstd file");
	is_int(inflate_by_magic("\x5a\x2a\x4d\x18", 4), INFLATE_ZSTD_FILE,
	    "zstd file that begins with a skippable frame");
	is_int(inflate_by_magic("{}", 2), INFLATE_NONE, "plain");
	is_int(inflate_by_magic("", 0), INFLATE_NONE, "empty");
}

int
main(void)
{
	struct buf b = { 0 };

	make_text();
	pack(&b, text, TEXT, 31);
	round_trips(INFLATE_GZIP, &b, "gzip");
	some(INFLATE_GZIP, &b, "gzip");
	buf_reset(&b);
	pack(&b, text, TEXT, 15);
	round_trips(INFLATE_DEFLATE, &b, "deflate");
	some(INFLATE_DEFLATE, &b, "deflate");
	buf_reset(&b);
	pack(&b, text, TEXT, -15);
	round_trips(INFLATE_DEFLATE, &b, "bare deflate");
	some(INFLATE_DEFLATE, &b, "bare deflate");
	buf_reset(&b);
	pack_zstd(&b, text, TEXT);
	round_trips(INFLATE_ZSTD, &b, "zstd");
	some(INFLATE_ZSTD, &b, "zstd");
	pack_zstd(&b, "", 0);
	round_trips(INFLATE_ZSTD_FILE, &b, "zstd of two frames");
	buf_fini(&b);
	oddities();
	names();
	bombs();
	return done_testing();
}

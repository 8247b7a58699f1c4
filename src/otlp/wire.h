/*
 * Reads the protobuf wire format in place: no tree, no copies, every bound
 * checked. Source: protobuf.dev, "Encoding".
 */
#ifndef OTLP_WIRE_H
#define OTLP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_type {
	WIRE_VARINT = 0, WIRE_I64 = 1, WIRE_LEN = 2, WIRE_START_GROUP = 3,
	WIRE_END_GROUP = 4, WIRE_I32 = 5
};

struct wire {
	const unsigned char	*p, *end;
};

struct wire_field {
	uint64_t		 number;
	unsigned		 type;		/* enum wire_type */
	uint64_t		 v;		/* VARINT, I64, I32 */
	const unsigned char	*tag;		/* where the field begins */
	const unsigned char	*p, *end;	/* LEN: its bytes */
};

/* Longer varints and those cut short; 0, or -1 with *why. */
int wire_varint_slow(struct wire *w, uint64_t *v, const char **why);

static inline int
wire_varint(struct wire *w, uint64_t *v, const char **why)
{
	if (w->p < w->end && *w->p < 0x80) {
		*v = *w->p++;
		return 0;
	}
	return wire_varint_slow(w, v, why);
}

/* Little-endian numbers; the caller has checked that they are there. */
uint64_t wire_u64(const unsigned char *p);
uint32_t wire_u32(const unsigned char *p);

/*
 * The next field: 1; 0 at the end; -1 with *why, a constant text, and w->p
 * where the trouble is.
 */
int wire_next_slow(struct wire *w, struct wire_field *f, const char **why);

#define WIRE_TAG(number, type)	((number) << 3 | (type))

/*
 * Takes the LEN field with that tag, of one byte, which nearly always stands
 * here, of fewer than 16384 bytes. False: it does not, or is unusual; w is as
 * it was.
 */
static inline bool
wire_take(struct wire *w, unsigned tag, struct wire *sub)
{
	const unsigned char *p = w->p, *end = w->end;
	size_t n;

	if (end - p < 2 || p[0] != tag)
		return false;
	n = p[1];
	p += 2;
	if (n >= 0x80) {
		if (p == end || *p >= 0x80)
			return false;
		n = (n & 0x7f) | (size_t)*p++ << 7;
	}
	if (n > (size_t)(end - p))
		return false;
	sub->p = p;
	sub->end = w->p = p + n;
	return true;
}

/* Nearly every field: a number below 16, and LEN. */
static inline int
wire_next(struct wire *w, struct wire_field *f, const char **why)
{
	const unsigned char *tag = w->p;
	struct wire sub;

	if (tag == w->end)
		return 0;
	if (*tag >= 0x80 || *tag < 8 || (*tag & 7) != WIRE_LEN ||
	    !wire_take(w, *tag, &sub))
		return wire_next_slow(w, f, why);
	f->tag = tag;
	f->number = *tag >> 3;
	f->type = WIRE_LEN;
	f->p = sub.p;
	f->end = sub.end;
	return 1;
}

static inline int32_t
wire_unzigzag(uint64_t v)
{
	uint32_t u = (uint32_t)v;

	return (int32_t)(u >> 1 ^ (0 - (u & 1)));
}

static inline uint32_t
wire_zigzag(int32_t v)
{
	return (uint32_t)v << 1 ^ (v < 0 ? UINT32_MAX : 0);
}

#endif

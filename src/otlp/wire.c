#include "otlp/wire.h"

int
wire_varint_slow(struct wire *w, uint64_t *v, const char **why)
{
	const unsigned char *p = w->p;
	uint64_t x = 0;

	for (unsigned shift = 0; p < w->end; shift += 7, p++) {
		if (shift == 63 && *p > 1) {
			*why = "number of more than 64 bits";
			return -1;
		}
		x |= (uint64_t)(*p & 0x7f) << shift;
		if (*p < 0x80) {
			w->p = p + 1;
			*v = x;
			return 0;
		}
	}
	*why = "message cut short in a number";
	return -1;
}

uint32_t
wire_u32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

uint64_t
wire_u64(const unsigned char *p)
{
	return (uint64_t)wire_u32(p) | (uint64_t)wire_u32(p + 4) << 32;
}

int
wire_next_slow(struct wire *w, struct wire_field *f, const char **why)
{
	uint64_t tag, n;

	if (w->p == w->end)
		return 0;
	f->tag = w->p;
	if (wire_varint(w, &tag, why) == -1)
		return -1;
	f->number = tag >> 3;
	f->type = (unsigned)(tag & 7);
	if (f->number == 0 || f->number > 536870911) {
		w->p = f->tag;
		*why = "no such field number";
		return -1;
	}
	switch (f->type) {
	case WIRE_VARINT:
		return wire_varint(w, &f->v, why) == -1 ? -1 : 1;
	case WIRE_LEN:
		if (wire_varint(w, &n, why) == -1)
			return -1;
		if (n > (size_t)(w->end - w->p)) {
			*why = "field longer than its message";
			return -1;
		}
		f->p = w->p;
		f->end = w->p += n;
		return 1;
	case WIRE_I64:
		if (w->end - w->p < 8)
			break;
		f->v = wire_u64(w->p);
		w->p += 8;
		return 1;
	case WIRE_I32:
		if (w->end - w->p < 4)
			break;
		f->v = wire_u32(w->p);
		w->p += 4;
		return 1;
	default:
		w->p = f->tag;
		*why = "wire type that OTLP does not use";
		return -1;
	}
	*why = "message cut short in a number";
	return -1;
}

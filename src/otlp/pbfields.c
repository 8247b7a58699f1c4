#include "otlp/pbfields.h"

/*
 * Passes over the rest of a run of one repeated field, as attributes come;
 * where it ends.
 */
static const unsigned char *
pass_run(struct wire *w, unsigned number)
{
	struct wire sub;

	while (number < 16 && wire_take(w, WIRE_TAG(number, WIRE_LEN), &sub))
		continue;
	return w->p;
}

/* Is the wire type right for the row? Packed rows may come in two. */
static bool
type_fits(const struct schema_row *r, unsigned type)
{
	switch (r->kind) {
	case K_TIME: case K_FIX64: case K_SFIX64: case K_DOUBLE:
		return type == WIRE_I64;
	case K_FIX32:
		return type == WIRE_I32;
	case K_U32: case K_S32: case K_BOOL: case K_ENUM:
		return type == WIRE_VARINT;
	case K_DOUBLES: case K_FIX64S:
		return type == WIRE_LEN || type == WIRE_I64;
	case K_U64S:
		return type == WIRE_LEN || type == WIRE_VARINT;
	default:
		return type == WIRE_LEN;
	}
}

static bool
is_zero(const unsigned char *p, size_t n)
{
	while (n > 0 && *p == 0)
		p++, n--;
	return n == 0;
}

/* True when the field counts; *refuse when it spoils the record. */
static bool
id_fits(struct decode *d, const struct schema_row *r,
    const struct wire_field *f, bool *refuse)
{
	size_t n = (size_t)(f->end - f->p);

	if (n == (r->kind == K_TRACE_ID ? 16 : 8))
		return !is_zero(f->p, n);
	if (n != 0 && !decode_bad_id(d, r, n))
		*refuse = true;
	return false;
}

static void
store(const struct schema_msg *m, struct slots *s, const struct schema_row *r,
    const struct wire_field *f)
{
	bool again = (s->seen >> (r - m->row) & 1) != 0;
	struct slot *slot = decode_slot(m, s, r);

	switch (r->kind) {
	case K_ATTRS: case K_LIST: case K_STRS:
	case K_DOUBLES: case K_FIX64S: case K_U64S:
		/* From the first to the last: walked again when written. */
		if (!again)
			slot->p = (const char *)f->tag;
		slot->end = (const char *)f->end;
		break;
	case K_TIME: case K_FIX64: case K_SFIX64: case K_DOUBLE: case K_FIX32:
		slot->v = f->v;
		break;
	case K_S32:
		slot->v = (uint32_t)wire_unzigzag(f->v);
		break;
	case K_BOOL:
		slot->v = f->v != 0;
		break;
	case K_U32: case K_ENUM:
		slot->v = (uint32_t)f->v;
		break;
	default:
		slot->p = (const char *)f->p;
		slot->end = (const char *)f->end;
		break;
	}
}

int
pbfields_collect(struct decode *d, const struct schema_msg *m, const char *p,
    const char *end, struct slots *s)
{
	const struct schema_row *r = NULL;
	struct wire w = { (const unsigned char *)p,
	    (const unsigned char *)end };
	struct wire_field f;
	bool refuse = false;
	int rc;

	s->seen = 0;
	while ((rc = pbfields_next(d, &w, &f)) == 1) {
		r = schema_by_number(m, f.number, r);
		if (r == NULL)
			continue;	/* of a later OTLP */
		if (!type_fits(r, f.type))
			return decode_fail(d, "field of a wrong wire type",
			    f.tag);
		if (f.type != WIRE_LEN)
			f.end = w.p;
		if ((r->kind == K_TRACE_ID || r->kind == K_SPAN_ID) &&
		    !id_fits(d, r, &f, &refuse)) {
			if (refuse)
				return 0;
			continue;
		}
		if (r->kind == K_ATTRS || r->kind == K_LIST)
			f.end = pass_run(&w, r->number);
		store(m, s, r, &f);
	}
	return rc == -1 ? -1 : 1;
}

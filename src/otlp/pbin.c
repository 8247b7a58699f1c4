#include "otlp/pbin.h"

#include <string.h>

#include "base/enc.h"
#include "json/write.h"
#include "otlp/pbfields.h"

void
pbin_string(struct decode *d, struct buf *b, const char *p, const char *end)
{
	d->tally.bad_utf8 += json_put_str(b, p, (size_t)(end - p));
}

static struct wire
wire_of(const char *p, const char *end)
{
	return (struct wire){ (const unsigned char *)p,
	    (const unsigned char *)end };
}

/* ---- values ---- */

static int put_any(struct decode *d, const char *p, const char *end,
    int depth);

/*
 * A KeyValue as nearly all clients write it: its key, its value, its end.
 * False, and nothing has happened, when it is another.
 */
static inline bool
quick_key_value(struct wire kv, struct wire *key, struct wire *value)
{
	return wire_take(&kv, WIRE_TAG(1, WIRE_LEN), key) &&
	    wire_take(&kv, WIRE_TAG(2, WIRE_LEN), value) && kv.p == kv.end;
}

/* Key and value of a KeyValue; missing ones are empty. */
static int
key_value(struct decode *d, struct wire w, struct wire *key,
    struct wire *value)
{
	struct wire_field f;
	int rc;

	key->p = key->end = value->p = value->end = w.end;
	while ((rc = pbfields_next(d, &w, &f)) == 1) {
		if (f.number != 1 && f.number != 2)
			continue;
		if (f.type != WIRE_LEN)
			return decode_fail(d, "field of a wrong wire type",
			    f.tag);
		*(f.number == 1 ? key : value) = (struct wire){ f.p, f.end };
	}
	return rc;
}

/* before: '{' or ','. */
static int
put_key_value(struct decode *d, char before, struct wire kv, int depth)
{
	struct wire key, value, text, rest;
	const char *why;
	uint64_t v;

	if (!quick_key_value(kv, &key, &value) &&
	    key_value(d, kv, &key, &value) == -1)
		return -1;
	d->tally.bad_utf8 += json_put_name(d->out, before,
	    (const char *)key.p, (size_t)(key.end - key.p));
	/* Most values are a string or a number, and nothing else. */
	rest = value;
	if (wire_take(&rest, WIRE_TAG(1, WIRE_LEN), &text)) {
		if (rest.p == rest.end) {
			pbin_string(d, d->out, (const char *)text.p,
			    (const char *)text.end);
			return 0;
		}
	} else if (rest.p < rest.end &&
	    *rest.p++ == WIRE_TAG(3, WIRE_VARINT) &&
	    wire_varint(&rest, &v, &why) == 0 && rest.p == rest.end) {
		buf_addi(d->out, (int64_t)v);
		return 0;
	}
	return put_any(d, (const char *)value.p, (const char *)value.end,
	    depth);
}

/*
 * The repeated KeyValue fields of that number in p..end, as an object.
 * 1 when there are none.
 */
static int
put_key_values(struct decode *d, unsigned number, const char *p,
    const char *end, int depth)
{
	struct wire w = wire_of(p, end), kv;
	struct wire_field f;
	char before = '{';
	int rc;

	if (decode_depth(d, depth, p) == -1)
		return -1;
	for (;;) {
		if (number >= 16 ||
		    !wire_take(&w, WIRE_TAG(number, WIRE_LEN), &kv)) {
			rc = pbfields_next(d, &w, &f);
			if (rc != 1)
				break;
			if (f.number != number)
				continue;
			if (f.type != WIRE_LEN)
				return decode_fail(d,
				    "field of a wrong wire type", f.tag);
			kv = (struct wire){ f.p, f.end };
		}
		if (put_key_value(d, before, kv, depth + 1) == -1)
			return -1;
		before = ',';
	}
	if (rc == -1)
		return -1;
	if (before == '{')
		buf_addc(d->out, '{');
	buf_addc(d->out, '}');
	return before == '{';
}

/* Has the KeyValueList one entry, of a name that stands for a wrapping? */
static int
needs_wrapping(struct decode *d, const struct wire_field *list, bool *yes)
{
	struct wire w = { list->p, list->end };
	struct wire_field f;
	struct wire key = { NULL, NULL }, value;
	size_t n = 0;
	int rc;

	*yes = false;
	while ((rc = pbfields_next(d, &w, &f)) == 1) {
		if (f.number != 1 || f.type != WIRE_LEN)
			continue;
		if (++n > 1)
			return 0;
		if (key_value(d, (struct wire){ f.p, f.end }, &key,
		    &value) == -1)
			return -1;
	}
	*yes = n == 1 && decode_is_wrapper((const char *)key.p,
	    (size_t)(key.end - key.p));
	return rc;
}

static int
put_kvlist(struct decode *d, const struct wire_field *list, int depth)
{
	bool wrap;

	if (needs_wrapping(d, list, &wrap) == -1)
		return -1;
	if (wrap)
		buf_adds(d->out, "{\"@kvlist\":");
	if (put_key_values(d, 1, (const char *)list->p,
	    (const char *)list->end, depth + wrap) == -1)
		return -1;
	if (wrap)
		buf_addc(d->out, '}');
	return 0;
}

static int
put_array(struct decode *d, const struct wire_field *array, int depth)
{
	struct wire w = { array->p, array->end };
	struct wire_field f;
	bool any = false;
	int rc;

	if (decode_depth(d, depth, array->p) == -1)
		return -1;
	buf_addc(d->out, '[');
	while ((rc = pbfields_next(d, &w, &f)) == 1) {
		if (f.number != 1)
			continue;
		if (f.type != WIRE_LEN)
			return decode_fail(d, "field of a wrong wire type",
			    f.tag);
		if (any)
			buf_addc(d->out, ',');
		any = true;
		if (put_any(d, (const char *)f.p, (const char *)f.end,
		    depth + 1) == -1)
			return -1;
	}
	buf_addc(d->out, ']');
	return rc;
}

/* The wire type of each field of AnyValue. */
static const unsigned char any_type[] = { 0, WIRE_LEN, WIRE_VARINT,
	WIRE_VARINT, WIRE_I64, WIRE_LEN, WIRE_LEN, WIRE_LEN };

/* AnyValue: the last of its fields counts, none is null. */
static int
put_any(struct decode *d, const char *p, const char *end, int depth)
{
	static const struct wire_field none;
	struct wire w = wire_of(p, end);
	struct wire_field field[2], *f = field;	/* one may be the last */
	const struct wire_field *last = &none;
	struct buf *b = d->out;
	double x;
	int rc;

	while ((rc = pbfields_next(d, &w, f)) == 1) {
		if (f->number >= sizeof(any_type))
			continue;
		if (f->type != any_type[f->number])
			return decode_fail(d, "field of a wrong wire type",
			    f->tag);
		last = f;
		f = f == field ? field + 1 : field;
	}
	if (rc == -1)
		return -1;
	switch (last->number) {
	case 1:
		pbin_string(d, b, (const char *)last->p,
		    (const char *)last->end);
		return 0;
	case 2:
		json_put_bool(b, last->v != 0);
		return 0;
	case 3:
		buf_addi(b, (int64_t)last->v);
		return 0;
	case 4:
		memcpy(&x, &last->v, sizeof(x));
		json_put_double(b, x);
		return 0;
	case 5:
		return put_array(d, last, depth);
	case 6:
		return put_kvlist(d, last, depth);
	case 7:
		if (decode_depth(d, depth, last->p) == -1)
			return -1;
		buf_adds(b, "{\"@bytes\":\"");
		enc_base64(b, last->p, (size_t)(last->end - last->p));
		buf_adds(b, "\"}");
		return 0;
	default:
		buf_adds(b, "null");
		return 0;
	}
}

/* ---- the rows that are no numbers ---- */

static void
put_hex(struct buf *b, const char *p, const char *end)
{
	size_t n = (size_t)(end - p);
	char *to = buf_room(b, 2 * n + 2);

	if (to == NULL)
		return;
	to[0] = '"';
	enc_hex(p, n, to + 1);
	to[2 * n + 1] = '"';
	b->n += 2 * n + 2;
}

static int
put_msg(struct decode *d, const struct schema_msg *m, const char *p,
    const char *end, int depth)
{
	struct slots s;

	if (decode_depth(d, depth, p) == -1 ||
	    pbfields_collect(d, m, p, end, &s) == -1)
		return -1;
	buf_addc(d->out, '{');
	if (decode_rows(d, m, &s, depth + 1) == -1)
		return -1;
	buf_addc(d->out, '}');
	return 0;
}

static void
put_element(struct buf *b, const struct schema_row *r, uint64_t v)
{
	double x;

	if (b->n > 0 && b->p[b->n - 1] != '[')
		buf_addc(b, ',');
	if (r->kind == K_DOUBLES) {
		memcpy(&x, &v, sizeof(x));
		json_put_double(b, x);
	} else
		buf_addu(b, v);
}

/* One field of a repeated number: packed, or a number alone. */
static int
put_packed(struct decode *d, const struct schema_row *r,
    const struct wire_field *f)
{
	struct wire w = { f->p, f->end };
	const char *why;
	uint64_t v;

	if (f->type != WIRE_LEN) {
		put_element(d->out, r, f->v);
		return 0;
	}
	while (w.p < w.end) {
		if (r->kind == K_U64S) {
			if (wire_varint(&w, &v, &why) == -1)
				return decode_fail(d, why, w.p);
		} else {
			if (w.end - w.p < 8)
				return decode_fail(d,
				    "numbers cut short", w.p);
			v = wire_u64(w.p);
			w.p += 8;
		}
		put_element(d->out, r, v);
	}
	return 0;
}

static int
put_array_element(struct decode *d, const struct schema_row *r,
    const struct wire_field *f, int depth)
{
	if (r->kind != K_LIST && r->kind != K_STRS)
		return put_packed(d, r, f);
	if (d->out->n > 0 && d->out->p[d->out->n - 1] != '[')
		buf_addc(d->out, ',');
	if (r->kind == K_LIST)
		return put_msg(d, r->sub, (const char *)f->p,
		    (const char *)f->end, depth);
	pbin_string(d, d->out, (const char *)f->p, (const char *)f->end);
	return 0;
}

static int
put_repeated(struct decode *d, const struct schema_row *r,
    const struct slot *s, int depth)
{
	struct wire w = wire_of(s->p, s->end);
	struct wire_field f;
	int rc;

	if (decode_depth(d, depth, s->p) == -1)
		return -1;
	buf_addc(d->out, '[');
	while ((rc = pbfields_next(d, &w, &f)) == 1)
		if (f.number == r->number &&
		    put_array_element(d, r, &f, depth + 1) == -1)
			return -1;
	if (rc == -1)
		return -1;
	if (d->out->n > 0 && d->out->p[d->out->n - 1] == '[')
		return 1;	/* packed, and empty */
	buf_addc(d->out, ']');
	return 0;
}

int
pbin_put(struct decode *d, const struct schema_row *r, const struct slot *s,
    int depth)
{
	size_t mark = d->out->n;

	switch (r->kind) {
	case K_STR:
		if (s->p == s->end)
			return 1;
		pbin_string(d, d->out, s->p, s->end);
		return 0;
	case K_TRACE_ID: case K_SPAN_ID:
		put_hex(d->out, s->p, s->end);
		return 0;
	case K_ANY:
		if (put_any(d, s->p, s->end, depth) == -1)
			return -1;
		return d->out->n == mark + 4 &&
		    memcmp(d->out->p + mark, "null", 4) == 0;
	case K_ATTRS:
		return put_key_values(d, r->number, s->p, s->end, depth);
	case K_MSG:
		if (put_msg(d, r->sub, s->p, s->end, depth) == -1)
			return -1;
		return d->out->n == mark + 2 && (r->flags & ROW_PRESENCE) == 0;
	default:
		return put_repeated(d, r, s, depth);
	}
}

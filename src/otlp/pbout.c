#include "otlp/pbout.h"

#include <string.h>

#include "base/enc.h"
#include "otlp/number.h"
#include "otlp/text.h"
#include "otlp/wire.h"

void
pbout_varint(struct buf *b, uint64_t v)
{
	char s[10];
	size_t n = 0;

	while (v >= 0x80) {
		s[n++] = (char)(v | 0x80);
		v >>= 7;
	}
	s[n++] = (char)v;
	buf_add(b, s, n);
}

static size_t
varint_size(uint64_t v)
{
	size_t n = 1;

	while ((v >>= 7) != 0)
		n++;
	return n;
}

static void
put_tag(struct buf *b, unsigned number, enum wire_type type)
{
	pbout_varint(b, (uint64_t)number << 3 | type);
}

static void
put_u32(struct buf *b, uint32_t v)
{
	char s[4] = { (char)v, (char)(v >> 8), (char)(v >> 16),
	    (char)(v >> 24) };

	buf_add(b, s, sizeof(s));
}

static void
put_u64(struct buf *b, uint64_t v)
{
	put_u32(b, (uint32_t)v);
	put_u32(b, (uint32_t)(v >> 32));
}

void
pbout_len(struct buf *b, unsigned number, size_t n)
{
	put_tag(b, number, WIRE_LEN);
	pbout_varint(b, n);
}

size_t
pbout_len_size(unsigned number, size_t n)
{
	return varint_size((uint64_t)number << 3) + varint_size(n);
}

size_t
pbout_begin(struct buf *b, unsigned number)
{
	put_tag(b, number, WIRE_LEN);
	buf_addc(b, 0);
	return b->n;
}

/* Most messages are short: only longer ones are moved to make room. */
void
pbout_end(struct buf *b, size_t mark)
{
	size_t n = b->n - mark, more;
	char *p;

	if (b->err != 0)
		return;
	if (n < 0x80) {
		b->p[mark - 1] = (char)n;
		return;
	}
	more = varint_size(n) - 1;
	if (buf_room(b, more) == NULL)
		return;
	p = b->p + mark - 1;
	memmove(p + 1 + more, p + 1, n);
	b->n = mark - 1;
	pbout_varint(b, n);
	b->n += n;
}

/* ---- AnyValue ---- */

static void put_any(struct encode *c, struct json_val v);

static void
put_key_value(struct encode *c, unsigned number, const struct json_member *m)
{
	size_t kv = pbout_begin(c->out, number), mark;
	struct json_val key = { m->key - 1, m->klen + 2, JSON_STRING };

	mark = pbout_begin(c->out, 1);
	text_chars(c->out, key);
	pbout_end(c->out, mark);
	mark = pbout_begin(c->out, 2);
	put_any(c, m->val);
	pbout_end(c->out, mark);
	pbout_end(c->out, kv);
}

static void
put_kvlist(struct encode *c, struct json_val v)
{
	struct json_iter it;
	struct json_member m;

	json_iter(&it, v);
	while (json_next_member(&it, &m))
		put_key_value(c, 1, &m);
}

static void
put_array(struct encode *c, struct json_val v)
{
	struct json_iter it;
	struct json_val elem;
	size_t mark;

	json_iter(&it, v);
	while (json_next_elem(&it, &elem)) {
		mark = pbout_begin(c->out, 1);
		put_any(c, elem);
		pbout_end(c->out, mark);
	}
}

static void
put_double(struct buf *b, unsigned number, struct json_val v)
{
	uint64_t bits;
	double x = 0;

	(void)number_double(v, &x);	/* encode_type found that it is one */
	memcpy(&bits, &x, sizeof(bits));
	put_tag(b, number, WIRE_I64);
	put_u64(b, bits);
}

/* The fields of an AnyValue; none for null. */
static void
put_any(struct encode *c, struct json_val v)
{
	enum encode_type type = encode_type(v, &v);
	struct buf *b = c->out;
	size_t mark;
	int64_t i;

	switch (type) {
	case V_EMPTY:
		return;
	case V_STRING:
		mark = pbout_begin(b, 1);
		text_chars(b, v);
		break;
	case V_BOOL:
		put_tag(b, 2, WIRE_VARINT);
		buf_addc(b, v.type == JSON_TRUE);
		return;
	case V_INT:
		(void)json_int(v, &i);
		put_tag(b, 3, WIRE_VARINT);
		pbout_varint(b, (uint64_t)i);
		return;
	case V_DOUBLE:
		put_double(b, 4, v);
		return;
	case V_ARRAY:
		mark = pbout_begin(b, 5);
		put_array(c, v);
		break;
	case V_KVLIST:
		mark = pbout_begin(b, 6);
		put_kvlist(c, v);
		break;
	default:
		mark = pbout_begin(b, 7);
		(void)enc_unbase64(b, v.p + 1, v.n - 2);
		break;
	}
	pbout_end(b, mark);
}

/* ---- rows ---- */

static int
put_number(struct encode *c, const struct schema_row *r, struct json_val v)
{
	uint64_t u;

	if (encode_number(c, r, v, &u) == -1)
		return -1;
	if (!encode_wanted(r, u))
		return 0;
	switch (r->kind) {
	case K_TIME: case K_FIX64: case K_SFIX64: case K_DOUBLE:
		put_tag(c->out, r->number, WIRE_I64);
		put_u64(c->out, u);
		break;
	case K_FIX32:
		put_tag(c->out, r->number, WIRE_I32);
		put_u32(c->out, (uint32_t)u);
		break;
	case K_S32:
		put_tag(c->out, r->number, WIRE_VARINT);
		pbout_varint(c->out, wire_zigzag((int32_t)(uint32_t)u));
		break;
	case K_ENUM:
		/* An int32: a negative one takes ten bytes. */
		put_tag(c->out, r->number, WIRE_VARINT);
		pbout_varint(c->out, (uint64_t)(int64_t)(int32_t)(uint32_t)u);
		break;
	default:
		put_tag(c->out, r->number, WIRE_VARINT);
		pbout_varint(c->out, u);
		break;
	}
	return 0;
}

static int
put_msg(struct encode *c, const struct schema_row *r, struct json_val v)
{
	struct encode_vals vals;
	size_t tag = c->out->n, mark;

	if (v.type != JSON_OBJECT)
		return encode_fail(c, r, "object expected");
	encode_vals_init(&vals, r->sub);
	mark = pbout_begin(c->out, r->number);
	if (encode_collect(c, v, &vals, 1, NULL) == -1 ||
	    encode_rows(c, &vals) == -1)
		return -1;
	if (c->out->n == mark && r->kind == K_MSG &&
	    (r->flags & ROW_PRESENCE) == 0)
		c->out->n = tag;	/* empty: as good as none */
	else
		pbout_end(c->out, mark);
	return 0;
}

static void
put_attrs(struct encode *c, const struct schema_row *r, struct json_val v)
{
	struct encode_walk w;
	struct json_member m;

	encode_walk(c, &w, v);
	while (encode_next(&w, &m))
		put_key_value(c, r->number, &m);
}

static int
put_packed(struct encode *c, const struct schema_row *r, struct json_val v)
{
	size_t mark = pbout_begin(c->out, r->number);
	struct json_iter it;
	struct json_val elem;
	uint64_t u;
	double x;

	json_iter(&it, v);
	while (json_next_elem(&it, &elem)) {
		if (r->kind == K_DOUBLES) {
			if (encode_double(elem, &x) == -1)
				return encode_fail(c, r, "number expected");
			memcpy(&u, &x, sizeof(u));
		} else if (elem.type != JSON_NUMBER ||
		    number_u64(elem, &u) == -1)
			return encode_fail(c, r,
			    "unsigned integers expected");
		if (r->kind == K_U64S)
			pbout_varint(c->out, u);
		else
			put_u64(c->out, u);
	}
	pbout_end(c->out, mark);
	return 0;
}

static int
put_list(struct encode *c, const struct schema_row *r, struct json_val v)
{
	struct json_iter it;
	struct json_val elem;
	size_t mark;

	json_iter(&it, v);
	while (json_next_elem(&it, &elem)) {
		if (r->kind == K_LIST) {
			if (put_msg(c, r, elem) == -1)
				return -1;
			continue;
		}
		if (elem.type != JSON_STRING)
			return encode_fail(c, r, "strings expected");
		mark = pbout_begin(c->out, r->number);
		text_chars(c->out, elem);
		pbout_end(c->out, mark);
	}
	return 0;
}

int
pbout_row(struct encode *c, const struct schema_row *r, struct json_val v)
{
	unsigned char id[16];
	size_t mark;

	if (encode_is_number(r))
		return put_number(c, r, v);
	if (encode_check(c, r, v) == -1)
		return -1;
	switch (r->kind) {
	case K_STR:
		if (v.n == 2)
			return 0;
		mark = pbout_begin(c->out, r->number);
		text_chars(c->out, v);
		pbout_end(c->out, mark);
		return 0;
	case K_TRACE_ID: case K_SPAN_ID:
		if (encode_id(c, r, v, id) == -1)
			return -1;
		pbout_len(c->out, r->number, r->kind == K_TRACE_ID ? 16 : 8);
		buf_add(c->out, id, r->kind == K_TRACE_ID ? 16 : 8);
		return 0;
	case K_ANY:
		mark = pbout_begin(c->out, r->number);
		put_any(c, v);
		pbout_end(c->out, mark);
		return 0;
	case K_ATTRS:
		put_attrs(c, r, v);
		return 0;
	case K_MSG:
		return put_msg(c, r, v);
	case K_LIST: case K_STRS:
		return put_list(c, r, v);
	default:
		return put_packed(c, r, v);
	}
}

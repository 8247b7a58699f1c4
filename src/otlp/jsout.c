#include "otlp/jsout.h"

#include <string.h>

#include "base/enc.h"
#include "otlp/number.h"
#include "otlp/text.h"

static void
comma(struct buf *b)
{
	if (b->n > 0 && b->p[b->n - 1] != '{' && b->p[b->n - 1] != '[')
		buf_addc(b, ',');
}

void
jsout_key(struct buf *b, const char *name, size_t n)
{
	comma(b);
	buf_addc(b, '"');
	buf_add(b, name, n);
	buf_add(b, "\":", 2);
}

static void
put_string(struct buf *b, struct json_val v)
{
	(void)text_string(b, v.p + 1, v.p + v.n - 1,
	    memchr(v.p, '\\', v.n) != NULL);
}

/* ---- AnyValue ---- */

static void put_any(struct encode *c, struct json_val v);

static void
put_key_value(struct encode *c, const struct json_member *m)
{
	comma(c->out);
	buf_adds(c->out, "{\"key\":");
	(void)text_string(c->out, m->key, m->key + m->klen, m->kesc);
	buf_adds(c->out, ",\"value\":");
	put_any(c, m->val);
	buf_addc(c->out, '}');
}

static void
put_kvlist(struct encode *c, struct json_val v)
{
	struct json_iter it;
	struct json_member m;

	json_iter(&it, v);
	while (json_next_member(&it, &m))
		put_key_value(c, &m);
}

static void
put_array(struct encode *c, struct json_val v)
{
	struct json_iter it;
	struct json_val elem;

	json_iter(&it, v);
	while (json_next_elem(&it, &elem)) {
		comma(c->out);
		put_any(c, elem);
	}
}

static void
put_any(struct encode *c, struct json_val v)
{
	enum encode_type type = encode_type(v, &v);
	struct buf *b = c->out;
	int64_t i;

	switch (type) {
	case V_EMPTY:
		buf_adds(b, "{}");
		return;
	case V_STRING:
		buf_adds(b, "{\"stringValue\":");
		put_string(b, v);
		break;
	case V_BOOL:
		buf_adds(b, v.type == JSON_TRUE ? "{\"boolValue\":true" :
		    "{\"boolValue\":false");
		break;
	case V_INT:
		(void)json_int(v, &i);
		buf_adds(b, "{\"intValue\":\"");
		buf_addi(b, i);
		buf_addc(b, '"');
		break;
	case V_DOUBLE:
		buf_adds(b, "{\"doubleValue\":");
		(void)number_put(b, v, false);	/* it is one */
		break;
	case V_ARRAY:
		buf_adds(b, "{\"arrayValue\":{\"values\":[");
		put_array(c, v);
		buf_adds(b, "]}");
		break;
	case V_KVLIST:
		buf_adds(b, "{\"kvlistValue\":{\"values\":[");
		put_kvlist(c, v);
		buf_adds(b, "]}");
		break;
	default:
		buf_adds(b, "{\"bytesValue\":");
		buf_add(b, v.p, v.n);	/* base64, checked */
		break;
	}
	buf_addc(b, '}');
}

/* ---- rows ---- */

static void
put_quoted(struct buf *b, uint64_t v)
{
	buf_addc(b, '"');
	buf_addu(b, v);
	buf_addc(b, '"');
}

static int
put_number(struct encode *c, const struct schema_row *r, struct json_val v)
{
	struct buf *b = c->out;
	struct json_val inner;
	uint64_t u;

	if (encode_number(c, r, v, &u) == -1)
		return -1;
	if (!encode_wanted(r, u))
		return 0;
	jsout_key(b, r->json, r->jlen);
	switch (r->kind) {
	case K_TIME: case K_FIX64:
		put_quoted(b, u);
		break;
	case K_SFIX64:
		buf_addc(b, '"');
		buf_addi(b, (int64_t)u);
		buf_addc(b, '"');
		break;
	case K_DOUBLE:
		(void)encode_type(v, &inner);
		(void)number_put(b, inner, false);
		break;
	case K_BOOL:
		buf_adds(b, u != 0 ? "true" : "false");
		break;
	case K_S32: case K_ENUM:
		buf_addi(b, (int32_t)(uint32_t)u);
		break;
	default:
		buf_addu(b, u);
		break;
	}
	return 0;
}

static int
put_msg(struct encode *c, const struct schema_row *r, struct json_val v)
{
	struct encode_vals vals;

	if (v.type != JSON_OBJECT)
		return encode_fail(c, r, "object expected");
	encode_vals_init(&vals, r->sub);
	buf_addc(c->out, '{');
	if (encode_collect(c, v, &vals, 1, NULL) == -1 ||
	    encode_rows(c, &vals) == -1)
		return -1;
	buf_addc(c->out, '}');
	return 0;
}

static void
put_attrs(struct encode *c, struct json_val v)
{
	struct encode_walk w;
	struct json_member m;

	buf_addc(c->out, '[');
	encode_walk(c, &w, v);
	while (encode_next(&w, &m))
		put_key_value(c, &m);
	buf_addc(c->out, ']');
}

static int
put_element(struct encode *c, const struct schema_row *r, struct json_val v)
{
	struct json_val inner;
	uint64_t u;
	double x;

	comma(c->out);
	switch (r->kind) {
	case K_LIST:
		return put_msg(c, r, v);
	case K_STRS:
		if (v.type != JSON_STRING)
			return encode_fail(c, r, "strings expected");
		put_string(c->out, v);
		return 0;
	case K_DOUBLES:
		if (encode_double(v, &x) == -1)
			return encode_fail(c, r, "number expected");
		(void)encode_type(v, &inner);
		return number_put(c->out, inner, false);
	default:
		if (v.type != JSON_NUMBER || number_u64(v, &u) == -1)
			return encode_fail(c, r,
			    "unsigned integers expected");
		put_quoted(c->out, u);
		return 0;
	}
}

static int
put_list(struct encode *c, const struct schema_row *r, struct json_val v)
{
	struct json_iter it;
	struct json_val elem;

	buf_addc(c->out, '[');
	json_iter(&it, v);
	while (json_next_elem(&it, &elem))
		if (put_element(c, r, elem) == -1)
			return -1;
	buf_addc(c->out, ']');
	return 0;
}

int
jsout_row(struct encode *c, const struct schema_row *r, struct json_val v)
{
	unsigned char id[16];
	size_t mark = c->out->n, n;
	char hex[32];

	if (encode_is_number(r))
		return put_number(c, r, v);
	if (encode_check(c, r, v) == -1)
		return -1;
	if (r->kind == K_STR && v.n == 2)
		return 0;
	jsout_key(c->out, r->json, r->jlen);
	switch (r->kind) {
	case K_STR:
		put_string(c->out, v);
		return 0;
	case K_TRACE_ID: case K_SPAN_ID:
		if (encode_id(c, r, v, id) == -1)
			return -1;
		n = r->kind == K_TRACE_ID ? 16 : 8;
		enc_hex(id, n, hex);
		buf_addc(c->out, '"');
		buf_add(c->out, hex, 2 * n);
		buf_addc(c->out, '"');
		return 0;
	case K_ANY:
		put_any(c, v);
		return 0;
	case K_ATTRS:
		put_attrs(c, v);
		return 0;
	case K_MSG:
		if (put_msg(c, r, v) == -1)
			return -1;
		/* Empty: as good as none. */
		if ((r->flags & ROW_PRESENCE) == 0 && c->out->n > 1 &&
		    c->out->p[c->out->n - 2] == '{')
			c->out->n = mark;
		return 0;
	default:
		return put_list(c, r, v);
	}
}

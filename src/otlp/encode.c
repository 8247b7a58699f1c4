#include "otlp/encode.h"

#include <string.h>

#include "base/enc.h"
#include "otlp/number.h"
#include "record/rtime.h"

int
encode_fail(struct encode *c, const struct schema_row *r, const char *why)
{
	return err_set(c->e, "%.*s: %s", r->klen - 4, r->key + 2, why);
}

/* ---- the members of an object ---- */

void
encode_walk(const struct encode *c, struct encode_walk *w, struct json_val v)
{
	w->indexed = true;
	if (v.type == JSON_NONE) {
		w->m = c->r->top;
		w->left = c->r->ntop;
	} else if (v.p == c->r->field[F_ATTRIBUTES].p) {
		w->m = c->r->attr;
		w->left = c->r->nattr;
	} else {
		w->indexed = false;
		json_iter(&w->it, v);
	}
}

bool
encode_next(struct encode_walk *w, struct json_member *m)
{
	if (!w->indexed)
		return json_next_member(&w->it, m);
	if (w->left == 0)
		return false;
	*m = *w->m++;
	w->left--;
	return true;
}

void
encode_vals_init(struct encode_vals *v, const struct schema_msg *m)
{
	v->m = m;
	for (size_t i = 0; i < m->n; i++)
		v->v[i].type = JSON_NONE;
}

/* Whole numbers of "value" belong to the second of its two rows. */
static const struct schema_row *
oneof(const struct schema_row *r, struct json_val v)
{
	int64_t i;

	if ((r->flags & ROW_ONEOF) != 0 && v.type == JSON_NUMBER &&
	    json_int(v, &i) == 0)
		return r + 1;
	return r;
}

static bool
keep(struct encode_vals *v, size_t n, const struct json_member *m,
    int dropped)
{
	const struct schema_row *r;

	for (size_t i = 0; i < n; i++) {
		r = schema_by_key(v[i].m, m->key, m->klen, dropped);
		if (r == NULL)
			continue;
		if ((r->flags & ROW_ONEOF) != 0)
			v[i].v[r + 1 - v[i].m->row].type = JSON_NONE;
		r = oneof(r, m->val);
		if ((r->flags & ROW_ONEOF) != 0 && r->kind == K_SFIX64)
			v[i].v[r - 1 - v[i].m->row].type = JSON_NONE;
		v[i].v[r - v[i].m->row] = m->val;
		return true;
	}
	return false;
}

static int
keep_dropped(struct encode *c, struct encode_vals *v, size_t n,
    struct json_val object)
{
	struct json_iter it;
	struct json_member m;

	if (object.type != JSON_OBJECT)
		return err_set(c->e, "dropped: object expected");
	json_iter(&it, object);
	while (json_next_member(&it, &m))
		if (m.val.type != JSON_NULL)
			(void)keep(v, n, &m, 1);
	return 0;
}

static int
keep_group(struct encode *c, struct encode_group *g,
    const struct json_member *m)
{
	const struct {
		const char	*name;
		struct json_val	*to;
		enum json_type	 type;
	} member[] = {
		{ "resource", &g->resource, JSON_OBJECT },
		{ "resource_info", &g->resource_info, JSON_OBJECT },
		{ "scope", &g->scope, JSON_OBJECT },
		{ "type", &g->type, JSON_STRING },
	};

	for (size_t i = 0; i < sizeof(member) / sizeof(member[0]); i++) {
		if (!json_key_is(m, member[i].name, strlen(member[i].name)))
			continue;
		if (m->val.type != member[i].type)
			return err_set(c->e, "%s: %s expected", member[i].name,
			    member[i].type == JSON_OBJECT ? "object" :
			    "string");
		*member[i].to = m->val;
		return 0;
	}
	return 0;
}

/* A name with escapes, as it is meant; no name of ours is so long. */
static void
unescape_key(struct json_member *m, char *room, size_t size)
{
	struct buf b;
	struct json_val v = { m->key - 1, m->klen + 2, JSON_STRING };

	buf_init(&b, 6 * size);
	(void)json_unescape(&b, v);
	m->klen = b.err == 0 && b.n <= size ? b.n : 0;
	memcpy(room, m->klen > 0 ? b.p : "", m->klen);
	m->key = room;
	m->kesc = false;
	buf_fini(&b);
}

int
encode_collect(struct encode *c, struct json_val object,
    struct encode_vals *v, size_t n, struct encode_group *g)
{
	struct encode_walk w;
	struct json_member m;
	char name[64];

	encode_walk(c, &w, object);
	while (encode_next(&w, &m)) {
		if (m.val.type == JSON_NULL)
			continue;
		if (m.kesc)
			unescape_key(&m, name, sizeof(name));
		if (m.klen == 7 && memcmp(m.key, "dropped", 7) == 0) {
			if (keep_dropped(c, v, n, m.val) == -1)
				return -1;
		} else if (!keep(v, n, &m, 0) && g != NULL &&
		    keep_group(c, g, &m) == -1)
			return -1;
	}
	return 0;
}

int
encode_rows(struct encode *c, const struct encode_vals *v)
{
	for (size_t i = 0; i < v->m->n; i++) {
		const struct schema_row *r = &v->m->row[i];

		if (v->v[i].type == JSON_NONE) {
			if ((r->flags & ROW_NEEDED) != 0)
				return encode_fail(c, r, "missing");
			continue;
		}
		if (c->row(c, r, v->v[i]) == -1)
			return -1;
	}
	return 0;
}

/* ---- values ---- */

bool
encode_is_number(const struct schema_row *r)
{
	switch (r->kind) {
	case K_TIME: case K_FIX64: case K_SFIX64: case K_DOUBLE: case K_FIX32:
	case K_U32: case K_S32: case K_BOOL: case K_ENUM:
		return true;
	default:
		return false;
	}
}

static int
signed_number(struct encode *c, const struct schema_row *r, struct json_val v,
    uint64_t *out)
{
	int64_t i = -1;

	if (r->kind == K_ENUM && v.type == JSON_STRING)
		i = schema_enum_number(r->names, v.p + 1, v.n - 2);
	else if (v.type != JSON_NUMBER || number_i64(v, &i) == -1)
		return encode_fail(c, r, "integer expected");
	if (r->kind == K_ENUM && v.type == JSON_STRING && i == -1)
		return encode_fail(c, r, "unknown name");
	if (r->kind == K_SFIX64) {
		*out = (uint64_t)i;
		return 0;
	}
	if (i < INT32_MIN || i > INT32_MAX)
		return encode_fail(c, r, "integer out of range");
	*out = (uint32_t)i;
	return 0;
}

int
encode_number(struct encode *c, const struct schema_row *r,
    struct json_val v, uint64_t *out)
{
	double x;

	switch (r->kind) {
	case K_TIME:
		if (rtime_get(v, out) == -1)
			return encode_fail(c, r, "time expected");
		return 0;
	case K_DOUBLE:
		if (encode_double(v, &x) == -1)
			return encode_fail(c, r, "number expected");
		memcpy(out, &x, sizeof(*out));
		return 0;
	case K_BOOL:
		if (v.type != JSON_TRUE && v.type != JSON_FALSE)
			return encode_fail(c, r, "true or false expected");
		*out = v.type == JSON_TRUE;
		return 0;
	case K_SFIX64: case K_S32: case K_ENUM:
		return signed_number(c, r, v, out);
	default:
		if (v.type != JSON_NUMBER || number_u64(v, out) == -1)
			return encode_fail(c, r, "unsigned integer expected");
		if (r->kind != K_FIX64 && *out > UINT32_MAX)
			return encode_fail(c, r, "integer out of range");
		return 0;
	}
}

bool
encode_wanted(const struct schema_row *r, uint64_t v)
{
	return v != 0 || (r->flags & ROW_PRESENCE) != 0;
}

int
encode_id(struct encode *c, const struct schema_row *r, struct json_val v,
    unsigned char *out)
{
	size_t n = r->kind == K_TRACE_ID ? 16 : 8;

	if (v.type != JSON_STRING || v.n != 2 * n + 2 ||
	    !enc_unhex(v.p + 1, 2 * n, out))
		return encode_fail(c, r, n == 16 ?
		    "32 hexadecimal digits expected" :
		    "16 hexadecimal digits expected");
	for (size_t i = 0; i < n; i++)
		if (out[i] != 0)
			return 0;
	return encode_fail(c, r, "all zeros");
}

int
encode_check(struct encode *c, const struct schema_row *r, struct json_val v)
{
	enum json_type want;

	switch (r->kind) {
	case K_STR:
		want = JSON_STRING;
		break;
	case K_ATTRS: case K_MSG:
		want = JSON_OBJECT;
		break;
	case K_LIST: case K_STRS: case K_DOUBLES: case K_FIX64S: case K_U64S:
		want = JSON_ARRAY;
		break;
	default:
		return 0;
	}
	if (v.type == want)
		return 0;
	return encode_fail(c, r, want == JSON_STRING ? "string expected" :
	    want == JSON_OBJECT ? "object expected" : "array expected");
}

/* The object's only member, if its name begins with '@'. */
static bool
only_at_member(struct json_val v, struct json_member *m)
{
	struct json_iter it;
	struct json_member more;

	json_iter(&it, v);
	return json_next_member(&it, m) &&
	    (m->kesc || (m->klen > 0 && m->key[0] == '@')) &&
	    !json_next_member(&it, &more);
}

static bool
is_base64(struct json_val v)
{
	struct buf b = { 0 };
	bool yes;

	yes = v.type == JSON_STRING && memchr(v.p, '\\', v.n) == NULL &&
	    enc_unbase64(&b, v.p + 1, v.n - 2) == 0;
	buf_fini(&b);
	return yes;
}

static enum encode_type
object_type(struct json_val v, struct json_val *inner)
{
	struct json_member m;

	*inner = v;
	if (!only_at_member(v, &m))
		return V_KVLIST;
	if (json_key_is(&m, "@bytes", 6) && is_base64(m.val)) {
		*inner = m.val;
		return V_BYTES;
	}
	if (json_key_is(&m, "@double", 7) && (json_str_is(m.val, "NaN") ||
	    json_str_is(m.val, "Infinity") ||
	    json_str_is(m.val, "-Infinity"))) {
		*inner = m.val;
		return V_DOUBLE;
	}
	if (json_key_is(&m, "@kvlist", 7) && m.val.type == JSON_OBJECT)
		*inner = m.val;
	return V_KVLIST;
}

enum encode_type
encode_type(struct json_val v, struct json_val *inner)
{
	int64_t i;

	*inner = v;
	switch (v.type) {
	case JSON_STRING:
		return V_STRING;
	case JSON_TRUE: case JSON_FALSE:
		return V_BOOL;
	case JSON_NUMBER:
		return json_int(v, &i) == 0 ? V_INT : V_DOUBLE;
	case JSON_ARRAY:
		return V_ARRAY;
	case JSON_OBJECT:
		return object_type(v, inner);
	default:
		return V_EMPTY;
	}
}

int
encode_double(struct json_val v, double *out)
{
	struct json_val inner = v;

	if (v.type == JSON_OBJECT && object_type(v, &inner) != V_DOUBLE)
		return -1;
	if (v.type != JSON_OBJECT && v.type != JSON_NUMBER)
		return -1;
	return number_double(inner, out);
}

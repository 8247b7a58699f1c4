#include "otlp/jsin.h"

#include <string.h>

#include "base/enc.h"
#include "json/write.h"
#include "otlp/number.h"
#include "otlp/text.h"

/* ---- moving ---- */

int
jsin_open(struct decode *d, struct jsin *c, char bracket)
{
	c->p = json_ws(c->p, c->end);
	if (c->p == c->end || *c->p != bracket)
		return decode_fail(d, bracket == '{' ? "object expected" :
		    "array expected", c->p);
	c->p++;
	return 0;
}

int
jsin_string(struct decode *d, struct jsin *c, const char **p,
    const char **end, bool *esc)
{
	const char *why, *q;

	*esc = false;
	c->p = json_ws(c->p, c->end);
	if (c->p == c->end || *c->p != '"')
		return decode_fail(d, "string expected", c->p);
	q = json_string_end(c->p + 1, c->end, esc, &why);
	if (q == NULL)
		return decode_fail(d, why, c->p);
	*p = c->p + 1;
	*end = q;
	c->p = q + 1;
	return 0;
}

int
jsin_skip(struct decode *d, struct jsin *c, struct json_val *v)
{
	const char *why;
	const char *q = json_skip(c->p, c->end, JSON_MAX_DEPTH, v, &why);

	if (q == NULL)
		return decode_fail(d, why, c->p);
	c->p = q;
	return 0;
}

bool
jsin_null(struct jsin *c)
{
	c->p = json_ws(c->p, c->end);
	if (c->end - c->p < 4 || memcmp(c->p, "null", 4) != 0)
		return false;
	c->p += 4;
	return true;
}

/* Over the comma before the next item, or the bracket that ends them. */
static int
next_item(struct decode *d, struct jsin *c, bool *first, char close)
{
	c->p = json_ws(c->p, c->end);
	if (c->p == c->end)
		return decode_fail(d, "text cut short", c->p);
	if (*c->p == close && *first) {
		c->p++;
		return 0;
	}
	if (!*first) {
		if (*c->p == close) {
			c->p++;
			return 0;
		}
		if (*c->p != ',')
			return decode_fail(d, close == '}' ?
			    "',' or '}' expected" : "',' or ']' expected",
			    c->p);
		c->p = json_ws(c->p + 1, c->end);
	}
	*first = false;
	return 1;
}

/* A name with escapes; one too long for us is none of ours. */
static void
unescape_name(struct jsin_name *name, struct json_val v)
{
	struct buf b;

	buf_init(&b, 6 * sizeof(name->text));
	(void)json_unescape(&b, v);
	name->n = 0;
	if (b.err == 0 && b.n < sizeof(name->text)) {
		memcpy(name->text, b.p, b.n);
		name->n = b.n;
	}
	name->p = name->text;
	buf_fini(&b);
}

int
jsin_member(struct decode *d, struct jsin *c, bool *first,
    struct jsin_name *name)
{
	const char *end;
	bool esc;
	int rc;

	do {
		rc = next_item(d, c, first, '}');
		if (rc != 1)
			return rc;
		if (jsin_string(d, c, &name->p, &end, &esc) == -1)
			return -1;
		name->n = (size_t)(end - name->p);
		if (esc)
			unescape_name(name, (struct json_val){
			    name->p - 1, name->n + 2, JSON_STRING });
		c->p = json_ws(c->p, c->end);
		if (c->p == c->end || *c->p != ':')
			return decode_fail(d, "':' expected", c->p);
		c->p = json_ws(c->p + 1, c->end);
	} while (c->p < c->end && *c->p == 'n' && jsin_null(c));
	return 1;
}

int
jsin_element(struct decode *d, struct jsin *c, bool *first)
{
	return next_item(d, c, first, ']');
}

bool
jsin_is(const struct jsin_name *name, const char *camel, const char *snake)
{
	size_t n = strlen(camel);

	if (name->n == n && memcmp(name->p, camel, n) == 0)
		return true;
	n = strlen(snake);
	return name->n == n && memcmp(name->p, snake, n) == 0;
}

/* ---- the fields of a message ---- */

/* True when the field counts; *refuse when it spoils the record. */
static bool
id_fits(struct decode *d, const struct schema_row *r, struct json_val v,
    bool *refuse)
{
	size_t want = r->kind == K_TRACE_ID ? 16 : 8, n = v.n - 2;
	unsigned char id[16];

	if (n == 2 * want && enc_unhex(v.p + 1, n, id)) {
		for (size_t i = 0; i < want; i++)
			if (id[i] != 0)
				return true;
		return false;	/* zeros: none */
	}
	if (n != 0 && !decode_bad_id(d, r, n / 2))
		*refuse = true;
	return false;
}

static int
enum_value(const struct schema_row *r, struct json_val v, int64_t *out)
{
	if (number_i64(v, out) == 0)
		return *out < INT32_MIN || *out > INT32_MAX ? -1 : 0;
	if (v.type != JSON_STRING)
		return -1;
	*out = schema_enum_number(r->names, v.p + 1, v.n - 2);
	return *out == -1 ? -1 : 0;
}

/* A number of the row's kind, as a slot has it. */
static int
number_value(const struct schema_row *r, struct json_val v, uint64_t *out)
{
	int64_t i;
	double x;
	bool b;

	switch (r->kind) {
	case K_DOUBLE:
		if (number_double(v, &x) == -1)
			return -1;
		memcpy(out, &x, sizeof(*out));
		return 0;
	case K_BOOL:
		if (json_bool(v, &b) == -1)
			return -1;
		*out = b;
		return 0;
	case K_ENUM:
		if (enum_value(r, v, &i) == -1)
			return -1;
		*out = (uint32_t)i;
		return 0;
	case K_S32:
		if (number_i64(v, &i) == -1 || i < INT32_MIN || i > INT32_MAX)
			return -1;
		*out = (uint32_t)i;
		return 0;
	case K_SFIX64:
		if (number_i64(v, &i) == -1)
			return -1;
		*out = (uint64_t)i;
		return 0;
	case K_FIX32: case K_U32:
		return number_u64(v, out) == -1 || *out > UINT32_MAX ? -1 : 0;
	default:
		return number_u64(v, out);
	}
}

static enum json_type
type_wanted(const struct schema_row *r)
{
	switch (r->kind) {
	case K_STR: case K_TRACE_ID: case K_SPAN_ID:
		return JSON_STRING;
	case K_ANY: case K_MSG:
		return JSON_OBJECT;
	case K_ATTRS: case K_LIST: case K_STRS:
	case K_DOUBLES: case K_FIX64S: case K_U64S:
		return JSON_ARRAY;
	default:
		return JSON_NONE;	/* a number */
	}
}

/* asInt beyond int64, as JavaScript writes large numbers: a double. */
static const struct schema_row *
double_twin(const struct schema_row *r, struct json_val v)
{
	int64_t i;
	double x;

	if (r->kind == K_SFIX64 && number_i64(v, &i) == -1 &&
	    number_double(v, &x) == 0)
		return r - 1;
	return r;
}

/* A member's value: 0; 1 when it spoils the record; -1. */
static int
store(struct decode *d, const struct schema_msg *m, struct slots *s,
    const struct schema_row *r, struct jsin *c)
{
	enum json_type want = type_wanted(r);
	bool refuse = false;
	struct slot *slot;
	struct json_val v;

	if (jsin_skip(d, c, &v) == -1)
		return -1;
	if (want == JSON_NONE) {
		r = double_twin(r, v);
		slot = decode_slot(m, s, r);
		if (number_value(r, v, &slot->v) == -1)
			return decode_fail(d, r->kind == K_ENUM ?
			    "number or name of an enum expected" :
			    r->kind == K_BOOL ? "true or false expected" :
			    "number expected", v.p);
		return 0;
	}
	if (v.type != want)
		return decode_fail(d, want == JSON_STRING ?
		    "string expected" : want == JSON_ARRAY ?
		    "array expected" : "object expected", v.p);
	if ((r->kind == K_TRACE_ID || r->kind == K_SPAN_ID) &&
	    !id_fits(d, r, v, &refuse))
		return refuse;
	slot = decode_slot(m, s, r);
	slot->p = v.p;
	slot->end = v.p + v.n;
	return 0;
}

/* Renders the attributes of a record into d->attrs. */
static int
store_attrs(struct decode *d, const struct schema_msg *m, struct slots *s,
    const struct schema_row *r, struct jsin *c)
{
	struct slot *slot = decode_slot(m, s, r);
	struct buf *out = d->out;
	int rc;

	buf_reset(&d->attrs);
	d->out = &d->attrs;
	rc = jsin_attrs(d, c, 1);
	d->out = out;
	if (rc == 1)
		d->attrs.n = 0;
	slot->p = slot->end = NULL;
	return rc == -1 ? -1 : 0;
}

int
jsin_collect(struct decode *d, const struct schema_msg *m, struct jsin *c,
    struct slots *s, bool record)
{
	const struct schema_row *r = NULL;
	struct jsin_name name;
	bool first = true, refused = false;
	int rc;

	s->seen = 0;
	if (jsin_open(d, c, '{') == -1)
		return -1;
	while ((rc = jsin_member(d, c, &first, &name)) == 1) {
		r = schema_by_json(m, name.p, name.n, r);
		if (r == NULL)
			rc = jsin_skip(d, c, NULL);
		else if (r->kind == K_ATTRS && record)
			rc = store_attrs(d, m, s, r, c);
		else
			rc = store(d, m, s, r, c);
		if (rc == -1)
			return -1;
		if (rc == 1) {
			if (refused)	/* counted once */
				d->tally.refused--;
			refused = true;
		}
	}
	return rc == -1 ? -1 : !refused;
}

/* ---- the rows that are no numbers ---- */

static void
put_string(struct decode *d, const char *p, const char *end)
{
	d->tally.bad_utf8 += text_string(d->out, p, end,
	    memchr(p, '\\', (size_t)(end - p)) != NULL);
}

static void
put_hex(struct buf *b, const char *p, const char *end)
{
	size_t n = (size_t)(end - p);
	char *to = buf_room(b, n);

	if (to == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		to[i] = p[i] >= 'A' && p[i] <= 'F' ? (char)(p[i] | 0x20) : p[i];
	b->n += n;
}

static int
put_msg(struct decode *d, const struct schema_msg *m, struct jsin *c,
    int depth)
{
	struct slots s;

	if (decode_depth(d, depth, c->p) == -1 ||
	    jsin_collect(d, m, c, &s, false) == -1)
		return -1;
	buf_addc(d->out, '{');
	if (decode_rows(d, m, &s, depth + 1) == -1)
		return -1;
	buf_addc(d->out, '}');
	return 0;
}

static int
put_element(struct decode *d, const struct schema_row *r, struct jsin *c,
    int depth)
{
	const char *p, *end;
	struct json_val v;
	uint64_t u;
	double x;
	bool esc;

	if (r->kind == K_LIST)
		return put_msg(d, r->sub, c, depth);
	if (r->kind == K_STRS) {
		if (jsin_string(d, c, &p, &end, &esc) == -1)
			return -1;
		put_string(d, p, end);
		return 0;
	}
	if (jsin_skip(d, c, &v) == -1)
		return -1;
	if (r->kind == K_DOUBLES) {
		if (number_double(v, &x) == -1)
			return decode_fail(d, "number expected", v.p);
		json_put_double(d->out, x);
	} else {
		if (number_u64(v, &u) == -1)
			return decode_fail(d, "number expected", v.p);
		buf_addu(d->out, u);
	}
	return 0;
}

static int
put_repeated(struct decode *d, const struct schema_row *r, struct jsin *c,
    int depth)
{
	bool first = true, any = false;
	int rc;

	if (decode_depth(d, depth, c->p) == -1 || jsin_open(d, c, '[') == -1)
		return -1;
	buf_addc(d->out, '[');
	while ((rc = jsin_element(d, c, &first)) == 1) {
		if (jsin_null(c))
			continue;
		if (any)
			buf_addc(d->out, ',');
		any = true;
		if (put_element(d, r, c, depth + 1) == -1)
			return -1;
	}
	buf_addc(d->out, ']');
	return rc == -1 ? -1 : !any;
}

int
jsin_put(struct decode *d, const struct schema_row *r, const struct slot *s,
    int depth)
{
	struct jsin c = { s->p, s->end };
	size_t mark = d->out->n;

	switch (r->kind) {
	case K_STR:
		if (s->end - s->p == 2)
			return 1;
		put_string(d, s->p + 1, s->end - 1);
		return 0;
	case K_TRACE_ID: case K_SPAN_ID:
		put_hex(d->out, s->p, s->end);
		return 0;
	case K_ANY:
		if (jsin_any(d, &c, depth) == -1)
			return -1;
		return d->out->n == mark + 4 &&
		    memcmp(d->out->p + mark, "null", 4) == 0;
	case K_ATTRS:
		if (s->p != NULL)
			return jsin_attrs(d, &c, depth);
		buf_add(d->out, d->attrs.p, d->attrs.n);
		return d->attrs.n == 0;
	case K_MSG:
		if (put_msg(d, r->sub, &c, depth) == -1)
			return -1;
		return d->out->n == mark + 2 && (r->flags & ROW_PRESENCE) == 0;
	default:
		return put_repeated(d, r, &c, depth);
	}
}

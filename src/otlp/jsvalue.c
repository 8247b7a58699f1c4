/* OTLP/JSON in: AnyValue, KeyValue and numbers. See jsin.h. */
#include <errno.h>
#include <string.h>

#include "base/enc.h"
#include "json/write.h"
#include "otlp/jsin.h"
#include "otlp/number.h"
#include "otlp/text.h"

/* ---- numbers ---- */

static int
put_double(struct decode *d, struct json_val v)
{
	if (number_put(d->out, v, true) == -1)
		return decode_fail(d, "number expected", v.p);
	return 0;
}

static int
put_int(struct decode *d, struct json_val v)
{
	int64_t i;

	/* JavaScript writes 1e21 and 2^64 as "integers": they are doubles. */
	if (number_i64(v, &i) == -1)
		return put_double(d, v);
	buf_addi(d->out, i);
	return 0;
}

/* ---- KeyValue ---- */

static void
put_raw(struct decode *d, const char *p, const char *end, bool esc)
{
	d->tally.bad_utf8 += text_string(d->out, p, end, esc);
}

static bool
starts(const char *p, const char *end, const char *s, size_t n)
{
	return (size_t)(end - p) >= n && memcmp(p, s, n) == 0;
}

/*
 * An AnyValue as nearly all clients write it, without white space: a string,
 * or a whole number in a string. Its end; NULL, and nothing has happened, when
 * it is another.
 */
static const char *
quick_any(struct decode *d, const char *p, const char *end)
{
	static const char text[] = "{\"stringValue\":\"";
	static const char number[] = "{\"intValue\":\"";
	uint64_t bad_utf8 = d->tally.bad_utf8;
	size_t mark = d->out->n, n = 0;

	if (starts(p, end, text, sizeof(text) - 1)) {
		p = text_take(d->out, p + sizeof(text) - 1, end,
		    &d->tally.bad_utf8);
		if (p != NULL && end - p >= 2 && p[1] == '}')
			return p + 2;
		d->out->n = mark;
		d->tally.bad_utf8 = bad_utf8;
	} else if (starts(p, end, number, sizeof(number) - 1)) {
		p += sizeof(number) - 1;
		while (n < 18 && p + n < end && p[n] >= '0' && p[n] <= '9')
			n++;
		if (n > 0 && (p[0] != '0' || n == 1) &&
		    starts(p + n, end, "\"}", 2)) {
			buf_add(d->out, p, n);
			return p + n + 2;
		}
	}
	return NULL;
}

/*
 * The same of a KeyValue: 1 when it was one and is written; else 0, and
 * nothing has happened; -1 on error.
 */
static int
quick_key_value(struct decode *d, struct jsin *c, int depth)
{
	static const char open[] = "{\"key\":\"", mid[] = "\",\"value\":";
	uint64_t bad_utf8 = d->tally.bad_utf8;
	struct jsin value = { NULL, c->end };
	size_t mark = d->out->n;
	const char *p;

	if (!starts(c->p, c->end, open, sizeof(open) - 1))
		return 0;
	p = text_take(d->out, c->p + sizeof(open) - 1, c->end,
	    &d->tally.bad_utf8);
	if (p == NULL)
		return 0;
	if (starts(p, c->end, mid, sizeof(mid) - 1)) {
		buf_addc(d->out, ':');
		p += sizeof(mid) - 1;
		value.p = quick_any(d, p, c->end);
		if (value.p == NULL) {
			value.p = p;
			if (jsin_any(d, &value, depth) == -1)
				return -1;
		}
		if (value.p < c->end && *value.p == '}') {
			c->p = value.p + 1;
			return 1;
		}
	}
	d->out->n = mark;
	d->tally.bad_utf8 = bad_utf8;
	return 0;
}

/*
 * One KeyValue object at c. Clients write the key before the value, which is
 * then rendered as it is met; in the other case, and when a member repeats,
 * from the places of the last ones.
 */
static int
key_value(struct decode *d, struct jsin *c, int depth)
{
	struct jsin key = { NULL, c->end }, value = { NULL, c->end };
	size_t mark = d->out->n;
	struct jsin_name name;
	const char *p, *end;
	bool first = true, tidy = true, esc;
	int rc;

	if (jsin_open(d, c, '{') == -1)
		return -1;
	while ((rc = jsin_member(d, c, &first, &name)) == 1) {
		if (jsin_is(&name, "key", "key")) {
			tidy = tidy && key.p == NULL && value.p == NULL;
			key.p = c->p;
			if (jsin_string(d, c, &p, &end, &esc) == -1)
				return -1;
			put_raw(d, p, end, esc);
			buf_addc(d->out, ':');
		} else if (jsin_is(&name, "value", "value")) {
			tidy = tidy && key.p != NULL && value.p == NULL;
			value.p = c->p;
			if (jsin_any(d, c, depth) == -1)
				return -1;
		} else if (jsin_skip(d, c, NULL) == -1)
			return -1;
	}
	if (rc == -1 || (tidy && key.p != NULL && value.p != NULL))
		return rc;
	d->out->n = mark;
	if (key.p != NULL && jsin_string(d, &key, &p, &end, &esc) == 0)
		put_raw(d, p, end, esc);
	else
		buf_adds(d->out, "\"\"");
	buf_addc(d->out, ':');
	if (value.p != NULL)
		return jsin_any(d, &value, depth);
	buf_adds(d->out, "null");
	return 0;
}

/* The array of KeyValue at c as an object; *n: how many. */
static int
key_values(struct decode *d, struct jsin *c, int depth, size_t *n)
{
	bool first = true;
	int rc;

	*n = 0;
	if (decode_depth(d, depth, c->p) == -1 || jsin_open(d, c, '[') == -1)
		return -1;
	buf_addc(d->out, '{');
	while ((rc = jsin_element(d, c, &first)) == 1) {
		if (jsin_null(c))
			continue;
		if ((*n)++ > 0)
			buf_addc(d->out, ',');
		rc = quick_key_value(d, c, depth + 1);
		if (rc == 0)
			rc = key_value(d, c, depth + 1);
		if (rc == -1)
			return -1;
	}
	buf_addc(d->out, '}');
	return rc;
}

int
jsin_attrs(struct decode *d, struct jsin *c, int depth)
{
	size_t n;

	if (key_values(d, c, depth, &n) == -1)
		return -1;
	return n == 0;
}

/* ---- AnyValue ---- */

static int
put_array(struct decode *d, struct jsin *c, int depth)
{
	bool first = true, any = false;
	int rc;

	if (decode_depth(d, depth, c->p) == -1 || jsin_open(d, c, '[') == -1)
		return -1;
	buf_addc(d->out, '[');
	while ((rc = jsin_element(d, c, &first)) == 1) {
		if (any)
			buf_addc(d->out, ',');
		any = true;
		if (jsin_any(d, c, depth + 1) == -1)
			return -1;
	}
	buf_addc(d->out, ']');
	return rc;
}

/* Is the object at p, of one member, named like a wrapping? */
static bool
is_wrapper(const char *p, const char *end)
{
	struct json_val v = { p, (size_t)(end - p), JSON_OBJECT };
	struct json_member m;
	struct json_iter it;

	json_iter(&it, v);
	return json_next_member(&it, &m) && !m.kesc &&
	    decode_is_wrapper(m.key, m.klen);
}

static int
put_kvlist(struct decode *d, struct jsin *c, int depth)
{
	struct jsin again = *c;
	size_t mark = d->out->n, n;

	if (key_values(d, c, depth, &n) == -1)
		return -1;
	if (n != 1 || d->out->err != 0 ||
	    !is_wrapper(d->out->p + mark, d->out->p + d->out->n))
		return 0;
	d->out->n = mark;
	buf_adds(d->out, "{\"@kvlist\":");
	if (key_values(d, &again, depth + 1, &n) == -1)
		return -1;
	buf_addc(d->out, '}');
	return 0;
}

/* {"values":[...]} of an array or a kvlist. */
static int
put_values(struct decode *d, struct jsin *c, int depth, bool list)
{
	size_t mark = d->out->n;
	struct jsin_name name;
	bool first = true, any = false;
	int rc;

	if (jsin_open(d, c, '{') == -1)
		return -1;
	while ((rc = jsin_member(d, c, &first, &name)) == 1) {
		if (!jsin_is(&name, "values", "values")) {
			if (jsin_skip(d, c, NULL) == -1)
				return -1;
			continue;
		}
		d->out->n = mark;
		any = true;
		rc = list ? put_kvlist(d, c, depth) : put_array(d, c, depth);
		if (rc == -1)
			return -1;
	}
	if (!any)
		buf_adds(d->out, list ? "{}" : "[]");
	return rc;
}

static int
put_bytes(struct decode *d, struct jsin *c, int depth)
{
	struct buf text = { 0 }, bytes = { 0 };
	struct json_val v;
	int rc;

	if (decode_depth(d, depth, c->p) == -1 || jsin_skip(d, c, &v) == -1)
		return -1;
	rc = json_unescape(&text, v);
	if (rc == 0)
		rc = enc_unbase64(&bytes, text.p, text.n);
	if (rc == 0) {
		buf_adds(d->out, "{\"@bytes\":\"");
		enc_base64(d->out, bytes.p, bytes.n);
		buf_adds(d->out, "\"}");
		if (text.err != 0 || bytes.err != 0)
			d->out->err = ENOMEM;
	} else
		(void)decode_fail(d, "bytesValue is not base64", v.p);
	buf_fini(&text);
	buf_fini(&bytes);
	return rc;
}

static int
put_scalar(struct decode *d, struct jsin *c, const struct jsin_name *name)
{
	struct json_val v;
	bool b;

	if (jsin_skip(d, c, &v) == -1)
		return -1;
	if (jsin_is(name, "intValue", "int_value")) {
		if (v.type != JSON_NUMBER && v.type != JSON_STRING)
			return decode_fail(d, "number expected", v.p);
		return put_int(d, v);
	}
	if (jsin_is(name, "doubleValue", "double_value"))
		return put_double(d, v);
	if (json_bool(v, &b) == -1)
		return decode_fail(d, "true or false expected", v.p);
	json_put_bool(d->out, b);
	return 0;
}

/* One member of AnyValue: 1 when it is one we know, and written. */
static int
put_member(struct decode *d, struct jsin *c, const struct jsin_name *name,
    int depth)
{
	const char *p, *end;
	bool esc;

	if (jsin_is(name, "stringValue", "string_value")) {
		if (jsin_string(d, c, &p, &end, &esc) == -1)
			return -1;
		put_raw(d, p, end, esc);
		return 1;
	}
	if (jsin_is(name, "intValue", "int_value") ||
	    jsin_is(name, "doubleValue", "double_value") ||
	    jsin_is(name, "boolValue", "bool_value"))
		return put_scalar(d, c, name) == -1 ? -1 : 1;
	if (jsin_is(name, "arrayValue", "array_value"))
		return put_values(d, c, depth, false) == -1 ? -1 : 1;
	if (jsin_is(name, "kvlistValue", "kvlist_value"))
		return put_values(d, c, depth, true) == -1 ? -1 : 1;
	if (jsin_is(name, "bytesValue", "bytes_value"))
		return put_bytes(d, c, depth) == -1 ? -1 : 1;
	return jsin_skip(d, c, NULL);
}

int
jsin_any(struct decode *d, struct jsin *c, int depth)
{
	size_t mark = d->out->n, end = mark;
	struct jsin_name name;
	bool first = true;
	int rc;

	if (jsin_null(c)) {
		buf_adds(d->out, "null");
		return 0;
	}
	if (jsin_open(d, c, '{') == -1)
		return -1;
	while ((rc = jsin_member(d, c, &first, &name)) == 1) {
		size_t had = d->out->n;

		/* The last of several counts. */
		if (end > mark)
			d->out->n = mark;
		rc = put_member(d, c, &name, depth);
		if (rc == -1)
			return -1;
		if (rc == 0)
			d->out->n = had;	/* unknown: as before */
		end = d->out->n;
	}
	if (rc == 0 && end == mark)
		buf_adds(d->out, "null");
	return rc;
}

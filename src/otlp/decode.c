#include "otlp/decode.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json/write.h"
#include "record/rtime.h"

void
decode_init(struct decode *d, enum otlp_signal sig, struct buf *out,
    const char *base)
{
	memset(d, 0, sizeof(*d));
	if (sig < OTLP_SIGNAL_UNKNOWN)
		d->sig = &schema_signal[sig];
	d->out = out;
	d->base = base;
	/* No text of a group is longer than all output may be. */
	buf_init(&d->resource, out->max);
	buf_init(&d->resource_info, out->max);
	buf_init(&d->scope, out->max);
	buf_init(&d->metric, out->max);
	buf_init(&d->attrs, out->max);
}

static int
memory_error(const struct decode *d)
{
	const struct buf *b[] = { d->out, &d->resource, &d->resource_info,
	    &d->scope, &d->metric, &d->attrs };

	for (size_t i = 0; i < sizeof(b) / sizeof(b[0]); i++)
		if (b[i]->err != 0)
			return b[i]->err;
	return 0;
}

int
decode_fini(struct decode *d, int rc, size_t mark, struct otlp_tally *t,
    struct err *e)
{
	int error = memory_error(d);

	if (error != 0) {
		rc = err_set(e, "records do not fit into memory: %s",
		    strerror(error));
		d->out->err = error;
	} else if (rc == -1)
		(void)err_set(e, "%s at byte %zu", d->why,
		    (size_t)(d->at - d->base));
	if (rc == -1) {
		d->out->n = mark;
	} else {
		t->records += d->tally.records;
		t->refused += d->tally.refused;
		t->bad_utf8 += d->tally.bad_utf8;
		t->bad_ids += d->tally.bad_ids;
		if (t->why[0] == '\0')
			memcpy(t->why, d->tally.why, sizeof(t->why));
	}
	buf_fini(&d->resource);
	buf_fini(&d->resource_info);
	buf_fini(&d->scope);
	buf_fini(&d->metric);
	buf_fini(&d->attrs);
	return rc;
}

int
decode_fail(struct decode *d, const char *why, const void *at)
{
	d->why = why;
	d->at = at;
	return -1;
}

int
decode_depth(struct decode *d, int depth, const void *at)
{
	if (depth >= JSON_MAX_DEPTH)
		return decode_fail(d, "value nested too deeply", at);
	return 0;
}

struct slot *
decode_slot(const struct schema_msg *m, struct slots *s,
    const struct schema_row *r)
{
	size_t i = (size_t)(r - m->row);

	if ((r->flags & ROW_ONEOF) != 0)
		s->seen &= ~(UINT32_C(1) <<
		    (r->kind == K_DOUBLE ? i + 1 : i - 1));
	s->seen |= UINT32_C(1) << i;
	return &s->slot[i];
}

void
decode_refuse(struct decode *d, const char *fmt, ...)
{
	va_list ap;

	d->tally.refused++;
	if (d->tally.why[0] != '\0')
		return;
	va_start(ap, fmt);
	(void)vsnprintf(d->tally.why, sizeof(d->tally.why), fmt, ap);
	va_end(ap);
}

void
decode_key(struct buf *b, const struct schema_row *r)
{
	size_t skip = b->n > 0 && b->p[b->n - 1] == '{';

	buf_add(b, r->key + skip, r->klen - skip);
}

static void
put_enum(struct buf *b, const struct schema_row *r, int32_t v)
{
	const struct schema_enum *e = r->names;

	if (v >= 0 && (size_t)v < e->n && e->name[v].record != NULL)
		(void)json_put_cstr(b, e->name[v].record);
	else
		buf_addi(b, v);
}

/* A number; false when it is the one that goes without saying. */
static bool
put_number(struct buf *b, const struct schema_row *r, uint64_t v)
{
	double x;

	if (v == 0 && (r->flags & (ROW_ALWAYS | ROW_PRESENCE)) == 0)
		return false;
	decode_key(b, r);
	switch (r->kind) {
	case K_TIME:
		rtime_put(b, v);
		break;
	case K_SFIX64:
		buf_addi(b, (int64_t)v);
		break;
	case K_S32:
		buf_addi(b, (int32_t)(uint32_t)v);
		break;
	case K_DOUBLE:
		memcpy(&x, &v, sizeof(x));
		json_put_double(b, x);
		break;
	case K_BOOL:
		json_put_bool(b, v != 0);
		break;
	case K_ENUM:
		put_enum(b, r, (int32_t)(uint32_t)v);
		break;
	default:
		buf_addu(b, v);
		break;
	}
	return true;
}

static bool
is_number(const struct schema_row *r)
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
put_row(struct decode *d, const struct schema_row *r, const struct slot *s,
    int depth)
{
	size_t mark = d->out->n;
	int rc;

	if (is_number(r)) {
		(void)put_number(d->out, r, s->v);
		return 0;
	}
	decode_key(d->out, r);
	rc = d->put(d, r, s, depth);
	if (rc == 1)
		d->out->n = mark;
	return rc == -1 ? -1 : 0;
}

/* The run of rows inside "dropped", from *i on. */
static void
put_dropped(struct decode *d, const struct schema_msg *m,
    const struct slots *s, size_t *i)
{
	static const char open[] = ",\"dropped\":{";
	size_t mark = d->out->n;
	size_t skip = mark > 0 && d->out->p[mark - 1] == '{';
	bool any = false;

	buf_add(d->out, open + skip, sizeof(open) - 1 - skip);
	for (; *i < m->n && (m->row[*i].flags & ROW_DROPPED) != 0; (*i)++)
		if ((s->seen >> *i & 1) != 0 &&
		    put_number(d->out, &m->row[*i], s->slot[*i].v))
			any = true;
	if (any)
		buf_addc(d->out, '}');
	else
		d->out->n = mark;
	(*i)--;
}

static void
put_group(struct decode *d)
{
	buf_add(d->out, d->resource.p, d->resource.n);
	buf_add(d->out, d->resource_info.p, d->resource_info.n);
	buf_add(d->out, d->scope.p, d->scope.n);
}

int
decode_rows(struct decode *d, const struct schema_msg *m,
    const struct slots *s, int depth)
{
	static const struct slot zero;

	for (size_t i = 0; i < m->n; i++) {
		const struct schema_row *r = &m->row[i];

		if (r->kind == K_GROUP)
			put_group(d);
		else if ((s->seen >> i & 1) == 0) {
			if ((r->flags & ROW_ALWAYS) != 0)
				(void)put_number(d->out, r, zero.v);
		} else if ((r->flags & ROW_DROPPED) != 0)
			put_dropped(d, m, s, &i);
		else if (put_row(d, r, &s->slot[i], depth) == -1)
			return -1;
	}
	return 0;
}

int
decode_record(struct decode *d, const struct schema_msg *m,
    const struct slots *s, const char *at)
{
	if (d->metric.n > 0)
		buf_add(d->out, d->metric.p, d->metric.n);
	else
		buf_adds(d->out, d->sig->open);
	if (d->out->err != 0)
		return decode_fail(d, "out of memory", at);
	if (decode_rows(d, m, s, 1) == -1)
		return -1;
	buf_add(d->out, "}\n", 2);
	d->tally.records++;
	return 0;
}

bool
decode_complete(struct decode *d, const struct schema_msg *m,
    const struct slots *s)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct schema_row *r = &m->row[i];

		if ((r->flags & ROW_NEEDED) == 0)
			return true;	/* they stand first */
		if ((s->seen >> i & 1) == 0) {
			decode_refuse(d, "%s without %s", d->sig->record,
			    r->snake);
			return false;
		}
	}
	return true;
}

bool
decode_bad_id(struct decode *d, const struct schema_row *r, size_t n)
{
	if ((r->flags & ROW_STRICT) != 0) {
		decode_refuse(d, "%s of %zu bytes in a %s", r->snake, n,
		    d->sig->record);
		return false;
	}
	d->tally.bad_ids++;
	return true;
}

/*
 * The group texts are rows like others, written to a buffer of their own:
 * for that time it stands in for the output.
 */
static int
rows_into(struct decode *d, struct buf *b, const struct schema_msg *m,
    const struct slots *s)
{
	struct buf *out = d->out;
	int rc;

	d->out = b;
	rc = decode_rows(d, m, s, 2);
	d->out = out;
	return rc;
}

static void
open_object(struct buf *b, const char *open, const struct buf *url)
{
	buf_reset(b);
	buf_adds(b, open);
	if (url->n > 0) {
		json_put_key(b, "schema_url");
		buf_add(b, url->p, url->n);
	}
}

/* Closes an object, or takes all back when nothing is in it. */
static void
close_object(struct buf *b)
{
	if (b->n > 0 && b->p[b->n - 1] == '{')
		b->n = 0;
	else
		buf_addc(b, '}');
}

int
decode_resource(struct decode *d, const struct slots *s,
    const struct buf *url)
{
	const struct schema_msg *m = &schema_resource;
	struct schema_msg info = { m->name, m->row, m->n - 1 };
	const struct schema_msg attrs = { m->name, m->row + m->n - 1, 1 };
	struct slots attr_slot;
	size_t last = m->n - 1;

	buf_reset(&d->resource);
	attr_slot.seen = s->seen >> last & 1;
	attr_slot.slot[0] = s->slot[last];
	if (rows_into(d, &d->resource, &attrs, &attr_slot) == -1)
		return -1;
	open_object(&d->resource_info, ",\"resource_info\":{", url);
	if (rows_into(d, &d->resource_info, &info, s) == -1)
		return -1;
	close_object(&d->resource_info);
	return 0;
}

int
decode_scope(struct decode *d, const struct slots *s, const struct buf *url)
{
	static const struct buf none;
	const struct schema_msg *m = &schema_scope;
	struct schema_msg part = { m->name, m->row, 2 };
	struct slots rest;

	open_object(&d->scope, ",\"scope\":{", &none);
	if (rows_into(d, &d->scope, &part, s) == -1)
		return -1;
	if (url->n > 0) {
		json_put_key(&d->scope, "schema_url");
		buf_add(&d->scope, url->p, url->n);
	}
	part.row = m->row + 2;
	part.n = m->n - 2;
	rest.seen = s->seen >> 2;
	memcpy(rest.slot, s->slot + 2, part.n * sizeof(rest.slot[0]));
	if (rows_into(d, &d->scope, &part, &rest) == -1)
		return -1;
	close_object(&d->scope);
	return 0;
}

int
decode_metric(struct decode *d, const struct slots *head,
    const struct schema_metric *type, const struct slots *data)
{
	struct buf *b = &d->metric;

	buf_reset(b);
	buf_adds(b, d->sig->open);
	if (rows_into(d, b, &schema_metric_head, head) == -1)
		return -1;
	buf_adds(b, ",\"type\":");
	(void)json_put_cstr(b, type->type);
	return rows_into(d, b, type->data, data);
}

bool
decode_is_wrapper(const char *key, size_t n)
{
	return n > 0 && key[0] == '@' &&
	    ((n == 6 && memcmp(key, "@bytes", 6) == 0) ||
	    (n == 7 && memcmp(key, "@double", 7) == 0) ||
	    (n == 7 && memcmp(key, "@kvlist", 7) == 0));
}

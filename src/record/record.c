#include "record/record.h"

#include <stdlib.h>
#include <string.h>

#include "record/quick.h"
#include "record/room.h"

#define RECORD_MEMBERS	32

static const struct {
	const char	*name;
	size_t		 n;
} field_name[F_COUNT_] = {
#define N(f, s)	[f] = { s, sizeof(s) - 1 }
	N(F_RECORD, "record"), N(F_TIME, "time"),
	N(F_OBSERVED_TIME, "observed_time"),
	N(F_SEVERITY_NUMBER, "severity_number"), N(F_SEVERITY, "severity"),
	N(F_EVENT_NAME, "event_name"), N(F_TRACE_ID, "trace_id"),
	N(F_SPAN_ID, "span_id"), N(F_PARENT_SPAN_ID, "parent_span_id"),
	N(F_TRACE_STATE, "trace_state"), N(F_FLAGS, "flags"),
	N(F_NAME, "name"), N(F_DESCRIPTION, "description"), N(F_UNIT, "unit"),
	N(F_TYPE, "type"), N(F_TEMPORALITY, "temporality"),
	N(F_MONOTONIC, "monotonic"), N(F_KIND, "kind"),
	N(F_START_TIME, "start_time"), N(F_END_TIME, "end_time"),
	N(F_VALUE, "value"), N(F_STATUS, "status"),
	N(F_RESOURCE, "resource"), N(F_SCOPE, "scope"), N(F_LINKS, "links"),
	N(F_EVENTS, "events"), N(F_DROPPED, "dropped"), N(F_BODY, "body"),
	N(F_ATTRIBUTES, "attributes"),
#undef N
};

const char *
record_field_name(enum record_field f)
{
	return field_name[f].name;
}

void
record_fini(struct record *r)
{
	free(r->top);
	free(r->attr);
	free(r->tag);
	memset(r, 0, sizeof(*r));
}

/* No two have the same place, or the compiler would say so. */
const struct room_place room_place[ROOM_PLACES] = {
	[ROOM_PLACE('e', 'd', 6)] = { "record", 6, F_RECORD },
	[ROOM_PLACE('i', 'e', 4)] = { "time", 4, F_TIME },
	[ROOM_PLACE('b', 'e', 13)] = { "observed_time", 13, F_OBSERVED_TIME },
	[ROOM_PLACE('e', 'r', 15)] = { "severity_number", 15, F_SEVERITY_NUMBER },
	[ROOM_PLACE('e', 'y', 8)] = { "severity", 8, F_SEVERITY },
	[ROOM_PLACE('v', 'e', 10)] = { "event_name", 10, F_EVENT_NAME },
	[ROOM_PLACE('r', 'd', 8)] = { "trace_id", 8, F_TRACE_ID },
	[ROOM_PLACE('p', 'd', 7)] = { "span_id", 7, F_SPAN_ID },
	[ROOM_PLACE('a', 'd', 14)] = { "parent_span_id", 14, F_PARENT_SPAN_ID },
	[ROOM_PLACE('r', 'e', 11)] = { "trace_state", 11, F_TRACE_STATE },
	[ROOM_PLACE('l', 's', 5)] = { "flags", 5, F_FLAGS },
	[ROOM_PLACE('a', 'e', 4)] = { "name", 4, F_NAME },
	[ROOM_PLACE('e', 'n', 11)] = { "description", 11, F_DESCRIPTION },
	[ROOM_PLACE('n', 't', 4)] = { "unit", 4, F_UNIT },
	[ROOM_PLACE('y', 'e', 4)] = { "type", 4, F_TYPE },
	[ROOM_PLACE('e', 'y', 11)] = { "temporality", 11, F_TEMPORALITY },
	[ROOM_PLACE('o', 'c', 9)] = { "monotonic", 9, F_MONOTONIC },
	[ROOM_PLACE('i', 'd', 4)] = { "kind", 4, F_KIND },
	[ROOM_PLACE('t', 'e', 10)] = { "start_time", 10, F_START_TIME },
	[ROOM_PLACE('n', 'e', 8)] = { "end_time", 8, F_END_TIME },
	[ROOM_PLACE('a', 'e', 5)] = { "value", 5, F_VALUE },
	[ROOM_PLACE('t', 's', 6)] = { "status", 6, F_STATUS },
	[ROOM_PLACE('e', 'e', 8)] = { "resource", 8, F_RESOURCE },
	[ROOM_PLACE('c', 'e', 5)] = { "scope", 5, F_SCOPE },
	[ROOM_PLACE('i', 's', 5)] = { "links", 5, F_LINKS },
	[ROOM_PLACE('v', 's', 6)] = { "events", 6, F_EVENTS },
	[ROOM_PLACE('r', 'd', 7)] = { "dropped", 7, F_DROPPED },
	[ROOM_PLACE('o', 'y', 4)] = { "body", 4, F_BODY },
	[ROOM_PLACE('t', 's', 10)] = { "attributes", 10, F_ATTRIBUTES },
};

enum record_field
record_field_of(const struct json_member *m)
{
	const struct room_place *at;

	if (!m->kesc) {
		at = room_place_of(m);
		return at != NULL && memcmp(m->key, at->name, at->n) == 0 ?
		    (enum record_field)at->field : F_COUNT_;
	}
	for (int i = 0; i < F_COUNT_; i++)
		if (json_key_is(m, field_name[i].name, field_name[i].n))
			return (enum record_field)i;
	return F_COUNT_;
}

bool
room_for_top(struct record *r)
{
	size_t want = r->captop != 0 ? 2 * r->captop : RECORD_MEMBERS;
	struct json_member *p = reallocarray(r->top, want, sizeof(*p));

	if (p == NULL)
		return false;
	r->top = p;
	r->captop = want;
	return true;
}

bool
room_for_attrs(struct record *r)
{
	size_t want = r->capattr != 0 ? 2 * r->capattr : RECORD_MEMBERS;
	struct json_member *p = reallocarray(r->attr, want, sizeof(*p));
	unsigned char *tag;

	if (p != NULL)
		r->attr = p;
	tag = realloc(r->tag, want);
	if (tag != NULL)
		r->tag = tag;
	if (p == NULL || tag == NULL)
		return false;
	r->capattr = want;
	return true;
}

/* The comma or the closing brace; 1: another member, 0: closed, -1: bad. */
static inline int
after_member(const char **at, const char *end, const char **why)
{
	const char *p = *at;

	if (__builtin_expect(end - p >= 2 && p[0] == ',' &&
	    (unsigned char)p[1] > ' ', 1)) {
		*at = p + 1;
		return 1;
	}
	p = json_ws(p, end);
	if (p == end) {
		*why = "unterminated object";
		return -1;
	}
	if (*p == ',') {
		*at = json_ws(p + 1, end);
		return 1;
	}
	*at = p;
	if (*p == '}')
		return 0;
	*why = "',' or '}' expected";
	return -1;
}

/* Indexes the attributes object at p; the position behind it, or NULL. */
static const char *
index_attrs(struct record *r, const char *p, const char *end,
    const char **why)
{
	struct json_member *m;
	int more = 1;

	room_clear_attrs(r);
	p = json_ws(p + 1, end);
	if (p < end && *p == '}')
		return p + 1;
	while (more == 1) {
		if (r->nattr == r->capattr && !room_for_attrs(r)) {
			*why = "out of memory";
			return NULL;
		}
		m = &r->attr[r->nattr];
		p = json_member_name(p, end, m, why);
		if (p == NULL)
			return NULL;
		room_name(r, m, r->nattr++);
		p = json_skip_string(p, end, JSON_MAX_DEPTH - 2, &m->val, why);
		if (p == NULL)
			return NULL;
		more = after_member(&p, end, why);
	}
	return more == 0 ? p + 1 : NULL;
}

static enum record_kind
kind_of(struct json_val v)
{
	if (json_str_is(v, "span"))
		return RECORD_SPAN;
	if (json_str_is(v, "log"))
		return RECORD_LOG;
	if (json_str_is(v, "metric"))
		return RECORD_METRIC;
	if (json_str_is(v, "score"))
		return RECORD_SCORE;
	return RECORD_OTHER;
}

/* One top-level member; the position behind its value, or NULL. */
static const char *
index_member(struct record *r, const char *p, const char *end,
    const char **why)
{
	struct json_member *m;
	enum record_field f;
	struct json_val v;
	const char *value;

	if (r->ntop == r->captop && !room_for_top(r)) {
		*why = "out of memory";
		return NULL;
	}
	m = &r->top[r->ntop++];
	value = json_member_name(p, end, m, why);
	if (value == NULL)
		return NULL;
	f = record_field_of(m);
	if (f == F_ATTRIBUTES)
		r->nattr = 0;	/* the last one counts, whatever it is */
	if (f == F_ATTRIBUTES && value < end && *value == '{') {
		p = index_attrs(r, value, end, why);
		if (p == NULL)
			return NULL;
		v = (struct json_val){ value, (size_t)(p - value),
		    JSON_OBJECT };
	} else {
		p = json_skip_string(value, end, JSON_MAX_DEPTH - 1, &v, why);
		if (p == NULL)
			return NULL;
	}
	room_put(&m->val, v);
	room_field(r, f, v);
	return p;
}

/* Any line, in order; says what is wrong with it. */
static int
careful_index(struct record *r, const char *p, size_t n, const char **why)
{
	const char *end = p + n;
	int more = 1;

	room_clear(r, p, n);
	p = json_ws(p, end);
	if (p == end || *p != '{') {
		*why = p == end ? "empty line" : "not a JSON object";
		return -1;
	}
	p = json_ws(p + 1, end);
	if (p < end && *p == '}')
		more = 0;
	while (more == 1) {
		p = index_member(r, p, end, why);
		if (p == NULL)
			return -1;
		more = after_member(&p, end, why);
	}
	if (more == -1)
		return -1;
	r->close = p;
	if (json_ws(p + 1, end) != end) {
		*why = "text behind the object";
		return -1;
	}
	return 0;
}

int
record_index(struct record *r, const char *p, size_t n, const char **why)
{
	if (!quick_index(r, p, n) && careful_index(r, p, n, why) == -1)
		return -1;
	r->kind = kind_of(r->field[F_RECORD]);
	return 0;
}

static struct json_val
inner(struct json_val object, const char *key)
{
	struct json_val v = json_get(object, key);

	if (v.type == JSON_NULL)
		v.type = JSON_NONE;
	return v;
}

struct json_val
record_resource(const struct record *r, const char *key)
{
	return inner(r->field[F_RESOURCE], key);
}

struct json_val
record_scope(const struct record *r, const char *key)
{
	return inner(r->field[F_SCOPE], key);
}

static bool
is_named(const struct json_member *m, const char *key, size_t n)
{
	if (m->kesc)
		return json_key_is(m, key, n);
	return m->klen == n && memcmp(m->key, key, n) == 0;
}

static const struct json_member *
last_of(const struct json_member *m, size_t n, const char *key, size_t len)
{
	while (n-- > 0) {
		if (is_named(&m[n], key, len))
			return &m[n];
	}
	return NULL;
}

const struct json_member *
record_attr_tagged(const struct record *r, const char *key, size_t n,
    unsigned char tag)
{
	size_t i = r->last[tag];
	const unsigned char *at;

	if (r->escaped)
		return last_of(r->attr, r->nattr, key, n);
	while (!is_named(&r->attr[i], key, n)) {
		at = memrchr(r->tag, tag, i);
		if (at == NULL)
			return NULL;
		i = (size_t)(at - r->tag);
	}
	return &r->attr[i];
}

const struct json_member *
record_top(const struct record *r, const char *name, size_t n)
{
	return last_of(r->top, r->ntop, name, n);
}

struct json_val
record_member(const struct record *r, const char *name)
{
	const struct json_member *m = record_top(r, name, strlen(name));

	if (m == NULL || m->val.type == JSON_NULL)
		return (struct json_val){ NULL, 0, JSON_NONE };
	return m->val;
}

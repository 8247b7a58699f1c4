#include "record/record.h"

#include <stdlib.h>
#include <string.h>

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

static bool
has_name(const struct json_member *m, enum record_field f)
{
	return m->key[0] == field_name[f].name[0] &&
	    m->klen == field_name[f].n &&
	    memcmp(m->key, field_name[f].name, m->klen) == 0;
}

/*
 * Names of members, by their length: 29 names, at most six of a length.
 */
static const signed char by_length[20][6] = {
	[4] = { F_TIME, F_NAME, F_UNIT, F_TYPE, F_KIND, F_BODY },
	[5] = { F_FLAGS, F_VALUE, F_SCOPE, F_LINKS, -1 },
	[6] = { F_RECORD, F_STATUS, F_EVENTS, -1 },
	[7] = { F_SPAN_ID, F_DROPPED, -1 },
	[8] = { F_SEVERITY, F_TRACE_ID, F_END_TIME, F_RESOURCE, -1 },
	[9] = { F_MONOTONIC, -1 },
	[10] = { F_EVENT_NAME, F_START_TIME, F_ATTRIBUTES, -1 },
	[11] = { F_TRACE_STATE, F_DESCRIPTION, F_TEMPORALITY, -1 },
	[13] = { F_OBSERVED_TIME, -1 },
	[14] = { F_PARENT_SPAN_ID, -1 },
	[15] = { F_SEVERITY_NUMBER, -1 },
	[0] = { -1 }, [1] = { -1 }, [2] = { -1 }, [3] = { -1 },
	[12] = { -1 }, [16] = { -1 }, [17] = { -1 }, [18] = { -1 },
	[19] = { -1 },
};

enum record_field
record_field_of(const struct json_member *m)
{
	if (m->kesc) {
		for (int f = 0; f < F_COUNT_; f++)
			if (json_key_is(m, field_name[f].name,
			    field_name[f].n))
				return (enum record_field)f;
		return F_COUNT_;
	}
	if (m->klen >= sizeof(by_length) / sizeof(by_length[0]))
		return F_COUNT_;
	for (size_t i = 0; i < 6; i++) {
		int f = by_length[m->klen][i];

		if (f < 0)
			break;
		if (has_name(m, (enum record_field)f))
			return (enum record_field)f;
	}
	return F_COUNT_;
}

static int
grow_top(struct record *r, const char **why)
{
	size_t want = r->captop != 0 ? 2 * r->captop : RECORD_MEMBERS;
	struct json_member *p = reallocarray(r->top, want, sizeof(*p));

	if (p == NULL) {
		*why = "out of memory";
		return -1;
	}
	r->top = p;
	r->captop = want;
	return 0;
}

static int
grow_attrs(struct record *r, const char **why)
{
	size_t want = r->capattr != 0 ? 2 * r->capattr : RECORD_MEMBERS;
	struct json_member *p = reallocarray(r->attr, want, sizeof(*p));
	unsigned char *tag;

	if (p != NULL)
		r->attr = p;
	tag = realloc(r->tag, want);
	if (tag != NULL)
		r->tag = tag;
	if (p == NULL || tag == NULL) {
		*why = "out of memory";
		return -1;
	}
	r->capattr = want;
	return 0;
}

/* The comma or the closing brace; 1: another member, 0: closed, -1: bad. */
static inline int
after_member(const char **at, const char *end, const char **why)
{
	const char *p = json_no_ws(*at, end);

	if (p == end) {
		*why = "unterminated object";
		return -1;
	}
	if (*p == ',') {
		*at = json_no_ws(p + 1, end);
		return 1;
	}
	*at = p;
	if (*p == '}')
		return 0;
	*why = "',' or '}' expected";
	return -1;
}

static inline void
note_name(struct record *r, size_t i)
{
	const struct json_member *m = &r->attr[i];
	unsigned char tag = record_name_tag(m->key, m->klen);

	r->tag[i] = tag;
	r->names[tag / 64] |= UINT64_C(1) << tag % 64;
	if (m->kesc) {	/* it may be any name */
		r->escaped = true;
		memset(r->names, 0xff, sizeof(r->names));
	}
}

/* Indexes the attributes object at p; the position behind it, or NULL. */
static const char *
index_attrs(struct record *r, const char *p, const char *end,
    const char **why)
{
	struct json_member *m;
	int more = 1;

	r->nattr = 0;
	r->escaped = false;
	memset(r->names, 0, sizeof(r->names));
	p = json_ws(p + 1, end);
	if (p < end && *p == '}')
		return p + 1;
	while (more == 1) {
		if (r->nattr == r->capattr && grow_attrs(r, why) == -1)
			return NULL;
		m = &r->attr[r->nattr];
		p = json_member_name(p, end, m, why);
		if (p == NULL)
			return NULL;
		note_name(r, r->nattr++);
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
	const char *value;

	if (r->ntop == r->captop && grow_top(r, why) == -1)
		return NULL;
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
		m->val = (struct json_val){ value, (size_t)(p - value),
		    JSON_OBJECT };
	} else {
		p = json_skip_string(value, end, JSON_MAX_DEPTH - 1, &m->val,
		    why);
		if (p == NULL)
			return NULL;
	}
	if (f == F_COUNT_)
		return p;
	r->field[f] = m->val;
	if (m->val.type == JSON_NULL)
		r->field[f].type = JSON_NONE;
	return p;
}

int
record_index(struct record *r, const char *p, size_t n, const char **why)
{
	const char *end = p + n;
	int more = 1;

	memset(r->field, 0, sizeof(r->field));
	memset(r->names, 0, sizeof(r->names));
	r->ntop = r->nattr = 0;
	r->escaped = false;
	r->p = p;
	r->n = n;
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
	size_t end = r->nattr;
	const unsigned char *at;

	if (r->escaped)
		return last_of(r->attr, r->nattr, key, n);
	while (end > 0 && (at = memrchr(r->tag, tag, end)) != NULL) {
		end = (size_t)(at - r->tag);
		if (is_named(&r->attr[end], key, n))
			return &r->attr[end];
	}
	return NULL;
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

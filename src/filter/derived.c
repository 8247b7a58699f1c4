#include "filter/derived.h"

#include <string.h>

#include "record/rtime.h"

static const struct value unknown = { .type = VALUE_UNKNOWN };

bool
derived_when(struct value *out, struct json_val v)
{
	if (rtime_get(v, &out->time) == -1)
		return false;
	out->type = VALUE_TIME;
	return true;
}

struct value
derived_agent(const struct record *r, struct arena *mem)
{
	return value_json(record_resource(r, "service.name"), mem);
}

/* A member of an object that stands in a text, or is one. */
static struct value
inside(const struct record *r, const char *attr, const char *name,
    struct arena *mem)
{
	struct json_val v = record_attr(r, attr);
	struct value text, out;
	const char *why;

	if (v.type == JSON_STRING) {
		text = value_json(v, mem);
		if (text.type != VALUE_STR || !json_parse(text.p, text.n, &v,
		    &why))
			return unknown;
	}
	if (v.type != JSON_OBJECT)
		return unknown;
	out = value_json(json_get(v, name), mem);
	return out.type == VALUE_NUM ? out : unknown;
}

struct value
derived_cost(const struct record *r, struct arena *mem)
{
	return inside(r, "langfuse.observation.cost_details", "total", mem);
}

struct value
derived_tokens(const struct record *r, struct arena *mem)
{
	struct value v, w;

	v = inside(r, "langfuse.observation.usage_details", "total", mem);
	if (v.type == VALUE_NUM)
		return v;
	v = value_json(record_attr(r, "gen_ai.usage.input_tokens"), mem);
	w = value_json(record_attr(r, "gen_ai.usage.output_tokens"), mem);
	if (v.type != VALUE_NUM || w.type != VALUE_NUM)
		return v.type == VALUE_NUM ? v : w.type == VALUE_NUM ? w :
		    unknown;
	if (!num_add(&v.num, &w.num, &v.num))
		return unknown;
	v.p = NULL;
	v.n = 0;
	return v;
}

struct value
derived_duration(const struct record *r, struct arena *mem)
{
	struct value v = { .type = VALUE_DURATION };
	uint64_t from, to;

	(void)mem;
	if (rtime_get(r->field[F_START_TIME], &from) == -1 ||
	    rtime_get(r->field[F_END_TIME], &to) == -1)
		return unknown;
	v.num = num_int(to >= from ? (int64_t)((to - from) & INT64_MAX) :
	    -(int64_t)((from - to) & INT64_MAX));
	return v;
}

static bool
failed(const struct record *r)
{
	struct json_val s = r->field[F_STATUS];

	return s.type == JSON_OBJECT && json_str_is(json_get(s, "code"),
	    "ERROR");
}

struct value
derived_error(const struct record *r, struct arena *mem)
{
	int64_t severity;

	(void)mem;
	if (r->kind == RECORD_LOG)
		return json_int(r->field[F_SEVERITY_NUMBER], &severity) == 0 ?
		    value_bool(severity >= 17) : unknown;
	if (r->kind != RECORD_SPAN)
		return unknown;
	return value_bool(failed(r) || json_str_is(record_attr(r,
	    "langfuse.observation.level"), "ERROR"));
}

struct value
derived_level(const struct record *r, struct arena *mem)
{
	(void)mem;
	if (r->kind != RECORD_SPAN)
		return unknown;
	return failed(r) ? value_str("ERROR", 5) : value_str("DEFAULT", 7);
}

struct value
derived_root(const struct record *r, struct arena *mem)
{
	(void)mem;
	if (r->kind != RECORD_SPAN)
		return unknown;
	return value_bool(r->field[F_PARENT_SPAN_ID].type == JSON_NONE);
}

/* A list, or a text that holds one; or one tag. */
struct value
derived_tag(const struct record *r, struct arena *mem)
{
	static const char *const key[] = { "langfuse.trace.tags", "tag.tags" };
	struct value v = unknown;
	struct json_val list;
	const char *why;

	for (size_t i = 0; i < 2 && v.type == VALUE_UNKNOWN; i++)
		v = value_json(record_attr(r, key[i]), mem);
	if (v.type == VALUE_STR && v.n > 0 && v.p[0] == '[' &&
	    json_parse(v.p, v.n, &list, &why))
		return value_json(list, mem);
	return v.type == VALUE_STR || v.type == VALUE_LIST ? v : unknown;
}

struct value
derived_time(const struct record *r, struct arena *mem)
{
	struct value v = unknown;

	(void)mem;
	if (!derived_when(&v, r->field[r->kind == RECORD_SPAN ? F_START_TIME :
	    F_TIME]))
		(void)derived_when(&v, r->field[F_OBSERVED_TIME]);
	return v;
}

struct value
derived_type(const struct record *r, struct arena *mem)
{
	struct value v = value_json(record_attr(r, "openinference.span.kind"),
	    mem);
	char *low;

	if (v.type != VALUE_STR)
		return unknown;
	if (v.n == 3 && memcmp(v.p, "LLM", 3) == 0)
		return value_str("generation", 10);
	low = arena_copy(mem, v.p, v.n);
	if (low == NULL)
		return unknown;
	for (size_t i = 0; i < v.n; i++)
		if (low[i] >= 'A' && low[i] <= 'Z')
			low[i] = (char)(low[i] - 'A' + 'a');
	return value_str(low, v.n);
}

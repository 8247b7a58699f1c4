#include "filter/field.h"

#include <string.h>

#include "filter/derived.h"

/* A short name: the first of the attributes that is there, or a function. */
struct field_row {
	const char	*name;
	unsigned	 types;
	const char	*attr[4];
	struct value	(*get)(const struct record *r, struct arena *mem);
};

static const struct field_row row[] = {
	{ "agent", VALUE_STR, { "aitrace.agent" }, derived_agent },
	{ "cached_tokens", VALUE_NUM, { "gen_ai.usage.cache_read.input_tokens",
	    "gen_ai.usage.cache_read_input_tokens",
	    "llm.token_count.prompt_details.cache_read" }, NULL },
	{ "cost", VALUE_NUM, { "gen_ai.usage.cost", "gen_ai.usage.cost_usd",
	    "llm.cost.total" }, derived_cost },
	{ "duration", VALUE_DURATION, { NULL }, derived_duration },
	{ "environment", VALUE_STR, { "langfuse.environment",
	    "deployment.environment.name", "deployment.environment" },
	    NULL },
	{ "error", VALUE_BOOL, { NULL }, derived_error },
	{ "input_tokens", VALUE_NUM, { "gen_ai.usage.input_tokens",
	    "llm.token_count.prompt" }, NULL },
	{ "level", VALUE_STR, { "langfuse.observation.level" },
	    derived_level },
	{ "model", VALUE_STR, { "langfuse.observation.model.name",
	    "gen_ai.response.model", "gen_ai.request.model",
	    "llm.model_name" }, NULL },
	{ "output_tokens", VALUE_NUM, { "gen_ai.usage.output_tokens",
	    "llm.token_count.completion" }, NULL },
	{ "project", VALUE_STR, { "project.name" }, NULL },
	{ "provider", VALUE_STR, { "gen_ai.provider.name", "gen_ai.system" },
	    NULL },
	{ "repository", VALUE_STR, { "vcs.repository.name",
	    "vcs.repository.url.full", "git.repository" }, NULL },
	{ "root", VALUE_BOOL, { NULL }, derived_root },
	{ "session", VALUE_STR, { "session.id", "langfuse.session.id",
	    "gen_ai.conversation.id" }, NULL },
	{ "tag", VALUE_STR | VALUE_LIST, { NULL }, derived_tag },
	{ "time", VALUE_TIME, { NULL }, derived_time },
	{ "tokens", VALUE_NUM, { "llm.token_count.total" }, derived_tokens },
	{ "tool", VALUE_STR, { "gen_ai.tool.name", "aitrace.tool.name" },
	    NULL },
	{ "type", VALUE_STR, { "langfuse.observation.type" }, derived_type },
	{ "user", VALUE_STR, { "user.id", "langfuse.user.id" }, NULL },
};

#define ROWS	(sizeof(row) / sizeof(row[0]))

const char *
field_short_name(size_t i)
{
	return i < ROWS ? row[i].name : NULL;
}

static const struct field_row *
row_of(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(row[i].name, name) == 0)
			return &row[i];
	return NULL;
}

/* What a member can be. */
static unsigned
member_types(enum record_field f)
{
	switch (f) {
	case F_START_TIME:
	case F_END_TIME:
	case F_TIME:
	case F_OBSERVED_TIME:
		return VALUE_TIME;
	case F_SEVERITY_NUMBER:
	case F_FLAGS:
		return VALUE_NUM;
	case F_MONOTONIC:
		return VALUE_BOOL;
	case F_VALUE:
	case F_BODY:
		return VALUE_ATTRIBUTE;
	default:
		return VALUE_STR;
	}
}

int
field_named(struct field *f, enum field_kind what, const char *name, size_t n,
    struct arena *mem)
{
	char *copy = arena_get(mem, n + 1);

	if (copy == NULL)
		return -1;
	memcpy(copy, name, n);
	memset(f, 0, sizeof(*f));
	f->kind = what;
	f->name = copy;
	f->top = F_COUNT_;
	f->types = VALUE_ATTRIBUTE;
	return 0;
}

/* "x.y" with this x: the y, else NULL. */
static const char *
behind(const char *name, const char *front)
{
	size_t n = strlen(front);

	return strncmp(name, front, n) == 0 && name[n] == '.' &&
	    name[n + 1] != '\0' ? name + n + 1 : NULL;
}

static bool
of_scope(struct field *f, const char *name)
{
	const char *inner = behind(name, "scope"), *attr;

	if (inner == NULL)
		return false;
	attr = behind(inner, "attributes");
	f->kind = attr != NULL ? FIELD_SCOPE_ATTRIBUTE : FIELD_SCOPE;
	f->name = attr != NULL ? attr : inner;
	return true;
}

int
field_resolve(struct field *f, const char *name, size_t n, struct arena *mem)
{
	const char *inner;

	if (field_named(f, FIELD_ATTRIBUTE, name, n, mem) == -1)
		return -1;
	f->row = row_of(f->name);
	if (f->row != NULL) {
		f->kind = FIELD_SHORT;
		f->types = f->row->types;
		return 0;
	}
	if ((inner = behind(f->name, "resource")) != NULL) {
		f->kind = FIELD_RESOURCE;
		f->name = inner;
		return 0;
	}
	if (of_scope(f, f->name))
		return 0;
	if ((inner = behind(f->name, "status")) != NULL) {
		f->kind = FIELD_STATUS;
		f->name = inner;
		f->types = VALUE_STR;
		return 0;
	}
	for (int i = 0; i < F_ATTRIBUTES; i++) {
		enum record_field top = (enum record_field)i;

		if (strcmp(record_field_name(top), f->name) != 0 ||
		    top == F_RESOURCE || top == F_SCOPE || top == F_STATUS)
			continue;
		f->kind = FIELD_MEMBER;
		f->top = top;
		f->types = member_types(top);
	}
	return 0;
}

static struct value
short_value(const struct field_row *w, const struct record *r,
    struct arena *mem)
{
	struct value v = { .type = VALUE_UNKNOWN };

	for (size_t i = 0; i < 4 && w->attr[i] != NULL; i++) {
		v = value_json(record_attr(r, w->attr[i]), mem);
		if ((v.type & w->types) != 0)
			return v;
		/* Some clients send numbers as text. */
		if (v.type == VALUE_STR && w->types == VALUE_NUM &&
		    num_parse(v.p, v.n, &v.num) == 0) {
			v.type = VALUE_NUM;
			return v;
		}
	}
	v.type = VALUE_UNKNOWN;
	return w->get != NULL ? w->get(r, mem) : v;
}

static struct value
member(const struct field *f, const struct record *r, struct arena *mem)
{
	struct value v = value_json(r->field[f->top], mem), t;

	if (f->types != VALUE_TIME || v.type != VALUE_STR)
		return v;
	t = (struct value){ .type = VALUE_UNKNOWN };
	return derived_when(&t, r->field[f->top]) ? t : v;
}

/* The JSON of fields that have one. */
static struct json_val
json_of(const struct field *f, const struct record *r)
{
	struct json_val v = { NULL, 0, JSON_NONE };

	switch (f->kind) {
	case FIELD_SHORT:
		break;
	case FIELD_MEMBER:
		return r->field[f->top];
	case FIELD_STATUS:
		if (r->field[F_STATUS].type == JSON_OBJECT)
			v = json_get(r->field[F_STATUS], f->name);
		break;
	case FIELD_RESOURCE:
		return record_resource(r, f->name);
	case FIELD_SCOPE:
		return record_scope(r, f->name);
	case FIELD_SCOPE_ATTRIBUTE:
		v = record_scope(r, "attributes");
		if (v.type == JSON_OBJECT)
			v = json_get(v, f->name);
		break;
	case FIELD_ATTRIBUTE:
		return record_attr(r, f->name);
	}
	return v;
}

bool
field_exists(const struct field *f, const struct record *r, struct arena *mem)
{
	if (f->kind == FIELD_SHORT)
		return field_get(f, r, mem).type != VALUE_UNKNOWN;
	return json_of(f, r).type > JSON_NULL;
}

struct value
field_get(const struct field *f, const struct record *r, struct arena *mem)
{
	if (f->kind == FIELD_SHORT)
		return short_value(f->row, r, mem);
	if (f->kind == FIELD_MEMBER)
		return member(f, r, mem);
	return value_json(json_of(f, r), mem);
}

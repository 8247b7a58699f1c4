#include "price/call.h"

#include <string.h>

#include "json/write.h"
#include "record/rtime.h"

#define ATTR_DETAILS	"langfuse.observation.cost_details"
#define ATTR_REPORTED	"aitrace.cost.reported"
#define ATTR_COMPUTED	"aitrace.cost.computed"
#define ATTR_SOURCE	"aitrace.cost.source"
#define ATTR_BASIS	"aitrace.cost.basis"
#define ATTR_ESTIMATED	"cost.estimated"

static bool
is_one_of(struct json_val v, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (json_str_is(v, *words))
			return true;
	}
	return false;
}

bool
call_is(const struct record *r)
{
	static const char *const types[] = { "generation", "embedding", NULL };
	static const char *const kinds[] = { "LLM", "EMBEDDING", NULL };
	static const char *const ops[] = { "chat", "text_completion",
	    "generate_content", "embeddings", NULL };
	struct json_val v;

	if (r->kind != RECORD_SPAN)
		return false;
	v = record_attr(r, "langfuse.observation.type");
	if (v.type != JSON_NONE)
		return is_one_of(v, types);
	v = record_attr(r, "openinference.span.kind");
	if (v.type != JSON_NONE)
		return is_one_of(v, kinds);
	return is_one_of(record_attr(r, "gen_ai.operation.name"), ops);
}

bool
call_is_priced(const struct record *r)
{
	return record_attr(r, ATTR_DETAILS).type != JSON_NONE;
}

/* The first of the attributes that is a string with something in it. */
static struct json_val
first_string(const struct record *r, const char *const *keys)
{
	const struct json_val none = { NULL, 0, JSON_NONE };

	for (; *keys != NULL; keys++) {
		struct json_val v = record_attr(r, *keys);

		if (v.type == JSON_STRING && v.n > 2)
			return v;
	}
	return none;
}

/*
 * Appends the string's characters to scratch: an offset, since scratch may
 * move. SIZE_MAX when it is no string.
 */
static size_t
keep(struct buf *scratch, struct json_val v)
{
	size_t at = scratch->n;

	if (json_unescape(scratch, v) != 0)
		return SIZE_MAX;
	return at;
}

static void
set_service(struct cost_terms *t, struct json_val v)
{
	if (json_str_is(v, "flex"))
		t->service = SERVICE_FLEX;
	else if (json_str_is(v, "priority") || json_str_is(v, "fast"))
		t->service = SERVICE_PRIORITY;
	else if (json_str_is(v, "batch"))
		t->service = SERVICE_BATCH;
}

/* Tier, speed and region, from the parameters of the call. */
static void
read_terms(struct call *c, const struct record *r, const char *params,
    size_t n)
{
	static const char *const tiers[] = {
	    "gen_ai.openai.response.service_tier",
	    "openai.response.service_tier",
	    "gen_ai.openai.request.service_tier",
	    "openai.request.service_tier", NULL };
	struct json_val o, v;
	const char *why;

	memset(&c->terms, 0, sizeof(c->terms));
	v = first_string(r, tiers);
	if (v.type != JSON_NONE)
		set_service(&c->terms, v);
	if (params == NULL || !json_parse(params, n, &o, &why) ||
	    o.type != JSON_OBJECT)
		return;
	v = json_get(o, "service_tier");
	if (v.type == JSON_STRING)
		set_service(&c->terms, v);
	c->terms.fast = json_str_is(json_get(o, "speed"), "fast");
	v = json_get(o, "inference_geo");
	if (v.type == JSON_STRING) {
		c->terms.region = v.p + 1;
		c->terms.region_len = v.n - 2;
	}
}

/* A number or a string that is one, exactly. */
static bool
amount(struct json_val v, money *out)
{
	if (v.type == JSON_NUMBER)
		return money_parse(v.p, v.n, out) == 0;
	return v.type == JSON_STRING && v.n > 2 &&
	    money_parse(v.p + 1, v.n - 2, out) == 0;
}

/*
 * What the client says the call cost: the mark of enrich, or the cost
 * attributes of other clients where we have not written them ourselves.
 */
static void
read_reported(struct call *c, const struct record *r, const char *details,
    size_t n)
{
	static const char *const keys[] = { "gen_ai.usage.cost",
	    "gen_ai.usage.cost_usd", "llm.cost.total", NULL };
	struct json_val o, v;
	const char *why;

	c->ours = record_attr(r, ATTR_SOURCE).type != JSON_NONE;
	c->foreign = details != NULL && !c->ours;
	c->has_reported = amount(record_attr(r, ATTR_REPORTED), &c->reported);
	if (c->has_reported || c->ours)
		return;
	if (details != NULL && json_parse(details, n, &o, &why) &&
	    o.type == JSON_OBJECT) {
		v = json_get(o, "total");
		c->has_reported = amount(v, &c->reported);
	}
	for (const char *const *k = keys; *k != NULL && !c->has_reported; k++)
		c->has_reported = amount(record_attr(r, *k), &c->reported);
}

static void
read_time(struct call *c, const struct record *r)
{
	if (rtime_get(r->field[F_START_TIME], &c->time) != 0 &&
	    rtime_get(r->field[F_END_TIME], &c->time) != 0)
		c->time = UINT64_MAX;
}

int
call_read(struct call *c, const struct record *r)
{
	static const char *const models[] = {
	    "langfuse.observation.model.name", "gen_ai.response.model",
	    "gen_ai.request.model", "llm.model_name", NULL };
	static const char *const providers[] = { "gen_ai.provider.name",
	    "gen_ai.system", "llm.provider", NULL };
	enum { T_MODEL, T_PROVIDER, T_PARAMS, T_USAGE, T_DETAILS, T_COUNT };
	size_t at[T_COUNT + 1], n[T_COUNT];
	const struct json_val from[T_COUNT] = {
		[T_MODEL] = first_string(r, models),
		[T_PROVIDER] = first_string(r, providers),
		[T_PARAMS] = record_attr(r,
		    "langfuse.observation.model.parameters"),
		[T_USAGE] = record_attr(r,
		    "langfuse.observation.usage_details"),
		[T_DETAILS] = record_attr(r, ATTR_DETAILS),
	};
	const char *text[T_COUNT], *why;
	struct json_val o;

	buf_reset(&c->scratch);
	for (int i = 0; i < T_COUNT; i++) {
		at[i] = keep(&c->scratch, from[i]);
		n[i] = at[i] == SIZE_MAX ? 0 : c->scratch.n - at[i];
	}
	if (c->scratch.err != 0)
		return -1;
	for (int i = 0; i < T_COUNT; i++)
		text[i] = n[i] == 0 ? NULL : c->scratch.p + at[i];
	c->model = text[T_MODEL];
	c->model_len = n[T_MODEL];
	c->provider = text[T_PROVIDER] != NULL ? text[T_PROVIDER] : "";
	c->provider_len = n[T_PROVIDER];
	read_terms(c, r, text[T_PARAMS], n[T_PARAMS]);
	read_reported(c, r, text[T_DETAILS], n[T_DETAILS]);
	read_time(c, r);
	c->usage.n = 0;
	c->usage.bad = NULL;
	c->has_usage = text[T_USAGE] != NULL &&
	    json_parse(text[T_USAGE], n[T_USAGE], &o, &why) ?
	    usage_from_details(&c->usage, o) :
	    usage_from_attributes(&c->usage, r);
	return 0;
}

void
call_fini(struct call *c)
{
	buf_fini(&c->scratch);
}

/* {"input":0.000048,...,"total":0.0167384} */
static void
put_details(struct buf *b, const struct cost *c)
{
	buf_addc(b, '{');
	for (size_t i = 0; i < c->n; i++) {
		const struct usage_bucket *u = c->line[i].bucket;

		if (u->kind == USE_TOTAL)
			continue;
		buf_addc(b, '"');
		buf_add(b, u->key, u->klen);
		buf_adds(b, "\":");
		money_put(b, c->line[i].amount, false);
		buf_addc(b, ',');
	}
	buf_adds(b, "\"total\":");
	money_put(b, c->total, false);
	buf_addc(b, '}');
}

/* A double, in exact decimal text. */
static void
set_double(struct edit *e, const char *key, money m)
{
	struct buf b = { 0 };

	money_put(&b, m, true);
	if (b.err != 0)
		e->err = b.err;
	else
		edit_attr(e, key, b.p, b.n);
	buf_fini(&b);
}

/* A decimal in a string: aitrace.cost.* are never read as doubles. */
static void
set_decimal(struct edit *e, const char *key, money m)
{
	struct buf b = { 0 };

	money_put(&b, m, false);
	if (b.err != 0)
		e->err = b.err;
	else
		edit_attr_str(e, key, b.p, b.n);
	buf_fini(&b);
}

static void
drop(struct edit *e, const struct record *r, const char *key)
{
	if (record_attr(r, key).type != JSON_NONE)
		edit_attr_drop(e, key);
}

void
call_write(struct edit *e, const struct record *r, const struct call_cost *cc)
{
	struct buf b = { 0 };

	put_details(&b, cc->shown);
	if (b.err != 0)
		e->err = b.err;
	else
		edit_attr_str(e, ATTR_DETAILS, b.p, b.n);
	buf_fini(&b);
	set_double(e, "gen_ai.usage.cost", cc->shown->total);
	set_double(e, "gen_ai.usage.cost_usd", cc->shown->total);
	set_double(e, "llm.cost.total", cc->shown->total);
	if (cc->shown->n > 0) {
		set_double(e, "llm.cost.prompt", cost_prompt(cc->shown));
		set_double(e, "llm.cost.completion",
		    cost_completion(cc->shown));
	} else {
		drop(e, r, "llm.cost.prompt");
		drop(e, r, "llm.cost.completion");
	}
	if (cc->has_reported)
		set_decimal(e, ATTR_REPORTED, cc->reported);
	if (cc->has_computed)
		set_decimal(e, ATTR_COMPUTED, cc->computed);
	else
		drop(e, r, ATTR_COMPUTED);
	edit_attr_str(e, ATTR_SOURCE, cc->source, strlen(cc->source));
	if (cc->estimated)
		edit_attr_bool(e, ATTR_ESTIMATED, true);
	else
		drop(e, r, ATTR_ESTIMATED);
	if (cc->basis != NULL)
		edit_attr_str(e, ATTR_BASIS, cc->basis, cc->basis_len);
	else
		drop(e, r, ATTR_BASIS);
}

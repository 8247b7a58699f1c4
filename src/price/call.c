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

/* What is read, in the order in which the first of several counts. */
enum attr {
	A_MODEL, A_MODEL_RESPONSE, A_MODEL_REQUEST, A_MODEL_OI,
	A_PROVIDER, A_SYSTEM, A_PROVIDER_OI,
	A_TIER_RESPONSE, A_TIER_RESPONSE_OLD, A_TIER_REQUEST,
	A_TIER_REQUEST_OLD,
	A_COST, A_COST_USD, A_COST_OI,
	A_PARAMS, A_USAGE, A_DETAILS, A_REPORTED, A_SOURCE, A_COUNT_
};

#define NAMED(s)	{ s, sizeof(s) - 1 }
static const struct {
	const char	*s;
	size_t		 n;
} attr_name[A_COUNT_] = {
	[A_MODEL] = NAMED("langfuse.observation.model.name"),
	[A_MODEL_RESPONSE] = NAMED("gen_ai.response.model"),
	[A_MODEL_REQUEST] = NAMED("gen_ai.request.model"),
	[A_MODEL_OI] = NAMED("llm.model_name"),
	[A_PROVIDER] = NAMED("gen_ai.provider.name"),
	[A_SYSTEM] = NAMED("gen_ai.system"),
	[A_PROVIDER_OI] = NAMED("llm.provider"),
	[A_TIER_RESPONSE] = NAMED("gen_ai.openai.response.service_tier"),
	[A_TIER_RESPONSE_OLD] = NAMED("openai.response.service_tier"),
	[A_TIER_REQUEST] = NAMED("gen_ai.openai.request.service_tier"),
	[A_TIER_REQUEST_OLD] = NAMED("openai.request.service_tier"),
	[A_COST] = NAMED("gen_ai.usage.cost"),
	[A_COST_USD] = NAMED("gen_ai.usage.cost_usd"),
	[A_COST_OI] = NAMED("llm.cost.total"),
	[A_PARAMS] = NAMED("langfuse.observation.model.parameters"),
	[A_USAGE] = NAMED("langfuse.observation.usage_details"),
	[A_DETAILS] = NAMED(ATTR_DETAILS),
	[A_REPORTED] = NAMED(ATTR_REPORTED),
	[A_SOURCE] = NAMED(ATTR_SOURCE),
};

static void
collect(const struct record *r, struct json_val v[A_COUNT_])
{
	for (int k = 0; k < A_COUNT_; k++) {
		const struct json_member *m = record_attr_member(r,
		    attr_name[k].s, attr_name[k].n);

		if (m == NULL || m->val.type == JSON_NULL)
			v[k].type = JSON_NONE;
		else
			v[k] = m->val;
	}
}

/* The first of v[from..to] that is a string with something in it. */
static struct json_val
first_string(const struct json_val *v, enum attr from, enum attr to)
{
	const struct json_val none = { NULL, 0, JSON_NONE };

	for (int k = (int)from; k <= (int)to; k++) {
		if (v[k].type == JSON_STRING && v[k].n > 2)
			return v[k];
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
read_terms(struct call *c, const struct json_val *attr, const char *params,
    size_t n)
{
	struct json_val o, v;
	const char *why;

	memset(&c->terms, 0, sizeof(c->terms));
	v = first_string(attr, A_TIER_RESPONSE, A_TIER_REQUEST_OLD);
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
read_reported(struct call *c, const struct json_val *attr,
    const char *details, size_t n)
{
	struct json_val o, v;
	const char *why;

	c->ours = attr[A_SOURCE].type != JSON_NONE;
	c->foreign = details != NULL && !c->ours;
	c->has_reported = amount(attr[A_REPORTED], &c->reported);
	if (c->has_reported || c->ours)
		return;
	if (details != NULL && json_parse(details, n, &o, &why) &&
	    o.type == JSON_OBJECT) {
		v = json_get(o, "total");
		c->has_reported = amount(v, &c->reported);
	}
	for (int k = A_COST; k <= A_COST_OI && !c->has_reported; k++)
		c->has_reported = amount(attr[k], &c->reported);
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
	enum { T_MODEL, T_PROVIDER, T_PARAMS, T_USAGE, T_DETAILS, T_COUNT };
	struct json_val attr[A_COUNT_], from[T_COUNT];
	size_t at[T_COUNT], n[T_COUNT];
	const char *text[T_COUNT], *why;
	struct json_val o;

	collect(r, attr);
	from[T_MODEL] = first_string(attr, A_MODEL, A_MODEL_OI);
	from[T_PROVIDER] = first_string(attr, A_PROVIDER, A_PROVIDER_OI);
	from[T_PARAMS] = attr[A_PARAMS];
	from[T_USAGE] = attr[A_USAGE];
	from[T_DETAILS] = attr[A_DETAILS];
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
	read_terms(c, attr, text[T_PARAMS], n[T_PARAMS]);
	read_reported(c, attr, text[T_DETAILS], n[T_DETAILS]);
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
	buf_fini(&c->out);
}

/* \"name\":amount, into the text of a JSON string. */
static void
put_line(struct buf *b, const struct cost_line *l)
{
	const struct usage_bucket *u = l->bucket;
	char *to, *p;

	buf_add(b, "\\\"", 2);
	/* Names are JSON already, once unescaped: escaped again. */
	if (memchr(u->key, '\\', u->klen) != NULL) {
		json_put_chars(b, u->key, u->klen);
		buf_add(b, "\\\":", 3);
	} else {
		to = buf_room(b, u->klen + 3);
		if (to == NULL)
			return;
		p = (char *)mempcpy(to, u->key, u->klen);
		p = (char *)mempcpy(p, "\\\":", 3);
		b->n += (size_t)(p - to);
	}
	to = buf_room(b, MONEY_TEXT + 1);
	if (to == NULL)
		return;
	p = to + money_text(to, l->amount, false);
	*p++ = ',';
	b->n += (size_t)(p - to);
}

/* {"input":0.000048,...,"total":0.0167384} as the text of a JSON string. */
static void
put_details(struct buf *b, const struct cost *c)
{
	char text[MONEY_TEXT];

	buf_add(b, "\"{", 2);
	for (size_t i = 0; i < c->n; i++) {
		if (c->line[i].bucket->kind != USE_TOTAL)
			put_line(b, &c->line[i]);
	}
	buf_adds(b, "\\\"total\\\":");
	buf_add(b, text, money_text(text, c->total, false));
	buf_add(b, "}\"", 2);
}

/* A double, in exact decimal text. */
static void
set_double(struct edit *e, const char *key, money m)
{
	char text[MONEY_TEXT];

	edit_attr(e, key, text, money_text(text, m, true));
}

/* A decimal in a string: aitrace.cost.* are never read as doubles. */
static void
set_decimal(struct edit *e, const char *key, money m)
{
	char text[MONEY_TEXT + 2];
	size_t n = money_text(text + 1, m, false);

	text[0] = text[n + 1] = '"';
	edit_attr(e, key, text, n + 2);
}

/* Takes away what an earlier pricing left and this one does not say. */
static void
drop_stale(struct edit *e, const struct call_cost *cc)
{
	if (cc->shown->n == 0) {
		edit_attr_drop(e, "llm.cost.prompt");
		edit_attr_drop(e, "llm.cost.completion");
	}
	if (!cc->has_computed)
		edit_attr_drop(e, ATTR_COMPUTED);
	if (!cc->estimated)
		edit_attr_drop(e, ATTR_ESTIMATED);
	if (cc->basis == NULL)
		edit_attr_drop(e, ATTR_BASIS);
}

void
call_write(struct call *c, struct edit *e, const struct call_cost *cc)
{
	char total[MONEY_TEXT];
	size_t n = money_text(total, cc->shown->total, true);

	buf_reset(&c->out);
	put_details(&c->out, cc->shown);
	if (c->out.err != 0)
		e->err = c->out.err;
	else
		edit_attr(e, ATTR_DETAILS, c->out.p, c->out.n);
	edit_attr(e, "gen_ai.usage.cost", total, n);
	edit_attr(e, "gen_ai.usage.cost_usd", total, n);
	edit_attr(e, "llm.cost.total", total, n);
	if (cc->shown->n > 0) {
		set_double(e, "llm.cost.prompt", cost_prompt(cc->shown));
		set_double(e, "llm.cost.completion",
		    cost_completion(cc->shown));
	}
	if (cc->has_reported)
		set_decimal(e, ATTR_REPORTED, cc->reported);
	if (cc->has_computed)
		set_decimal(e, ATTR_COMPUTED, cc->computed);
	edit_attr_str(e, ATTR_SOURCE, cc->source, strlen(cc->source));
	if (cc->estimated)
		edit_attr_bool(e, ATTR_ESTIMATED, true);
	if (cc->basis != NULL)
		edit_attr_str(e, ATTR_BASIS, cc->basis, cc->basis_len);
	if (c->ours || c->foreign)
		drop_stale(e, cc);
}

#include "price/call.h"

#include <string.h>

#include "price/call-attr.h"
#include "record/rtime.h"

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

/* A constant name costs least: what it is looked up by is made beforehand. */
#define PICK(r, s)	pick((r), (s), sizeof(s) - 1)

static inline struct json_val
pick(const struct record *r, const char *name, size_t n)
{
	const struct json_member *m = record_attr_member(r, name, n);

	if (m == NULL || m->val.type == JSON_NULL)
		return (struct json_val){ NULL, 0, JSON_NONE };
	return m->val;
}

static void
collect(const struct record *r, struct json_val v[A_COUNT_])
{
	v[A_MODEL] = PICK(r, "langfuse.observation.model.name");
	v[A_MODEL_RESPONSE] = PICK(r, "gen_ai.response.model");
	v[A_MODEL_REQUEST] = PICK(r, "gen_ai.request.model");
	v[A_MODEL_OI] = PICK(r, "llm.model_name");
	v[A_PROVIDER] = PICK(r, "gen_ai.provider.name");
	v[A_SYSTEM] = PICK(r, "gen_ai.system");
	v[A_PROVIDER_OI] = PICK(r, "llm.provider");
	v[A_TIER_RESPONSE] = PICK(r, "gen_ai.openai.response.service_tier");
	v[A_TIER_RESPONSE_OLD] = PICK(r, "openai.response.service_tier");
	v[A_TIER_REQUEST] = PICK(r, "gen_ai.openai.request.service_tier");
	v[A_TIER_REQUEST_OLD] = PICK(r, "openai.request.service_tier");
	v[A_COST] = PICK(r, ATTR_COST);
	v[A_COST_USD] = PICK(r, ATTR_COST_USD);
	v[A_COST_OI] = PICK(r, ATTR_COST_OI);
	v[A_PARAMS] = PICK(r, "langfuse.observation.model.parameters");
	v[A_USAGE] = PICK(r, "langfuse.observation.usage_details");
	v[A_DETAILS] = PICK(r, ATTR_DETAILS);
	v[A_REPORTED] = PICK(r, ATTR_REPORTED);
	v[A_SOURCE] = PICK(r, ATTR_SOURCE);
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

/* A text of the call: where it stands, in the record or in scratch. */
struct text {
	const char	*p;	/* NULL: in scratch, or there is none */
	size_t		 at, n;
};

/*
 * The string's characters: a slice of the record, or appended to scratch,
 * which may move until all are there.
 */
static struct text
text_of(struct buf *scratch, struct json_val v)
{
	struct text t = { NULL, scratch->n, 0 };

	if (v.type == JSON_STRING && memchr(v.p, '\\', v.n) == NULL)
		return (struct text){ v.p + 1, 0, v.n - 2 };
	if (json_unescape(scratch, v) == 0)
		t.n = scratch->n - t.at;
	return t;
}

static const char *
text_at(const struct buf *scratch, struct text t)
{
	if (t.n == 0)
		return NULL;
	return t.p != NULL ? t.p : scratch->p + t.at;
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

void
call_terms(struct cost_terms *t, struct json_val tier, struct json_val speed,
    struct json_val region)
{
	set_service(t, tier);
	t->fast = json_str_is(speed, "fast");
	if (region.type == JSON_STRING) {
		t->region = region.p + 1;
		t->region_len = region.n - 2;
	}
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
	if (params != NULL && json_parse(params, n, &o, &why) &&
	    o.type == JSON_OBJECT)
		call_terms(&c->terms, json_get(o, "service_tier"),
		    json_get(o, "speed"), json_get(o, "inference_geo"));
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

uint64_t
call_time(const struct call *c)
{
	uint64_t t;

	if (c->from == NULL)
		return c->when;
	if (rtime_get(c->from->field[F_START_TIME], &t) != 0 &&
	    rtime_get(c->from->field[F_END_TIME], &t) != 0)
		return UINT64_MAX;
	return t;
}

/* The usage's buckets: of the attribute that has them all, or of the rest. */
static bool
read_usage(struct call *c, const struct record *r, const char *text, size_t n)
{
	const char *why;
	struct json_val o;

	c->usage.n = 0;
	c->usage.bad = NULL;
	if (text != NULL && json_parse(text, n, &o, &why))
		return usage_from_details(&c->usage, o);
	return usage_from_attributes(&c->usage, r);
}

int
call_read(struct call *c, const struct record *r)
{
	struct json_val attr[A_COUNT_], from;
	struct text model, provider, params, details, usage = { NULL, 0, 0 };
	struct buf *s = &c->scratch;

	collect(r, attr);
	buf_reset(s);
	from = attr[A_USAGE];
	c->has_usage = from.type == JSON_STRING &&
	    usage_from_escaped(&c->usage, from.p + 1, from.n - 2);
	if (!c->has_usage)
		usage = text_of(s, from);
	model = text_of(s, first_string(attr, A_MODEL, A_MODEL_OI));
	provider = text_of(s, first_string(attr, A_PROVIDER, A_PROVIDER_OI));
	params = text_of(s, attr[A_PARAMS]);
	details = text_of(s, attr[A_DETAILS]);
	if (s->err != 0)
		return -1;
	c->model = model.n > 0 ? text_at(s, model) : "";
	c->model_len = model.n;
	c->provider = provider.n > 0 ? text_at(s, provider) : "";
	c->provider_len = provider.n;
	read_terms(c, attr, text_at(s, params), params.n);
	read_reported(c, attr, text_at(s, details), details.n);
	c->from = r;
	if (!c->has_usage)
		c->has_usage = read_usage(c, r, text_at(s, usage), usage.n);
	return 0;
}

void
call_fini(struct call *c)
{
	buf_fini(&c->scratch);
	buf_fini(&c->out);
}

#include "view/spend.h"

#include <string.h>

/* Amounts are below 10^24, so so many of them cannot overflow 128 bits. */
#define MAX_COST	((money)MONEY_MAX_TOKENS * MONEY_MAX_TOKENS)

static uint64_t
sat_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static bool
count_of(struct json_val v, uint64_t *out)
{
	int64_t n;

	if (json_int(v, &n) == -1 || n < 0)
		return false;
	*out = (uint64_t)n;
	return true;
}

/* The first of the attributes that is a count. */
static bool
first_count(const struct record *r, const char *const *key, uint64_t *out)
{
	for (; *key != NULL; key++)
		if (count_of(record_attr(r, *key), out))
			return true;
	return false;
}

/* Decimal text of a number or a string, never by way of a double. */
static bool
money_of(struct json_val v, money *out)
{
	if (v.type == JSON_NUMBER)
		return money_parse(v.p, v.n, out) == 0;
	return v.type == JSON_STRING && money_parse(v.p + 1, v.n - 2,
	    out) == 0;
}

/* An attribute that is an object, or a string that holds one. */
static bool
object_of(struct json_val v, struct buf *scratch, struct json_val *out)
{
	const char *p, *why;
	size_t n;

	if (v.type == JSON_OBJECT) {
		*out = v;
		return true;
	}
	buf_reset(scratch);
	p = json_str(v, scratch, &n);
	return p != NULL && json_parse(p, n, out, &why) &&
	    out->type == JSON_OBJECT;
}

static bool
has(const struct json_member *m, const char *word)
{
	return memmem(m->key, m->klen, word, strlen(word)) != NULL;
}

static bool
begins(const struct json_member *m, const char *word)
{
	size_t n = strlen(word);

	return m->klen >= n && memcmp(m->key, word, n) == 0;
}

/* Langfuse's disjoint buckets. */
static bool
details(struct spend *s, struct json_val v, struct buf *scratch)
{
	struct json_member m;
	struct json_iter it;
	struct json_val obj;
	uint64_t n;

	if (!object_of(v, scratch, &obj))
		return false;
	json_iter(&it, obj);
	while (json_next_member(&it, &m)) {
		if (!count_of(m.val, &n) || begins(&m, "total"))
			continue;
		s->used = true;
		if (begins(&m, "output") || begins(&m, "completion")) {
			s->out = sat_add(s->out, n);
			continue;
		}
		if (!begins(&m, "input") && !begins(&m, "prompt") &&
		    !has(&m, "cache"))
			continue;
		s->in = sat_add(s->in, n);
		if (has(&m, "cached") || has(&m, "cache_read"))
			s->cached = sat_add(s->cached, n);
	}
	return s->used;
}

static bool
inclusive(struct spend *s, const struct record *r)
{
	static const char *const in[] = { "gen_ai.usage.input_tokens",
	    "gen_ai.usage.prompt_tokens", "llm.token_count.prompt", NULL };
	static const char *const cached[] = {
	    "gen_ai.usage.cache_read.input_tokens",
	    "gen_ai.usage.cache_read_input_tokens",
	    "llm.token_count.prompt_details.cache_read", NULL };
	static const char *const out[] = { "gen_ai.usage.output_tokens",
	    "gen_ai.usage.completion_tokens", "llm.token_count.completion",
	    NULL };

	s->used = first_count(r, in, &s->in);
	s->used |= first_count(r, out, &s->out);
	if (s->used && first_count(r, cached, &s->cached) &&
	    s->cached > s->in)
		s->in = sat_add(s->in, s->cached);	/* was not included */
	return s->used;
}

/* Claude Code's own: the input excludes both kinds of cache. */
static bool
bare(struct spend *s, const struct record *r)
{
	uint64_t n;

	if (!count_of(record_attr(r, "input_tokens"), &s->in))
		return false;
	s->used = true;
	if (count_of(record_attr(r, "output_tokens"), &n))
		s->out = n;
	if (count_of(record_attr(r, "cache_read_tokens"), &n)) {
		s->cached = n;
		s->in = sat_add(s->in, n);
	}
	if (count_of(record_attr(r, "cache_creation_tokens"), &n))
		s->in = sat_add(s->in, n);
	return true;
}

/* The total, or the sum of the parts where there is none. */
static bool
cost_details(struct spend *s, struct json_val v, struct buf *scratch)
{
	struct json_member m;
	struct json_iter it;
	struct json_val obj;
	money part;
	bool any = false;

	if (!object_of(v, scratch, &obj))
		return false;
	if (money_of(json_get(obj, "total"), &s->cost))
		return true;
	s->cost = 0;
	json_iter(&it, obj);
	while (s->cost < MAX_COST && json_next_member(&it, &m)) {
		if (!money_of(m.val, &part))
			continue;
		s->cost += part;
		any = true;
	}
	return any;
}

static bool
cost(struct spend *s, const struct record *r)
{
	static const char *const key[] = { "gen_ai.usage.cost",
	    "gen_ai.usage.cost_usd", "llm.cost.total", "cost_usd", NULL };

	for (size_t i = 0; key[i] != NULL; i++)
		if (money_of(record_attr(r, key[i]), &s->cost))
			return true;
	return false;
}

void
spend_read(struct spend *s, const struct record *r, struct buf *scratch)
{
	memset(s, 0, sizeof(*s));
	if (!details(s, record_attr(r, "langfuse.observation.usage_details"),
	    scratch) && !inclusive(s, r))
		(void)bare(s, r);	/* no usage is no error */
	s->priced = cost_details(s, record_attr(r,
	    "langfuse.observation.cost_details"), scratch) || cost(s, r);
	if (!s->priced)
		s->cost = 0;
	(void)json_bool(record_attr(r, "cost.estimated"), &s->estimated);
}

void
spend_add(struct spend_sum *sum, const struct spend *s)
{
	struct spend_sum one = { .in = s->in, .cached = s->cached,
	    .out = s->out, .cost = s->cost, .priced = s->priced,
	    .estimated = s->priced && s->estimated,
	    .unpriced = !s->priced && (s->in != 0 || s->out != 0) };

	spend_merge(sum, &one);
}

void
spend_merge(struct spend_sum *sum, const struct spend_sum *other)
{
	sum->in = sat_add(sum->in, other->in);
	sum->cached = sat_add(sum->cached, other->cached);
	sum->out = sat_add(sum->out, other->out);
	sum->priced += other->priced;
	sum->unpriced += other->unpriced;
	sum->estimated += other->estimated;
	if (sum->cost < MAX_COST * 1000000)
		sum->cost += other->cost;
}

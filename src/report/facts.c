#include "report/facts.h"

#include <string.h>

#include "price/usage.h"
#include "record/rtime.h"

#define MS	UINT64_C(1000000)

int
facts_names(struct facts_names *k, struct pick *p)
{
	const struct {
		int		*place;
		const char	*name;
	} row[] = {
		{ &k->type, "langfuse.observation.type" },
		{ &k->kind, "openinference.span.kind" },
		{ &k->op, "gen_ai.operation.name" },
		{ &k->level, "langfuse.observation.level" },
		{ &k->error_type, "error.type" },
		{ &k->incomplete, "aitrace.incomplete" },
		{ &k->turn_kind, "aitrace.turn.kind" },
		{ &k->purpose, "aitrace.purpose" },
		{ &k->tool, "gen_ai.tool.name" },
		{ &k->agent_tool, "aitrace.tool.name" },
		{ &k->attempts, "aitrace.attempts" },
		{ &k->first_token,
		    "langfuse.observation.completion_start_time" },
		{ &k->ttft_ms, "ttft_ms" },
		{ &k->usage, "langfuse.observation.usage_details" },
		{ &k->details, "langfuse.observation.cost_details" },
		{ &k->cost, "gen_ai.usage.cost" },
		{ &k->cost_usd, "gen_ai.usage.cost_usd" },
		{ &k->cost_oi, "llm.cost.total" },
		{ &k->source, "aitrace.cost.source" },
		{ &k->estimated, "cost.estimated" },
		{ &k->status_code, "http.response.status_code" },
		{ &k->inferred, "aitrace.inferred" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		*row[i].place = pick_name(p, row[i].name);
		if (*row[i].place == -1)
			return -1;
	}
	return 0;
}

/* Is v one of these, written without escapes? */
static bool
is(struct json_val v, const char *s)
{
	size_t n = strlen(s);

	return v.type == JSON_STRING && v.n == n + 2 &&
	    memcmp(v.p + 1, s, n) == 0;
}

static unsigned
kind_of(const struct facts_names *k, const struct json_val *v)
{
	struct json_val t = v[k->type];

	if (t.type == JSON_STRING)
		return is(t, "generation") || is(t, "embedding") ? FACT_CALL :
		    is(t, "tool") ? FACT_TOOL : 0;
	t = v[k->kind];
	if (t.type == JSON_STRING)
		return is(t, "LLM") || is(t, "EMBEDDING") ? FACT_CALL :
		    is(t, "TOOL") ? FACT_TOOL : 0;
	t = v[k->op];
	if (is(t, "chat") || is(t, "generate_content") ||
	    is(t, "text_completion") || is(t, "embeddings"))
		return FACT_CALL;
	return is(t, "execute_tool") ? FACT_TOOL : 0;
}

enum sums_error
facts_error(struct json_val type, struct json_val status)
{
	int64_t code;

	for (int e = ERR_AUTH; e < ERR_OTHER; e++)
		if (is(type, sums_error_name((enum sums_error)e)))
			return (enum sums_error)e;
	if (json_int(status, &code) == -1)
		return ERR_OTHER;
	if (code == 401 || code == 403)
		return ERR_AUTH;
	if (code == 429)
		return ERR_RATE_LIMIT;
	if (code == 408 || code == 504)
		return ERR_TIMEOUT;
	return code >= 500 ? ERR_SERVER : code >= 400 ? ERR_CLIENT : ERR_OTHER;
}

static void
read_outcome(struct facts *f, const struct facts_names *k,
    const struct json_val *v, const struct record *r)
{
	struct json_val status = r->field[F_STATUS], level = v[k->level];
	bool failed;

	failed = is(level, "ERROR") || (status.type == JSON_OBJECT &&
	    json_str_is(json_get(status, "code"), "ERROR"));
	if (!failed && level.type == JSON_NONE)
		failed = v[k->error_type].type == JSON_STRING;
	if (failed)
		f->error = facts_error(v[k->error_type], v[k->status_code]);
	else
		f->warning = is(level, "WARNING");
}

static const enum sums_token token_of[] = {
	[USE_INPUT] = TOK_INPUT, [USE_CACHE_READ] = TOK_CACHE_READ,
	[USE_CACHE_WRITE] = TOK_CACHE_WRITE,
	[USE_CACHE_WRITE_5M] = TOK_CACHE_WRITE_5M,
	[USE_CACHE_WRITE_1H] = TOK_CACHE_WRITE_1H, [USE_TOOL] = TOK_INPUT,
	[USE_INPUT_AUDIO] = TOK_INPUT, [USE_CACHE_READ_AUDIO] = TOK_CACHE_READ,
	[USE_INPUT_IMAGE] = TOK_INPUT, [USE_OUTPUT] = TOK_OUTPUT,
	[USE_REASONING] = TOK_REASONING, [USE_OUTPUT_AUDIO] = TOK_OUTPUT,
	[USE_OUTPUT_IMAGE] = TOK_OUTPUT, [USE_TOTAL] = TOK_OTHER,
	[USE_OTHER] = TOK_OTHER,
};

/* The names that aitrace-enrich writes. */
static int
plain_name(const char *p, size_t n)
{
	static const struct {
		const char	*s;
		size_t		 n;
		int		 token;
	} name[] = {
		{ "input", 5, TOK_INPUT },
		{ "input_cached_tokens", 19, TOK_CACHE_READ },
		{ "output", 6, TOK_OUTPUT },
		{ "total", 5, TOK_COUNT_ },
		{ "input_cache_creation_5m", 23, TOK_CACHE_WRITE_5M },
		{ "input_cache_creation_1h", 23, TOK_CACHE_WRITE_1H },
		{ "output_reasoning_tokens", 23, TOK_REASONING },
		{ "input_cache_creation", 20, TOK_CACHE_WRITE },
		{ "input_tool_tokens", 17, TOK_INPUT },
	};

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (name[i].n == n && memcmp(p, name[i].s, n) == 0)
			return name[i].token;
	return -1;
}

/*
 * Usage details as aitrace-enrich writes them, a string with escapes read as
 * it stands: {\"input\":12,...}. False when there is anything else in it.
 */
static bool
plain_usage(struct facts *f, struct json_val v)
{
	uint64_t token[TOK_COUNT_ + 1] = { 0 };
	const char *p, *end, *key;
	size_t buckets = 0;

	if (v.type != JSON_STRING || v.n < 10)
		return false;
	p = v.p + 2;
	end = v.p + v.n - 2;
	if (p[-1] != '{' || *end != '}')
		return false;
	while (p < end) {
		uint64_t n = 0;
		int digits = 0, t;

		p += *p == ' ';
		if (end - p < 6 || p[0] != '\\' || p[1] != '"')
			return false;
		key = p + 2;
		p = memchr(key, '\\', (size_t)(end - key));
		if (p == NULL || end - p < 4 || p[1] != '"' || p[2] != ':')
			return false;
		t = plain_name(key, (size_t)(p - key));
		if (t == -1)
			return false;
		p += p[3] == ' ' ? 4 : 3;
		for (; p < end && *p >= '0' && *p <= '9'; p++, digits++)
			n = n * 10 + (uint64_t)(*p - '0');
		if (digits == 0 || digits > 15 || (p < end &&
		    (*p++ != ',' || p == end)))
			return false;
		token[t] += n;
		buckets += t != TOK_COUNT_;
	}
	if (buckets == 0)	/* a total alone says less */
		return false;
	f->told = true;
	for (int i = 0; i < TOK_COUNT_; i++) {
		f->token[i] = token[i];
		f->used |= token[i] != 0;
	}
	return true;
}

/* An attribute that is an object, or a string that holds one. */
static struct json_val
object_of(struct json_val v, struct buf *scratch)
{
	struct json_val out = { NULL, 0, JSON_NONE };
	const char *p, *why;
	size_t n;

	if (v.type != JSON_STRING)
		return v;
	buf_reset(scratch);
	p = json_str(v, scratch, &n);
	if (p == NULL || !json_parse(p, n, &out, &why))
		out.type = JSON_NONE;
	return out;
}

void
facts_usage(struct facts *f, const struct buckets *u)
{
	f->told = true;
	for (size_t i = 0; i < u->n; i++) {
		enum sums_token t = token_of[u->b[i].kind];

		f->token[t] = sums_plus(f->token[t], (uint64_t)u->b[i].count);
		f->used |= u->b[i].count != 0;
	}
}

static void
read_usage(struct facts *f, const struct facts_names *k,
    const struct json_val *v, const struct record *r, struct buf *scratch)
{
	struct buckets u;

	if (plain_usage(f, v[k->usage]))
		return;
	if (!usage_from_details(&u, object_of(v[k->usage], scratch)) &&
	    !usage_from_attributes(&u, r))
		return;
	facts_usage(f, &u);
}

/* Decimal text of a number or a string, never by way of a double. */
static bool
money_of(struct json_val v, money *out)
{
	if (v.type == JSON_NUMBER)
		return money_parse(v.p, v.n, out) == 0;
	return v.type == JSON_STRING &&
	    money_parse(v.p + 1, v.n - 2, out) == 0;
}

/* The total of cost_details, or the sum of its parts. */
static bool
details_cost(struct json_val object, money *out)
{
	struct json_iter it;
	struct json_member m;
	money part, sum = 0;
	bool any = false;

	if (object.type != JSON_OBJECT)
		return false;
	if (money_of(json_get(object, "total"), out))
		return true;
	json_iter(&it, object);
	while (json_next_member(&it, &m)) {
		if (!money_of(m.val, &part))
			continue;
		sum = sums_money(sum, part);
		any = true;
	}
	*out = sum;
	return any;
}

static void
read_cost(struct facts *f, const struct facts_names *k,
    const struct json_val *v, struct buf *scratch)
{
	struct json_val source = v[k->source];
	bool estimated = false;

	/* Where we wrote both they say the same, and this is less work. */
	f->priced = source.type == JSON_STRING &&
	    money_of(v[k->cost], &f->cost);
	if (!f->priced)
		f->priced = details_cost(object_of(v[k->details], scratch),
		    &f->cost) || money_of(v[k->cost], &f->cost) ||
		    money_of(v[k->cost_usd], &f->cost) ||
		    money_of(v[k->cost_oi], &f->cost);
	(void)json_bool(v[k->estimated], &estimated);
	f->source = estimated || is(source, "estimate") ? COST_ESTIMATED :
	    is(source, "book") ? COST_COMPUTED : COST_REPORTED;
}

/* A time as a JSON string, or as one that itself stands in quotes. */
static int
read_time(struct json_val v, struct buf *scratch, uint64_t *ns)
{
	const char *p;
	size_t n;

	if (rtime_get(v, ns) == 0)
		return 0;
	buf_reset(scratch);
	p = json_str(v, scratch, &n);
	if (p == NULL || n < 3 || p[0] != '"' || p[n - 1] != '"')
		return -1;
	return rtime_parse(p + 1, n - 2, ns);
}

static void
read_call(struct facts *f, const struct facts_names *k,
    const struct json_val *v, const struct record *r, struct buf *scratch)
{
	int64_t n;

	read_usage(f, k, v, r, scratch);
	read_cost(f, k, v, scratch);
	if (json_int(v[k->attempts], &n) == 0 && n > 1)
		f->retries = (uint64_t)n - 1;
}

/* Does aitrace.inferred say that this is a guess? It names what is. */
static bool
is_guess(struct json_val inferred, const char *what)
{
	size_t n = strlen(what);

	return inferred.type == JSON_STRING &&
	    memmem(inferred.p, inferred.n, what, n) != NULL;
}

/* How long it took, and how long till the first token, if that is known. */
static void
read_times(struct facts *f, const struct facts_names *k,
    const struct json_val *v, const struct record *r, struct buf *scratch)
{
	bool guess = is_guess(v[k->inferred], "start");
	uint64_t t;
	int64_t ms;

	if (f->start != 0 && rtime_get(r->field[F_END_TIME], &t) == 0 &&
	    t >= f->start && !guess && !is_guess(v[k->inferred], "end"))
		f->duration = t - f->start;
	if ((f->is & FACT_CALL) == 0)
		return;
	if (json_int(v[k->ttft_ms], &ms) == 0 && ms >= 0 && ms < INT32_MAX)
		f->ttft = (uint64_t)ms * MS;
	else if (f->start != 0 && !guess &&
	    v[k->first_token].type == JSON_STRING &&
	    read_time(v[k->first_token], scratch, &t) == 0) {
		/* It may have been cut to milliseconds. */
		if (t >= f->start)
			f->ttft = t - f->start;
		else if (f->start - t < MS)
			f->ttft = 0;
	}
}

void
facts_read(struct facts *f, const struct facts_names *k,
    const struct pick *p, const struct record *r, struct buf *scratch)
{
	const struct json_val *v = p->v;

	memset(f, 0, sizeof(*f));
	f->duration = f->ttft = FACT_NO_TIME;
	f->is = kind_of(k, v);
	if (f->is == 0 && v[k->agent_tool].type == JSON_STRING)
		f->is = FACT_TOOL;
	if (r->field[F_PARENT_SPAN_ID].type == JSON_NONE)
		f->is |= FACT_RUN;
	if (f->is == 0)
		return;
	if (rtime_get(r->field[F_START_TIME], &f->start) == -1)
		f->start = 0;
	read_times(f, k, v, r, scratch);
	read_outcome(f, k, v, r);
	if ((f->is & FACT_RUN) != 0) {
		f->turn = !is(v[k->turn_kind], "client") &&
		    v[k->purpose].type == JSON_NONE &&
		    (is(v[k->type], "chain") || is(v[k->kind], "CHAIN"));
		(void)json_bool(v[k->incomplete], &f->incomplete);
	}
	if ((f->is & FACT_CALL) != 0)
		read_call(f, k, v, r, scratch);
}

bool
facts_unpriced(const struct facts *f)
{
	return !f->priced && (f->used || (!f->told && f->error == ERR_NONE));
}

static int
add_call(struct sums *s, const struct facts *f)
{
	uint64_t tokens = 0;

	s->calls++;
	s->retries = sums_plus(s->retries, f->retries);
	if (f->error != ERR_NONE)
		s->error[f->error]++;
	for (int i = 0; i < TOK_COUNT_; i++) {
		s->token[i] = sums_plus(s->token[i], f->token[i]);
		tokens = sums_plus(tokens, f->token[i]);
	}
	if (f->priced) {
		s->cost[f->source] = sums_money(s->cost[f->source], f->cost);
		s->priced[f->source]++;
	} else if (facts_unpriced(f)) {
		s->unpriced++;
		s->unpriced_tokens = sums_plus(s->unpriced_tokens, tokens);
	}
	if (f->error != ERR_NONE)
		return 0;
	if (f->ttft != FACT_NO_TIME && sketch_add(&s->ttft, f->ttft) == -1)
		return -1;
	return f->duration == FACT_NO_TIME ? 0 :
	    sketch_add(&s->latency, f->duration);
}

int
facts_add(struct sums *s, const struct facts *f)
{
	if ((f->is & FACT_RUN) != 0) {
		s->runs++;
		s->turns += f->turn;
		s->incomplete += f->incomplete;
	}
	if ((f->is & FACT_CALL) != 0 && add_call(s, f) == -1)
		return -1;
	if ((f->is & FACT_TOOL) == 0)
		return 0;
	s->tools++;
	s->tool_errors += f->error != ERR_NONE;
	s->tool_warnings += f->warning;
	return f->duration == FACT_NO_TIME ? 0 :
	    sketch_add(&s->tool_time, f->duration);
}

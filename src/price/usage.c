#include "price/usage.h"

#include <string.h>

#include "price/money.h"

/* Names in usage_details; those Langfuse's price table uses among them. */
#define NAMED(s)	s, sizeof(s) - 1
static const struct {
	const char	*name;
	size_t		 n;
	enum usage_kind	 kind;
} names[] = {
	{ NAMED("input"), USE_INPUT },
	{ NAMED("output"), USE_OUTPUT },
	{ NAMED("input_cached_tokens"), USE_CACHE_READ },
	{ NAMED("input_cache_creation_5m"), USE_CACHE_WRITE_5M },
	{ NAMED("input_cache_creation_1h"), USE_CACHE_WRITE_1H },
	{ NAMED("input_cache_creation"), USE_CACHE_WRITE },
	{ NAMED("input_tool_tokens"), USE_TOOL },
	{ NAMED("output_reasoning_tokens"), USE_REASONING },
	{ NAMED("total"), USE_TOTAL },
	{ NAMED("input_tokens"), USE_INPUT },
	{ NAMED("prompt_tokens"), USE_INPUT },
	{ NAMED("prompt"), USE_INPUT },
	{ NAMED("input_text"), USE_INPUT },
	{ NAMED("input_text_tokens"), USE_INPUT },
	{ NAMED("input_modality_1"), USE_INPUT },
	{ NAMED("prompt_token_count"), USE_INPUT },
	{ NAMED("promptTokenCount"), USE_INPUT },
	{ NAMED("input_cache_read"), USE_CACHE_READ },
	{ NAMED("cache_read_input_tokens"), USE_CACHE_READ },
	{ NAMED("cache_read_tokens"), USE_CACHE_READ },
	{ NAMED("input_cached_text_tokens"), USE_CACHE_READ },
	{ NAMED("cached_content_token_count"), USE_CACHE_READ },
	{ NAMED("cachedContentTokenCount"), USE_CACHE_READ },
	{ NAMED("cache_creation_input_tokens"), USE_CACHE_WRITE },
	{ NAMED("cache_creation_tokens"), USE_CACHE_WRITE },
	{ NAMED("cache_write_tokens"), USE_CACHE_WRITE },
	{ NAMED("input_cache_write"), USE_CACHE_WRITE },
	{ NAMED("tool_use_prompt_token_count"), USE_TOOL },
	{ NAMED("toolUsePromptTokenCount"), USE_TOOL },
	{ NAMED("input_audio"), USE_INPUT_AUDIO },
	{ NAMED("input_audio_tokens"), USE_INPUT_AUDIO },
	{ NAMED("input_cached_audio_tokens"), USE_CACHE_READ_AUDIO },
	{ NAMED("input_image"), USE_INPUT_IMAGE },
	{ NAMED("input_image_tokens"), USE_INPUT_IMAGE },
	{ NAMED("output_tokens"), USE_OUTPUT },
	{ NAMED("completion_tokens"), USE_OUTPUT },
	{ NAMED("completion"), USE_OUTPUT },
	{ NAMED("output_text"), USE_OUTPUT },
	{ NAMED("output_text_tokens"), USE_OUTPUT },
	{ NAMED("output_modality_1"), USE_OUTPUT },
	{ NAMED("candidates_token_count"), USE_OUTPUT },
	{ NAMED("candidatesTokenCount"), USE_OUTPUT },
	{ NAMED("output_reasoning"), USE_REASONING },
	{ NAMED("reasoning_tokens"), USE_REASONING },
	{ NAMED("thoughts_token_count"), USE_REASONING },
	{ NAMED("thoughtsTokenCount"), USE_REASONING },
	{ NAMED("output_audio"), USE_OUTPUT_AUDIO },
	{ NAMED("output_audio_tokens"), USE_OUTPUT_AUDIO },
	{ NAMED("output_image"), USE_OUTPUT_IMAGE },
	{ NAMED("output_image_tokens"), USE_OUTPUT_IMAGE },
	{ NAMED("total_tokens"), USE_TOTAL },
	{ NAMED("total_token_count"), USE_TOTAL },
	{ NAMED("totalTokenCount"), USE_TOTAL },
};

/*
 * OpenAI's shapes: what stands in a details object is part of the count
 * beside it, and Langfuse shows it under these names.
 */
static const struct {
	const char	*outer, *inner, *name;
	enum usage_kind	 kind;
} parts[] = {
	{ "prompt_tokens_details", "cached_tokens", "input_cached_tokens",
	    USE_CACHE_READ },
	{ "prompt_tokens_details", "audio_tokens", "input_audio_tokens",
	    USE_INPUT_AUDIO },
	{ "input_tokens_details", "cached_tokens", "input_cached_tokens",
	    USE_CACHE_READ },
	{ "input_tokens_details", "cache_write_tokens",
	    "input_cache_creation", USE_CACHE_WRITE },
	{ "input_tokens_details", "audio_tokens", "input_audio_tokens",
	    USE_INPUT_AUDIO },
	{ "completion_tokens_details", "reasoning_tokens",
	    "output_reasoning_tokens", USE_REASONING },
	{ "completion_tokens_details", "audio_tokens", "output_audio_tokens",
	    USE_OUTPUT_AUDIO },
	{ "output_tokens_details", "reasoning_tokens",
	    "output_reasoning_tokens", USE_REASONING },
	{ "output_tokens_details", "audio_tokens", "output_audio_tokens",
	    USE_OUTPUT_AUDIO },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

bool
usage_is_input(enum usage_kind k)
{
	return k <= USE_INPUT_IMAGE;
}

static enum usage_kind
kind_of(const char *p, size_t n)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (names[i].n == n && memcmp(names[i].name, p, n) == 0)
			return names[i].kind;
	}
	return USE_OTHER;
}

static void
add(struct buckets *u, const char *key, size_t klen, enum usage_kind kind,
    int64_t count)
{
	struct usage_bucket *b;

	if (u->n == USAGE_MAX) {
		u->bad = key;
		u->badlen = klen;
		return;
	}
	b = &u->b[u->n++];
	b->key = key;
	b->klen = klen;
	b->kind = kind;
	b->count = count;
}

static bool
count_of(struct json_val v, int64_t *out)
{
	return json_int(v, out) == 0 && *out >= 0 && *out <= MONEY_MAX_TOKENS;
}

/* What a details object says, taken out of the count it is a part of. */
static void
add_parts(struct buckets *u, const struct json_member *outer)
{
	struct json_iter it;
	struct json_member m;
	int64_t n;

	json_iter(&it, outer->val);
	while (json_next_member(&it, &m)) {
		for (size_t i = 0; i < COUNT(parts); i++) {
			if (!json_key_is(outer, parts[i].outer,
			    strlen(parts[i].outer)) ||
			    !json_key_is(&m, parts[i].inner,
			    strlen(parts[i].inner)) ||
			    !count_of(m.val, &n) || n == 0)
				continue;
			add(u, parts[i].name, strlen(parts[i].name),
			    parts[i].kind, n);
		}
	}
}

/* Takes the parts from input and output, which then get their plain names. */
static void
subtract_parts(struct buckets *u)
{
	int64_t in = 0, out = 0;

	for (size_t i = 0; i < u->n; i++) {
		struct usage_bucket *b = &u->b[i];

		if (b->kind == USE_INPUT || b->kind == USE_OUTPUT)
			continue;
		if (usage_is_input(b->kind))
			in += b->count;
		else if (b->kind != USE_TOTAL && b->kind != USE_OTHER)
			out += b->count;
	}
	for (size_t i = 0; i < u->n; i++) {
		struct usage_bucket *b = &u->b[i];
		int64_t part;

		if (b->kind != USE_INPUT && b->kind != USE_OUTPUT)
			continue;
		part = b->kind == USE_INPUT ? in : out;
		b->count = b->count > part ? b->count - part : 0;
		b->key = b->kind == USE_INPUT ? "input" : "output";
		b->klen = strlen(b->key);
	}
}

/* Totals say nothing new beside other buckets. */
static void
drop_totals(struct buckets *u)
{
	size_t kept = 0, real = 0;

	for (size_t i = 0; i < u->n; i++)
		real += u->b[i].kind != USE_TOTAL;
	if (real == 0) {
		u->n = u->n > 1 ? 1 : u->n;
		return;
	}
	for (size_t i = 0; i < u->n; i++) {
		if (u->b[i].kind != USE_TOTAL)
			u->b[kept++] = u->b[i];
	}
	u->n = kept;
}

bool
usage_from_details(struct buckets *u, struct json_val object)
{
	struct json_iter it;
	struct json_member m;
	bool openai = false;
	int64_t n;

	u->n = 0;
	u->bad = NULL;
	if (object.type != JSON_OBJECT)
		return false;
	json_iter(&it, object);
	while (json_next_member(&it, &m)) {
		if (m.val.type == JSON_NULL)
			continue;
		if (m.val.type == JSON_OBJECT && m.klen > 8 &&
		    memcmp(m.key + m.klen - 8, "_details", 8) == 0) {
			openai = true;
			add_parts(u, &m);
		} else if (count_of(m.val, &n)) {
			add(u, m.key, m.klen, kind_of(m.key, m.klen), n);
		} else {
			u->bad = m.key;
			u->badlen = m.klen;
		}
	}
	if (openai)
		subtract_parts(u);
	drop_totals(u);
	return u->n > 0;
}

bool
usage_from_counts(struct buckets *u, const struct usage_count *c, size_t n)
{
	u->n = 0;
	u->bad = NULL;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(c[i].name);

		if (c[i].count >= 0 && c[i].count <= MONEY_MAX_TOKENS)
			add(u, c[i].name, len, kind_of(c[i].name, len),
			    c[i].count);
		else {
			u->bad = c[i].name;
			u->badlen = len;
		}
	}
	drop_totals(u);
	return u->n > 0;
}

/* Over the one space that some writers put behind a colon or a comma. */
static const char *
space(const char *p, const char *end)
{
	return p < end && *p == ' ' ? p + 1 : p;
}

/* Reads \"name\":count at p into u; the position behind it, or NULL. */
static const char *
escaped_member(struct buckets *u, const char *p, const char *end)
{
	const char *key = p + 2, *digits;
	size_t klen;
	int64_t count = 0;

	if (end - p < 2 || memcmp(p, "\\\"", 2) != 0)
		return NULL;
	p = json_string_stop(key, end);
	klen = (size_t)(p - key);
	if (end - p < 3 || memcmp(p, "\\\":", 3) != 0)
		return NULL;
	digits = space(p + 3, end);
	for (p = digits; p < end && *p >= '0' && *p <= '9'; p++) {
		if (p - digits == 15)	/* MONEY_MAX_TOKENS has 16 digits */
			return NULL;
		count = count * 10 + (*p - '0');
	}
	if (p == digits || (*digits == '0' && p - digits > 1))
		return NULL;
	add(u, key, klen, kind_of(key, klen), count);
	return p;
}

bool
usage_from_escaped(struct buckets *u, const char *p, size_t n)
{
	const char *end = p + n;

	u->n = 0;
	u->bad = NULL;
	if (n == 0 || *p != '{')
		return false;
	do {
		p = escaped_member(u, space(p + 1, end), end);
		if (p == NULL || p == end)
			return false;
	} while (*p == ',');
	if (*p != '}' || p + 1 != end)
		return false;
	drop_totals(u);
	return u->n > 0;
}

enum attr_count { A_INPUT, A_READ, A_WRITE, A_OUTPUT, A_REASONING, A_AUDIO,
    A_TOTAL, A_COUNT_ };

static const struct {
	const char	*name;
	enum attr_count	 what;
} attr_names[] = {
	{ "gen_ai.usage.input_tokens", A_INPUT },
	{ "gen_ai.usage.prompt_tokens", A_INPUT },
	{ "gen_ai.usage.output_tokens", A_OUTPUT },
	{ "gen_ai.usage.completion_tokens", A_OUTPUT },
	{ "gen_ai.usage.cache_read.input_tokens", A_READ },
	{ "gen_ai.usage.cache_read_input_tokens", A_READ },
	{ "gen_ai.usage.cache_read_tokens", A_READ },
	{ "gen_ai.usage.details.cache_read_tokens", A_READ },
	{ "gen_ai.usage.details.cache_read_input_tokens", A_READ },
	{ "gen_ai.usage.input_cached_tokens", A_READ },
	{ "gen_ai.usage.cache_write.input_tokens", A_WRITE },
	{ "gen_ai.usage.cache_creation.input_tokens", A_WRITE },
	{ "gen_ai.usage.cache_creation_input_tokens", A_WRITE },
	{ "gen_ai.usage.cache_write_tokens", A_WRITE },
	{ "gen_ai.usage.details.cache_write_tokens", A_WRITE },
	{ "gen_ai.usage.details.cache_creation_input_tokens", A_WRITE },
	{ "gen_ai.usage.input_cache_creation", A_WRITE },
	{ "gen_ai.usage.reasoning.output_tokens", A_REASONING },
	{ "gen_ai.usage.total_tokens", A_TOTAL },
	{ "llm.token_count.prompt", A_INPUT },
	{ "llm.token_count.completion", A_OUTPUT },
	{ "llm.token_count.prompt_details.cache_read", A_READ },
	{ "llm.token_count.prompt_details.cache_write", A_WRITE },
	{ "llm.token_count.completion_details.reasoning", A_REASONING },
	{ "llm.token_count.completion_details.audio", A_AUDIO },
	{ "llm.token_count.total", A_TOTAL },
};

/* The first name in the table that a span carries gives the count. */
static void
read_attributes(const struct record *r, int64_t got[A_COUNT_])
{
	int64_t n;

	for (size_t k = 0; k < A_COUNT_; k++)
		got[k] = -1;
	for (size_t i = 0; i < COUNT(attr_names); i++) {
		struct json_val v;

		if (got[attr_names[i].what] >= 0)
			continue;
		v = record_attr(r, attr_names[i].name);
		if (v.type != JSON_NONE && count_of(v, &n))
			got[attr_names[i].what] = n;
	}
}

static void
add_if(struct buckets *u, const char *key, enum usage_kind kind, int64_t n)
{
	if (n > 0)
		add(u, key, strlen(key), kind, n);
}

bool
usage_from_attributes(struct buckets *u, const struct record *r)
{
	int64_t got[A_COUNT_], cache, think;

	u->n = 0;
	u->bad = NULL;
	read_attributes(r, got);
	if (got[A_INPUT] < 0 && got[A_OUTPUT] < 0) {
		if (got[A_TOTAL] < 0)
			return false;
		add(u, "total", 5, USE_TOTAL, got[A_TOTAL]);
		return true;
	}
	cache = (got[A_READ] > 0 ? got[A_READ] : 0) +
	    (got[A_WRITE] > 0 ? got[A_WRITE] : 0);
	if (got[A_INPUT] >= cache)
		got[A_INPUT] -= cache;
	think = (got[A_REASONING] > 0 ? got[A_REASONING] : 0) +
	    (got[A_AUDIO] > 0 ? got[A_AUDIO] : 0);
	if (got[A_OUTPUT] >= think)
		got[A_OUTPUT] -= think;
	if (got[A_INPUT] >= 0)
		add(u, "input", 5, USE_INPUT, got[A_INPUT]);
	add_if(u, "input_cached_tokens", USE_CACHE_READ, got[A_READ]);
	add_if(u, "input_cache_creation", USE_CACHE_WRITE, got[A_WRITE]);
	if (got[A_OUTPUT] >= 0)
		add(u, "output", 6, USE_OUTPUT, got[A_OUTPUT]);
	add_if(u, "output_reasoning_tokens", USE_REASONING, got[A_REASONING]);
	add_if(u, "output_audio_tokens", USE_OUTPUT_AUDIO, got[A_AUDIO]);
	return true;
}

int
usage_from_text(struct buckets *u, const char *s, const char **why)
{
	u->n = 0;
	u->bad = NULL;
	while (*s != '\0') {
		size_t k = strcspn(s, "="), n = strcspn(s, ",");
		struct json_val v;
		int64_t count;
		enum usage_kind kind;

		if (k >= n || u->n == USAGE_MAX) {
			*why = "tokens are NAME=COUNT,...";
			return -1;
		}
		v.p = s + k + 1;
		v.n = n - k - 1;
		v.type = JSON_NUMBER;
		if (!count_of(v, &count)) {
			*why = "not a count of tokens";
			return -1;
		}
		kind = kind_of(s, k);
		if (kind == USE_OTHER) {
			*why = "unknown kind of tokens";
			return -1;
		}
		add(u, s, k, kind, count);
		s += n;
		s += *s == ',';
	}
	if (u->n == 0) {
		*why = "tokens are NAME=COUNT,...";
		return -1;
	}
	return 0;
}

int64_t
usage_prompt(const struct buckets *u)
{
	int64_t n = 0;

	for (size_t i = 0; i < u->n; i++) {
		if (usage_is_input(u->b[i].kind))
			n += u->b[i].count;
	}
	return n;
}

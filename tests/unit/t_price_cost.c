/* The arithmetic: which price, which tier, and that sums are exact. */
#include "price/bookfile.h"
#include "price/cost.h"

#include "tap.h"

static struct book *book;

static const char text[] = "{\"aitrace_prices\":1,\"models\":{"
    /* Anthropic's published multiples: read 0.1, 5m 1.25, 1h 2, fast 2 */
    "\"claude\":[{\"input\":\"5\",\"output\":\"25\",\"cache_read\":\"0.5\","
    "\"cache_write_5m\":\"6.25\",\"cache_write_1h\":\"10\",\"tiers\":["
    "{\"speed\":\"fast\",\"input\":\"10\",\"output\":\"50\","
    "\"cache_read\":\"1\",\"cache_write_5m\":\"12.5\","
    "\"cache_write_1h\":\"20\"}],\"region\":{\"us\":\"1.1\"}}],"
    "\"gpt\":[{\"input\":\"2.5\",\"output\":\"15\",\"cache_read\":\"0.25\","
    "\"tiers\":[{\"above\":272000,\"service\":\"flex\",\"input\":\"2.5\","
    "\"output\":\"11.25\",\"cache_read\":\"0.25\"},"
    "{\"above\":272000,\"input\":\"5\",\"output\":\"22.5\","
    "\"cache_read\":\"0.5\"},"
    "{\"service\":\"flex\",\"input\":\"1.25\",\"output\":\"7.5\"}]}],"
    "\"think\":[{\"input\":\"0.4\",\"output\":\"1.2\","
    "\"reasoning\":\"4\"}],"
    "\"embed\":[{\"input\":\"0.02\"}],"
    "\"fine\":[{\"input\":\"0.000001\",\"output\":\"1000000\"}]}}";

static const struct book_row *
row_of(const char *name)
{
	return book_row_at(book, book_find(book, name, strlen(name)), 0);
}

/* The total of tokens at a model, as text. */
static const char *
total(const char *model, const char *tokens, struct cost_terms terms)
{
	static struct buf b;
	struct buckets u;
	struct cost c;
	const char *why = "";

	buf_reset(&b);
	if (usage_from_text(&u, tokens, &why) != 0)
		return why;
	cost_by_row(&c, book, row_of(model), &u, &terms);
	money_put(&b, c.total, false);
	return buf_cstr(&b);
}

static void
by_hand(void)
{
	const struct cost_terms plain = { 0 }, fast = { .fast = true },
	    flex = { .service = SERVICE_FLEX }, batch = { .service =
	    SERVICE_BATCH }, us = { .region = "us", .region_len = 2 },
	    eu = { .region = "eu", .region_len = 2 },
	    us_fast = { .region = "us", .region_len = 2, .fast = true },
	    gratis = { .is_free = true };

	/* 12*5 + 87*25 + 8192*.5 + 1024*6.25 + 1024*10 = 22971 per million */
	is_str(total("claude", "input=12,output=87,input_cached_tokens=8192,"
	    "input_cache_creation_5m=1024,input_cache_creation_1h=1024",
	    plain), "0.022971", "reads, 5m and 1h writes");
	is_str(total("claude", "input_cache_creation=2048", plain), "0.0128",
	    "writes of unknown life: 5m");
	is_str(total("claude", "input=1000000,output=1000000", fast), "60",
	    "fast");
	is_str(total("claude", "input=1000000,output=1000000", us), "33",
	    "uplift of the region");
	is_str(total("claude", "input=1000000,output=1000000", us_fast), "66",
	    "both");
	is_str(total("claude", "input=1000000", eu), "5", "another region");
	is_str(total("claude", "input=1000000", batch), "5",
	    "a tier the row does not have");
	is_str(total("claude", "input=1000000", gratis), "0", "free");

	/* the whole prompt decides: uncached, cached, written, tools */
	is_str(total("gpt", "input=271999", plain), "0.6799975", "limit - 1");
	is_str(total("gpt", "input=272000", plain), "0.68", "limit");
	is_str(total("gpt", "input=272001", plain), "1.360005", "limit + 1");
	is_str(total("gpt", "input=1,input_cached_tokens=272000,output=10",
	    plain), "0.13623", "cached tokens count to the limit");
	is_str(total("gpt", "input=1,input_cache_creation=272000", plain),
	    "1.360005", "so do written ones, billed as input");
	is_str(total("gpt", "input=1,input_tool_tokens=272000", plain),
	    "1.360005", "and the prompts of tools");
	is_str(total("gpt", "input=272000,output=900000", plain), "14.18",
	    "output does not");
	is_str(total("gpt", "input=272001", flex), "0.6800025",
	    "flex over the limit");
	is_str(total("gpt", "input=272000,input_cached_tokens=0", flex),
	    "0.34", "flex at the limit");
	is_str(total("gpt", "input_cached_tokens=1000000", flex), "0.25",
	    "a price the tier lacks is the row's (and its own tier's)");

	is_str(total("think", "output=10,output_reasoning_tokens=10", plain),
	    "0.000052", "reasoning at its own price");
	is_str(total("gpt", "output=10,output_reasoning_tokens=10", plain),
	    "0.0003", "reasoning as output");
	is_str(total("gpt", "input_audio=10,output_audio=10", plain),
	    "0.000175", "audio as text where nothing else is known");
	is_str(total("embed", "total=1000", plain), "0.00002",
	    "a lone total of a model without output");
	is_str(total("gpt", "total=1000", plain), "0",
	    "but not of one with output");

	is_str(total("fine", "input=1000000000000", plain), "1",
	    "10^12 tokens, the finest price");
	is_str(total("fine", "output=1000000000000", plain), "1000000000000",
	    "10^12 tokens, the highest price");
	is_str(total("fine", "input=1000000000000000,output=1000000000000000",
	    plain), "1000000000001000", "10^15 of each");
	is_str(total("claude", "input=1000000000000,output=1000000000000",
	    plain), "30000000", "10^12 of each at a common price");
}

/* A small generator, so that every run tests the same. */
static uint64_t
rnd(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static void
random_usage(struct buckets *u, uint64_t *s)
{
	static const char *const key[] = { "input", "input_cached_tokens",
	    "input_cache_creation_5m", "input_cache_creation_1h", "output",
	    "output_reasoning_tokens" };
	static const enum usage_kind kind[] = { USE_INPUT, USE_CACHE_READ,
	    USE_CACHE_WRITE_5M, USE_CACHE_WRITE_1H, USE_OUTPUT,
	    USE_REASONING };
	uint64_t mask = rnd(s);

	u->n = 0;
	u->bad = NULL;
	for (size_t i = 0; i < 6; i++) {
		if ((mask & (UINT64_C(1) << i)) == 0)
			continue;
		u->b[u->n].key = key[i];
		u->b[u->n].klen = strlen(key[i]);
		u->b[u->n].kind = kind[i];
		u->b[u->n++].count = (int64_t)(rnd(s) %
		    (rnd(s) % 4 == 0 ? 1000000000000 : 50000));
	}
}

static money
lines_sum(const struct cost *c)
{
	money m = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (c->line[i].amount < 0)
			return -1;
		m += c->line[i].amount;
	}
	return m;
}

static void
properties(void)
{
	static const char *const model[] = { "claude", "gpt", "think" };
	const struct cost_terms plain = { 0 };
	uint64_t seed = UINT64_C(88172645463325252);
	int sums = 0, split = 0, linear = 0, spread = 0, rounds = 20000;

	for (int i = 0; i < rounds; i++) {
		const struct book_row *row = row_of(model[i % 3]);
		struct buckets u, twice;
		struct cost c, d;
		money want;

		random_usage(&u, &seed);
		cost_by_row(&c, book, row, &u, &plain);
		sums += lines_sum(&c) == c.total && c.total >= 0;
		split += cost_prompt(&c) + cost_completion(&c) == c.total;
		twice = u;
		for (size_t k = 0; k < twice.n; k++)
			twice.b[k].count *= 2;
		cost_by_row(&d, book, row, &twice, &plain);
		linear += c.tier != d.tier || d.total == 2 * c.total;
		want = (money)(rnd(&seed) % UINT64_C(10000000000000));
		cost_spread(&c, want);
		spread += c.total == want &&
		    (c.n == 0 || lines_sum(&c) == want);
	}
	is_int(sums, rounds, "buckets add up to the total, none is negative");
	is_int(split, rounds, "prompt and completion add up to the total");
	is_int(linear, rounds, "twice the tokens cost twice in one tier");
	is_int(spread, rounds, "a reported total is met exactly");
}

/* A reported cost over the computed lines. */
static void
spreading(void)
{
	const struct cost_terms plain = { 0 };
	const char *why;
	struct buckets u;
	struct cost c;

	(void)usage_from_text(&u, "input=12,output=87", &why);
	cost_by_row(&c, book, row_of("claude"), &u, &plain);
	/* computed 0.000060 + 0.002175 = 0.002235 */
	cost_spread(&c, (money)2235000000 - 400000);
	ok(c.line[0].amount == 60000000 &&
	    c.line[1].amount == (money)2175000000 - 400000,
	    "less than a micro-dollar goes to the largest line");
	cost_by_row(&c, book, row_of("claude"), &u, &plain);
	cost_spread(&c, (money)4470000000);
	ok(c.line[0].amount == 120000000 &&
	    c.line[1].amount == (money)4350000000, "twice: each twice");
	cost_by_row(&c, book, row_of("claude"), &u, &plain);
	cost_spread(&c, 0);
	ok(c.n == 2 && lines_sum(&c) == 0, "a call reported as free");
	(void)usage_from_text(&u, "input=0,output=0", &why);
	cost_by_row(&c, book, row_of("claude"), &u, &plain);
	cost_spread(&c, (money)5000000000);
	ok(c.n == 0 && c.total == (money)5000000000,
	    "nothing to share out by: only the total");
	/*
	 * Claude Code 2.1.197 does not tell 5m and 1h writes apart but its cost
	 * does: of 2048 written tokens 1024 lived an hour, 1024 * 3.75 more.
	 */
	(void)usage_from_text(&u, "input=12,output=87,input_cached_tokens="
	    "8192,input_cache_creation=2048", &why);
	cost_by_row(&c, book, row_of("claude"), &u, &plain);
	ok(c.total == (money)19131000000 &&
	    c.write_more == (money)2048 * 3750000, "writes of unknown life");
	cost_spread(&c, (money)22971000000);
	ok(c.line[0].amount == 60000000 && c.line[3].amount ==
	    (money)1024 * 6250000 + (money)1024 * 10000000,
	    "explain a higher reported cost");
	/* three equal thirds of 1 picodollar more than 3 */
	(void)usage_from_text(&u, "input=1,prompt=1,input_text=1", &why);
	cost_by_row(&c, book, row_of("claude"), &u, &plain);
	cost_spread(&c, (money)40000001);
	ok(c.line[0].amount == 13333334 && c.line[1].amount == 13333334 &&
	    c.line[2].amount == 13333333, "the rest goes to the first lines");
}

static bool
details(struct buckets *u, const char *json)
{
	struct json_val v;
	const char *why;

	return json_parse(json, strlen(json), &v, &why) &&
	    usage_from_details(u, v);
}

static void
usages(void)
{
	struct buckets u;
	const char *why;

	ok(details(&u, "{\"input\":\"12\",\"output\":3,\"total\":15}") &&
	    u.n == 2 && u.b[0].count == 12, "numbers in strings count");
	ok(details(&u, "{\"total\":15}") && u.n == 1 &&
	    u.b[0].kind == USE_TOTAL, "a lone total stays");
	ok(!details(&u, "{}") && !details(&u, "[1]"), "nothing in it");
	ok(details(&u, "{\"input\":1,\"output\":-2}") && u.n == 1 &&
	    u.bad != NULL && u.badlen == 6, "a negative count is told");
	ok(!details(&u, "{\"input\":1.5}") && u.bad != NULL,
	    "half a token is told");
	ok(!details(&u, "{\"input\":1000000000000001}") && u.bad != NULL,
	    "more than 10^15 is told");
	ok(details(&u, "{\"input\":1,\"magic_tokens\":2}") && u.n == 2 &&
	    u.b[1].kind == USE_OTHER, "an unknown name is kept apart");
	ok(details(&u, "{\"prompt_tokens\":100,\"completion_tokens\":50,"
	    "\"total_tokens\":150,\"prompt_tokens_details\":"
	    "{\"cached_tokens\":40,\"audio_tokens\":0},"
	    "\"completion_tokens_details\":{\"reasoning_tokens\":20}}") &&
	    u.n == 4 && usage_prompt(&u) == 100, "OpenAI's shape");
	for (size_t i = 0; i < u.n; i++) {
		if (u.b[i].kind == USE_OUTPUT)
			is_int(u.b[i].count, 30, "reasoning is taken out");
	}
	ok(usage_from_text(&u, "input", &why) == -1 &&
	    usage_from_text(&u, "input=x", &why) == -1 &&
	    usage_from_text(&u, "what=1", &why) == -1 &&
	    usage_from_text(&u, "", &why) == -1, "wrong tokens on a command");
}

int
main(void)
{
	struct buf t = { 0 };
	struct err e = { "" };

	book = book_new();
	buf_adds(&t, text);
	if (!ok(bookfile_parse(book, &t, "book", &e) == 0, "book %s", e.msg))
		return done_testing();
	by_hand();
	properties();
	spreading();
	usages();
	book_free(book);
	return done_testing();
}

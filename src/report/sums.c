#include "report/sums.h"

/* Far above all that can be spent, far below 2^127. */
#define MONEY_MOST	((money)1000000000000 * 1000000000000 * 1000000000)

void
sums_fini(struct sums *s)
{
	sketch_fini(&s->latency);
	sketch_fini(&s->ttft);
	sketch_fini(&s->tool_time);
}

uint64_t
sums_plus(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

money
sums_money(money a, money b)
{
	return a > MONEY_MOST - b ? MONEY_MOST : a + b;
}

int
sums_merge(struct sums *s, const struct sums *other)
{
	s->runs += other->runs;
	s->turns += other->turns;
	s->incomplete += other->incomplete;
	s->calls += other->calls;
	s->retries = sums_plus(s->retries, other->retries);
	for (int i = 0; i < ERR_CLASSES_; i++)
		s->error[i] += other->error[i];
	s->tools += other->tools;
	s->tool_errors += other->tool_errors;
	s->tool_warnings += other->tool_warnings;
	for (int i = 0; i < TOK_COUNT_; i++)
		s->token[i] = sums_plus(s->token[i], other->token[i]);
	for (int i = 0; i < COST_SOURCES_; i++) {
		s->cost[i] = sums_money(s->cost[i], other->cost[i]);
		s->priced[i] += other->priced[i];
	}
	s->unpriced += other->unpriced;
	s->unpriced_tokens = sums_plus(s->unpriced_tokens,
	    other->unpriced_tokens);
	if (sketch_merge(&s->latency, &other->latency) == -1 ||
	    sketch_merge(&s->ttft, &other->ttft) == -1)
		return -1;
	return sketch_merge(&s->tool_time, &other->tool_time);
}

uint64_t
sums_errors(const struct sums *s)
{
	uint64_t n = 0;

	for (int i = ERR_NONE + 1; i < ERR_CLASSES_; i++)
		n += s->error[i];
	return n;
}

uint64_t
sums_tokens(const struct sums *s)
{
	uint64_t n = 0;

	for (int i = 0; i < TOK_COUNT_; i++)
		n = sums_plus(n, s->token[i]);
	return n;
}

money
sums_cost(const struct sums *s)
{
	money m = 0;

	for (int i = 0; i < COST_SOURCES_; i++)
		m = sums_money(m, s->cost[i]);
	return m;
}

uint64_t
sums_priced(const struct sums *s)
{
	uint64_t n = 0;

	for (int i = 0; i < COST_SOURCES_; i++)
		n += s->priced[i];
	return n;
}

int
sums_cache_share(const struct sums *s)
{
	money all = 0;

	for (int i = TOK_INPUT; i <= TOK_CACHE_WRITE_1H; i++)
		all += s->token[i];
	if (all == 0)
		return -1;
	return (int)(((money)s->token[TOK_CACHE_READ] * 1000 + all / 2) / all);
}

const char *
sums_error_name(enum sums_error e)
{
	static const char *const name[ERR_CLASSES_] = { "none", "auth",
	    "rate_limit", "timeout", "server", "client", "other" };

	return name[e];
}

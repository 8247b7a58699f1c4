/* What a report adds up, for a group of spans. */
#ifndef REPORT_SUMS_H
#define REPORT_SUMS_H

#include <stdbool.h>
#include <stdint.h>

#include "price/money.h"
#include "report/sketch.h"

/* Disjoint: their sum is all tokens of a call. */
enum sums_token {
	TOK_INPUT,		/* neither read from nor written to a cache */
	TOK_CACHE_READ,
	TOK_CACHE_WRITE,	/* of a life nobody said */
	TOK_CACHE_WRITE_5M,
	TOK_CACHE_WRITE_1H,
	TOK_OUTPUT,		/* without reasoning, where that is told */
	TOK_REASONING,
	TOK_OTHER,		/* of no known kind */
	TOK_COUNT_
};

/* Who says what a call cost; each call has one of them or no price. */
enum sums_source {
	COST_REPORTED,		/* the client */
	COST_COMPUTED,		/* the price book */
	COST_ESTIMATED,		/* a guess: the model is not in the book */
	COST_SOURCES_
};

enum sums_error {
	ERR_NONE, ERR_AUTH, ERR_RATE_LIMIT, ERR_TIMEOUT, ERR_SERVER,
	ERR_CLIENT, ERR_OTHER, ERR_CLASSES_
};

struct sums {
	uint64_t	runs;			/* traces, by their roots */
	uint64_t	turns;			/* of them begun by a prompt */
	uint64_t	incomplete;		/* of them ended abruptly */
	uint64_t	calls;			/* to a model */
	uint64_t	retries;		/* that the client only counts */
	uint64_t	error[ERR_CLASSES_];	/* failed calls; [0] unused */
	uint64_t	tools;			/* tool calls */
	uint64_t	tool_errors;
	uint64_t	tool_warnings;		/* refused, or exit status not 0 */
	uint64_t	token[TOK_COUNT_];	/* stop at their largest value */
	money		cost[COST_SOURCES_];
	uint64_t	priced[COST_SOURCES_];	/* calls */
	uint64_t	unpriced;		/* calls of unknown cost */
	uint64_t	unpriced_tokens;
	struct sketch	latency;		/* of calls that did not fail */
	struct sketch	ttft;			/* time to first token */
	struct sketch	tool_time;		/* of tool calls */
};

/* A zeroed struct sums is empty. */
void sums_fini(struct sums *s);

/* Adds other to s. 0, or -1 when out of memory. */
int sums_merge(struct sums *s, const struct sums *other);

uint64_t sums_errors(const struct sums *s);
uint64_t sums_tokens(const struct sums *s);
money sums_cost(const struct sums *s);
uint64_t sums_priced(const struct sums *s);

/* a + b, at most UINT64_MAX. */
uint64_t sums_plus(uint64_t a, uint64_t b);

/* The amount, kept below what 128 bits hold. */
money sums_money(money a, money b);

/*
 * The part of the prompts that was read from a cache, in thousandths; -1
 * without prompts.
 */
int sums_cache_share(const struct sums *s);

const char *sums_error_name(enum sums_error e);

#endif

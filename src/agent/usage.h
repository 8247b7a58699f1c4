/*
 * Tokens, counted once: disjoint counts inside, three dialects outside that
 * agree with one another (Langfuse usage_details, OpenTelemetry gen_ai.usage.*,
 * OpenInference llm.token_count.*). Design: "Tokens: counted once, said three
 * ways".
 */
#ifndef AGENT_USAGE_H
#define AGENT_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct usage {
	bool	known;		/* any count was given */
	bool	split;		/* 5m and 1h are known, write is their sum */
	bool	fold;		/* reasoning is not priced apart: fold it */
	int64_t	input;		/* uncached */
	int64_t	cache_read;
	int64_t	write;
	int64_t	write_5m, write_1h;
	int64_t	tool;		/* extra prompt tokens, billed as input */
	int64_t	output;		/* without reasoning */
	int64_t	reasoning;
};

/* Sums stop at INT64_MAX. Input as OpenTelemetry counts it: everything the model read. */
int64_t usage_input(const struct usage *u);
/* Output as OpenTelemetry counts it: with reasoning. */
int64_t usage_output(const struct usage *u);
int64_t usage_total(const struct usage *u);

/* The disjoint buckets of usage_details, by their names; how many there are. */
struct usage_part {
	const char	*name;
	int64_t		 count;
};
#define USAGE_PARTS	7
size_t usage_parts(const struct usage *u, struct usage_part out[USAGE_PARTS]);

/* Appends the usage_details object: the buckets and their total. */
void usage_details(struct buf *b, const struct usage *u);

#endif

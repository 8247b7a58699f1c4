/*
 * What a span says that a report counts, whatever vocabulary it says it in:
 * Langfuse's, OpenTelemetry's or OpenInference's.
 */
#ifndef REPORT_FACTS_H
#define REPORT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "price/money.h"
#include "record/record.h"
#include "report/pick.h"
#include "report/sums.h"

/* What kinds of things a span is; a span may be several. */
#define FACT_RUN	1u	/* the root of a trace */
#define FACT_CALL	2u	/* a call to a model */
#define FACT_TOOL	4u	/* a tool call, or the agent one started */
#define FACT_ALL	(FACT_RUN | FACT_CALL | FACT_TOOL)

#define FACT_NO_TIME	UINT64_MAX

struct facts {
	unsigned	 is;		/* FACT_* bits; 0: nothing counts */
	uint64_t	 start;		/* 0: unknown */
	uint64_t	 duration;	/* FACT_NO_TIME: unknown */
	bool		 turn;		/* a run begun by a prompt */
	bool		 incomplete;
	enum sums_error	 error;
	bool		 warning;
	/* of calls */
	uint64_t	 retries;
	uint64_t	 ttft;		/* FACT_NO_TIME: unknown */
	uint64_t	 token[TOK_COUNT_];
	bool		 used;		/* some of them are not 0 */
	bool		 told;		/* even if all are 0 */
	bool		 priced;
	enum sums_source source;
	money		 cost;
};

/* Where the names facts are read from stand in a pick. */
struct facts_names {
	int	type, kind, op, level, error_type, incomplete, turn_kind,
		purpose, tool, agent_tool, attempts, first_token, ttft_ms,
		usage, details, cost, cost_usd, cost_oi, source, estimated,
		status_code, inferred;
};
/* 0, or -1 when the pick is full. */
int facts_names(struct facts_names *names, struct pick *p);

/*
 * Reads a span of which p was filled. scratch is working memory; what it
 * held is gone.
 */
void facts_read(struct facts *f, const struct facts_names *names,
    const struct pick *p, const struct record *r, struct buf *scratch);

/* The same of parts: what error.type and http.response.status_code say. */
enum sums_error facts_error(struct json_val type, struct json_val status);

/* A call's tokens, to f, which has none yet. */
struct buckets;
void facts_usage(struct facts *f, const struct buckets *u);

/*
 * Is it a call whose cost is not known? One that did nothing, for it failed
 * or used no token, is not.
 */
bool facts_unpriced(const struct facts *f);

/* Adds the span to sums. 0, or -1 when out of memory. */
int facts_add(struct sums *s, const struct facts *f);

#endif

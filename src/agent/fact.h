/*
 * Facts: what the records of different CLIs say, under one set of names. An
 * agent's table maps its attribute names to these; everything behind the
 * tables knows only facts.
 */
#ifndef AGENT_FACT_H
#define AGENT_FACT_H

#include <stddef.h>
#include <stdint.h>

#include "json/scan.h"
#include "record/record.h"

enum fact_id {
	FACT_NONE,
	/* who and where */
	FACT_SESSION, FACT_TURN, FACT_THREAD, FACT_PARENT_THREAD, FACT_USER,
	FACT_EMAIL, FACT_VERSION, FACT_PROJECT, FACT_SEQUENCE, FACT_TURN_NUMBER,
	/* prompts */
	FACT_PROMPT, FACT_DELIVERY, FACT_COMMAND,
	/* model calls */
	FACT_REQUEST, FACT_RESPONSE_ID, FACT_MESSAGE_ID, FACT_MODEL,
	FACT_IN, FACT_OUT, FACT_CACHE_READ, FACT_CACHE_WRITE,
	FACT_CACHE_WRITE_5M, FACT_CACHE_WRITE_1H, FACT_REASONING,
	FACT_TOOL_TOKENS, FACT_COST_USD, FACT_COST_MICROS, FACT_DURATION_MS,
	FACT_TTFT_MS, FACT_SPEED, FACT_TIER, FACT_EFFORT, FACT_PURPOSE,
	FACT_ATTEMPTS, FACT_RETRY_MS, FACT_STATUS_CODE, FACT_ERROR,
	FACT_ERROR_TYPE, FACT_SUCCESS, FACT_STOP, FACT_FINISH, FACT_TEXT,
	FACT_BODY, FACT_BODY_ID,
	/* tools and sub-agents */
	FACT_TOOL_ID, FACT_TOOL_NAME, FACT_TOOL_BARE, FACT_TOOL_PARAMS,
	FACT_TOOL_INPUT, FACT_TOOL_SOURCE, FACT_DECISION, FACT_DECIDER,
	FACT_MCP_SERVER, FACT_MCP_TOOL, FACT_COMMAND_LINE, FACT_FILE,
	FACT_EXIT_CODE, FACT_OUTPUT, FACT_AGENT_NAME, FACT_ASYNC,
	FACT_METADATA, FACT_TOOLS, FACT_THOUGHT, FACT_PROVIDER,
	/* when the client says it happened */
	FACT_TIMESTAMP,
	/* of one CLI or another */
	FACT_TURN_ID, FACT_ORIGINATOR, FACT_SANDBOX, FACT_NAMESPACE,
	FACT_SPAN_IN, FACT_SPAN_OUT,	/* told without what was cached */
	FACT_COUNT_
};

/* A value of less than 4 GiB, packed: very many are held at a time. */
struct fact {
	const char	*p;
	uint32_t	 n;
	uint8_t		 id;		/* enum fact_id */
	uint8_t		 type;		/* enum json_type */
};

static inline struct fact
fact_make(enum fact_id id, struct json_val v)
{
	return (struct fact){ v.p, (uint32_t)v.n, (uint8_t)id,
	    (uint8_t)v.type };
}

static inline struct json_val
fact_val(const struct fact *f)
{
	return (struct json_val){ f->p, f->n, (enum json_type)f->type };
}

/* One row of an agent's table. Tables are sorted by key. */
struct fact_map {
	const char	*key;
	enum fact_id	 id;
};

/* The fact an attribute carries; FACT_NONE when the table has no such row. */
enum fact_id fact_lookup(const struct fact_map *map, size_t n,
    const char *key, size_t klen);

#endif

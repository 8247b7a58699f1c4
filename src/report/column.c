#include "report/column.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/facts.h"
#include "view/cells.h"

const struct column columns[COL_IDS_] = {
#define C(id, name, title, kind, needs, show, rank, help) \
	[id] = { name, title, kind, needs, show, rank, help }
	C(COL_COST, "cost_usd", "cost", COL_MONEY, FACT_CALL, COL_ALWAYS, 1,
	    "what the calls cost, as far as that is known"),
	C(COL_COST_REPORTED, "cost_reported_usd", "reported", COL_MONEY,
	    FACT_CALL, COL_NEVER, 50, "of it reported by the client"),
	C(COL_COST_COMPUTED, "cost_computed_usd", "computed", COL_MONEY,
	    FACT_CALL, COL_NEVER, 51, "of it computed from the price book"),
	C(COL_COST_ESTIMATED, "cost_estimated_usd", "estimated", COL_MONEY,
	    FACT_CALL, COL_NEVER, 52, "of it a guess"),
	C(COL_UNPRICED, "unpriced_calls", "unpriced", COL_COUNT, FACT_CALL,
	    COL_IF_ANY, 4, "calls whose cost is not known"),
	C(COL_UNPRICED_TOKENS, "unpriced_tokens", "unpr tok", COL_TOKENS,
	    FACT_CALL, COL_NEVER, 53, "their tokens"),
	C(COL_RUNS, "runs", "runs", COL_COUNT, FACT_RUN, COL_ALWAYS, 17,
	    "traces, counted by their roots"),
	C(COL_TURNS, "turns", "turns", COL_COUNT, FACT_RUN, COL_ALWAYS, 7,
	    "of these begun by a prompt"),
	C(COL_INCOMPLETE, "incomplete_runs", "cut off", COL_COUNT, FACT_RUN,
	    COL_IF_ANY, 18, "of these that ended abruptly"),
	C(COL_CALLS, "calls", "calls", COL_COUNT, FACT_CALL, COL_ALWAYS, 2,
	    "calls to models"),
	C(COL_RETRIES, "retries", "retries", COL_COUNT, FACT_CALL, COL_IF_ANY,
	    19, "attempts beyond the first that a client only counts"),
	C(COL_ERRORS, "errors", "errors", COL_COUNT, FACT_CALL, COL_IF_ANY, 6,
	    "calls that failed"),
	C(COL_ERR_AUTH, "errors_auth", "auth", COL_COUNT, FACT_CALL,
	    COL_NEVER, 54, "of these for want of a right"),
	C(COL_ERR_RATE_LIMIT, "errors_rate_limit", "rate lim", COL_COUNT,
	    FACT_CALL, COL_NEVER, 55, "of these over a limit or overload"),
	C(COL_ERR_TIMEOUT, "errors_timeout", "timeout", COL_COUNT, FACT_CALL,
	    COL_NEVER, 56, "of these out of time"),
	C(COL_ERR_SERVER, "errors_server", "server", COL_COUNT, FACT_CALL,
	    COL_NEVER, 57, "of these by the provider's fault"),
	C(COL_ERR_CLIENT, "errors_client", "client", COL_COUNT, FACT_CALL,
	    COL_NEVER, 58, "of these by the request's fault"),
	C(COL_ERR_OTHER, "errors_other", "other", COL_COUNT, FACT_CALL,
	    COL_NEVER, 59, "of these for a reason unknown"),
	C(COL_TOOLS, "tool_calls", "tools", COL_COUNT, FACT_TOOL, COL_ALWAYS,
	    10, "calls of tools"),
	C(COL_TOOL_ERRORS, "tool_errors", "failed", COL_COUNT, FACT_TOOL,
	    COL_IF_ANY, 12, "tool calls that failed"),
	C(COL_TOOL_WARNINGS, "tool_warnings", "warned", COL_COUNT, FACT_TOOL,
	    COL_IF_ANY, 14, "tool calls refused, or with exit status not 0"),
	C(COL_INPUT, "input_tokens", "input", COL_TOKENS, FACT_CALL,
	    COL_ALWAYS, 4, "prompt tokens, neither from nor to a cache"),
	C(COL_CACHE_READ, "cache_read_tokens", "cached", COL_TOKENS,
	    FACT_CALL, COL_ALWAYS, 5, "prompt tokens read from a cache"),
	C(COL_CACHE_WRITE, "cache_write_tokens", "written", COL_TOKENS,
	    FACT_CALL, COL_IF_ANY, 11, "prompt tokens written to a cache"),
	C(COL_CACHE_WRITE_5M, "cache_write_5m_tokens", "5m", COL_TOKENS,
	    FACT_CALL, COL_NEVER, 60, "of these for five minutes"),
	C(COL_CACHE_WRITE_1H, "cache_write_1h_tokens", "1h", COL_TOKENS,
	    FACT_CALL, COL_NEVER, 61, "of these for an hour"),
	C(COL_OUTPUT, "output_tokens", "output", COL_TOKENS, FACT_CALL,
	    COL_ALWAYS, 3, "tokens written by the model, with reasoning"),
	C(COL_REASONING, "reasoning_tokens", "reason", COL_TOKENS, FACT_CALL,
	    COL_IF_ANY, 16, "of these for reasoning, where that is told"),
	C(COL_OTHER_TOKENS, "other_tokens", "other", COL_TOKENS, FACT_CALL,
	    COL_IF_ANY, 20, "tokens of no known kind"),
	C(COL_TOKENS_ALL, "total_tokens", "tokens", COL_TOKENS, FACT_CALL,
	    COL_NEVER, 62, "all of these"),
	C(COL_CACHE_SHARE, "cache_hit_share", "hits", COL_SHARE, FACT_CALL,
	    COL_ALWAYS, 8, "part of the prompts that was read from a cache"),
	C(COL_LATENCY_P50, "latency_p50_seconds", "p50", COL_TIME, FACT_CALL,
	    COL_ALWAYS, 9, "half of the calls took no longer"),
	C(COL_LATENCY_P95, "latency_p95_seconds", "p95", COL_TIME, FACT_CALL,
	    COL_ALWAYS, 9, "of 20 calls 19 took no longer"),
	C(COL_LATENCY_MAX, "latency_max_seconds", "max", COL_TIME, FACT_CALL,
	    COL_ALWAYS, 15, "the longest call"),
	C(COL_TTFT_P50, "ttft_p50_seconds", "ttft", COL_TIME, FACT_CALL,
	    COL_ALWAYS, 13, "time to the first token, of half of the calls"),
	C(COL_TTFT_P95, "ttft_p95_seconds", "ttft95", COL_TIME, FACT_CALL,
	    COL_NEVER, 63, "the same of 19 out of 20"),
	C(COL_TTFT_MAX, "ttft_max_seconds", "ttftmax", COL_TIME, FACT_CALL,
	    COL_NEVER, 64, "the longest wait for a first token"),
	C(COL_TOOL_P50, "tool_p50_seconds", "p50", COL_TIME, FACT_TOOL,
	    COL_NEVER, 21, "half of the tool calls took no longer"),
	C(COL_TOOL_P95, "tool_p95_seconds", "p95", COL_TIME, FACT_TOOL,
	    COL_NEVER, 22, "of 20 tool calls 19 took no longer"),
	C(COL_TOOL_MAX, "tool_max_seconds", "max", COL_TIME, FACT_TOOL,
	    COL_NEVER, 23, "the longest tool call"),
	C(COL_TOOL_TIME, "tool_seconds", "time", COL_TIME, FACT_TOOL,
	    COL_NEVER, 24, "time of all tool calls, side by side or not"),
#undef C
};

bool
column_fits(enum column_id c, unsigned applies)
{
	return (columns[c].needs & applies) != 0;
}

enum column_id
column_named(const char *name, size_t n)
{
	int c = 0;

	while (c < COL_IDS_ && (strlen(columns[c].name) != n ||
	    memcmp(columns[c].name, name, n) != 0))
		c++;
	return (enum column_id)c;
}

static void
cost_figure(struct figure *f, const struct sums *s, int source)
{
	uint64_t priced = source == -1 ? sums_priced(s) : s->priced[source];

	f->v = source == -1 ? sums_cost(s) : s->cost[source];
	if (source != -1)
		return;
	f->estimated = s->priced[COST_ESTIMATED] != 0;
	f->part = s->unpriced != 0;
	f->unpriced = f->part && priced == 0;
	f->known = !f->unpriced;
}

static void
quantile(struct figure *f, const struct sketch *s, unsigned per_mille)
{
	f->known = s->count != 0;
	f->v = per_mille == 1000 ? s->max : sketch_quantile(s, per_mille);
}

static money
writes(const struct sums *s)
{
	return sums_plus(s->token[TOK_CACHE_WRITE],
	    sums_plus(s->token[TOK_CACHE_WRITE_5M],
	    s->token[TOK_CACHE_WRITE_1H]));
}

static void
time_figure(struct figure *f, enum column_id c, const struct sums *s)
{
	static const unsigned per_mille[] = { 500, 950, 1000 };

	if (c == COL_TOOL_TIME) {
		f->known = s->tool_time.count != 0;
		f->v = s->tool_time.sum;
	} else if (c >= COL_TOOL_P50)
		quantile(f, &s->tool_time, per_mille[c - COL_TOOL_P50]);
	else if (c >= COL_TTFT_P50)
		quantile(f, &s->ttft, per_mille[c - COL_TTFT_P50]);
	else
		quantile(f, &s->latency, per_mille[c - COL_LATENCY_P50]);
}

static money
count_of(enum column_id c, const struct sums *s)
{
	switch (c) {
	case COL_UNPRICED:
		return s->unpriced;
	case COL_UNPRICED_TOKENS:
		return s->unpriced_tokens;
	case COL_RUNS:
		return s->runs;
	case COL_TURNS:
		return s->turns;
	case COL_INCOMPLETE:
		return s->incomplete;
	case COL_CALLS:
		return s->calls;
	case COL_RETRIES:
		return s->retries;
	case COL_ERRORS:
		return sums_errors(s);
	case COL_TOOLS:
		return s->tools;
	case COL_TOOL_ERRORS:
		return s->tool_errors;
	case COL_TOOL_WARNINGS:
		return s->tool_warnings;
	case COL_INPUT:
		return s->token[TOK_INPUT];
	case COL_CACHE_READ:
		return s->token[TOK_CACHE_READ];
	case COL_CACHE_WRITE:
		return writes(s);
	case COL_CACHE_WRITE_5M:
		return s->token[TOK_CACHE_WRITE_5M];
	case COL_CACHE_WRITE_1H:
		return s->token[TOK_CACHE_WRITE_1H];
	case COL_OUTPUT:
		return sums_plus(s->token[TOK_OUTPUT],
		    s->token[TOK_REASONING]);
	case COL_REASONING:
		return s->token[TOK_REASONING];
	case COL_OTHER_TOKENS:
		return s->token[TOK_OTHER];
	case COL_TOKENS_ALL:
		return sums_tokens(s);
	default:
		return s->error[ERR_AUTH + (c - COL_ERR_AUTH)];
	}
}

void
column_figure(struct figure *f, enum column_id c, const struct sums *s)
{
	int share;

	memset(f, 0, sizeof(*f));
	f->known = true;
	switch (columns[c].kind) {
	case COL_MONEY:
		cost_figure(f, s, (int)c - (int)COL_COST_REPORTED);
		break;
	case COL_TIME:
		time_figure(f, c, s);
		break;
	case COL_SHARE:
		share = sums_cache_share(s);
		f->known = share >= 0;
		f->v = share;
		break;
	case COL_COUNT:
	case COL_TOKENS:
		f->v = count_of(c, s);
		break;
	}
}

void
column_put(struct buf *b, enum column_id c, const struct figure *f)
{
	if (!f->known)
		return;
	switch (columns[c].kind) {
	case COL_MONEY:
		money_put(b, f->v, false);
		break;
	case COL_TIME:
		/* Nanoseconds are 10^-9 of a second, money 10^-12. */
		money_put(b, f->v * 1000, false);
		break;
	case COL_SHARE:
		money_put(b, f->v * 1000000000, false);
		break;
	case COL_COUNT:
	case COL_TOKENS:
		buf_addu(b, (uint64_t)f->v);
		break;
	}
}

void
column_text(char out[COLUMN_TEXT], enum column_id c, const struct figure *f)
{
	if (!f->known) {
		snprintf(out, COLUMN_TEXT, "%s", f->unpriced ? "unpriced" :
		    "-");
		return;
	}
	switch (columns[c].kind) {
	case COL_MONEY:
		cell_cost(out, f->v, f->part ? '>' : f->estimated ? '~' : 0);
		break;
	case COL_TIME:
		cell_duration(out, (uint64_t)f->v);
		break;
	case COL_SHARE:
		snprintf(out, COLUMN_TEXT, "%" PRIu64 "%%",
		    (uint64_t)(f->v + 5) / 10);
		break;
	case COL_COUNT:
	case COL_TOKENS:
		cell_count(out, (uint64_t)f->v);
		break;
	}
}

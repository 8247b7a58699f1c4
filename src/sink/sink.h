/*
 * Where records can be delivered: one row of data a destination, and how to
 * understand what it answers. A new destination is a row in sink.c, and a
 * judge only if it answers in a way of its own.
 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/retry.h"
#include "otlp/otlp.h"
#include "record/record.h"

#define SINK_SIGNALS	3	/* OTLP_TRACES, OTLP_LOGS, OTLP_METRICS */
#define SINK_SCORES	3	/* behind them: sink/score.h */
#define SINK_WAYS	4
#define SINK_STDOUT	"stdout"	/* the row that is no server */

enum sink_auth {
	SINK_OPEN,		/* only the headers the user gives */
	SINK_LANGFUSE,		/* a key pair, HTTP Basic */
	SINK_LANGSMITH		/* x-api-key, Langsmith-Project */
};

struct sink_reply {
	int		 status;	/* 100 ... 599 */
	const char	*type;		/* Content-Type, or NULL */
	const char	*body;
	size_t		 n;
};

struct sink_judgement {
	enum retry_verdict	verdict;
	/*
	 * Accepted, but for so many of its records, which the server has
	 * thrown away without saying which.
	 */
	uint64_t		rejected;
	char			why[300];	/* what the server says, or "" */
};

struct sink {
	const char		*name;
	const char		*about;		/* for people */
	const char		*base;		/* URL without any other */
	const char		*base_env[2];	/* variables; the first set */
	const char		*root;		/* as in url_under */
	/* NULL: the destination does not take this. */
	const char		*path[SINK_WAYS];
	enum sink_auth		 auth;
	bool			 otel_env;	/* OTEL_EXPORTER_OTLP_* count */
	bool			 langfuse;	/* spans go through check.h */
	const char *const	*headers;	/* NULL-terminated */
	void			(*judge)(const struct sink_reply *reply,
				    struct sink_judgement *j);
};

/* "traces", "logs", "metrics", "scores". */
const char *sink_way(int way);

/* How such a record travels; -1: no destination takes it. */
int sink_way_of(enum record_kind kind);

/* NULL when there is none of that name. */
const struct sink *sink_find(const char *name);

/* All of them, ends with a NULL name. */
extern const struct sink sink_all[];

/* The judges. otlp knows partial success, langfuse has none. */
void otlp_judge(const struct sink_reply *reply, struct sink_judgement *j);
void langfuse_judge(const struct sink_reply *reply, struct sink_judgement *j);

/*
 * Writes what the body says of an error into why: "message" or "error" of a
 * JSON object, else its beginning.
 */
void sink_reason(const struct sink_reply *reply, char *why, size_t max);

#endif

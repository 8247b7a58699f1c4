/*
 * Traces and observations as the older Langfuse SDKs tell of them: in pieces
 * (create, update), in any order, over several requests. What is told of one
 * body id is put together here.
 *
 * Of two values for a member, that of an update beats that of a create, then
 * the later timestamp wins, then the later arrival; null never wins. Metadata
 * objects are joined by key, tags are united.
 */
#ifndef RECV_LFSTORE_H
#define RECV_LFSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include "json/scan.h"

enum lf_field {
	LF_NAME, LF_TIMESTAMP, LF_START_TIME, LF_END_TIME,
	LF_COMPLETION_START_TIME, LF_INPUT, LF_OUTPUT, LF_LEVEL,
	LF_STATUS_MESSAGE, LF_PARENT_ID, LF_MODEL, LF_MODEL_PARAMETERS,
	LF_USAGE, LF_USAGE_DETAILS, LF_COST_DETAILS, LF_PROMPT_NAME,
	LF_PROMPT_VERSION, LF_SESSION_ID, LF_USER_ID, LF_ENVIRONMENT,
	LF_RELEASE, LF_VERSION, LF_PUBLIC, LF_TAGS, LF_METADATA, LF_COUNT_
};

/* A member's value, raw JSON; p is NULL when nothing was said. */
struct lf_value {
	char	*p;
	size_t	 n;
	bool	 update;
	char	 when[40];	/* the event's timestamp */
};

struct lf_thing {
	RB_ENTRY(lf_thing)	 link;
	char			*id;		/* as sent, unescaped */
	size_t			 idlen;
	const char		*type;		/* "span", ...; NULL: a trace */
	struct lf_value		 f[LF_COUNT_];
	bool			 created;
	bool			 touched;	/* since it was last written */
	bool			 shared;	/* so was a trace's member that
						   stands on all its spans */
};

RB_HEAD(lf_things, lf_thing);
RB_PROTOTYPE(lf_things, lf_thing, link, lf_thing_order)

int lf_thing_order(const struct lf_thing *a, const struct lf_thing *b);

struct lf_trace {
	struct lf_thing		 t;		/* first */
	struct lf_things	 obs;
	TAILQ_ENTRY(lf_trace)	 lru;
	int64_t			 seen;		/* mono */
	bool			 touched;	/* it or one of its own */
};

TAILQ_HEAD(lf_lru, lf_trace);

struct lf_store {
	struct lf_things	 traces;
	struct lf_lru		 lru;		/* longest unseen first */
	size_t			 bytes;		/* what it all takes, about */
};

void lf_store_init(struct lf_store *s);
void lf_store_fini(struct lf_store *s);

/* The trace of that id, made if it is new; NULL when out of memory. */
struct lf_trace *lf_store_trace(struct lf_store *s, const char *id, size_t n,
    int64_t now);
/* The trace's observation of that id; type is a constant. */
struct lf_thing *lf_store_obs(struct lf_store *s, struct lf_trace *t,
    const char *id, size_t n, const char *type);

/* The same, without making any: NULL when there is none. */
struct lf_trace *lf_store_peek(struct lf_store *s, const char *id, size_t n);
struct lf_thing *lf_store_peek_obs(struct lf_trace *t, const char *id,
    size_t n);

/* Takes over what the event's body says. 0, or -1 when out of memory. */
int lf_store_merge(struct lf_store *s, struct lf_thing *x,
    struct json_val body, bool update, struct json_val timestamp);

void lf_store_drop(struct lf_store *s, struct lf_trace *t);

struct lf_thing *lf_first(struct lf_trace *t);
struct lf_thing *lf_next(struct lf_thing *x);

/* The value; JSON_NONE when nothing was said. */
struct json_val lf_get(const struct lf_thing *x, enum lf_field f);

#endif

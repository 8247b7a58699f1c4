/*
 * Sessions and their turns: which records wait for which others, and how much
 * memory they take. Knows nothing of what the records mean.
 *
 * A turn is found by any of its keys (trace id, the CLI's own turn id); when a
 * record carries two keys of different turns, the turns are one and are
 * merged. A finished turn is remembered for a while by its keys and the spans
 * it gave, so that late twins are not written again.
 */
#ifndef AGENT_STORE_H
#define AGENT_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include "agent/agent.h"
#include "agent/held.h"
#include "record/ids.h"

/* A link that one turn tells about another: a thread and who started it. */
struct link {
	STAILQ_ENTRY(link)	 next;
	struct json_val		 thread, tool;	/* JSON strings, copies */
	struct json_val		 result;	/* JSON string or JSON_NONE */
	bool			 failed;
};

struct session {
	RB_ENTRY(session)	 entry;
	const struct agent	*agent;
	char			*id;		/* raw JSON string */
	size_t			 n;
	bool			 saw_log, saw_span;
	bool			 logs_late;	/* a linger passed in vain */
	size_t			 refs;		/* its turns */
	TAILQ_HEAD(, turn)	 turns;
	STAILQ_HEAD(, link)	 links;
};

/* A span that was written: hash of its kind and key, and its id. */
struct written {
	uint64_t		 key;
	char			 span[SPAN_ID_LEN];
};

struct turn_key {
	RB_ENTRY(turn_key)	 entry;
	SLIST_ENTRY(turn_key)	 next;
	struct turn		*turn;
	size_t			 n;
	char			 p[];
};

struct turn {
	TAILQ_ENTRY(turn)	 lru;		/* open or finished list */
	TAILQ_ENTRY(turn)	 sibling;	/* in its session */
	struct session		*session;
	SLIST_HEAD(, turn_key)	 keys;
	struct held_list	 held;
	size_t			 nheld, bytes;
	int64_t			 touched;	/* mono: last record */
	int64_t			 due;		/* mono: look at it then */
	uint64_t		 begun;		/* earliest record time */
	bool			 opened;	/* has an opening record */
	bool			 ended;		/* end mark or next prompt */
	bool			 has_trace, has_root;
	bool			 pending;	/* a tool has not answered */
	bool			 done;		/* only remembered */
	bool			 has_id;	/* trace and root are fixed */
	char			 trace[TRACE_ID_LEN];
	char			 root[SPAN_ID_LEN];
	struct written		*written;
	size_t			 nwritten, capwritten;
};

TAILQ_HEAD(turn_list, turn);
RB_HEAD(session_tree, session);
RB_HEAD(key_tree, turn_key);

struct store {
	struct session_tree	 sessions;
	struct key_tree		 keys;
	struct turn_list	 open;		/* least recently touched first */
	struct turn_list	 finished;
	size_t			 nopen, nfinished;
	size_t			 bytes;		/* of all held records */
};

void store_init(struct store *st);
void store_fini(struct store *st);

/* Finds or makes; NULL when out of memory. id: a JSON string. */
struct session *store_session(struct store *st, const struct agent *a,
    struct json_val id);

/*
 * The turn of a session with one of the keys (type JSON_NONE: not given),
 * merging turns that turn out to be one. make: make it when there is none.
 * NULL: none, or out of memory with errno ENOMEM.
 */
struct turn *store_turn(struct store *st, struct session *s,
    struct json_val turn_id, struct json_val trace_id, bool make);

/* Adds the record to the turn, which owns it from now on. */
void store_hold(struct store *st, struct turn *t, struct held *h);

/* Frees the held records; the turn stays. */
void store_release(struct store *st, struct turn *t);

/* The turn is finished: only remembered, and among at most max others. */
void store_finish(struct store *st, struct turn *t, size_t max);

/* The turn has records again. */
void store_reopen(struct store *st, struct turn *t);

/* Remembers a span that was written. 0, or -1 when out of memory. */
int store_written(struct turn *t, uint64_t key, const char span[SPAN_ID_LEN]);
const struct written *store_find_written(const struct turn *t, uint64_t key);

/* Adds a link to the session; copies. 0, or -1 when out of memory. */
int store_link(struct session *s, struct json_val thread,
    struct json_val tool, struct json_val result, bool failed);
const struct link *store_find_link(const struct session *s,
    struct json_val thread);

#endif

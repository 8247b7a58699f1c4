/*
 * Which records wait for which others, and how much memory they take. Knows
 * nothing of what the records mean.
 *
 * A group is a set of records that must be looked at together: one turn, or
 * all that is known of a conversation, as the agent's keys say. It is found by
 * any of its keys; when a record carries keys of two groups, they are one and
 * are merged. A finished group is remembered for a while by its keys and the
 * spans it gave, so that late twins are not written again.
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
	bool			 saw_log;
	bool			 no_logs;	/* a linger for them was in vain */
	size_t			 refs;		/* its groups */
	TAILQ_HEAD(, group)	 groups;
	STAILQ_HEAD(, link)	 links;
};

/* A span that was written: hash of its kind and key, and its id. */
struct written {
	uint64_t		 key;
	char			 span[SPAN_ID_LEN];
};

/* A turn's root that was written: children that come late need both ids. */
struct written_root {
	uint64_t		 key;
	char			 trace[TRACE_ID_LEN];
	char			 span[SPAN_ID_LEN];	/* that they name */
	struct json_val		 ident;		/* what its ids were made from;
						 * a copy, or JSON_NONE */
};

/*
 * What a group is found by. Lower-case kinds are unique within the session,
 * upper-case ones everywhere.
 */
struct key_part {
	char			 kind;
	struct json_val		 v;
};
#define KEY_MAX			4

struct group_key {
	RB_ENTRY(group_key)	 entry;
	SLIST_ENTRY(group_key)	 next;
	struct group		*group;
	size_t			 n;
	char			 p[];
};

struct group {
	TAILQ_ENTRY(group)	 lru;		/* open or finished list */
	TAILQ_ENTRY(group)	 sibling;	/* in its session */
	struct session		*session;
	SLIST_HEAD(, group_key)	 keys;
	struct held_list	 held;
	size_t			 nheld, bytes;
	int64_t			 touched;	/* mono: last record */
	int64_t			 due;		/* mono: look at it then */
	uint64_t		 begun;		/* earliest record time */
	bool			 ended;		/* a later prompt has come */
	bool			 has_trace;	/* spans came or are promised */
	int			 patience;	/* silence may last so many
						 * times --idle; 0: once */
	bool			 done;		/* only remembered */
	struct written		*written;
	size_t			 nwritten, capwritten;
	struct written_root	*root;
	size_t			 nroot, caproot;
};

TAILQ_HEAD(group_list, group);
RB_HEAD(session_tree, session);
RB_HEAD(key_tree, group_key);

struct store {
	struct session_tree	 sessions;
	struct key_tree		 keys;
	struct group_list	 open;		/* least recently touched first */
	struct group_list	 finished;
	size_t			 nopen, nfinished;
	size_t			 bytes;		/* of all held records */
};

void store_init(struct store *st);
void store_fini(struct store *st);

/* Finds or makes; NULL when out of memory. id: a JSON string. */
struct session *store_session(struct store *st, const struct agent *a,
    struct json_val id);

/*
 * The group with one of the keys, merging groups that turn out to be one, made
 * when there is none. All keys lead to it afterwards. NULL: out of memory.
 */
struct group *store_group(struct store *st, struct session *s,
    const struct key_part *key, size_t n);

/*
 * One more key for the group. Returns the group, merged if another had it;
 * NULL when out of memory (the group stays).
 */
struct group *store_add_key(struct store *st, struct group *g,
    struct key_part key);

/* Adds the record to the group, which owns it from now on. */
void store_hold(struct store *st, struct group *g, struct held *h);

/* Frees the held records; the group stays. */
void store_release(struct store *st, struct group *g);

/* The group is finished: only remembered, and among at most max others. */
void store_finish(struct store *st, struct group *g, size_t max);

/* The group has records again. */
void store_reopen(struct store *st, struct group *g);

/* Remembers a span that was written. 0, or -1 when out of memory. */
int store_written(struct group *g, uint64_t key, const char span[SPAN_ID_LEN]);
const struct written *store_find_written(const struct group *g, uint64_t key);
/* Copies. 0, or -1 when out of memory. */
int store_written_root(struct group *g, const struct written_root *root);
const struct written_root *store_find_root(const struct group *g,
    uint64_t key);

/* Frees one record of the group. */
void store_drop(struct store *st, struct group *g, struct held *h);

/* Adds a link to the session; copies. 0, or -1 when out of memory. */
int store_link(struct session *s, struct json_val thread,
    struct json_val tool, struct json_val result, bool failed);
const struct link *store_find_link(const struct session *s,
    struct json_val thread);

#endif

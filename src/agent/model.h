/*
 * The model of a group while it is built: one node for each span that will
 * stand for it, with the facts its records told. The agent's build function
 * makes the nodes (one of kind NODE_TURN for each turn), joins records to them
 * and sets parents; emit writes them.
 *
 * Everything lives in the model's arena or in the held records.
 */
#ifndef AGENT_MODEL_H
#define AGENT_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "agent/agent.h"
#include "agent/held.h"
#include "agent/store.h"
#include "agent/usage.h"
#include "base/arena.h"
#include "record/ids.h"

enum node_kind { NODE_TURN, NODE_CALL, NODE_TOOL, NODE_AGENT, NODE_OTHER };

/* How a thing ended. */
enum outcome {
	OUTCOME_OK,
	OUTCOME_WARNING,	/* rejected, or a command that exited non-zero */
	OUTCOME_ERROR,
	OUTCOME_PENDING		/* its end has not come */
};

struct node {
	TAILQ_ENTRY(node)	 link;
	enum node_kind		 kind;
	struct json_val		 key;		/* unique among its kind */
	struct json_val		 ident;		/* what made ids are made from;
						 * JSON_NONE: the key */
	bool			 unsettled;	/* ident is yet to come */
	unsigned		 number;	/* of calls with that ident; or 0 */
	uint64_t		 hash;		/* of kind and key */
	struct node		*parent;
	struct node		*agent;		/* whose thread; NULL: main */
	struct node		*prev;		/* the call before, same thread */
	struct node		*last_call;	/* of an agent's or main thread */
	struct node		*root;		/* its turn; a turn's: itself */
	struct held		*native;	/* the span it came as, or NULL */
	struct held		*log;		/* its main log, or NULL */
	struct json_val		 resource;
	char			 span[SPAN_ID_LEN];
	uint64_t		 start, end;	/* 0: not known */
	int64_t			 touched;	/* mono: its last record */
	bool			 complete;	/* nothing more is expected */
	bool			 inferred;	/* the parent is a guess */
	const char		*rule;		/* what joined its records */
	const char		*parent_rule;	/* what found its parent */
	bool			 waits;		/* its place may yet change */
	const char		*guess;		/* what else is one; or NULL */
	bool			 incomplete;	/* closed by force */
	bool			 busy;		/* a turn's: its next call is due */
	enum outcome		 outcome;
	struct json_val		 message;	/* JSON string: why it failed */
	const char		*error_type;	/* class, or NULL */
	int64_t			 status_code;	/* HTTP, 0: not known */
	int64_t			 attempts;	/* 0: not known */
	const char		*purpose;	/* router, title, ...; or NULL */
	struct json_val		 thread;	/* of an agent: what it runs as */
	int64_t			 exit_code;	/* of a command; -1: not known */
	struct usage		 usage;
	uint64_t		 first_token;	/* time, 0: not known */
	struct json_val		 sent, got;	/* raw request/response body */
	struct json_val		 val[FACT_COUNT_];
	void			*priv;		/* the agent's own, of a build */
	const struct exchange	*exchange;	/* content.c: as later calls saw
						 * it; NULL: not made yet */

	/* Of turns only. */
	struct json_val		 session;	/* JSON_NONE: the group's */
	struct json_val		 own_trace;	/* JSON_NONE: as its records */
	char			 trace[TRACE_ID_LEN];
	struct held		**prompt;	/* in order */
	size_t			 nprompt;
	bool			 client;	/* begun by the client itself */
	bool			 command;	/* no turn: a slash command */
	bool			 ended;		/* nothing new is expected */
	bool			 stitched;	/* of several of the CLI's traces */
	bool			 made;		/* no span of the CLI stands for it */
	size_t			 left;		/* nodes not written yet */
};

TAILQ_HEAD(node_list, node);

struct slot;

#define MODEL_INSIDE	32	/* a power of two */

struct model {
	struct arena		*arena;
	const struct agent	*agent;
	struct session		*session;
	struct group		*group;
	struct held		**rec;		/* sorted, without twins */
	size_t			 nrec;
	struct node_list	 nodes;		/* in order of making */
	struct node		*root;		/* of groups that are one turn */
	uint64_t		 salt;		/* keeps turns' keys apart */
	bool			 oom;
	struct slot		*slot;		/* nodes and aliases by hash */
	size_t			 nslot;
	struct {			/* model_inside: what it found last */
		const char	*p;
		struct json_val	 v;
	} inside[MODEL_INSIDE];
};

/* Sorts the group's records and prepares an empty model. 0, or -1 (memory). */
int model_init(struct model *m, struct arena *a, struct group *t);

/* The node of that kind and key, made if needed. Never NULL but when oom. */
struct node *model_node(struct model *m, enum node_kind kind,
    struct json_val key);
struct node *model_find(const struct model *m, enum node_kind kind,
    struct json_val key);

/*
 * A span id that stands for the node: its own, or of a part folded into it; or
 * the ident of calls, which is that of the latest of them.
 */
void model_alias(struct model *m, struct json_val span, struct node *n);
struct node *model_by_span(const struct model *m, struct json_val span);

/* Joins the record to the node: facts it has (more: those it lacks). */
enum take { TAKE_NEW, TAKE_OVER };
void model_take(struct node *n, struct held *h, enum take how);

/* A JSON string made from text; lives in the arena. */
struct json_val model_string(struct model *m, const char *p, size_t n);
/* The characters of a JSON string, unescaped in the arena; never NULL. */
const char *model_text(struct model *m, struct json_val v, size_t *n);

/*
 * The value inside a JSON string, in the arena; JSON_NONE if the text is no
 * valid JSON. Bodies and arguments are looked into again and again. What is no
 * text but an object or a list already is itself.
 */
struct json_val model_inside(struct model *m, struct json_val v);

/*
 * After a build: puts the nodes in the order in which they began, turns last,
 * and sets every node's root and every call's prev. 0, or -1 (memory).
 */
int model_order(struct model *m);

/* Hash of kind and key, the identity of a written span in its group. */
uint64_t model_hash(enum node_kind kind, struct json_val key);

#endif

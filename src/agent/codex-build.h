/*
 * Builds the turns of Codex conversations; private to codex*.c and to those who
 * make the same turns of what it keeps.
 *
 * A group is a conversation with its sub-agents (conversations of their own)
 * and everything else that shares a trace with it. Turns are found inside: by
 * trace id where there is one, else by the prompts.
 */
#ifndef AGENT_CODEX_BUILD_H
#define AGENT_CODEX_BUILD_H

#include "agent/model.h"

enum codex_event {
	CODEX_OTHER = 1,
	CODEX_START, CODEX_PROMPT, CODEX_REQUEST, CODEX_WS_REQUEST,
	CODEX_USAGE, CODEX_SSE_ERROR, CODEX_TTFT, CODEX_DECISION,
	CODEX_RESULT, CODEX_ANSWER,
	CODEX_TURN_START, CODEX_TASK, CODEX_INPUT, CODEX_TRY, CODEX_STREAM,
	CODEX_USED, CODEX_EVENTS
};

struct codex_turn {
	STAILQ_ENTRY(codex_turn) next;
	struct codex_conv	*conv;
	struct json_val		 key;		/* JSON string */
	struct json_val		 ident;		/* what its ids are made from;
						 * JSON_NONE: not known yet */
	struct json_val		 trace;		/* JSON_NONE: no ids */
	struct node		*root;
	uint64_t		 begin;		/* of its first record */
	struct held		*prompt;	/* its first */
	struct held		*ttft;
	struct held		*task;		/* the span of the turn */
	struct json_val		 id;		/* turn.id, from spans */
	bool			 later;		/* another turn has begun */
	bool			 side;		/* the client's own thread */
	bool			 told;		/* and that is no guess */
};

struct codex_conv {
	STAILQ_ENTRY(codex_conv) next;
	struct json_val		 id;
	struct held		*start;		/* conversation_starts */
	struct held		*spawn;		/* the result that named it */
	struct codex_turn	*turn;		/* the latest */
	struct codex_turn	*home;		/* of a sub-agent: where it runs */
	struct node		*agent;		/* of a sub-agent */
	struct json_val		 last_words;	/* of a sub-agent */
	bool			 sub;
	bool			 logged;	/* logs of it came */

	/* While its records are gone through. */
	struct codex_turn	*asked;		/* whose request was the last */
	struct held		*request;	/* the last that was accepted */
	struct node		*call;		/* its node, once it has one */
	bool			 answered;	/* and its usage has come */
	bool			 failed;	/* the last attempt was refused */
	bool			 tools;		/* some since the last request */
	struct held		*first;		/* the first attempt of it */
	int64_t			 attempts;
	struct held		*stray;		/* a request of no turn so far */
	struct held		*broken;	/* an error inside a stream */
};

/* A call or tool and where it belongs. */
struct codex_item {
	STAILQ_ENTRY(codex_item) next;
	struct node		*node, *asker;
	struct codex_turn	*turn;
};

/* A record that says something of a turn as a whole. */
struct codex_mark {
	STAILQ_ENTRY(codex_mark) next;
	struct held		*h;
	struct codex_turn	*turn;
};

struct codex {
	struct model		*m;
	struct held		**rec;		/* logs, or made from spans */
	size_t			 nrec, caprec;
	STAILQ_HEAD(, codex_mark) marks;
	STAILQ_HEAD(, codex_conv) convs;
	STAILQ_HEAD(, codex_turn) turns;
	STAILQ_HEAD(, codex_item) items;
};

struct codex_conv *codex_conv(struct codex *x, struct json_val id);
/* The turn of that trace; NULL: none. */
struct codex_turn *codex_turn_of(struct codex *x, struct codex_conv *c,
    struct json_val trace);
/* A new turn of c that begins with h. */
struct codex_turn *codex_new_turn(struct codex *x, struct codex_conv *c,
    struct held *h);
struct codex_item *codex_item(struct codex *x, struct codex_turn *t,
    enum node_kind kind, struct json_val key);
void codex_mark(struct codex *x, struct codex_turn *t, struct held *h);
/* A key of the model: the texts of a and b, and t. JSON string. */
struct json_val codex_key(struct codex *x, struct json_val a, char sep,
    struct json_val b, uint64_t t);

/* codex-ids.c. What identifies an answer below base; see agent/ident.h. */
struct json_val codex_answer_key(struct codex *x, struct json_val base,
    const struct usage *u, unsigned number);
/* The node is an answer of the turn with usage: its ids, and the turn's. */
void codex_identify(struct codex *x, struct codex_turn *t, struct node *n);
/* Ids of all others, when every answer is known. */
void codex_idents(struct codex *x);

/* codex-turns.c: at is h's place among the records */
void codex_prompt(struct codex *x, struct codex_conv *c, struct held *h,
    size_t at);
void codex_ttft(struct codex *x, struct codex_conv *c, struct held *h);
int codex_make_root(struct codex *x, struct codex_turn *t);
/* Joins to the roots whatever stands for no span below them. */
void codex_join_roots(struct codex *x);
void codex_finish_root(struct codex *x, struct codex_turn *t);

/* codex-calls.c: requests, their answers, failed attempts */
void codex_request(struct codex *x, struct codex_conv *c, struct held *h);
/*
 * What identifies an attempt: the span it was made in, which the log and the
 * span's event both name, and its number there; else its time. JSON string.
 */
struct json_val codex_attempt_key(struct codex *x,
    const struct codex_conv *c, const struct held *h);
bool codex_is_refused(const struct held *h);
void codex_usage(struct codex *x, struct codex_conv *c, struct held *h);
void codex_answer(struct codex *x, struct codex_conv *c, struct held *h);
void codex_stream_error(struct codex *x, struct codex_conv *c,
    struct held *h);
/* The conversation's latest call, which a tool or text belongs to. */
struct node *codex_asker(struct codex *x, struct codex_conv *c);
/* No more records: a request that was never answered. */
void codex_unanswered(struct codex *x, struct codex_conv *c);

/* codex-tools.c */
void codex_tool(struct codex *x, struct codex_conv *c, struct held *h);
void codex_finish_tools(struct codex *x);
/* From the node's facts: the name that is shown, how it ended. */
void codex_tool_name(struct codex *x, struct node *n);
void codex_tool_outcome(struct codex *x, struct node *n);

/* codex-threads.c: sub-agents and side threads */
void codex_spawned(struct codex *x, struct held *h);
void codex_threads(struct codex *x);
void codex_finish_agents(struct codex *x);
void codex_arrive(struct store *st, struct group *g, const struct held *h);

/* The session is that of a side thread. */
bool codex_is_side(const struct session *s);

/* codex-spans.c: what the native spans add, or all there is */
int codex_records(struct codex *x);
void codex_spans(struct codex *x);

int codex_build(struct model *m);

#endif

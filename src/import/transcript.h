/*
 * What Claude Code keeps of a session, ~/.claude/projects/<folder>/<id>.jsonl
 * with its sub-agents' files in <id>/subagents/, and what `claude -p` prints
 * with --output-format stream-json: the same lines with other names. This is
 * private to transcript*.c.
 *
 * All lines of a session are gathered before its turns are written, so their
 * order does not matter. Of a line only what will be told is copied; values
 * are slices of the session's arena.
 */
#ifndef IMPORT_TRANSCRIPT_H
#define IMPORT_TRANSCRIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "agent/usage.h"
#include "base/arena.h"
#include "base/buf.h"
#include "import/map.h"
#include "json/scan.h"

struct import;
struct node;

/* What an answer cost: counts, and what else decides their price. */
struct tr_usage {
	struct usage	count;
	struct json_val	speed, tier;
};

/* What an answer or a prompt is, and of what it consists. */
struct tr_message {
	struct json_val	 id, model, usage, stop, content;
	bool		 counted;	/* usage is read already: it is cost */
	struct tr_usage	 cost;
};

struct tr_block {
	struct json_val	 type, id, name, input, text, thinking;
	struct json_val	 tool_use, is_error, content;
};

/* A line, however it names its members: slices of it. */
struct tr_line {
	struct json_val	 type, subtype, uuid, parent, session, prompt_id;
	struct json_val	 agent, agent_type, tool_parent, message, result;
	struct tr_message m;		/* what is in message */
	struct json_val	 request, cwd, version, branch, effort, error, status;
	struct json_val	 attachment, decision, params, event, models, model;
	struct json_val	 text, duration, ended;
	bool		 side, meta, summary, api_error;
	uint64_t	 time;
	uint64_t	 ident;		/* hash of uuid */
};

struct tr_text {			/* a block of an answer */
	STAILQ_ENTRY(tr_text)	 next;
	struct json_val		 v;	/* JSON string */
	bool			 thought;
};

struct tr_prompt {
	STAILQ_ENTRY(tr_prompt)	 next;
	struct json_val		 text;
	uint64_t		 time;
};

struct tr_turn {
	STAILQ_ENTRY(tr_turn)	 next;
	struct json_val		 ident;		/* prompt id, or uuid */
	struct json_val		 uuid;
	uint64_t		 start, end;
	bool			 copied;	/* another session's prompt */
	bool			 interrupted;
	bool			 printed;	/* its prompt is not known */
	bool			 over;		/* a result line has come */
	bool			 command;	/* of the client: no turn alone */
	bool			 client;	/* begun by the client */
	STAILQ_HEAD(, tr_prompt) prompts;
	STAILQ_HEAD(, tr_call)	 calls;		/* these from settling on */
	STAILQ_HEAD(, tr_tool)	 tools;
	size_t			 own;		/* calls that are not copied */
	size_t			 n;		/* nodes it will have, at most */
	struct json_val		 error, said;	/* of its result line */
};

struct tr_call {
	STAILQ_ENTRY(tr_call)	 next, in_turn;
	struct json_val		 id, request, model, effort, stop, speed;
	struct json_val		 tier, cost;
	struct json_val		 message;	/* JSON string: why it failed */
	int64_t			 status;
	bool			 failed;
	bool			 copied;	/* counted in another session */
	bool			 asked;		/* began is told, not bounded */
	bool			 partial;	/* usage is of its beginning */
	int64_t			 attempts;
	uint64_t		 began, end;
	struct usage		 usage;
	uint64_t		 counted;	/* hash of what it was read from */
	STAILQ_HEAD(, tr_text)	 texts;
	struct tr_turn		*turn;		/* NULL: its thread's */
	struct tr_thread	*thread;
	struct node		*node;
	const char		*guess;
	uint64_t		 ident;		/* where calls are told; 0: not */
};

struct tr_tool {
	STAILQ_ENTRY(tr_tool)	 next, in_turn;
	struct json_val		 id, name, input, output;
	struct json_val		 agent;		/* it began that thread */
	struct json_val		 decision, decider;
	bool			 ended, failed, async;
	uint64_t		 start, end;
	struct tr_call		*call;
	struct tr_thread	*thread;	/* it runs in */
	struct tr_thread	*began;
	struct node		*node;
};

/* The main conversation, or a sub-agent. */
struct tr_thread {
	STAILQ_ENTRY(tr_thread)	 next;
	struct json_val		 id;		/* JSON_NONE: main */
	struct json_val		 type;		/* of the agent */
	struct json_val		 prompt;	/* first words it was told */
	struct json_val		 prompt_id;
	struct json_val		 parent;	/* id of the tool, if told */
	struct tr_tool		*tool;		/* that began it */
	struct tr_turn		*turn;		/* of main: the current one */
	struct tr_call		*call;		/* the last one */
	struct json_val		 streaming;	/* message that is coming in */
	struct json_val		 asked_model;
	uint64_t		 asked;		/* request since the last call */
	uint64_t		 last;		/* what the next call answers */
	uint64_t		 first, end;
	int64_t			 errors;	/* attempts since the last call */
	struct node		*node;
};

/* Where a line stood: what follows it stands there, too. */
struct tr_at {
	struct tr_turn		*turn;
	struct tr_thread	*thread;
};

struct tr_session {
	STAILQ_ENTRY(tr_session) next;
	struct import		*im;
	struct arena		 arena;
	struct arena		 model;		/* of the turn being written */
	struct buf		 scratch;
	size_t			 kept;		/* bytes of texts */
	bool			 full;		/* no more texts are kept */
	bool			 oom;
	bool			 printed;
	bool			 guessed;	/* times are the file's */
	uint64_t		 now;		/* latest time of a line */
	struct json_val		 id, resource, cwd, version, branch;
	uint64_t		 owner;
	struct map		 map;
	STAILQ_HEAD(, tr_turn)	 turns;
	STAILQ_HEAD(, tr_call)	 calls;
	STAILQ_HEAD(, tr_tool)	 tools;
	STAILQ_HEAD(, tr_thread) threads;
	struct tr_thread	 main;
	struct tr_at		*at;		/* the last one made */
	struct json_val		 models;	/* modelUsage, the last one */
	struct json_val		 result;	/* uuid of that line */
	uint64_t		 when;		/* of that line */
	uint64_t		 took;		/* ns, as it says */
};

/*
 * transcript-members.c: a line taken apart. Of one member: where in l its value
 * is now, as an offset; or that it is a flag or a time; or nothing.
 */
#define TRANSCRIPT_NOWHERE	(-1)
#define TRANSCRIPT_FLAG		(-2)
int transcript_member(struct tr_line *l, const struct json_member *m);
void transcript_members(struct tr_line *l, const struct import *im,
    struct json_val v);

/* transcript-usage.c: a usage, and which of its members it is read from. */
struct tr_counts {
	struct json_val	input, read, write, five, hour, output, speed, tier;
};
void transcript_usage(struct tr_usage *u, struct json_val v);
void transcript_counts(struct tr_counts *c, struct json_val v);
/* With the counts in u: what is written for five minutes and for an hour. */
void transcript_lives(struct usage *u, const struct tr_counts *c);

/*
 * transcript-shape.c: a usage that is written as one before was, but for the
 * digits of its numbers. learn: v is valid, and a copy is kept; one that is odd
 * is not learned. match: the position behind the one at p, which then is valid
 * and is *to, as transcript_usage would have it (slices of p); or NULL. All
 * zeros at first.
 */
#define TR_NUMBERS	24
struct tr_number {
	size_t	at, n;		/* in text */
	int	to;		/* offset in struct usage; -1: it counts nothing */
};
struct tr_shape {
	struct buf		text;	/* empty: nothing is learned */
	struct tr_number	num[TR_NUMBERS];
	size_t			nnum;
	struct tr_counts	counts;	/* slices of text */
};
void transcript_shape_learn(struct tr_shape *x, struct json_val v);
const char *transcript_shape_match(const struct tr_shape *x, const char *p,
    const char *end, struct tr_usage *to);
void transcript_shape_fini(struct tr_shape *x);

/*
 * transcript-look.c: the same of a line that is not known to be valid, and of
 * which what does not matter to a call (contents, results) is passed over: of
 * these l holds where they are, unchecked. False: it is not the usual line.
 * memory is of the lines before, all zeros at first.
 */
#define TR_SAID	8
struct tr_said {
	size_t	to;		/* offset in struct tr_line */
	size_t	at, n;		/* in the end */
};
struct tr_memory {
	struct tr_shape	shape;	/* of the last usage, which was valid */
	struct buf	end;	/* what the last line ended with, */
	struct tr_said	said[TR_SAID];	/* which says this */
	size_t		n;
};
bool transcript_look(struct tr_line *l, const char *p, size_t n,
    struct tr_memory *memory);

/* transcript-lines.c, transcript-answer.c: what a line says. */
void transcript_user(struct tr_session *s, const struct tr_line *l);
void transcript_assistant(struct tr_session *s, const struct tr_line *l);
void transcript_system(struct tr_session *s, const struct tr_line *l);
void transcript_attachment(struct tr_session *s, const struct tr_line *l);
void transcript_request(struct tr_session *s, const struct tr_line *l);
void transcript_event(struct tr_session *s, const struct tr_line *l);
void transcript_result(struct tr_session *s, const struct tr_line *l);

/* Was a line of that uuid there before? */
bool transcript_seen(struct tr_session *s, const struct tr_line *l);
/* Large as they are, messages and their blocks are walked once. */
void transcript_message(struct tr_message *m, struct json_val v);
bool transcript_block(struct json_iter *it, struct tr_block *b);
/* A message's text: a string, or its parts of type text, for now. */
struct json_val transcript_text(struct tr_session *s, struct json_val content);
/* Keeps the string, unless it is that already. */
void transcript_change(struct tr_session *s, struct json_val *to,
    struct json_val v);

/* transcript-place.c: turns and threads. */
struct tr_thread *transcript_thread(struct tr_session *s,
    const struct tr_line *l, const struct tr_at *at);
struct tr_turn *transcript_turn(struct tr_session *s, struct json_val ident,
    struct json_val uuid, uint64_t when);
const struct tr_at *transcript_parent(struct tr_session *s,
    const struct tr_line *l);
void transcript_stand(struct tr_session *s, const struct tr_line *l,
    struct tr_turn *turn, struct tr_thread *thread);
uint64_t transcript_hash(char kind, struct json_val v);
/* What a line is known by to other sessions, and to later runs. */
uint64_t transcript_print(const struct tr_line *l);
/* Copies; a content's texts only while there is room and they are asked for. */
struct json_val transcript_keep(struct tr_session *s, struct json_val v);
struct json_val transcript_content(struct tr_session *s, struct json_val v);
void *transcript_get(struct tr_session *s, size_t n);

/*
 * transcript-usage.c: what the totals of a printed result say beyond the calls that were printed:
 * added to the last call of the model, or a call of its own.
 */
void transcript_rest(struct tr_session *s);

/* transcript-threads.c: which turn all calls and tools belong to. */
void transcript_settle(struct tr_session *s);
bool transcript_starts_agents(const struct tr_tool *t);

/* transcript-tell.c: calls alone, where nothing else is asked for. 0, or -1. */
bool transcript_tells_calls(const struct tr_session *s);
int transcript_tell(struct tr_session *s);

/* transcript-tree.c: sets s->resource; writes all turns: 0, or -1. */
void transcript_resource(struct tr_session *s);
int transcript_write(struct tr_session *s);

#endif

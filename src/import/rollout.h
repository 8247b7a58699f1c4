/*
 * Codex rollouts: what Codex CLI keeps of a thread, one JSON object a line,
 * ~/.codex/sessions/YYYY/MM/DD/rollout-<time>-<thread>.jsonl. This is private
 * to rollout*.c.
 *
 * A turn is gathered from its lines and written when it is over. A line that
 * says something is copied into the turn's arena; values are slices of it.
 */
#ifndef IMPORT_ROLLOUT_H
#define IMPORT_ROLLOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "agent/usage.h"
#include "base/arena.h"
#include "base/buf.h"
#include "json/scan.h"

struct made;
struct node;
struct spawned;

/* Text put together from pieces: characters, in the arena. */
struct rollout_text {
	const char	*p;
	size_t		 n;
};

/* A model call: what came between one count of tokens and the next. */
struct rollout_call {
	STAILQ_ENTRY(rollout_call) next;
	uint64_t		 began;		/* what it answers was there */
	uint64_t		 end;		/* its last item, or its tokens */
	struct rollout_text	 text, thought;
	struct json_val		 response;	/* id, or JSON_NONE */
	struct json_val		 model, effort;
	struct usage		 usage;
	bool			 answered;	/* a result of its tools came */
	struct node		*node;
};

struct rollout_tool {
	STAILQ_ENTRY(rollout_tool) next;
	struct rollout_call	*call;
	struct rollout_tool	*script;	/* code mode: what called it */
	struct json_val		 id, name, space, server, input;
	struct json_val		 output;	/* JSON string */
	uint64_t		 start, end;
	int64_t			 exit_code;	/* -1: not told */
	bool			 ended, failed;
	/* Of a call that began a sub-agent. */
	struct json_val		 thread, words;
	uint64_t		 told;
	struct node		*node;
};

struct rollout_prompt {
	STAILQ_ENTRY(rollout_prompt) next;
	struct json_val		 text;
	uint64_t		 time;
};

struct rollout_turn {
	bool			 open;
	bool			 replayed;	/* another thread's history */
	bool			 records;	/* token_usage_record was seen */
	bool			 ended;		/* its end mark has come */
	bool			 aborted;
	struct json_val		 id, root_id, trace;
	uint64_t		 start, end;
	uint64_t		 last;		/* what the next call answers */
	uint64_t		 first_token;	/* of its first call */
	struct json_val		 error;		/* JSON string: why it failed */
	struct json_val		 said;		/* a prompt nobody else tells */
	struct json_val		 answer;	/* the last words, if told apart */
	const char		*guess;		/* of its calls; NULL: the start */
	const char		*vague;		/* of turn and tools, or NULL */
	STAILQ_HEAD(, rollout_prompt) prompts;
	STAILQ_HEAD(, rollout_call) calls;
	STAILQ_HEAD(, rollout_tool) tools;
	struct rollout_call	*call;		/* not counted yet, or NULL */
	size_t			 n;		/* calls, tools and prompts */
};

/* What the ids of an earlier turn were made from. */
struct rollout_ident {
	STAILQ_ENTRY(rollout_ident) next;
	struct json_val		 v;
};

struct rollout {
	struct made		*made;		/* where spans are written */
	struct spawned		*spawned;	/* sub-agents of all rollouts */
	struct arena		 file;		/* of what holds for the file */
	struct arena		 arena;		/* of the turn */
	struct buf		 scratch;
	struct rollout_turn	 turn;
	STAILQ_HEAD(, rollout_ident) idents;
	uint64_t		 now;		/* time of the line */
	bool			 oom;
	size_t			 limit;		/* bytes of a turn; 0: none */
	size_t			 kept;		/* of this turn */

	/* From the first session_meta. */
	bool			 known;
	struct json_val		 id;		/* of the thread */
	struct json_val		 session;	/* of the user's conversation */
	struct json_val		 parent;	/* JSON_NONE: no sub-agent */
	struct json_val		 resource;
	struct json_val		 cwd;
	uint64_t		 born;		/* ms; 0: not known */
	bool			 child;		/* forked, or begun by another */
	bool			 may_wait;	/* for the file of its parent */
	bool			 waiting;	/* nothing is written */
	bool			 marks;		/* turns have begin marks */
	bool			 items;		/* prompts come as items */

	struct json_val		 model, effort;
	char			 total[256];	/* the last sum of tokens */
};

void rollout_init(struct rollout *x, struct made *made,
    struct spawned *spawned);
void rollout_fini(struct rollout *x);

/* Is the line, an object, one of a rollout? */
bool rollout_is(struct json_val line);

/* One line of the file, a valid object. 0, or -1 (memory, output). */
int rollout_line(struct rollout *x, struct json_val line);

/* The file has ended: what is not finished is written as it is. */
int rollout_end(struct rollout *x);

/* rollout-items.c: the payload of a line, in the turn's arena. */
void rollout_item(struct rollout *x, struct json_val v);
void rollout_event(struct rollout *x, struct json_val v);
/* The same without its texts: the turn is too large to keep them. */
void rollout_item_thin(struct rollout *x, struct json_val v);
void rollout_usage(struct rollout *x, struct json_val v);

/* rollout-tree.c: writes the turn. 0, or -1 (memory, output). */
int rollout_write(struct rollout *x);

/* {"seconds":…} of Rust's kind, {"secs":1,"nanos":5}, in ns; 0: not told. */
uint64_t rollout_duration(struct json_val v);

#endif

/*
 * Gemini CLI chats: ~/.gemini/tmp/<project>/chats/session-<time>-<id>.jsonl,
 * and one JSON document in older versions. A header, then messages; a message
 * that changes is written again under its id, and {"$set":…} changes what
 * stands above: the last of an id counts, so nothing is written before the end.
 * A sub-agent has a file of its own, named in the result of the call that
 * began it.
 */
#ifndef IMPORT_CHAT_H
#define IMPORT_CHAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include "base/arena.h"
#include "base/buf.h"
#include "json/scan.h"

struct made;
struct model;
struct pick_rules;
struct spawned;

struct chat_message {
	TAILQ_ENTRY(chat_message) next;		/* in order of their ids */
	RB_ENTRY(chat_message)	 entry;
	struct json_val		 id, v;
	char			*text;		/* what v is in; allocated */
	uint64_t		 time;
};

TAILQ_HEAD(chat_list, chat_message);
RB_HEAD(chat_tree, chat_message);

/* What the ids of an earlier turn were made from. */
struct chat_ident {
	STAILQ_ENTRY(chat_ident) next;
	struct json_val		 v;
};

struct chat {
	struct made		*made;
	struct spawned		*spawned;
	struct pick_rules		*pick;		/* NULL: all is to go out */
	struct arena		 arena;		/* messages */
	struct arena		 turn;		/* the turn being written */
	struct buf		 scratch;
	struct chat_list	 messages;
	struct chat_tree	 ids;
	STAILQ_HEAD(, chat_ident) idents;
	struct json_val		 id;		/* of the session */
	struct json_val		 project;	/* JSON string, or JSON_NONE */
	struct json_val		 resource;
	uint64_t		 now;		/* of the latest message */
	bool			 sub;		/* a sub-agent's */
	bool			 oom;
};

void chat_init(struct chat *x, struct made *made, struct spawned *spawned);
void chat_fini(struct chat *x);

/* Is the object a line of a chat, or a whole one of the older form? */
bool chat_is(struct json_val v);

/* One line, or the whole document. 0, or -1 (memory). */
int chat_line(struct chat *x, struct json_val v);

/*
 * Is it a sub-agent's, and nobody is known to have begun it so far? It can
 * wait for the file that tells.
 */
bool chat_waits(struct chat *x);

/* Writes all turns. 0, or -1 (memory, output). */
int chat_end(struct chat *x);

/* chat-tree.c: the turn of the messages from..to (not included). */
int chat_write(struct chat *x, struct chat_message *from,
    struct chat_message *to);
/*
 * The value's text without its white space, as a JSON string: documents are
 * printed for people.
 */
struct json_val chat_text(struct model *m, struct json_val v);
/* What the user said; JSON_NONE: it is no prompt. In the turn's arena. */
struct json_val chat_prompt(struct chat *x, const struct chat_message *m);

/*
 * chat-ids.c: what ids are made from. Of an answer below base, a turn or a
 * sub-agent's thread, JSON_NONE where its tokens are not told; and of the turn
 * of the messages from..to (not included), which counts as seen from then on.
 */
struct json_val chat_call_ident(struct model *m,
    const struct chat_message *answer, struct json_val base);
struct json_val chat_turn_ident(struct chat *x, struct model *m,
    const struct chat_message *from, const struct chat_message *to);

#endif

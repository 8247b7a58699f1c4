/*
 * opencode's database, ~/.local/share/opencode/opencode.db: sessions, their
 * messages, and the parts of these, JSON in text columns. A sub-agent is a
 * session of its own, named in the result of the tool that began it.
 */
#ifndef IMPORT_OPENCODE_H
#define IMPORT_OPENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "json/scan.h"

struct db;
struct made;
struct node;
struct opencode_message;

struct opencode_part {
	STAILQ_ENTRY(opencode_part) next;
	struct opencode_message	*message;
	struct json_val		 v;		/* JSON object */
	struct json_val		 id;
	uint64_t		 time;		/* ns */
	struct node		*node;		/* of a tool */
};

struct opencode_message {
	STAILQ_ENTRY(opencode_message) next;
	struct json_val		 id, v;
	uint64_t		 time;
	struct json_val		 thread;	/* a sub-agent's session */
	struct opencode_part	*starter;	/* the tool that began it */
	STAILQ_HEAD(, opencode_part) parts;
};

/* A turn: what the user said and all that came of it, in order. */
struct opencode_turn {
	struct arena		*arena;
	struct json_val		 session;
	struct json_val		 resource;	/* JSON object */
	struct json_val		 purpose;
	STAILQ_HEAD(, opencode_message) messages;
	size_t			 n;		/* messages and parts */
	bool			 oom;
};

void opencode_turn_init(struct opencode_turn *t, struct arena *a,
    struct json_val session, struct json_val resource);

/* Copies. NULL: no memory, or v is no object. */
struct opencode_message *opencode_message(struct opencode_turn *t,
    struct json_val id, struct json_val v, uint64_t time);
struct opencode_part *opencode_part(struct opencode_turn *t,
    struct opencode_message *m, struct json_val id, struct json_val v,
    uint64_t time);

/* Writes the spans. 0, or -1 (memory, output). */
int opencode_turn_write(struct opencode_turn *t, struct made *made);

struct opencode_counts {
	uint64_t	 sessions, bad;		/* rows that are no JSON */
};

/*
 * Reads all sessions of the database. 0; or -1 with the cause in e, which is
 * empty when it is the output's or memory.
 */
int opencode_read(struct db *db, struct made *made,
    struct opencode_counts *counts, struct err *e);

/* Is it opencode's, by its tables? */
bool opencode_is(struct db *db);

#endif

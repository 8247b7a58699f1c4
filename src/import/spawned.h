/*
 * What one file tells of a thread and another needs. Sub-agents have files of
 * their own: the file of the thread that began one tells which call it was.
 * Codex prints sums of the whole thread, also when it is resumed: what was
 * printed before is no part of the turn.
 */
#ifndef IMPORT_SPAWNED_H
#define IMPORT_SPAWNED_H

#include <sys/tree.h>

#include "agent/usage.h"
#include "json/scan.h"

struct spawn {
	RB_ENTRY(spawn)	 entry;
	struct json_val	 thread;	/* JSON strings, all of them owned */
	struct json_val	 tool;		/* key of the span that began it */
	struct json_val	 turn;		/* key of the turn it runs in */
	struct json_val	 trace;		/* JSON_NONE: made from the key */
	struct json_val	 session;
	struct usage	 sum;		/* printed so far; see spawned_sum */
};

RB_HEAD(spawn_tree, spawn);

struct spawned {
	struct spawn_tree	 tree;
	struct spawn_tree	 sums;
};

void spawned_init(struct spawned *s);
void spawned_fini(struct spawned *s);

/* Copies. 0, or -1 when out of memory. */
int spawned_put(struct spawned *s, const struct spawn *what);

/* NULL: nobody is known to have begun that thread. */
const struct spawn *spawned_find(struct spawned *s, struct json_val thread);

/* What was printed of the thread so far, to be changed. NULL: no memory. */
struct usage *spawned_sum(struct spawned *s, struct json_val thread);

#endif

/*
 * Sub-agents of Codex have files of their own. The file of the thread that
 * began one tells which call it was: remembered here for the sub-agent's.
 */
#ifndef IMPORT_SPAWNED_H
#define IMPORT_SPAWNED_H

#include <sys/tree.h>

#include "json/scan.h"

struct spawn {
	RB_ENTRY(spawn)	 entry;
	struct json_val	 thread;	/* JSON strings, all of them owned */
	struct json_val	 tool;		/* key of the span that began it */
	struct json_val	 turn;		/* key of the turn it runs in */
	struct json_val	 trace;		/* JSON_NONE: made from the key */
	struct json_val	 session;
};

RB_HEAD(spawn_tree, spawn);

struct spawned {
	struct spawn_tree	 tree;
};

void spawned_init(struct spawned *s);
void spawned_fini(struct spawned *s);

/* Copies. 0, or -1 when out of memory. */
int spawned_put(struct spawned *s, const struct spawn *what);

/* NULL: nobody is known to have begun that thread. */
const struct spawn *spawned_find(struct spawned *s, struct json_val thread);

#endif

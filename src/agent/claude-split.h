/*
 * Several turns in one trace; private to claude*.c. Usually a turn is a trace,
 * but runs that were started with a TRACEPARENT of their caller (a CI job)
 * share the caller's.
 */
#ifndef AGENT_CLAUDE_SPLIT_H
#define AGENT_CLAUDE_SPLIT_H

#include "agent/model.h"

struct split_part {
	struct held	**rec;		/* in order */
	size_t		  n;
	struct json_val	  ident;	/* prompt id or span id of its root */
	struct json_val	  span;		/* span id of its root, or JSON_NONE */
	uint64_t	  begun;
};

struct split {
	struct split_part	*part;	/* in the order in which they began */
	size_t			 n;	/* 1 where there is nothing to split */
};

/*
 * Puts every record of the model into the part of its turn: logs by their
 * prompt id, spans by the interaction they hang below, what says neither by
 * its time. 0, or -1 (memory).
 */
int claude_split(struct model *m, struct split *s);

#endif

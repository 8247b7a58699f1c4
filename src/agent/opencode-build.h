/* Builds a turn of opencode from its spans; private to opencode*.c. */
#ifndef AGENT_OPENCODE_BUILD_H
#define AGENT_OPENCODE_BUILD_H

#include "agent/model.h"

enum opencode_event {
	OPENCODE_OTHER = 1,
	OPENCODE_CALL,		/* one request to the model */
	OPENCODE_STEP,		/* what is around it, repeating its usage */
	OPENCODE_TOOL,
	OPENCODE_EXECUTE,	/* the tool again, as opencode sees it */
	OPENCODE_RUN,		/* between a step and what asked for it */
	OPENCODE_TITLE,
	OPENCODE_PROMPT		/* a whole turn, of the user or a sub-agent */
};

int opencode_build(struct model *m);

/* opencode-content.c */
bool opencode_call_input(struct model *m, const struct node *n,
    struct buf *b);
bool opencode_call_output(struct model *m, const struct node *n,
    struct buf *b);
/* The last words of the user in what was sent; JSON_NONE. */
struct json_val opencode_prompt(struct model *m, const struct node *n);
/* The value inside a JSON string; JSON_NONE when it is cut or no JSON. */
struct json_val opencode_inside(struct model *m, struct json_val s);

#endif

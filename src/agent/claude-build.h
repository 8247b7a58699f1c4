/* Builds a Claude Code turn from its records; private to claude*.c. */
#ifndef AGENT_CLAUDE_BUILD_H
#define AGENT_CLAUDE_BUILD_H

#include "agent/agent.h"

enum claude_event {
	CLAUDE_OTHER = 1,
	CLAUDE_PROMPT, CLAUDE_CALL, CLAUDE_CALL_ERROR, CLAUDE_RETRIES,
	CLAUDE_TEXT, CLAUDE_SENT, CLAUDE_GOT, CLAUDE_DECISION, CLAUDE_RESULT,
	CLAUDE_AGENT_DONE,
	CLAUDE_ROOT, CLAUDE_LLM, CLAUDE_TOOL, CLAUDE_BLOCKED,
	CLAUDE_EXECUTION, CLAUDE_SPAN
};

/* Notes who started a sub-agent from the note that reports its end. */
void claude_arrive(struct store *st, struct group *g, const struct held *h);

int claude_build(struct model *m);

#endif

/* Sub-agents of a Claude Code turn; private to claude*.c. */
#ifndef AGENT_CLAUDE_THREADS_H
#define AGENT_CLAUDE_THREADS_H

#include "agent/model.h"

/*
 * Finds for every thread the tool call that started it, makes that the
 * thread's agent node, and puts the thread's calls and tools below it.
 */
int claude_threads(struct model *m);

#endif

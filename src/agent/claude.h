/* Claude Code: logs, native spans, or both. See reference in claude.c. */
#ifndef AGENT_CLAUDE_H
#define AGENT_CLAUDE_H

#include "agent/agent.h"

extern const struct agent agent_claude;

#endif

/* opencode: spans of the Vercel AI SDK. See reference in opencode.c. */
#ifndef AGENT_OPENCODE_H
#define AGENT_OPENCODE_H

#include "agent/agent.h"

extern const struct agent agent_opencode;

#endif

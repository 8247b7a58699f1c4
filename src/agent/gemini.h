/* Gemini CLI: logs, native spans, or both. See reference in gemini.c. */
#ifndef AGENT_GEMINI_H
#define AGENT_GEMINI_H

#include "agent/agent.h"

extern const struct agent agent_gemini;

#endif

/* Codex CLI: exec, terminal and app-server; logs, spans, or both. */
#ifndef AGENT_CODEX_H
#define AGENT_CODEX_H

#include "agent/agent.h"

extern const struct agent agent_codex;

#endif

/* Tools and sub-agents of a Claude Code turn; private to claude*.c. */
#ifndef AGENT_CLAUDE_TOOLS_H
#define AGENT_CLAUDE_TOOLS_H

#include "agent/model.h"

/* A span that is a part of the tool: waiting for the user, or running. */
void claude_tool_part(struct node *n, struct held *h);

/* A tool_decision or tool_result. */
void claude_tool_log(struct model *m, struct held *h);

/*
 * When all records are joined and calls are finished: names, times, outcomes,
 * parents of tools; sub-agents and what they ran. 0, or -1 (memory).
 */
int claude_tools(struct model *m);

/* The N of "Exit code N", with which a failed command's output begins; -1. */
int64_t claude_exit_code(struct model *m, struct json_val output);

#endif

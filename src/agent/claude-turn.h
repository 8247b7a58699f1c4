/* The root of a Claude Code turn; private to claude*.c. */
#ifndef AGENT_CLAUDE_TURN_H
#define AGENT_CLAUDE_TURN_H

#include "agent/model.h"

/* Text that a gate has redacted says nothing: JSON_NONE. */
struct json_val claude_said(struct json_val v);

/*
 * When everything below it is finished: prompt, final answer, outcome, times,
 * and whether it was a turn at all.
 */
void claude_turn(struct model *m);

#endif

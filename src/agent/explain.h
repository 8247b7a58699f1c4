/*
 * Says why a span is as it is: which records it was made from, what joined
 * them, what found its parent. For people; no content of prompts or answers.
 */
#ifndef AGENT_EXPLAIN_H
#define AGENT_EXPLAIN_H

#include "agent/model.h"
#include "base/out.h"

/* Writes some lines of text for the node. 0, or -1. */
int explain_node(struct model *m, const struct node *n, struct out *out);

#endif

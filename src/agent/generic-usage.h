/* Tokens on spans of emitters we have no table for; private to generic*.c. */
#ifndef AGENT_GENERIC_USAGE_H
#define AGENT_GENERIC_USAGE_H

#include "agent/emit.h"

/* Says the usage of the span being edited in the dialects it lacks. */
void generic_usage(struct emit *e);

/* Takes usage that an inner span tells off the span being edited. */
void generic_drop_usage(struct emit *e);

#endif

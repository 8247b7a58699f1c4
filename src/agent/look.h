/*
 * Looks at a group: builds its turns from the records held so far and writes
 * what may be written now. Design: "One tree from many signals".
 */
#ifndef AGENT_LOOK_H
#define AGENT_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/enrich.h"

/*
 * 0 and g->due set to when to look again (-1: nothing waits), or -1 (memory,
 * output). force: write everything, close what is open; the group is finished
 * afterwards and may be freed.
 */
int look_at(struct enrich *e, struct group *g, int64_t now, bool force,
    struct out *out);

#endif

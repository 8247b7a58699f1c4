/* All agents, in the order they are asked. One line each. */
#include "agent/agent.h"

#include <string.h>

#include "agent/claude.h"
#include "agent/gemini.h"
#include "agent/codex.h"
#include "agent/opencode.h"

static const struct agent *const agents[] = {
	&agent_claude,
	&agent_gemini,
	&agent_codex,
	&agent_opencode,
};

const struct agent *
agent_of(const struct record *r)
{
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++)
		if (agents[i]->is_mine(r))
			return agents[i];
	return NULL;
}

const struct event_row *
agent_event(const struct agent *a, const struct record *r)
{
	const char *name;
	size_t n = a->event_name(r, &name);

	for (size_t i = 0; i < a->nevent; i++) {
		const struct event_row *e = &a->event[i];

		if (e->kind == r->kind && strlen(e->name) == n &&
		    memcmp(e->name, name, n) == 0)
			return e;
	}
	return NULL;
}

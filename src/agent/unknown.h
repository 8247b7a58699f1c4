/*
 * What a CLI sends that its tables do not have: a new version has new names. It
 * is counted, and each name is said once a run.
 */
#ifndef AGENT_UNKNOWN_H
#define AGENT_UNKNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "agent/agent.h"
#include "agent/held.h"

#define UNKNOWN_MAX	64	/* further names are only counted */

struct unknown {
	struct {
		char		 name[128];	/* agent, kind, name */
		uint64_t	 count;
	}		 row[UNKNOWN_MAX];
	size_t		 n;
	uint64_t	 records;	/* of events and spans not known */
	uint64_t	 attrs;		/* attributes not known */
};

/* A record without a row in the agent's event table. */
void unknown_record(struct unknown *u, const struct agent *a,
    const struct record *r);

/*
 * Looks at the attributes that are no facts; f is of the same record. What the
 * resource has, too, is the user's own and no surprise.
 */
void unknown_attrs(struct unknown *u, const struct agent *a,
    const struct record *r, const struct held_facts *f);

/* Says how often each name came, with -v, and what was not named. */
void unknown_tell(const struct unknown *u);

#endif

/*
 * What is done with an attribute because of its name. Names end in '*' or
 * begin with it to mean all that begin or end so.
 */
#ifndef REDACT_POLICY_H
#define REDACT_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "redact/rules.h"

enum policy_bit {
	POLICY_DROP = 1,	/* it goes */
	POLICY_KEEP = 2,	/* ids, usage, cost, times */
	POLICY_CONTENT = 4,	/* prompts, answers, tools */
	POLICY_ALLOW = 8	/* on the allow-list */
};

struct policy_name;

struct policy {
	struct policy_name	*table;	/* open addressing */
	size_t			 mask;
	struct policy_name	*glob;
	size_t			 nglob;
	bool			 has_allow;
};

/*
 * Of the rules' lists and of two more. 0, or -1 when out of memory. The names
 * must outlive it.
 */
int policy_init(struct policy *p, const struct rules *r,
    const struct rule_list *allow, const struct rule_list *deny);
void policy_fini(struct policy *p);

/* The bits of the name, with POLICY_DROP worked out. */
unsigned policy_of(const struct policy *p, const char *name, size_t n);

#endif

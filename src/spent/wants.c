#include "spent/wants.h"

#include <stdlib.h>
#include <string.h>

/* Set, it is not the transcript's that counts. */
static bool
is_set(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0';
}

static bool
is_told(const struct dim *d)
{
	static const char *const told[] = { "agent", "branch", "model",
	    "project", "provider", "session", "version", NULL };

	if (d->is_time)
		return true;
	for (size_t i = 0; told[i] != NULL; i++)
		if (strcmp(d->name, told[i]) == 0)
			return true;
	return false;
}

static bool
all_told(const struct table *t)
{
	for (size_t i = 0; i < t->ndims; i++)
		if (!is_told(&t->dim[i]))
			return false;
	return true;
}

bool
wants_calls(const struct conf *x, const struct report *r)
{
	if (!x->plan.calls || is_set("LANGFUSE_SESSION_ID"))
		return false;
	for (size_t i = 0; i < r->plan.nby; i++)
		if (r->by[i].applies != FACT_CALL || !all_told(&r->by[i]))
			return false;
	return r->plan.budget_by == NULL || all_told(&r->budget);
}

#include "route/trail.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "record/ids.h"

#define SLOTS	(4 * TRAIL_TRACES)

struct trail_slot {
	char		id[TRACE_ID_LEN];
	uint64_t	to;		/* 0: the slot is free */
	bool		apart;		/* it went to several */
};

void
trail_fini(struct trail *t)
{
	free(t->young);
	free(t->old);
	memset(t, 0, sizeof(*t));
}

/* The slot of the trace, or the free one where it would be. */
static struct trail_slot *
find(struct trail_slot *table, const char *id)
{
	uint64_t at = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < TRACE_ID_LEN; i++)
		at = (at ^ (unsigned char)id[i]) * UINT64_C(1099511628211);
	for (;; at++) {
		struct trail_slot *s = &table[at % SLOTS];

		if (s->to == 0 || memcmp(s->id, id, TRACE_ID_LEN) == 0)
			return s;
	}
}

/* The young become the old. */
static int
age(struct trail *t)
{
	struct trail_slot *fresh = calloc(SLOTS, sizeof(*fresh));

	if (fresh == NULL)
		return -1;
	free(t->old);
	t->old = t->young;
	t->young = fresh;
	t->used = 0;
	return 0;
}

int
trail_note(struct trail *t, struct json_val trace_id, uint64_t to)
{
	struct trail_slot *s, *before;

	if (!ids_is_trace(trace_id))
		return 0;
	if ((t->young == NULL || t->used >= TRAIL_TRACES) && age(t) == -1)
		return -1;
	s = find(t->young, trace_id.p + 1);
	if (s->to == 0) {
		t->used++;
		memcpy(s->id, trace_id.p + 1, TRACE_ID_LEN);
		s->to = to;
		before = t->old != NULL ? find(t->old, s->id) : s;
		if (before->to != 0)
			s->apart = before->apart || before->to != to;
	} else if (s->to != to)
		s->apart = true;
	return 0;
}

uint64_t
trail_find(const struct trail *t, struct json_val trace_id)
{
	const struct trail_slot *s;

	if (t->young == NULL || !ids_is_trace(trace_id))
		return 0;
	s = find(t->young, trace_id.p + 1);
	if (s->to == 0 && t->old != NULL)
		s = find(t->old, trace_id.p + 1);
	return s->apart ? 0 : s->to;
}

#include "import/spawned.h"

#include <stdlib.h>
#include <string.h>

static int
compare(const struct spawn *a, const struct spawn *b)
{
	size_t n = a->thread.n < b->thread.n ? a->thread.n : b->thread.n;
	int c = memcmp(a->thread.p, b->thread.p, n);

	if (c != 0)
		return c;
	return a->thread.n < b->thread.n ? -1 : a->thread.n > b->thread.n;
}

/* libbsd's RB_GENERATE_STATIC needs an __unused that glibc has no use for. */
#define MAYBE_STATIC	static __attribute__((unused))
RB_PROTOTYPE_INTERNAL(spawn_tree, spawn, entry, compare, MAYBE_STATIC)
RB_GENERATE_INTERNAL(spawn_tree, spawn, entry, compare, MAYBE_STATIC)

void
spawned_init(struct spawned *s)
{
	RB_INIT(&s->tree);
	RB_INIT(&s->sums);
}

static void
empty(struct spawn_tree *t)
{
	struct spawn *e;

	while ((e = RB_MIN(spawn_tree, t)) != NULL) {
		RB_REMOVE(spawn_tree, t, e);
		free(e);
	}
}

void
spawned_fini(struct spawned *s)
{
	empty(&s->tree);
	empty(&s->sums);
}

static struct json_val
copy(char **to, struct json_val v)
{
	if (v.type != JSON_STRING)
		return (struct json_val){ NULL, 0, JSON_NONE };
	memcpy(*to, v.p, v.n);
	v.p = *to;
	*to += v.n;
	return v;
}

static size_t
size(struct json_val v)
{
	return v.type == JSON_STRING ? v.n : 0;
}

static struct spawn *
put(struct spawn_tree *t, const struct spawn *w)
{
	struct spawn *e;
	char *to;

	e = calloc(1, sizeof(*e) + size(w->thread) + size(w->tool) +
	    size(w->turn) + size(w->trace) + size(w->session));
	if (e == NULL)
		return NULL;
	to = (char *)(e + 1);
	e->thread = copy(&to, w->thread);
	e->tool = copy(&to, w->tool);
	e->turn = copy(&to, w->turn);
	e->trace = copy(&to, w->trace);
	e->session = copy(&to, w->session);
	(void)RB_INSERT(spawn_tree, t, e);
	return e;
}

int
spawned_put(struct spawned *s, const struct spawn *w)
{
	struct spawn key = { .thread = w->thread };

	if (w->thread.type != JSON_STRING ||
	    RB_FIND(spawn_tree, &s->tree, &key) != NULL)
		return 0;
	return put(&s->tree, w) != NULL ? 0 : -1;
}

const struct spawn *
spawned_find(struct spawned *s, struct json_val thread)
{
	struct spawn key = { .thread = thread };

	return thread.type != JSON_STRING ? NULL :
	    RB_FIND(spawn_tree, &s->tree, &key);
}

struct usage *
spawned_sum(struct spawned *s, struct json_val thread)
{
	struct spawn key = { .thread = thread }, *e;

	e = RB_FIND(spawn_tree, &s->sums, &key);
	if (e == NULL)
		e = put(&s->sums, &key);
	return e != NULL ? &e->sum : NULL;
}

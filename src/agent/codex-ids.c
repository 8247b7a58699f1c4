/*
 * What ids are made from. A rollout knows neither spans nor the times that logs
 * carry, and telemetry no ids of answers: calls are known by their tokens, and,
 * where records have no trace id, turns by those of their first answer. So
 * nothing of a turn without trace id is named before that has come.
 */
#include "agent/codex-build.h"
#include "agent/ident.h"

/* Has no other turn of the conversation that ident? */
static bool
is_free(struct codex *x, const struct codex_turn *t, struct json_val ident)
{
	const struct codex_turn *o;

	STAILQ_FOREACH(o, &x->turns, next)
		if (o != t && json_equal(o->ident, ident))
			return false;
	return !ident_is_written(x->m, t->key, ident);
}

/* Turns that began earlier, or are out already, come first. */
static void
identify_turn(struct codex *x, struct codex_turn *t, const struct usage *u)
{
	unsigned number = 1;

	t->ident = ident_of_written(x->m, t->key);
	while (t->ident.type == JSON_NONE && !x->m->oom) {
		struct json_val v = codex_answer_key(x, t->conv->id, u,
		    number++);

		if (is_free(x, t, v))
			t->ident = v;
	}
}

struct json_val
codex_answer_key(struct codex *x, struct json_val base,
    const struct usage *u, unsigned number)
{
	return ident_answer(x->m, base, usage_input(u), usage_output(u),
	    number);
}

void
codex_identify(struct codex *x, struct codex_turn *t, struct node *n)
{
	if (!n->usage.known)
		return;
	if (t->ident.type == JSON_NONE)
		identify_turn(x, t, &n->usage);
	n->ident = codex_answer_key(x, t->ident, &n->usage, 1);
}

void
codex_idents(struct codex *x)
{
	struct codex_item *i;

	STAILQ_FOREACH(i, &x->items, next) {
		struct node *n = i->node;

		if (n->kind == NODE_CALL)
			n->unsettled = n->ident.type == JSON_NONE &&
			    n->outcome == OUTCOME_PENDING;
		else if (i->turn->trace.type == JSON_NONE &&
		    i->turn->ident.type != JSON_NONE)
			n->ident = codex_key(x, i->turn->ident, '/',
			    n->val[FACT_TOOL_ID], 0);
	}
}

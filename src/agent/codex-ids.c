/*
 * What ids are made from. A rollout knows neither spans nor the times that logs
 * carry, and telemetry no ids of answers; both know how many tokens went in
 * and out of each. These identify an answer in its turn, and, where records
 * have no trace id, the first answer its turn in the conversation. So nothing of
 * a turn without trace id is named before that has come.
 */
#include "agent/codex-build.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

struct json_val
codex_answer_key(struct codex *x, struct json_val base,
    const struct usage *u, unsigned number)
{
	struct json_val v;
	struct buf s = { 0 };
	const char *p;
	size_t n;

	p = model_text(x->m, base, &n);
	buf_add(&s, p, n);
	buf_addf(&s, "#%lld>%lld", (long long)usage_input(u),
	    (long long)usage_output(u));
	if (number > 1)
		buf_addf(&s, " %u", number);
	v = model_string(x->m, s.p != NULL ? s.p : "", s.n);
	if (s.err != 0)
		x->m->oom = true;
	buf_fini(&s);
	return v;
}

/* Has no other turn of the conversation that ident? */
static bool
is_free(struct codex *x, const struct codex_turn *t, struct json_val ident)
{
	const struct group *g = x->m->group;
	const struct codex_turn *o;

	STAILQ_FOREACH(o, &x->turns, next)
		if (o != t && codex_equal(o->ident, ident))
			return false;
	for (size_t i = 0; i < g->nroot; i++)
		if (g->root[i].key != model_hash(NODE_TURN, t->key) &&
		    codex_equal(g->root[i].ident, ident))
			return false;
	return true;
}

/* Turns that began earlier, or are out already, come first. */
static void
identify_turn(struct codex *x, struct codex_turn *t, const struct usage *u)
{
	unsigned number = 1;

	t->ident = codex_old_ident(x, t->key);
	while (t->ident.type == JSON_NONE && !x->m->oom) {
		struct json_val v = codex_answer_key(x, t->conv->id, u,
		    number++);

		if (is_free(x, t, v))
			t->ident = v;
	}
}

struct json_val
codex_old_ident(struct codex *x, struct json_val key)
{
	const struct written_root *r = store_find_root(x->m->group,
	    model_hash(NODE_TURN, key));

	return r != NULL ? r->ident : none;
}

void
codex_identify(struct codex *x, struct codex_turn *t, struct node *n)
{
	if (!n->usage.known)
		return;
	if (t->ident.type == JSON_NONE)
		identify_turn(x, t, &n->usage);
	/* The second of the same tokens gets a number when it is written. */
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

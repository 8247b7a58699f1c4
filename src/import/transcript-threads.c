/* Who began which sub-agent, and in which turn it runs. */
#include "import/import.h"
#include "import/transcript.h"

#define NEST_MAX	64	/* sub-agents of sub-agents */

bool
transcript_starts_agents(const struct tr_tool *t)
{
	return json_str_is(t->name, "Agent") || json_str_is(t->name, "Task");
}

static void
claim(struct tr_thread *t, struct tr_tool *tool)
{
	if (t == NULL || t->tool != NULL || tool == NULL ||
	    tool->began != NULL || tool->thread == t)
		return;
	t->tool = tool;
	tool->began = t;
}

/* By what its result says, by what the thread says, by what it was told. */
static void
link_threads(struct tr_session *s)
{
	struct tr_thread *t;
	struct tr_tool *u;

	STAILQ_FOREACH(u, &s->tools, next)
		if (u->agent.type == JSON_STRING)
			claim(map_get(&s->map, transcript_hash('a',
			    u->agent)), u);
	STAILQ_FOREACH(t, &s->threads, next) {
		if (t->parent.type == JSON_STRING)
			claim(t, map_get(&s->map, transcript_hash('t',
			    t->parent)));
		if (t->tool != NULL || t->prompt.type != JSON_STRING)
			continue;
		STAILQ_FOREACH(u, &s->tools, next)
			if (transcript_starts_agents(u) && u->began == NULL &&
			    json_same(json_get(u->input, "prompt"), t->prompt)) {
				claim(t, u);
				break;
			}
	}
}

/* The turn in which the thread runs: that of the call that began it. */
static struct tr_turn *
turn_of(struct tr_session *s, const struct tr_thread *t)
{
	struct tr_turn *turn = NULL;

	for (int i = 0; i < NEST_MAX && t != NULL && t->tool != NULL &&
	    turn == NULL; i++) {
		turn = t->tool->call->turn;
		t = t->tool->call->thread;
	}
	if (turn == NULL && t != NULL && t->prompt_id.type == JSON_STRING)
		turn = map_get(&s->map, transcript_hash('p', t->prompt_id));
	if (turn == NULL)
		turn = STAILQ_LAST(&s->turns, tr_turn, next);
	return turn;
}

/* Only a sub-agent's file was given: its turn is known by its id alone. */
static void
need_turn(struct tr_session *s)
{
	struct tr_thread *t = STAILQ_FIRST(&s->threads);

	if (STAILQ_EMPTY(&s->turns) && t != NULL)
		(void)transcript_turn(s, t->prompt_id, t->id, t->first);
}

void
transcript_settle(struct tr_session *s)
{
	struct tr_call *c;
	struct tr_tool *u;

	need_turn(s);
	link_threads(s);
	STAILQ_FOREACH(c, &s->calls, next) {
		if (c->turn == NULL)
			c->turn = turn_of(s, c->thread);
		if (c->turn == NULL)
			continue;
		STAILQ_INSERT_TAIL(&c->turn->calls, c, in_turn);
		c->turn->n++;
		c->turn->own += !c->copied;
		if (c->end > c->turn->end)
			c->turn->end = c->end;
	}
	STAILQ_FOREACH(u, &s->tools, next) {
		if (u->call->turn == NULL)
			continue;
		STAILQ_INSERT_TAIL(&u->call->turn->tools, u, in_turn);
		u->call->turn->n += 2;
	}
}

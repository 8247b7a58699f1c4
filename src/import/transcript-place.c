/* Which turn and which thread a line belongs to. */
#include "import/transcript.h"

#include <string.h>

#include "import/import.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

void *
transcript_get(struct tr_session *s, size_t n)
{
	void *p = arena_get(&s->arena, n);

	if (p == NULL)
		s->oom = true;
	return p;
}

struct json_val
transcript_keep(struct tr_session *s, struct json_val v)
{
	if (v.type == JSON_NONE || v.type == JSON_NULL)
		return none;
	v.p = arena_copy(&s->arena, v.p, v.n);
	if (v.p == NULL) {
		s->oom = true;
		return none;
	}
	return v;
}

struct json_val
transcript_content(struct tr_session *s, struct json_val v)
{
	if (!s->im->content || s->full)
		return none;
	s->kept += v.n;
	if (s->kept > s->im->max_memory) {
		s->full = true;
		import_bad(s->im, "session of more than --max-memory: the "
		    "texts of its rest are left out");
		return none;
	}
	return transcript_keep(s, v);
}

uint64_t
transcript_hash(char kind, struct json_val v)
{
	return map_hash((unsigned char)kind, v.p, v.n);
}

uint64_t
transcript_print(const struct tr_line *l)
{
	return once_hash(once_hash(0, "u", 1), l->uuid.p, l->uuid.n);
}

/* ---- threads -------------------------------------------------------------------------- */

static struct tr_thread *
new_thread(struct tr_session *s, struct json_val id, uint64_t hash)
{
	struct tr_thread *t = transcript_get(s, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->id = transcript_keep(s, id);
	STAILQ_INSERT_TAIL(&s->threads, t, next);
	if (map_put(&s->map, hash, t) == -1)
		s->oom = true;
	return t;
}

/*
 * A sub-agent is known by its id; older ones by the first of their lines; what
 * is printed by the call that began it.
 */
struct tr_thread *
transcript_thread(struct tr_session *s, const struct tr_line *l,
    const struct tr_at *at)
{
	struct json_val id = l->agent;
	struct tr_thread *t;
	uint64_t hash;

	if (id.type != JSON_STRING && l->tool_parent.type == JSON_STRING)
		id = l->tool_parent;
	if (id.type != JSON_STRING) {
		if (!l->side)
			return &s->main;
		if (at != NULL && at->thread != &s->main)
			return at->thread;
		id = l->uuid;
	}
	if (id.type != JSON_STRING)
		return &s->main;
	hash = transcript_hash('a', id);
	t = map_get(&s->map, hash);
	if (t == NULL)
		t = new_thread(s, id, hash);
	if (t == NULL)
		return &s->main;
	if (t->parent.type == JSON_NONE && l->tool_parent.type == JSON_STRING)
		t->parent = transcript_keep(s, l->tool_parent);
	if (t->type.type == JSON_NONE && l->agent_type.type == JSON_STRING)
		t->type = transcript_keep(s, l->agent_type);
	if (t->prompt_id.type == JSON_NONE &&
	    l->prompt_id.type == JSON_STRING)
		t->prompt_id = transcript_keep(s, l->prompt_id);
	return t;
}

/* ---- turns ---------------------------------------------------------------------------- */

/*
 * A fork gives one prompt id to all prompts it copied and to its own, which is
 * the last: the others are known by their lines.
 */
struct tr_turn *
transcript_turn(struct tr_session *s, struct json_val ident,
    struct json_val uuid, uint64_t when)
{
	struct tr_turn *t = transcript_get(s, sizeof(*t)), *other;
	uint64_t hash;

	if (t == NULL)
		return NULL;
	STAILQ_INIT(&t->prompts);
	STAILQ_INIT(&t->calls);
	STAILQ_INIT(&t->tools);
	t->start = t->end = when;
	t->uuid = transcript_keep(s, uuid);
	t->ident = ident.type == JSON_STRING ? transcript_keep(s, ident) :
	    t->uuid;
	hash = transcript_hash('p', t->ident);
	other = map_get(&s->map, hash);
	if (other != NULL && other->start > t->start)
		t->ident = t->uuid;
	else {
		if (other != NULL)
			other->ident = other->uuid;
		if (map_put(&s->map, hash, t) == -1)
			s->oom = true;
	}
	STAILQ_INSERT_TAIL(&s->turns, t, next);
	return t;
}

/* ---- lines ---------------------------------------------------------------------------- */

const struct tr_at *
transcript_parent(struct tr_session *s, const struct tr_line *l)
{
	/* Of a call it matters only where the thread is not told. */
	if (l->parent.type != JSON_STRING || (transcript_tells_calls(s) &&
	    (!l->side || l->agent.type == JSON_STRING)))
		return NULL;
	return map_get(&s->map, transcript_hash('u', l->parent));
}

void
transcript_stand(struct tr_session *s, const struct tr_line *l,
    struct tr_turn *turn, struct tr_thread *thread)
{
	struct tr_at *at = s->at;

	if (l->time > thread->end)
		thread->end = l->time;
	if (l->time != 0 && (thread->first == 0 || l->time < thread->first))
		thread->first = l->time;
	if (turn != NULL && l->time > turn->end)
		turn->end = l->time;
	if (l->uuid.type != JSON_STRING)
		return;
	if (at == NULL || at->turn != turn || at->thread != thread) {
		at = transcript_get(s, sizeof(*at));
		if (at == NULL)
			return;
		at->turn = turn;
		at->thread = thread;
		s->at = at;
	}
	if (map_put(&s->map, l->ident, at) == -1)
		s->oom = true;
}

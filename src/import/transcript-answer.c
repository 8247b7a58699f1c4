/* Answers: many lines are one, and the last of them counts. */
#include <string.h>

#include "import/import.h"
#include "import/transcript.h"

static const struct json_val none = { NULL, 0, JSON_NONE };
static const struct json_val normal = { "\"normal\"", 8, JSON_STRING };

static uint64_t
call_hash(struct json_val id, struct json_val request)
{
	uint64_t h = transcript_hash('c', id);

	return request.type == JSON_STRING ? map_hash(h, request.p,
	    request.n) : h;
}

/*
 * Was the call counted in another session, which has the same line, or of
 * another file, which has the same request of this session?
 */
static bool
is_elsewhere(struct tr_session *s, const struct tr_line *l)
{
	uint64_t print;
	int line = 0, request = 0;

	if (l->uuid.type == JSON_STRING)
		line = once_put(&s->im->once, transcript_print(l), s->owner);
	if (l->request.type == JSON_STRING) {
		print = once_hash(once_hash(once_hash(0, "r", 1), s->id.p,
		    s->id.n), l->request.p, l->request.n);
		request = once_put(&s->im->once, print, s->owner);
	}
	s->oom = s->oom || line == -1 || request == -1;
	return line == 2 || request == 2;
}

static struct tr_call *
new_call(struct tr_session *s, const struct tr_line *l, struct tr_thread *t)
{
	struct tr_call *c = transcript_get(s, sizeof(*c));

	if (c == NULL)
		return NULL;
	STAILQ_INIT(&c->texts);
	c->thread = t;
	c->id = transcript_keep(s, l->m.id);
	c->request = transcript_keep(s, l->request);
	c->effort = transcript_keep(s, l->effort);
	c->asked = t->asked != 0;
	c->began = t->asked != 0 ? t->asked : t->last != 0 ? t->last :
	    l->time;
	if (c->began > l->time)
		c->began = l->time;
	/* Each failed one left a line; versions before 2.1.300 may not. */
	c->attempts = t->errors > 0 || c->asked ? t->errors + 1 : 0;
	t->asked = 0;
	t->errors = 0;
	t->call = c;
	c->copied = is_elsewhere(s, l);
	STAILQ_INSERT_TAIL(&s->calls, c, next);
	return c;
}

/* The answer the block belongs to: many lines are one answer. */
static struct tr_call *
call_of(struct tr_session *s, const struct tr_line *l, struct tr_thread *t,
    bool *fresh)
{
	struct json_val id = l->m.id;
	struct tr_call *c = t->call;
	uint64_t hash;

	*fresh = false;
	if (id.type != JSON_STRING)
		id = l->uuid;
	if (id.type != JSON_STRING)
		return NULL;
	if (c != NULL && json_same(c->id, id) && (l->request.type !=
	    JSON_STRING || json_same(c->request, l->request)))
		return c;
	hash = call_hash(id, l->request);
	c = map_get(&s->map, hash);
	/* A gateway may number the answers of each thread from one. */
	if (c != NULL && (c->thread == t || l->request.type == JSON_STRING))
		return c;
	c = new_call(s, l, t);
	if (c == NULL)
		return NULL;
	if (c->id.type == JSON_NONE)
		c->id = transcript_keep(s, id);
	*fresh = true;
	if (map_put(&s->map, hash, c) == -1)
		s->oom = true;
	return c;
}

static void
add_text(struct tr_session *s, struct tr_call *c, struct json_val v,
    bool thought)
{
	struct tr_text *t;

	v = transcript_content(s, v);
	if (v.type != JSON_STRING || v.n <= 2)
		return;
	t = transcript_get(s, sizeof(*t));
	if (t == NULL)
		return;
	t->v = v;
	t->thought = thought;
	STAILQ_INSERT_TAIL(&c->texts, t, next);
}

static void
add_tool(struct tr_session *s, struct tr_call *c, const struct tr_line *l,
    const struct tr_block *block)
{
	struct tr_tool *t;
	uint64_t hash;

	if (block->id.type != JSON_STRING)
		return;
	hash = transcript_hash('t', block->id);
	t = map_get(&s->map, hash);
	if (t != NULL && t->call == c)
		return;
	t = transcript_get(s, sizeof(*t));
	if (t == NULL)
		return;
	t->id = transcript_keep(s, block->id);
	t->name = transcript_keep(s, block->name);
	if (json_str_is(t->name, "Agent") || json_str_is(t->name, "Task"))
		t->input = transcript_keep(s, block->input);
	else
		t->input = transcript_content(s, block->input);
	t->start = t->end = l->time;
	t->call = c;
	t->thread = c->thread;
	if (map_put(&s->map, hash, t) == -1)
		s->oom = true;
	STAILQ_INSERT_TAIL(&s->tools, t, next);
}

static void
take_blocks(struct tr_session *s, struct tr_call *c, const struct tr_line *l)
{
	struct json_val content = l->m.content;
	struct tr_block block;
	struct json_iter it;

	if (content.type == JSON_STRING)
		add_text(s, c, content, false);
	if (content.type != JSON_ARRAY)
		return;
	json_iter(&it, content);
	while (transcript_block(&it, &block)) {
		if (json_str_is(block.type, "text"))
			add_text(s, c, block.text, false);
		else if (json_str_is(block.type, "thinking"))
			add_text(s, c, block.thinking, true);
		else if (json_str_is(block.type, "tool_use"))
			add_tool(s, c, l, &block);
	}
}

/* Of an answer that is coming in, the last line counts most. */
static void
take_cost(struct tr_session *s, struct tr_call *c, const struct tr_usage *u)
{
	if (c->usage.known && usage_total(&u->count) < usage_total(&c->usage))
		return;
	c->usage = u->count;
	/* As telemetry calls it. */
	if (json_str_is(u->speed, "standard"))
		c->speed = normal;
	else
		transcript_change(s, &c->speed, u->speed);
	transcript_change(s, &c->tier, u->tier);
}

static void
take_usage(struct tr_session *s, struct tr_call *c, struct json_val v)
{
	struct tr_usage u;
	uint64_t print;

	if (v.type != JSON_OBJECT)
		return;
	/* Most lines of an answer say the same as the one before. */
	print = map_hash('n', v.p, v.n);
	if (c->usage.known && c->counted == print)
		return;
	c->counted = print;
	transcript_usage(&u, v);
	take_cost(s, c, &u);
}

/* The client's own words about a request that came to nothing. */
static void
take_failure(struct tr_session *s, struct tr_call *c, const struct tr_line *l)
{
	int64_t status;

	c->failed = true;
	c->message = transcript_keep(s, transcript_text(s, l->m.content));
	if (json_int(l->status, &status) == 0)
		c->status = status;
	c->model = c->thread->asked_model;
}

void
transcript_assistant(struct tr_session *s, const struct tr_line *l)
{
	const struct tr_at *at = transcript_parent(s, l);
	struct tr_thread *t = transcript_thread(s, l, at);
	struct tr_turn *turn = t != &s->main ? NULL : at != NULL &&
	    at->turn != NULL ? at->turn : t->turn;
	struct json_val model = l->m.model;
	bool synthetic = json_str_is(model, "<synthetic>"), fresh, old;
	struct tr_call *c;

	/* Not everything the client says stands for a request. */
	if (synthetic && !l->api_error) {
		transcript_stand(s, l, turn, t);
		return;
	}
	if (t == &s->main && (turn == NULL || turn->over)) {
		turn = transcript_turn(s, none, l->uuid, l->time);
		if (turn == NULL)
			return;
		turn->printed = s->printed;
		s->main.turn = turn;
	}
	old = transcript_seen(s, l);
	c = call_of(s, l, t, &fresh);
	if (c == NULL)
		return;
	if (fresh)
		c->turn = turn;
	if (l->time > c->end)
		c->end = l->time;
	if (l->time > t->last)
		t->last = l->time;
	if (synthetic)
		take_failure(s, c, l);
	else {
		transcript_change(s, &c->model, model);
		if (l->m.counted)
			take_cost(s, c, &l->m.cost);
		else
			take_usage(s, c, l->m.usage);
		transcript_change(s, &c->stop, l->m.stop);
		c->partial = s->printed && c->stop.type == JSON_NONE;
		if (!c->copied && !old && !transcript_tells_calls(s))
			take_blocks(s, c, l);
	}
	transcript_stand(s, l, turn, t);
}

/* --include-partial-messages: the end of an answer tells all it cost. */
void
transcript_event(struct tr_session *s, const struct tr_line *l)
{
	struct tr_thread *t = transcript_thread(s, l, NULL);
	struct json_val type = json_get(l->event, "type");
	struct json_val usage = json_get(l->event, "usage");

	if (json_str_is(type, "message_start"))
		transcript_change(s, &t->streaming, json_path(l->event, "message", "id",
		    NULL));
	if (!json_str_is(type, "message_delta") || t->call == NULL ||
	    !json_same(t->call->id, t->streaming))
		return;
	take_usage(s, t->call, usage);
	transcript_change(s, &t->call->stop, json_path(l->event, "delta", "stop_reason",
	    NULL));
	t->call->partial = false;
}

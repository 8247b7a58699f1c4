/* What the lines of a session say. */
#include <string.h>

#include "agent/note.h"
#include "base/clock.h"
#include "import/import.h"
#include "import/transcript.h"
#include "json/write.h"
#include "record/rtime.h"

static const struct json_val none = { NULL, 0, JSON_NONE };
static const struct json_val normal = { "\"normal\"", 8, JSON_STRING };

static bool
begins(struct json_val v, const char *with)
{
	size_t n = strlen(with);

	return v.type == JSON_STRING && v.n >= n + 2 &&
	    memcmp(v.p + 1, with, n) == 0;
}

static bool
equal(struct json_val a, struct json_val b)
{
	return a.type == b.type && a.n == b.n &&
	    (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static bool
seen(struct tr_session *s, const struct tr_line *l)
{
	return l->uuid.type == JSON_STRING &&
	    map_get(&s->map, transcript_hash('u', l->uuid)) != NULL;
}

/* ---- prompts -------------------------------------------------------------------------- */

/* The text of a message: a string, or its parts of type text. */
static struct json_val
text_of(struct tr_session *s, struct json_val content)
{
	struct json_iter it;
	struct json_val part, text, one = none;
	struct buf *b = &s->scratch;
	size_t n = 0;

	if (content.type != JSON_ARRAY)
		return content.type == JSON_STRING ? content : none;
	buf_reset(b);
	buf_addc(b, '"');
	json_iter(&it, content);
	while (json_next_elem(&it, &part)) {
		text = json_get(part, "text");
		if (text.type != JSON_STRING)
			continue;
		if (n++ > 0)
			buf_adds(b, "\\n");
		buf_add(b, text.p + 1, text.n - 2);
		one = text;
	}
	buf_addc(b, '"');
	if (b->err != 0)
		s->oom = true;
	if (n <= 1)
		return one;
	return b->err != 0 ? none : (struct json_val){ b->p, b->n,
	    JSON_STRING };
}

static void
add_prompt(struct tr_session *s, struct tr_turn *t, struct json_val text,
    uint64_t when)
{
	struct tr_prompt *p;

	if (text.type != JSON_STRING)
		return;
	p = transcript_get(s, sizeof(*p));
	if (p == NULL)
		return;
	p->text = transcript_content(s, text);
	p->time = when;
	if (p->text.type != JSON_STRING)
		return;
	STAILQ_INSERT_TAIL(&t->prompts, p, next);
	t->n++;
}

/* What a command or the user's shell printed is no prompt. */
static bool
is_prompt(struct json_val text, const struct tr_line *l)
{
	return text.type == JSON_STRING && !l->meta && !l->summary &&
	    !begins(text, "<local-command-") && !begins(text, "<bash-") &&
	    !begins(text, "Caveat: ") && !begins(text, "[Request interrupted");
}

static struct tr_turn *
begin_turn(struct tr_session *s, const struct tr_line *l,
    struct json_val text)
{
	struct tr_turn *t = transcript_turn(s, l->prompt_id, l->uuid,
	    l->time);
	struct note note;
	int res;

	if (t == NULL)
		return NULL;
	if (l->uuid.type == JSON_STRING) {
		res = once_put(&s->im->once, transcript_hash('u', l->uuid),
		    s->owner);
		t->copied = res == 2;
		s->oom = s->oom || res == -1;
	}
	t->command = begins(text, "/") || begins(text, "<command-");
	t->client = note_parse(text, &note);
	add_prompt(s, t, text, l->time);
	s->main.turn = t;
	return t;
}

/* ---- results of tools ------------------------------------------------------------------- */

static void
result_of(struct tr_session *s, const struct tr_line *l,
    struct json_val block)
{
	struct json_val id = json_get(block, "tool_use_id"), v;
	struct tr_tool *t;

	if (id.type != JSON_STRING)
		return;
	t = map_get(&s->map, transcript_hash('t', id));
	if (t == NULL || t->ended)
		return;
	t->ended = true;
	t->failed = json_get(block, "is_error").type == JSON_TRUE;
	t->end = l->time;
	t->output = transcript_content(s, text_of(s, json_get(block,
	    "content")));
	v = json_get(l->decision, "decision");
	if (v.type == JSON_STRING)
		t->decision = transcript_keep(s, v);
	v = json_get(l->decision, "source");
	if (v.type == JSON_STRING)
		t->decider = transcript_keep(s, v);
	if (l->result.type != JSON_OBJECT)
		return;
	v = json_get(l->result, "agentId");
	if (v.type == JSON_STRING)
		t->agent = transcript_keep(s, v);
	t->async = json_get(l->result, "isAsync").type == JSON_TRUE;
}

static bool
take_results(struct tr_session *s, const struct tr_line *l,
    struct json_val content)
{
	struct json_iter it;
	struct json_val block;
	bool any = false;

	if (content.type != JSON_ARRAY)
		return false;
	json_iter(&it, content);
	while (json_next_elem(&it, &block))
		if (json_str_is(json_get(block, "type"), "tool_result")) {
			result_of(s, l, block);
			any = true;
		}
	return any;
}

void
transcript_user(struct tr_session *s, const struct tr_line *l)
{
	const struct tr_at *at = transcript_parent(s, l);
	struct tr_thread *t = transcript_thread(s, l, at);
	struct json_val content = json_get(l->message, "content"), text;
	struct tr_turn *turn = at != NULL && at->turn != NULL ? at->turn :
	    t->turn;

	if (seen(s, l))
		return;
	if (!take_results(s, l, content)) {
		text = text_of(s, content);
		if (begins(text, "[Request interrupted") && turn != NULL)
			turn->interrupted = true;
		if (t != &s->main) {
			if (t->prompt.type == JSON_NONE && !l->meta)
				t->prompt = transcript_keep(s, text);
		} else if (is_prompt(text, l))
			turn = begin_turn(s, l, text);
	}
	if (l->time > t->last)
		t->last = l->time;
	transcript_stand(s, l, turn, t);
}

/* A prompt typed while the turn ran. */
void
transcript_attachment(struct tr_session *s, const struct tr_line *l)
{
	const struct tr_at *at = transcript_parent(s, l);
	struct tr_thread *t = transcript_thread(s, l, at);
	struct tr_turn *turn = at != NULL && at->turn != NULL ? at->turn :
	    t->turn;

	if (seen(s, l))
		return;
	if (turn != NULL && t == &s->main && json_str_is(json_get(
	    l->attachment, "type"), "queued_command"))
		add_prompt(s, turn, json_get(l->attachment, "prompt"),
		    l->time);
	transcript_stand(s, l, turn, t);
}

/* ---- answers ---------------------------------------------------------------------------- */

static uint64_t
call_hash(struct json_val id, struct json_val request)
{
	uint64_t h = transcript_hash('c', id);

	return request.type == JSON_STRING ? once_hash(h, request.p,
	    request.n) : h;
}

static struct tr_call *
new_call(struct tr_session *s, const struct tr_line *l, struct tr_thread *t)
{
	struct tr_call *c = transcript_get(s, sizeof(*c));
	int res = 0;

	if (c == NULL)
		return NULL;
	STAILQ_INIT(&c->texts);
	c->thread = t;
	c->id = transcript_keep(s, json_get(l->message, "id"));
	c->request = transcript_keep(s, l->request);
	c->effort = transcript_keep(s, l->effort);
	c->asked = t->asked != 0;
	c->began = t->asked != 0 ? t->asked : t->last != 0 ? t->last :
	    l->time;
	if (c->began > l->time)
		c->began = l->time;
	c->attempts = t->errors > 0 ? t->errors + 1 : 0;
	t->asked = 0;
	t->errors = 0;
	t->call = c;
	if (l->uuid.type == JSON_STRING)
		res = once_put(&s->im->once, transcript_hash('u', l->uuid),
		    s->owner);
	c->copied = res == 2;
	s->oom = s->oom || res == -1;
	STAILQ_INSERT_TAIL(&s->calls, c, next);
	return c;
}

/* The answer the block belongs to: many lines are one answer. */
static struct tr_call *
call_of(struct tr_session *s, const struct tr_line *l, struct tr_thread *t,
    bool *fresh)
{
	struct json_val id = json_get(l->message, "id");
	struct tr_call *c = t->call;
	uint64_t hash;

	*fresh = false;
	if (id.type != JSON_STRING)
		id = l->uuid;
	if (id.type != JSON_STRING)
		return NULL;
	if (c != NULL && equal(c->id, id) && (equal(c->request, l->request) ||
	    l->request.type != JSON_STRING))
		return c;
	hash = call_hash(id, l->request);
	c = map_get(&s->map, hash);
	if (c != NULL && c->thread == t)
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
    struct json_val block)
{
	struct json_val id = json_get(block, "id"), input;
	struct tr_tool *t;
	uint64_t hash;

	if (id.type != JSON_STRING)
		return;
	hash = transcript_hash('t', id);
	t = map_get(&s->map, hash);
	if (t != NULL && t->call == c)
		return;
	t = transcript_get(s, sizeof(*t));
	if (t == NULL)
		return;
	t->id = transcript_keep(s, id);
	t->name = transcript_keep(s, json_get(block, "name"));
	input = json_get(block, "input");
	if (json_str_is(t->name, "Agent") || json_str_is(t->name, "Task"))
		t->input = transcript_keep(s, input);
	else
		t->input = transcript_content(s, input);
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
	struct json_val content = json_get(l->message, "content"), block;
	struct json_iter it;

	if (content.type == JSON_STRING)
		add_text(s, c, content, false);
	if (content.type != JSON_ARRAY)
		return;
	json_iter(&it, content);
	while (json_next_elem(&it, &block)) {
		struct json_val type = json_get(block, "type");

		if (json_str_is(type, "text"))
			add_text(s, c, json_get(block, "text"), false);
		else if (json_str_is(type, "thinking"))
			add_text(s, c, json_get(block, "thinking"), true);
		else if (json_str_is(type, "tool_use"))
			add_tool(s, c, l, block);
	}
}

static void
change(struct tr_session *s, struct json_val *to, struct json_val v)
{
	if (v.type == JSON_STRING && !equal(*to, v))
		*to = transcript_keep(s, v);
}

/* Of an answer that is coming in, the last line counts most. */
static void
take_usage(struct tr_session *s, struct tr_call *c, struct json_val v)
{
	struct usage u = { 0 };

	if (v.type != JSON_OBJECT)
		return;
	transcript_usage(&u, v);
	if (c->usage.known && usage_total(&u) < usage_total(&c->usage))
		return;
	c->usage = u;
	change(s, &c->speed, json_get(v, "speed"));
	/* As telemetry calls it. */
	if (json_str_is(c->speed, "standard"))
		c->speed = normal;
	change(s, &c->tier, json_get(v, "service_tier"));
}

/* The client's own words about a request that came to nothing. */
static void
take_failure(struct tr_session *s, struct tr_call *c, const struct tr_line *l)
{
	int64_t status;

	c->failed = true;
	c->message = transcript_keep(s, text_of(s, json_get(l->message,
	    "content")));
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
	struct json_val model = json_get(l->message, "model");
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
	old = seen(s, l);
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
		change(s, &c->model, model);
		take_usage(s, c, json_get(l->message, "usage"));
		change(s, &c->stop, json_get(l->message, "stop_reason"));
		c->partial = s->printed && c->stop.type == JSON_NONE;
		if (!c->copied && !old)
			take_blocks(s, c, l);
	}
	transcript_stand(s, l, turn, t);
}

/* ---- what stands between ------------------------------------------------------------------ */

void
transcript_system(struct tr_session *s, const struct tr_line *l)
{
	const struct tr_at *at = transcript_parent(s, l);
	struct tr_thread *t = transcript_thread(s, l, at);

	if (json_str_is(l->subtype, "api_error") && !seen(s, l))
		t->errors++;
	if (json_str_is(l->subtype, "init"))
		change(s, &t->asked_model, l->model);
	transcript_stand(s, l, at != NULL && at->turn != NULL ? at->turn :
	    t->turn, t);
}

void
transcript_request(struct tr_session *s, const struct tr_line *l)
{
	struct tr_thread *t = transcript_thread(s, l, NULL);

	if (t->asked == 0)
		t->asked = l->time;
	change(s, &t->asked_model, json_get(l->params, "model"));
}

/* --include-partial-messages: the end of an answer tells all it cost. */
void
transcript_event(struct tr_session *s, const struct tr_line *l)
{
	struct tr_thread *t = transcript_thread(s, l, NULL);
	struct json_val type = json_get(l->event, "type");
	struct json_val usage = json_get(l->event, "usage");

	if (json_str_is(type, "message_start"))
		change(s, &t->streaming, json_path(l->event, "message", "id",
		    NULL));
	if (!json_str_is(type, "message_delta") || t->call == NULL ||
	    !equal(t->call->id, t->streaming))
		return;
	take_usage(s, t->call, usage);
	change(s, &t->call->stop, json_path(l->event, "delta", "stop_reason",
	    NULL));
	t->call->partial = false;
}

void
transcript_result(struct tr_session *s, const struct tr_line *l)
{
	struct tr_turn *t = s->main.turn;
	int64_t ms;

	if (seen(s, l))
		return;
	s->models = transcript_keep(s, l->models);
	s->result = transcript_keep(s, l->uuid);
	s->when = l->time;
	if (json_int(l->duration, &ms) == 0 && ms > 0)
		s->took = (uint64_t)ms * CLOCK_MS;
	/* All that is known of a run that printed nothing else. */
	if (t == NULL || t->over) {
		t = transcript_turn(s, none, l->uuid, l->time);
		if (t == NULL)
			return;
		t->printed = true;
		t->start = l->time > s->took ? l->time - s->took : l->time;
		s->main.turn = t;
	}
	t->over = true;
	if (l->ended.type == JSON_TRUE)
		t->error = transcript_keep(s, l->text);
	else if (l->text.type == JSON_STRING)
		t->said = transcript_content(s, l->text);
	transcript_stand(s, l, t, &s->main);
}

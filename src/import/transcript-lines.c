/* What the lines of a session say. */
#include <string.h>

#include "agent/note.h"
#include "base/clock.h"
#include "import/import.h"
#include "import/transcript.h"
#include "json/write.h"
#include "record/rtime.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

static bool
begins(struct json_val v, const char *with)
{
	size_t n = strlen(with);

	return v.type == JSON_STRING && v.n >= n + 2 &&
	    memcmp(v.p + 1, with, n) == 0;
}

bool
transcript_seen(struct tr_session *s, const struct tr_line *l)
{
	return l->uuid.type == JSON_STRING &&
	    map_get(&s->map, l->ident) != NULL;
}

void
transcript_message(struct tr_message *m, struct json_val v)
{
	static const struct json_name name[] = { JSON_NAME("id"),
	    JSON_NAME("model"), JSON_NAME("usage"), JSON_NAME("stop_reason"),
	    JSON_NAME("content") };
	struct json_val got[5];

	json_get_all(v, name, got, 5);
	*m = (struct tr_message){ .id = got[0], .model = got[1],
	    .usage = got[2], .stop = got[3], .content = got[4] };
}

bool
transcript_block(struct json_iter *it, struct tr_block *b)
{
	static const struct json_name name[] = { JSON_NAME("type"),
	    JSON_NAME("id"), JSON_NAME("name"), JSON_NAME("input"),
	    JSON_NAME("text"), JSON_NAME("thinking"), JSON_NAME("tool_use_id"),
	    JSON_NAME("is_error"), JSON_NAME("content") };
	struct json_val got[9];

	if (!json_next_elem_all(it, name, got, 9))
		return false;
	*b = (struct tr_block){ got[0], got[1], got[2], got[3], got[4],
	    got[5], got[6], got[7], got[8] };
	return true;
}

void
transcript_change(struct tr_session *s, struct json_val *to, struct json_val v)
{
	if (v.type == JSON_STRING && !json_same(*to, v))
		*to = transcript_keep(s, v);
}

/* ---- prompts -------------------------------------------------------------------------- */

/* The text of a message: a string, or its parts of type text. */
struct json_val
transcript_text(struct tr_session *s, struct json_val content)
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
		res = once_put(&s->im->once, transcript_print(l),
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
    const struct tr_block *block)
{
	static const struct json_name told[] = { JSON_NAME("agentId"),
	    JSON_NAME("isAsync") };
	struct json_val got[2], v;
	struct tr_tool *t;

	if (block->tool_use.type != JSON_STRING)
		return;
	t = map_get(&s->map, transcript_hash('t', block->tool_use));
	if (t == NULL || t->ended)
		return;
	t->ended = true;
	t->failed = block->is_error.type == JSON_TRUE;
	t->end = l->time;
	t->output = transcript_content(s, transcript_text(s, block->content));
	v = json_get(l->decision, "decision");
	if (v.type == JSON_STRING)
		t->decision = transcript_keep(s, v);
	v = json_get(l->decision, "source");
	if (v.type == JSON_STRING)
		t->decider = transcript_keep(s, v);
	if (l->result.type != JSON_OBJECT)
		return;
	json_get_all(l->result, told, got, 2);
	if (got[0].type == JSON_STRING)
		t->agent = transcript_keep(s, got[0]);
	t->async = got[1].type == JSON_TRUE;
}

static bool
take_results(struct tr_session *s, const struct tr_line *l,
    struct json_val content)
{
	struct json_iter it;
	struct tr_block block;
	bool any = false;

	if (content.type != JSON_ARRAY)
		return false;
	json_iter(&it, content);
	while (transcript_block(&it, &block)) {
		if (json_str_is(block.type, "tool_result")) {
			result_of(s, l, &block);
			any = true;
		}
	}
	return any;
}

void
transcript_user(struct tr_session *s, const struct tr_line *l)
{
	const struct tr_at *at = transcript_parent(s, l);
	struct tr_thread *t = transcript_thread(s, l, at);
	struct json_val text;
	struct tr_turn *turn = at != NULL && at->turn != NULL ? at->turn :
	    t->turn;

	if (transcript_seen(s, l))
		return;
	if (!transcript_tells_calls(s) &&
	    !take_results(s, l, l->m.content)) {
		text = transcript_text(s, l->m.content);
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

	if (transcript_seen(s, l))
		return;
	if (!transcript_tells_calls(s) && turn != NULL && t == &s->main &&
	    json_str_is(json_get(l->attachment, "type"), "queued_command"))
		add_prompt(s, turn, json_get(l->attachment, "prompt"),
		    l->time);
	transcript_stand(s, l, turn, t);
}

/* ---- what stands between ------------------------------------------------------------------ */

void
transcript_system(struct tr_session *s, const struct tr_line *l)
{
	const struct tr_at *at = transcript_parent(s, l);
	struct tr_thread *t = transcript_thread(s, l, at);

	if (json_str_is(l->subtype, "api_error") && !transcript_seen(s, l))
		t->errors++;
	if (json_str_is(l->subtype, "init"))
		transcript_change(s, &t->asked_model, l->model);
	transcript_stand(s, l, at != NULL && at->turn != NULL ? at->turn :
	    t->turn, t);
}

void
transcript_request(struct tr_session *s, const struct tr_line *l)
{
	struct tr_thread *t = transcript_thread(s, l, NULL);

	if (t->asked == 0)
		t->asked = l->time;
	transcript_change(s, &t->asked_model, json_get(l->params, "model"));
}

void
transcript_result(struct tr_session *s, const struct tr_line *l)
{
	struct tr_turn *t = s->main.turn;
	int64_t ms;

	if (transcript_seen(s, l))
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

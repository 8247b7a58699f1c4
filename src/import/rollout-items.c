/*
 * What a turn's lines say: items of the conversation (response_item), what the
 * client did (event_msg), and tokens, which some versions write twice: as a
 * token_usage_record for each call, and as a token_count which is repeated
 * whenever a rate limit changes.
 */
#include "import/rollout-parts.h"

#include <string.h>

#include "base/clock.h"
#include "json/write.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

void *
rollout_get(struct rollout *x, size_t n)
{
	void *p = arena_get(&x->arena, n);

	x->oom |= p == NULL;
	return p;
}

int64_t
rollout_number(struct json_val v)
{
	int64_t n;

	return json_int(v, &n) == 0 && n > 0 ? n : 0;
}

bool
rollout_has_prefix(struct json_val v, const char *s)
{
	size_t n = strlen(s);

	return v.type == JSON_STRING && v.n >= n + 2 &&
	    memcmp(v.p + 1, s, n) == 0;
}

uint64_t
rollout_duration(struct json_val v)
{
	return (uint64_t)rollout_number(json_get(v, "secs")) * CLOCK_S +
	    (uint64_t)rollout_number(json_get(v, "nanos"));
}

/* ---- text -------------------------------------------------------------------------- */

/* Pieces of an answer are paragraphs. */
static void
append(struct rollout *x, struct rollout_text *t, struct json_val piece)
{
	struct buf *b = &x->scratch;

	if (piece.type != JSON_STRING || piece.n <= 2)
		return;
	buf_reset(b);
	if (t->n > 0) {
		buf_add(b, t->p, t->n);
		buf_adds(b, "\n\n");
	}
	(void)json_unescape(b, piece);
	t->p = b->err == 0 ? arena_copy(&x->arena, b->p, b->n) : NULL;
	t->n = t->p != NULL ? b->n : 0;
	x->oom |= t->p == NULL;
}

static void
append_all(struct rollout *x, struct rollout_text *t, struct json_val list)
{
	struct json_iter it;
	struct json_val e;

	if (list.type != JSON_ARRAY)
		return;
	json_iter(&it, list);
	while (json_next_elem(&it, &e))
		append(x, t, json_get(e, "text"));
}

struct json_val
rollout_quoted(struct rollout *x, const char *p, size_t n)
{
	struct buf *b = &x->scratch;
	const char *to;

	buf_reset(b);
	(void)json_put_str(b, p, n);
	to = b->err == 0 ? arena_copy(&x->arena, b->p, b->n) : NULL;
	x->oom |= to == NULL;
	return (struct json_val){ to, b->n, to != NULL ? JSON_STRING :
	    JSON_NONE };
}

/* The texts of a list of parts, a line each, as a JSON string. */
struct json_val
rollout_texts(struct rollout *x, struct json_val list)
{
	struct json_iter it;
	struct json_val e, t, only = none;
	struct buf b = { 0 };
	size_t n = 0;

	if (list.type != JSON_ARRAY)
		return none;
	json_iter(&it, list);
	while (json_next_elem(&it, &e)) {
		t = json_get(e, "text");
		if (t.type != JSON_STRING)
			continue;
		if (n++ > 0)
			buf_addc(&b, '\n');
		(void)json_unescape(&b, t);
		only = t;
	}
	if (n > 1)
		only = rollout_quoted(x, b.p != NULL ? b.p : "", b.n);
	x->oom |= b.err != 0;
	buf_fini(&b);
	return only;
}

/* ---- prompts ----------------------------------------------------------------------- */

static void
prompt(struct rollout *x, struct json_val text)
{
	struct rollout_turn *t = &x->turn;
	struct rollout_prompt *p = text.type == JSON_STRING ?
	    rollout_get(x, sizeof(*p)) : NULL;

	if (p == NULL)
		return;
	p->text = text;
	p->time = x->now;
	t->last = x->now;
	t->n++;
	STAILQ_INSERT_TAIL(&t->prompts, p, next);
}

/* Last words of a sub-agent, as its parent was told them. */
void
rollout_told(struct rollout *x, struct json_val thread, struct json_val status)
{
	struct json_val words = json_get(status, "completed");
	struct rollout_tool *t;

	if (words.type != JSON_STRING)
		return;
	STAILQ_FOREACH(t, &x->turn.tools, next)
		if (json_equal(t->thread, thread) && t->words.type == JSON_NONE) {
			t->words = words;
			t->told = x->now;
		}
}

/* The object that stands as text in a JSON string, between two marks. */
struct json_val
rollout_object(struct rollout *x, struct json_val s)
{
	struct buf *b = &x->scratch;
	const char *p, *end, *why, *copy;
	struct json_val v;

	buf_reset(b);
	if (s.type != JSON_STRING || json_unescape(b, s) == -1 || b->n == 0)
		return none;
	p = memchr(b->p, '{', b->n);
	end = memrchr(b->p, '}', b->n);
	if (p == NULL || end == NULL || end < p)
		return none;
	copy = arena_copy(&x->arena, p, (size_t)(end - p) + 1);
	x->oom |= copy == NULL;
	if (copy == NULL || !json_parse(copy, (size_t)(end - p) + 1, &v, &why))
		return none;
	return v;
}

static void
user_message(struct rollout *x, struct json_val v)
{
	struct json_val text = none, list = json_get(v, "content"), e, kinds;
	struct json_iter it;

	kinds = json_path(v, "internal_chat_message_metadata_passthrough",
	    "content_item_kinds", NULL);
	if (list.type == JSON_ARRAY)
		json_iter(&it, list);
	while (list.type == JSON_ARRAY && text.type == JSON_NONE &&
	    json_next_elem(&it, &e))
		text = json_get(e, "text");
	x->turn.last = x->now;
	if (rollout_has_prefix(text, "<subagent_notification>")) {
		e = rollout_object(x, text);
		rollout_told(x, json_get(e, "agent_path"), json_get(e, "status"));
		return;
	}
	if (kinds.type == JSON_ARRAY ? memmem(kinds.p, kinds.n, "\"user.", 6) ==
	    NULL : rollout_has_prefix(text, "<") || rollout_has_prefix(text, "# AGENTS.md"))
		return;
	if (x->turn.said.type == JSON_NONE)
		x->turn.said = text;
}

/* ---- calls ------------------------------------------------------------------------- */

/* The answer that is being given: what comes after results is a new one. */
struct rollout_call *
rollout_call(struct rollout *x)
{
	struct rollout_turn *t = &x->turn;
	struct rollout_call *c = t->call;

	if (c != NULL && !c->answered) {
		c->end = x->now;
		return c;
	}
	c = rollout_get(x, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->began = t->last != 0 ? t->last : x->now;
	c->end = x->now;
	c->model = x->model;
	c->effort = x->effort;
	t->call = c;
	t->n++;
	STAILQ_INSERT_TAIL(&t->calls, c, next);
	return c;
}

void
rollout_count(struct rollout_call *c, struct json_val v)
{
	struct usage *u = &c->usage;

	u->known = json_get(v, "input_tokens").type == JSON_NUMBER;
	u->cache_read = rollout_number(json_get(v, "cached_input_tokens"));
	u->write = rollout_number(json_get(v, "cache_write_input_tokens"));
	u->reasoning = rollout_number(json_get(v, "reasoning_output_tokens"));
	u->input = rollout_number(json_get(v, "input_tokens")) - u->cache_read -
	    u->write;
	u->output = rollout_number(json_get(v, "output_tokens")) - u->reasoning;
	if (u->input < 0)
		u->input = 0;
	if (u->output < 0)
		u->output = 0;
}

void
rollout_usage(struct rollout *x, struct json_val v)
{
	struct json_val thread = json_get(v, "thread_id");
	struct rollout_call *c;

	/* Copied from the thread it was forked from. */
	if (thread.type == JSON_STRING && !json_equal(thread, x->id))
		return;
	c = rollout_call(x);
	if (c == NULL)
		return;
	c->response = json_get(v, "response_id");
	rollout_count(c, json_get(v, "usage"));
	x->turn.records = true;
	x->turn.call = NULL;
	x->turn.last = x->now;
}

/* Says the same again when only a limit has changed. */
static void
token_count(struct rollout *x, struct json_val info)
{
	struct json_val total = json_get(info, "total_token_usage");
	struct json_val last = json_get(info, "last_token_usage");
	size_t n = total.n < sizeof(x->total) - 1 ? total.n :
	    sizeof(x->total) - 1;
	struct rollout_call *c = x->turn.call;

	if (total.type != JSON_OBJECT || last.type != JSON_OBJECT)
		return;
	if (strlen(x->total) == n && memcmp(x->total, total.p, n) == 0)
		return;
	memcpy(x->total, total.p, n);
	x->total[n] = '\0';
	if (x->turn.records || !x->turn.open || x->turn.replayed)
		return;
	if (c == NULL && (c = rollout_call(x)) == NULL)
		return;
	rollout_count(c, last);
	x->turn.call = NULL;
}

/* ---- lines ------------------------------------------------------------------------- */

static bool
ends_with(struct json_val v, const char *s)
{
	size_t n = strlen(s);

	return v.type == JSON_STRING && v.n >= n + 2 &&
	    memcmp(v.p + v.n - 1 - n, s, n) == 0;
}

void
rollout_item(struct rollout *x, struct json_val v)
{
	struct json_val type = json_get(v, "type");
	struct json_val role = json_get(v, "role");
	struct rollout_call *c;

	if (json_str_is(type, "message") && json_str_is(role, "user"))
		user_message(x, v);
	else if (json_str_is(type, "message") &&
	    json_str_is(role, "assistant")) {
		if ((c = rollout_call(x)) != NULL)
			append_all(x, &c->text, json_get(v, "content"));
	} else if (json_str_is(type, "reasoning")) {
		if ((c = rollout_call(x)) == NULL)
			return;
		append_all(x, &c->thought, json_get(v, "summary"));
		append_all(x, &c->thought, json_get(v, "content"));
	} else if (ends_with(type, "_call_output"))
		rollout_tool_output(x, v);
	else if (ends_with(type, "_call"))
		rollout_tool_call(x, v, type);
}

/* Names and ids are short. */
static void
put_small(struct buf *b, const char *key, struct json_val v)
{
	if (v.type != JSON_STRING || v.n > 256)
		return;
	json_put_key(b, key);
	buf_add(b, v.p, v.n);
}

void
rollout_item_thin(struct rollout *x, struct json_val v)
{
	static const char *const key[] = { "type", "role", "call_id", "id",
	    "name", "namespace" };
	struct buf b = { 0 };
	const char *why, *p;

	buf_addc(&b, '{');
	for (size_t i = 0; i < sizeof(key) / sizeof(key[0]); i++)
		put_small(&b, key[i], json_get(v, key[i]));
	buf_addc(&b, '}');
	p = b.err == 0 ? arena_copy(&x->arena, b.p, b.n) : NULL;
	if (p == NULL)
		x->oom = true;
	else if (json_parse(p, b.n, &v, &why))
		rollout_item(x, v);
	buf_fini(&b);
}

static void
item_completed(struct rollout *x, struct json_val v)
{
	struct json_val item = json_get(v, "item");
	struct json_val type = json_get(item, "type");
	uint64_t began = (uint64_t)rollout_number(json_get(v, "started_at_ms"));
	uint64_t end = (uint64_t)rollout_number(json_get(v, "completed_at_ms"));

	began = began != 0 ? began * CLOCK_MS : x->now;
	end = end != 0 ? end * CLOCK_MS : x->now;
	if (json_str_is(type, "UserMessage")) {
		x->items = true;
		prompt(x, rollout_texts(x, json_get(item, "content")));
	} else
		rollout_tool_done(x, item, json_get(item, "id"), began, end);
}

void
rollout_event(struct rollout *x, struct json_val v)
{
	struct json_val type = json_get(v, "type");
	struct rollout_turn *t = &x->turn;

	if (json_str_is(type, "token_count"))
		token_count(x, json_get(v, "info"));
	else if (!t->open || t->replayed)
		return;
	else if (json_str_is(type, "item_completed"))
		item_completed(x, v);
	else if (json_str_is(type, "user_message") && !x->items)
		prompt(x, json_get(v, "message"));
	else if (json_str_is(type, "exec_command_end") ||
	    json_str_is(type, "mcp_tool_call_end"))
		rollout_tool_done(x, v, json_get(v, "call_id"), x->now, x->now);
	else if (json_str_is(type, "error"))
		t->error = json_get(v, "message");
	else if (json_str_is(type, "turn_aborted"))
		t->aborted = t->ended = true;
	else if (json_str_is(type, "task_complete") ||
	    json_str_is(type, "turn_complete")) {
		t->ended = true;
		t->first_token = (uint64_t)rollout_number(json_get(v,
		    "time_to_first_token_ms")) * CLOCK_MS;
		if (json_path(v, "error", "message", NULL).type == JSON_STRING)
			t->error = json_path(v, "error", "message", NULL);
	}
	if (t->ended)
		t->end = x->now;
}

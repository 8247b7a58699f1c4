/*
 * What `codex exec --json` prints: items as they begin and end, and the sum of
 * the thread's tokens at the end of each turn. Neither model nor prompt is
 * told, and no times but the one in the thread's id; a log may have some in
 * front of its lines. One call stands for all of a turn's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "import/import.h"
#include "import/made.h"
#include "import/rollout-parts.h"
#include "import/spawned.h"

struct printed {
	struct import	*im;
	struct rollout	 r;
	uint64_t	 hash;		/* of the turn's lines */
	struct rollout_text last;	/* the latest message */
};

static bool
is(struct json_val v)
{
	static const char *const type[] = { "thread.started", "turn.started",
	    "turn.completed", "turn.failed", "item.started", "item.updated",
	    "item.completed" };
	struct json_val t = json_get(v, "type");

	for (size_t i = 0; i < sizeof(type) / sizeof(type[0]); i++)
		if (json_str_is(t, type[i]))
			return true;
	return json_str_is(t, "error") &&
	    json_get(v, "message").type == JSON_STRING &&
	    json_get(v, "timestamp").type == JSON_NONE &&
	    json_get(v, "sessionID").type == JSON_NONE;
}

/* ---- turns ----------------------------------------------------------------------------- */

static struct json_val
keep(struct rollout *x, struct arena *a, struct json_val v)
{
	if (v.type == JSON_NONE)
		return v;
	v.p = arena_copy(a, v.p, v.n);
	x->oom |= v.p == NULL;
	if (v.p == NULL)
		v.type = JSON_NONE;
	return v;
}

static void
turn_begin(struct printed *p)
{
	struct rollout *x = &p->r;
	struct rollout_turn *t = &x->turn;

	if (t->open)
		return;
	t->open = true;
	STAILQ_INIT(&t->prompts);
	STAILQ_INIT(&t->calls);
	STAILQ_INIT(&t->tools);
	t->start = t->end = t->last = x->now;
	t->guess = "calls";
	t->vague = p->im->when == 0 ? "times" : NULL;
}

/* The thread and what was printed: a resumed run has the same thread. */
static int
turn_end(struct printed *p)
{
	struct rollout *x = &p->r;
	struct rollout_turn *t = &x->turn;
	int res = 0;
	char id[32];

	if (t->open && x->known && t->n > 0) {
		(void)snprintf(id, sizeof(id), "exec %016llx",
		    (unsigned long long)p->hash);
		t->id = rollout_quoted(x, id, strlen(id));
		if (p->last.n > 0)
			t->answer = rollout_quoted(x, p->last.p, p->last.n);
		t->end = x->now > t->start ? x->now : t->start;
		res = x->oom ? -1 : rollout_write(x);
	}
	memset(t, 0, sizeof(*t));
	memset(&p->last, 0, sizeof(p->last));
	arena_reset(&x->arena);
	p->hash = 0;
	return x->oom ? -1 : res;
}

/* ---- items ------------------------------------------------------------------------------ */

static struct rollout_tool *
tool_of(struct printed *p, struct json_val id, struct rollout_call *c)
{
	struct rollout *x = &p->r;
	struct rollout_tool *t;

	STAILQ_FOREACH(t, &x->turn.tools, next)
		if (json_equal(t->id, id))
			return t;
	t = rollout_get(x, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->id = id;
	t->call = c;
	t->start = t->end = x->now;
	t->exit_code = -1;
	x->turn.n++;
	STAILQ_INSERT_TAIL(&x->turn.tools, t, next);
	return t;
}

/* {"name":value} as text in a JSON string. */
static struct json_val
input(struct rollout *x, const char *name, struct json_val v)
{
	struct buf b = { 0 };
	struct json_val s = { NULL, 0, JSON_NONE };

	if (v.type == JSON_NONE || v.type == JSON_NULL)
		return s;
	buf_addf(&b, "{\"%s\":", name);
	buf_add(&b, v.p, v.n);
	buf_addc(&b, '}');
	if (b.err == 0)
		s = rollout_quoted(x, b.p, b.n);
	x->oom |= b.err != 0;
	buf_fini(&b);
	return s;
}

/* A sub-agent: its id when it began, its words when it was waited for. */
static void
collab(struct printed *p, struct rollout_tool *t, struct json_val item)
{
	struct rollout *x = &p->r;
	struct json_val ids = json_get(item, "receiver_thread_ids");
	struct json_val states = json_get(item, "agents_states"), v;
	struct json_iter it;
	struct json_member m;
	struct rollout_tool *o;

	t->name = json_get(item, "tool");
	t->input = input(x, "message", json_get(item, "prompt"));
	if (ids.type == JSON_ARRAY) {
		json_iter(&it, ids);
		if (json_str_is(t->name, "spawn_agent") &&
		    json_next_elem(&it, &v) && v.type == JSON_STRING)
			t->thread = v;
	}
	if (states.type != JSON_OBJECT)
		return;
	json_iter(&it, states);
	while (json_next_member(&it, &m)) {
		struct json_val id = { m.key - 1, m.klen + 2, JSON_STRING };

		v = json_get(m.val, "message");
		STAILQ_FOREACH(o, &x->turn.tools, next)
			if (v.type == JSON_STRING &&
			    json_equal(o->thread, id)) {
				o->words = v;
				o->told = x->now;
			}
	}
}

static void
tool(struct printed *p, struct json_val item, struct json_val type, bool done)
{
	struct rollout *x = &p->r;
	struct rollout_call *c = rollout_call(x);
	struct rollout_tool *t = c != NULL ? tool_of(p, json_get(item, "id"),
	    c) : NULL;
	struct json_val args = json_get(item, "arguments");

	if (t == NULL)
		return;
	if (json_str_is(type, "command_execution")) {
		t->name = rollout_quoted(x, "exec_command", 12);
		t->input = input(x, "cmd", json_get(item, "command"));
		t->output = json_get(item, "aggregated_output");
		if (json_int(json_get(item, "exit_code"), &t->exit_code) == -1)
			t->exit_code = -1;
	} else if (json_str_is(type, "mcp_tool_call")) {
		t->name = json_get(item, "tool");
		t->server = json_get(item, "server");
		if (args.type == JSON_OBJECT)
			t->input = rollout_quoted(x, args.p, args.n);
		t->output = rollout_texts(x, json_path(item, "result",
		    "content", NULL));
	} else if (json_str_is(type, "file_change")) {
		t->name = rollout_quoted(x, "apply_patch", 11);
		t->input = input(x, "changes", json_get(item, "changes"));
	} else if (json_str_is(type, "collab_tool_call"))
		collab(p, t, item);
	else {
		t->name = type;
		t->input = input(x, "query", json_get(item, "query"));
	}
	t->end = x->now;
	t->ended = done;
	t->failed = t->exit_code < 0 &&
	    json_str_is(json_get(item, "status"), "failed");
}

static void
append(struct rollout *x, struct rollout_text *to, struct rollout_text *only,
    struct json_val text)
{
	struct buf *b = &x->scratch;
	char *p;

	if (text.type != JSON_STRING || text.n <= 2)
		return;
	buf_reset(b);
	if (to->n > 0) {
		buf_add(b, to->p, to->n);
		buf_adds(b, "\n\n");
	}
	only->n = b->n;
	(void)json_unescape(b, text);
	p = b->err == 0 ? arena_copy(&x->arena, b->p, b->n) : NULL;
	x->oom |= p == NULL;
	if (p == NULL)
		return;
	only->p = p + only->n;
	only->n = b->n - only->n;
	to->p = p;
	to->n = b->n;
}

static void
item(struct printed *p, struct json_val v, bool done)
{
	struct rollout *x = &p->r;
	struct json_val type = json_get(v, "type"), text = json_get(v, "text");
	struct rollout_text only = { NULL, 0 };
	struct rollout_call *c;

	if (type.type != JSON_STRING)
		type = json_get(v, "item_type");	/* of the first versions */
	if (json_str_is(type, "error") || json_str_is(type, "todo_list"))
		return;
	turn_begin(p);
	if (json_str_is(type, "agent_message") ||
	    json_str_is(type, "assistant_message")) {
		if (done && (c = rollout_call(x)) != NULL)
			append(x, &c->text, &p->last, text);
	} else if (json_str_is(type, "reasoning")) {
		if (done && (c = rollout_call(x)) != NULL)
			append(x, &c->thought, &only, text);
	} else if (type.type == JSON_STRING)
		tool(p, keep(x, &x->arena, v), keep(x, &x->arena, type), done);
}

/* Sums go on where a thread is resumed, in this log or another. */
static void
count(struct printed *p, struct rollout_call *c, struct json_val v)
{
	struct usage *sum = spawned_sum(&p->im->spawned, p->r.id);
	struct usage *u = &c->usage, now;

	rollout_count(c, v);
	if (sum == NULL) {
		p->r.oom = true;
		return;
	}
	now = *u;
	if (u->input >= sum->input && u->cache_read >= sum->cache_read &&
	    u->write >= sum->write && u->output >= sum->output &&
	    u->reasoning >= sum->reasoning) {
		u->input -= sum->input;
		u->cache_read -= sum->cache_read;
		u->write -= sum->write;
		u->output -= sum->output;
		u->reasoning -= sum->reasoning;
	}
	*sum = now;
}

/* ---- lines -------------------------------------------------------------------------------- */

/* When nothing else tells: the thread's id has the time it was made at. */
static void
set_time(struct printed *p)
{
	struct rollout *x = &p->r;

	if (p->im->when != 0)
		x->now = p->im->when;
	else if (x->now == 0)
		x->now = x->born != 0 ? x->born * CLOCK_MS : p->im->mtime;
	if (x->now == 0)
		x->now = 1;
}

static int
thread(struct printed *p, struct json_val id)
{
	struct rollout *x = &p->r;
	static const char name[] = "{\"service.name\":\"codex_exec\"}";

	if (turn_end(p) == -1)
		return -1;
	x->known = id.type == JSON_STRING;
	x->now = 0;
	x->id = x->session = keep(x, &x->file, id);
	x->parent.type = JSON_NONE;
	x->born = rollout_uuid_ms(x->id);
	x->resource = (struct json_val){ name, sizeof(name) - 1, JSON_OBJECT };
	return 0;
}

static int
line(void *arg, struct json_val v)
{
	struct printed *p = arg;
	struct rollout *x = &p->r;
	struct json_val type = json_get(v, "type"), usage;
	struct rollout_call *c;

	if (json_str_is(type, "thread.started") &&
	    thread(p, json_get(v, "thread_id")) == -1)
		return -1;
	set_time(p);
	p->hash = once_hash(p->hash, v.p, v.n);
	if (json_str_is(type, "turn.started"))
		turn_begin(p);
	else if (json_str_is(type, "item.completed"))
		item(p, json_get(v, "item"), true);
	else if (json_str_is(type, "item.started"))
		item(p, json_get(v, "item"), false);
	else if (json_str_is(type, "turn.completed")) {
		turn_begin(p);
		usage = json_get(v, "usage");
		c = rollout_call(x);
		if (c != NULL && usage.type == JSON_OBJECT && x->known)
			count(p, c, usage);
		x->turn.call = NULL;
		x->turn.ended = true;
		return turn_end(p);
	} else if (json_str_is(type, "turn.failed")) {
		turn_begin(p);
		x->turn.error = keep(x, &x->arena, json_path(v, "error",
		    "message", NULL));
		x->turn.n++;
		x->turn.ended = true;
		return turn_end(p);
	}
	return x->oom ? -1 : 0;
}

static void *
open_log(struct import *im)
{
	struct printed *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->im = im;
	rollout_init(&p->r, &im->made, &im->spawned);
	return p;
}

static int
end(void *arg)
{
	return turn_end(arg);
}

static void
close_log(void *arg)
{
	struct printed *p = arg;

	rollout_fini(&p->r);
	free(p);
}

const struct source source_codex_printed = {
	.name = "output of codex exec --json",
	.is = is,
	.open = open_log,
	.line = line,
	.end = end,
	.close = close_log,
};

#include "import/rollout-parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "import/import.h"
#include "import/made.h"
#include "import/spawned.h"
#include "json/write.h"
#include "record/rtime.h"

/* What an item may have in a turn that has become too large. */
#define THIN		4096

/* Copied history without ids is written within this time of the copy. */
#define REPLAY_MS	2500

void
rollout_init(struct rollout *x, struct made *made, struct spawned *spawned)
{
	memset(x, 0, sizeof(*x));
	x->made = made;
	x->spawned = spawned;
	STAILQ_INIT(&x->idents);
}

void
rollout_fini(struct rollout *x)
{
	arena_fini(&x->file);
	arena_fini(&x->arena);
	buf_fini(&x->scratch);
}

/* ---- what a line is ------------------------------------------------------------------ */

/* A line's three members; payloads are long, and passed over once. */
struct parts {
	struct json_val	 type, payload, time;
};

static void
take_apart(struct json_val line, struct parts *p)
{
	struct json_iter it;
	struct json_member m;

	memset(p, 0, sizeof(*p));
	json_iter(&it, line);
	while (json_next_member(&it, &m)) {
		if (json_key_is(&m, "type", 4))
			p->type = m.val;
		else if (json_key_is(&m, "payload", 7))
			p->payload = m.val;
		else if (json_key_is(&m, "timestamp", 9))
			p->time = m.val;
	}
}

bool
rollout_is(struct json_val line)
{
	static const char *const type[] = { "response_item", "event_msg",
	    "token_usage_record", "turn_context", "session_meta",
	    "world_state", "compacted" };
	struct parts p;

	take_apart(line, &p);
	if (p.payload.type != JSON_OBJECT || p.time.type != JSON_STRING)
		return false;
	for (size_t i = 0; i < sizeof(type) / sizeof(type[0]); i++)
		if (json_str_is(p.type, type[i]))
			return true;
	return false;
}

static struct json_val
keep(struct rollout *x, struct arena *a, struct json_val v)
{
	if (v.type == JSON_NONE || v.type == JSON_NULL)
		return (struct json_val){ NULL, 0, JSON_NONE };
	v.p = arena_copy(a, v.p, v.n);
	if (v.p == NULL) {
		x->oom = true;
		v.type = JSON_NONE;
	}
	return v;
}

/* Keeps what it is already if it is that. */
static void
change(struct rollout *x, struct json_val *to, struct json_val v)
{
	if (v.type == JSON_STRING && !json_same(*to, v))
		*to = keep(x, &x->file, v);
}

/* ---- the thread ------------------------------------------------------------------------ */

uint64_t
rollout_uuid_ms(struct json_val v)
{
	uint64_t ms = 0;

	if (v.type != JSON_STRING || v.n != 38 || v.p[15] != '7')
		return 0;
	for (size_t i = 1; i < 14; i++) {
		char c = v.p[i];

		if (i == 9 && c == '-')
			continue;
		if (c >= '0' && c <= '9')
			ms = ms << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			ms = ms << 4 | (uint64_t)(c - 'a' + 10);
		else
			return 0;
	}
	return ms;
}

static void
add(struct buf *b, const char *key, struct json_val v)
{
	if (v.type != JSON_STRING)
		return;
	json_put_key(b, key);
	buf_add(b, v.p, v.n);
}

/* The last part of a path, as a JSON string. */
static void
add_last(struct buf *b, const char *key, struct json_val path)
{
	size_t n = path.n, from;

	if (path.type != JSON_STRING || n <= 2)
		return;
	while (n > 3 && path.p[n - 2] == '/')
		n--;
	for (from = n - 1; from > 1 && path.p[from - 1] != '/'; from--)
		;
	json_put_key(b, key);
	buf_addc(b, '"');
	buf_add(b, path.p + from, n - 1 - from);
	buf_addc(b, '"');
}

static struct json_val
resource(struct rollout *x, struct json_val v)
{
	struct json_val git = json_get(v, "git");
	struct json_val name = json_get(v, "originator");
	struct buf *b = &x->scratch;

	buf_reset(b);
	buf_addc(b, '{');
	if (name.type == JSON_STRING)
		add(b, "service.name", name);
	else
		buf_adds(b, "\"service.name\":\"codex\"");
	add(b, "service.version", json_get(v, "cli_version"));
	add_last(b, "project.name", json_get(v, "cwd"));
	add(b, "vcs.ref.head.name", json_get(git, "branch"));
	add(b, "vcs.repository.url.full", json_get(git, "repository_url"));
	buf_addc(b, '}');
	return keep(x, &x->file, (struct json_val){ b->p, b->n,
	    b->err == 0 ? JSON_OBJECT : JSON_NONE });
}

/*
 * The first says whose file it is. Another's begins a copy of that thread's
 * history, which a fork and a sub-agent may carry.
 */
static void
session_meta(struct rollout *x, struct json_val v)
{
	struct json_val id = json_get(v, "id"), from, parent, session;
	uint64_t ns;

	if (x->known) {
		if (x->id.n != id.n || memcmp(x->id.p, id.p, id.n) != 0)
			x->child = true;
		return;
	}
	if (id.type != JSON_STRING)
		return;
	x->known = true;
	x->id = keep(x, &x->file, id);
	from = json_get(v, "forked_from_id");
	parent = json_get(v, "parent_thread_id");
	if (parent.type != JSON_STRING)
		parent = json_path(v, "source", "subagent", "thread_spawn",
		    "parent_thread_id", NULL);
	if (parent.type == JSON_STRING && json_get(v, "source").type ==
	    JSON_OBJECT)
		x->parent = keep(x, &x->file, parent);
	x->child = from.type == JSON_STRING || parent.type == JSON_STRING;
	session = json_get(v, "session_id");
	if (session.type != JSON_STRING || x->parent.type == JSON_NONE)
		session = x->parent.type != JSON_NONE ? x->parent : x->id;
	x->session = keep(x, &x->file, session);
	x->waiting = x->may_wait && x->parent.type == JSON_STRING &&
	    spawned_find(x->spawned, x->id) == NULL;
	x->resource = resource(x, v);
	x->born = rollout_uuid_ms(id);
	if (x->born == 0 && rtime_get(json_get(v, "timestamp"), &ns) == 0)
		x->born = ns / CLOCK_MS;
}

static void
turn_context(struct rollout *x, struct json_val v)
{
	struct json_val effort = json_get(v, "effort");

	change(x, &x->model, json_get(v, "model"));
	if (effort.type != JSON_STRING)
		effort = json_path(v, "collaboration_mode", "settings",
		    "reasoning_effort", NULL);
	change(x, &x->effort, effort);
}

/* ---- turns ----------------------------------------------------------------------------- */

/*
 * Was the turn run by the thread this one was copied from? Its id was made
 * before the copy; times of copied lines are not to be trusted.
 */
static bool
is_replay(const struct rollout *x, struct json_val id, struct json_val began)
{
	uint64_t ms = rollout_uuid_ms(id);
	int64_t s;

	if (!x->child || x->born == 0)
		return false;
	if (ms != 0)
		return ms < x->born;
	if (json_int(began, &s) == 0)
		return s < (int64_t)(x->born / 1000);
	return x->now / CLOCK_MS < x->born + REPLAY_MS;
}

static int
turn_end(struct rollout *x)
{
	int res = 0;

	if (x->turn.open && !x->turn.replayed && !x->waiting && !x->oom)
		res = rollout_write(x);
	memset(&x->turn, 0, sizeof(x->turn));
	arena_reset(&x->arena);
	x->kept = 0;
	return x->oom ? -1 : res;
}

static int
turn_begin(struct rollout *x, struct json_val v)
{
	struct rollout_turn *t = &x->turn;

	if (turn_end(x) == -1)
		return -1;
	t->open = true;
	STAILQ_INIT(&t->prompts);
	STAILQ_INIT(&t->calls);
	STAILQ_INIT(&t->tools);
	t->start = t->end = t->last = x->now;
	t->id = keep(x, &x->arena, json_get(v, "turn_id"));
	t->root_id = keep(x, &x->arena, json_get(v, "root_turn_id"));
	t->trace = keep(x, &x->arena, json_get(v, "trace_id"));
	t->replayed = is_replay(x, t->id, json_get(v, "started_at"));
	return 0;
}

/* Versions that do not mark turns: a prompt begins one. */
static bool
begins(const struct rollout *x, struct json_val type, struct json_val v)
{
	const struct rollout_turn *t = &x->turn;
	struct json_val what = json_get(v, "type"), text;
	const struct rollout_tool *tool;

	if (x->marks)
		return false;
	if (json_str_is(type, "event_msg"))
		text = json_get(v, "message");
	else
		text.type = JSON_NONE;
	if (!json_str_is(what, "user_message") || text.type != JSON_STRING)
		return !t->open && json_str_is(type, "response_item");
	if (!t->open || t->replayed)
		return true;
	if (STAILQ_EMPTY(&t->prompts) && STAILQ_EMPTY(&t->calls))
		return false;
	STAILQ_FOREACH(tool, &t->tools, next)
		if (!tool->ended)
			return false;	/* typed while it ran */
	return true;
}

static int
turn_line(struct rollout *x, struct json_val type, struct json_val v)
{
	if (begins(x, type, v) && turn_begin(x, v) == -1)
		return -1;
	if (!x->turn.open || x->turn.replayed) {
		/* Sums go on counting whoever's they are. */
		if (json_str_is(type, "event_msg"))
			rollout_event(x, v);
		return 0;
	}
	if (x->limit != 0 && x->kept + v.n > x->limit && v.n > THIN &&
	    json_str_is(type, "response_item")) {
		rollout_item_thin(x, v);
		return x->oom ? -1 : 0;
	}
	x->kept += v.n;
	v = keep(x, &x->arena, v);
	if (json_str_is(type, "response_item"))
		rollout_item(x, v);
	else if (json_str_is(type, "token_usage_record"))
		rollout_usage(x, v);
	else
		rollout_event(x, v);
	if (!x->turn.ended && x->now > x->turn.end)
		x->turn.end = x->now;
	if (x->turn.ended && x->marks)
		return turn_end(x);
	return x->oom ? -1 : 0;
}

int
rollout_line(struct rollout *x, struct json_val line)
{
	struct json_val type, v, what;
	struct parts p;
	uint64_t now;

	take_apart(line, &p);
	type = p.type;
	v = p.payload;
	if (v.type != JSON_OBJECT)
		return 0;
	/* A time that is none: that of the line before. */
	if (rtime_get(p.time, &now) == 0)
		x->now = now;
	if (json_str_is(type, "session_meta"))
		session_meta(x, v);
	else if (json_str_is(type, "turn_context"))
		turn_context(x, v);
	else if (json_str_is(type, "event_msg")) {
		what = json_get(v, "type");
		if (json_str_is(what, "task_started") ||
		    json_str_is(what, "turn_started")) {
			x->marks = true;
			return turn_begin(x, v);
		}
		return turn_line(x, type, v);
	} else if (json_str_is(type, "response_item") ||
	    json_str_is(type, "token_usage_record"))
		return turn_line(x, type, v);
	return x->oom ? -1 : 0;
}

int
rollout_end(struct rollout *x)
{
	return turn_end(x);
}

/* ---- the source ------------------------------------------------------------------------ */

static void *
open_file(struct import *im)
{
	struct rollout *x = malloc(sizeof(*x));

	if (x == NULL)
		return NULL;
	rollout_init(x, &im->made, &im->spawned);
	x->may_wait = !im->last;
	x->limit = im->max_memory;
	return x;
}

static int
line(void *x, struct json_val v)
{
	return rollout_line(x, v);
}

/* A sub-agent's, whose place only the file of its parent tells. */
static bool
waits(void *arg)
{
	const struct rollout *x = arg;

	return x->waiting;
}

static int
end(void *x)
{
	return rollout_end(x);
}

static void
close_file(void *x)
{
	rollout_fini(x);
	free(x);
}

const struct source source_rollout = {
	.name = "Codex rollout",
	.is = rollout_is,
	.open = open_file,
	.line = line,
	.waits = waits,
	.end = end,
	.close = close_file,
};

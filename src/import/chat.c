#include "import/chat.h"

#include <stdlib.h>
#include <string.h>

#include "import/import.h"
#include "import/made.h"
#include "import/spawned.h"
#include "json/write.h"
#include "record/rtime.h"

#define HASH_LEN	64

static int
compare(const struct chat_message *a, const struct chat_message *b)
{
	size_t n = a->id.n < b->id.n ? a->id.n : b->id.n;
	int c = memcmp(a->id.p, b->id.p, n);

	return c != 0 ? c : (a->id.n > b->id.n) - (a->id.n < b->id.n);
}

/* libbsd's RB_GENERATE_STATIC needs an __unused that glibc has no use for. */
#define MAYBE_STATIC	static __attribute__((unused))
RB_PROTOTYPE_INTERNAL(chat_tree, chat_message, entry, compare, MAYBE_STATIC)
RB_GENERATE_INTERNAL(chat_tree, chat_message, entry, compare, MAYBE_STATIC)

void
chat_init(struct chat *x, struct made *made, struct spawned *spawned)
{
	memset(x, 0, sizeof(*x));
	x->made = made;
	x->spawned = spawned;
	TAILQ_INIT(&x->messages);
	STAILQ_INIT(&x->idents);
	RB_INIT(&x->ids);
}

void
chat_fini(struct chat *x)
{
	struct chat_message *m;

	TAILQ_FOREACH(m, &x->messages, next)
		free(m->text);
	arena_fini(&x->arena);
	arena_fini(&x->turn);
	buf_fini(&x->scratch);
}

/* ---- what a line is ------------------------------------------------------------------ */

static bool
is_message(struct json_val v)
{
	static const char *const type[] = { "user", "gemini", "info", "error",
	    "warning" };
	struct json_val t = json_get(v, "type");

	if (json_get(v, "id").type != JSON_STRING ||
	    json_get(v, "timestamp").type != JSON_STRING ||
	    json_get(v, "content").type == JSON_NONE)
		return false;
	for (size_t i = 0; i < sizeof(type) / sizeof(type[0]); i++)
		if (json_str_is(t, type[i]))
			return true;
	return false;
}

static bool
is_header(struct json_val v)
{
	return json_get(v, "sessionId").type == JSON_STRING &&
	    json_get(v, "projectHash").type == JSON_STRING;
}

bool
chat_is(struct json_val v)
{
	return is_header(v) || is_message(v) ||
	    json_get(v, "$set").type == JSON_OBJECT;
}

static struct json_val
keep(struct chat *x, struct json_val v)
{
	if (v.type == JSON_NONE)
		return v;
	v.p = arena_copy(&x->arena, v.p, v.n);
	if (v.p == NULL) {
		x->oom = true;
		v.type = JSON_NONE;
	}
	return v;
}

/* The last of an id counts, in the place of the first. */
static void
message(struct chat *x, struct json_val v)
{
	struct chat_message key, *m;
	char *text;

	if (!is_message(v))
		return;
	key.id = json_get(v, "id");
	m = RB_FIND(chat_tree, &x->ids, &key);
	if (m == NULL) {
		m = arena_get(&x->arena, sizeof(*m));
		if (m == NULL) {
			x->oom = true;
			return;
		}
		m->id = keep(x, key.id);
		if (x->oom)
			return;
		(void)RB_INSERT(chat_tree, &x->ids, m);
		TAILQ_INSERT_TAIL(&x->messages, m, next);
	}
	/* It may grow with every tool: only the last is kept. */
	text = realloc(m->text, v.n);
	if (text == NULL) {
		x->oom = true;
		return;
	}
	memcpy(text, v.p, v.n);
	m->text = text;
	m->v = (struct json_val){ text, v.n, v.type };
	/* A time that is none: that of the message before. */
	if (rtime_get(json_get(v, "timestamp"), &m->time) == -1)
		m->time = x->now;
	x->now = m->time;
}

static void
messages(struct chat *x, struct json_val list)
{
	struct json_iter it;
	struct json_val v;

	if (list.type != JSON_ARRAY)
		return;
	json_iter(&it, list);
	while (json_next_elem(&it, &v))
		message(x, v);
}

/* The last part of the first directory, which a sub-agent's header names. */
static void
directories(struct chat *x, struct json_val list)
{
	struct json_iter it;
	struct json_val v;
	const char *slash;

	if (list.type != JSON_ARRAY || x->project.type == JSON_STRING)
		return;
	json_iter(&it, list);
	if (!json_next_elem(&it, &v) || v.type != JSON_STRING)
		return;
	slash = memrchr(v.p, '/', v.n);
	if (slash == NULL || slash + 2 >= v.p + v.n)
		return;
	buf_reset(&x->scratch);
	buf_addc(&x->scratch, '"');
	buf_add(&x->scratch, slash + 1, (size_t)(v.p + v.n - slash - 1));
	x->project = keep(x, (struct json_val){ x->scratch.p, x->scratch.n,
	    JSON_STRING });
}

/*
 * A user's chat does not name its project; the folder that it lies in is called
 * after it, <project>/chats/, but by older versions after a hash.
 */
static void
place(struct chat *x, const char *path)
{
	const char *end = path != NULL ? strstr(path, "/chats/") : NULL, *p;
	struct buf *b = &x->scratch;

	if (end == NULL)
		return;
	for (p = end; p > path && p[-1] != '/'; p--)
		;
	if (p == end || (size_t)(end - p) == HASH_LEN)
		return;
	buf_reset(b);
	(void)json_put_str(b, p, (size_t)(end - p));
	if (b->err == 0)
		x->project = keep(x, (struct json_val){ b->p, b->n,
		    JSON_STRING });
}

static void
header(struct chat *x, struct json_val v)
{
	if (x->id.type != JSON_STRING)
		x->id = keep(x, json_get(v, "sessionId"));
	x->sub |= json_str_is(json_get(v, "kind"), "subagent");
	directories(x, json_get(v, "directories"));
	messages(x, json_get(v, "messages"));
}

int
chat_line(struct chat *x, struct json_val v)
{
	struct json_val set = json_get(v, "$set");

	if (set.type == JSON_OBJECT)
		messages(x, json_get(set, "messages"));
	else if (is_header(v))
		header(x, v);
	else
		message(x, v);
	return x->oom ? -1 : 0;
}

bool
chat_waits(struct chat *x)
{
	return x->sub && spawned_find(x->spawned, x->id) == NULL;
}

/* ---- turns ----------------------------------------------------------------------------- */

static int
resource(struct chat *x)
{
	struct buf *b = &x->scratch;

	buf_reset(b);
	buf_adds(b, "{\"service.name\":\"gemini-cli\"");
	if (x->project.type == JSON_STRING) {
		buf_adds(b, ",\"project.name\":");
		buf_add(b, x->project.p, x->project.n);
	}
	buf_addc(b, '}');
	x->resource = keep(x, (struct json_val){ b->p, b->n,
	    b->err == 0 ? JSON_OBJECT : JSON_NONE });
	return x->resource.type == JSON_OBJECT ? 0 : -1;
}

int
chat_end(struct chat *x)
{
	struct chat_message *m, *from = NULL;
	int res = 0;

	if (TAILQ_EMPTY(&x->messages))
		return 0;
	if (resource(x) == -1)
		return -1;
	TAILQ_FOREACH(m, &x->messages, next) {
		bool begins = chat_prompt(x, m).type == JSON_STRING;

		if (from != NULL && begins)
			res = chat_write(x, from, m);
		if (res == -1)
			return -1;
		if (begins || from == NULL)
			from = m;
	}
	return chat_write(x, from, NULL);
}

/* ---- the source ------------------------------------------------------------------------ */

static void *
open_file(struct import *im)
{
	struct chat *x = malloc(sizeof(*x));

	if (x == NULL)
		return NULL;
	chat_init(x, &im->made, &im->spawned);
	x->pick = &im->pick;
	place(x, im->name);
	return x;
}

static int
line(void *x, struct json_val v)
{
	return chat_line(x, v);
}

static bool
waits(void *x)
{
	return chat_waits(x);
}

/*
 * The call that began a sub-agent is written when it has ended: as long as
 * that may still come, the sub-agent's turn has no place.
 */
static int
end(void *arg)
{
	struct chat *x = arg;

	if (x->pick != NULL && x->pick->young && chat_waits(x)) {
		x->pick->waits = true;
		return 0;
	}
	return chat_end(x);
}

static void
close_file(void *x)
{
	chat_fini(x);
	free(x);
}

const struct source source_chat = {
	.name = "Gemini CLI chat",
	.is = chat_is,
	.open = open_file,
	.line = line,
	.waits = waits,
	.end = end,
	.close = close_file,
};

/*
 * What `opencode run --format json` prints: the parts of its answers as they
 * are complete. Neither the prompt nor the model is told. Turns, calls and
 * tools have the ids of the database, where they stand, too.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "import/import.h"
#include "import/opencode.h"

struct printed {
	struct import		*im;
	struct arena		 arena;
	struct opencode_turn	 turn;
	struct json_val		 session;
};

static bool
is(struct json_val v)
{
	return json_get(v, "sessionID").type == JSON_STRING &&
	    json_get(v, "type").type == JSON_STRING &&
	    json_get(v, "timestamp").type == JSON_NUMBER &&
	    (json_get(v, "part").type == JSON_OBJECT ||
	    json_get(v, "error").type == JSON_OBJECT);
}

static int
turn_end(struct printed *p)
{
	int res = 0;

	if (p->session.type == JSON_STRING)
		res = opencode_turn_write(&p->turn, &p->im->made);
	arena_reset(&p->arena);
	p->session.type = JSON_NONE;
	return res;
}

static int
turn_begin(struct printed *p, struct json_val session)
{
	static const char name[] = "{\"service.name\":\"opencode\"}";

	p->session = session;
	p->session.p = arena_copy(&p->arena, session.p, session.n);
	if (p->session.p == NULL) {
		p->session.type = JSON_NONE;
		return -1;
	}
	opencode_turn_init(&p->turn, &p->arena, p->session,
	    (struct json_val){ name, sizeof(name) - 1, JSON_OBJECT });
	return 0;
}

/* The message of a part; one that failed has no id and says why. */
static struct opencode_message *
message(struct printed *p, struct json_val id, struct json_val error,
    uint64_t when)
{
	struct opencode_message *m;
	struct buf b = { 0 };

	STAILQ_FOREACH(m, &p->turn.messages, next)
		if (json_same(m->id, id) && error.type == JSON_NONE)
			return m;
	buf_adds(&b, "{\"role\":\"assistant\"");
	if (error.type == JSON_OBJECT) {
		buf_adds(&b, ",\"error\":");
		buf_add(&b, error.p, error.n);
	}
	buf_addc(&b, '}');
	m = b.err != 0 ? NULL : opencode_message(&p->turn, id,
	    (struct json_val){ b.p, b.n, JSON_OBJECT }, when);
	buf_fini(&b);
	return m;
}

static int
line(void *arg, struct json_val v)
{
	struct printed *p = arg;
	struct json_val session = json_get(v, "sessionID");
	struct json_val part = json_get(v, "part"), id;
	struct opencode_message *m;
	uint64_t when;
	int64_t ms;

	if (p->session.type == JSON_STRING && !json_same(p->session, session) &&
	    turn_end(p) == -1)
		return -1;
	if (p->session.type != JSON_STRING && turn_begin(p, session) == -1)
		return -1;
	if (json_int(json_get(v, "timestamp"), &ms) == -1 || ms < 0)
		ms = 0;
	when = (uint64_t)ms * CLOCK_MS;
	id = json_get(part, "messageID");
	if (id.type != JSON_STRING)
		id = session;
	m = message(p, id, json_get(v, "error"), when);
	if (m == NULL)
		return -1;
	if (part.type == JSON_OBJECT && opencode_part(&p->turn, m,
	    json_get(part, "id"), part, when) == NULL)
		return -1;
	return 0;
}

static void *
open_log(struct import *im)
{
	struct printed *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->im = im;
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

	arena_fini(&p->arena);
	free(p);
}

const struct source source_opencode_printed = {
	.name = "output of opencode run",
	.is = is,
	.open = open_log,
	.line = line,
	.end = end,
	.close = close_log,
};

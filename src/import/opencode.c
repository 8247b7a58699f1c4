#include "import/opencode.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "import/db.h"
#include "import/made.h"
#include "json/write.h"

#define DEPTH_MAX	16	/* sub-agents of sub-agents */

struct reading {
	struct db		*db;
	struct made		*made;
	struct opencode_counts	*counts;
	struct err		*e;
	struct arena		 arena;		/* of a turn */
	struct arena		 all;		/* of all sessions */
	struct buf		 scratch;
	STAILQ_HEAD(, session_row) sessions;
};

struct session_row {
	STAILQ_ENTRY(session_row) next;
	struct json_val		 id, parent;	/* JSON strings */
	struct json_val		 resource;
	uint64_t		 taken;		/* told until then */
};

bool
opencode_is(struct db *db)
{
	struct err e;
	struct db_rows *r = db_query(db, "SELECT m.data, p.data, s.directory "
	    "FROM session s, message m, part p LIMIT 0", NULL, 0, &e);

	db_done(r);
	return r != NULL;
}

/* ---- rows to JSON -------------------------------------------------------------------- */

static struct json_val
quoted(struct reading *x, struct arena *a, const char *p, size_t n)
{
	struct json_val v = { NULL, 0, JSON_STRING };

	buf_reset(&x->scratch);
	(void)json_put_str(&x->scratch, p, n);
	if (x->scratch.err == 0)
		v.p = arena_copy(a, x->scratch.p, x->scratch.n);
	v.n = x->scratch.n;
	if (v.p == NULL)
		v.type = JSON_NONE;
	return v;
}

/* Column text as a JSON object; one that is none is counted. */
static bool
object(struct reading *x, struct db_rows *r, int column, struct json_val *v)
{
	const char *why, *p;
	size_t n;

	p = db_text(r, column, &n);
	if (json_parse(p, n, v, &why) && v->type == JSON_OBJECT)
		return true;
	x->counts->bad++;
	return false;
}

/* ---- messages ------------------------------------------------------------------------ */

static int
parts(struct reading *x, struct opencode_turn *t, struct opencode_message *m,
    struct json_val id)
{
	struct db_rows *r = db_query(x->db, "SELECT id, data, time_created "
	    "FROM part WHERE message_id = ? ORDER BY id", id.p + 1, id.n - 2,
	    x->e);
	struct json_val v, key;
	const char *p;
	size_t n;
	int res = -1;

	while (r != NULL && (res = db_next(r, x->e)) == 1) {
		if (!object(x, r, 1, &v))
			continue;
		p = db_text(r, 0, &n);
		key = quoted(x, &x->arena, p, n);
		(void)opencode_part(t, m, key, v,
		    (uint64_t)db_int(r, 2) * CLOCK_MS);
	}
	db_done(r);
	return res;
}

static struct session_row *
session_of(struct reading *x, struct json_val id)
{
	struct session_row *s;

	STAILQ_FOREACH(s, &x->sessions, next)
		if (json_equal(s->id, id))
			return s;
	return NULL;
}

static int messages(struct reading *x, struct opencode_turn *t,
    struct session_row *s, struct opencode_part *starter, uint64_t until,
    int depth);

/* Sub-agents that the message's tools began, up to where they ended. */
static int
sub_agents(struct reading *x, struct opencode_turn *t,
    struct opencode_message *m, int depth)
{
	struct opencode_part *p;
	struct session_row *s;
	int64_t end;

	STAILQ_FOREACH(p, &m->parts, next) {
		struct json_val state = json_get(p->v, "state");

		s = session_of(x, json_path(state, "metadata", "sessionId",
		    NULL));
		if (s == NULL || depth == DEPTH_MAX)
			continue;
		if (json_int(json_path(state, "time", "end", NULL), &end) ==
		    -1 || end < 0)
			end = INT64_MAX / CLOCK_MS;
		if (messages(x, t, s, p, (uint64_t)end * CLOCK_MS,
		    depth + 1) == -1)
			return -1;
	}
	return 0;
}

static bool
is_user(struct json_val v)
{
	return json_str_is(json_get(v, "role"), "user");
}

static int
turn_end(struct reading *x, struct opencode_turn *t, struct session_row *s)
{
	int res = opencode_turn_write(t, x->made);

	arena_reset(&x->arena);
	opencode_turn_init(t, &x->arena, s->id, s->resource);
	if (res == -1)
		x->e->msg[0] = '\0';
	return res;
}

/*
 * A session's messages not told yet, up to a time. The user's own (starter is
 * NULL) make turns, which are written one by one.
 */
static int
messages(struct reading *x, struct opencode_turn *t, struct session_row *s,
    struct opencode_part *starter, uint64_t until, int depth)
{
	struct db_rows *r = db_query(x->db, "SELECT id, data, time_created "
	    "FROM message WHERE session_id = ? ORDER BY time_created, id",
	    s->id.p + 1, s->id.n - 2, x->e);
	struct opencode_message *m;
	struct json_val v, id;
	const char *p;
	uint64_t when;
	size_t n;
	int res = -1;

	while (r != NULL && (res = db_next(r, x->e)) == 1) {
		when = (uint64_t)db_int(r, 2) * CLOCK_MS;
		if (when <= s->taken || when > until || !object(x, r, 1, &v))
			continue;
		if (starter == NULL && is_user(v) &&
		    (res = turn_end(x, t, s)) == -1)
			break;
		p = db_text(r, 0, &n);
		id = quoted(x, &x->arena, p, n);
		m = opencode_message(t, id, v, when);
		if (m == NULL || id.type == JSON_NONE)
			break;
		m->starter = starter;
		if (starter != NULL)
			m->thread = s->id;
		if ((res = parts(x, t, m, id)) == -1 ||
		    (res = sub_agents(x, t, m, depth)) == -1)
			break;
	}
	db_done(r);
	if (res == 0 && until > s->taken)
		s->taken = until;
	return res == 0 ? 0 : -1;
}

/* ---- sessions -------------------------------------------------------------------------- */

static struct json_val
resource(struct reading *x, struct db_rows *r)
{
	struct buf b = { 0 };
	struct json_val v = { NULL, 0, JSON_OBJECT };
	const char *p, *slash;
	size_t n;

	buf_adds(&b, "{\"service.name\":\"opencode\"");
	p = db_text(r, 3, &n);
	if (n > 0) {
		json_put_key(&b, "service.version");
		(void)json_put_str(&b, p, n);
	}
	p = db_text(r, 2, &n);
	while (n > 1 && p[n - 1] == '/')
		n--;
	slash = memrchr(p, '/', n);
	if (slash != NULL && slash + 1 < p + n) {
		json_put_key(&b, "project.name");
		(void)json_put_str(&b, slash + 1,
		    (size_t)(p + n - slash - 1));
	}
	buf_addc(&b, '}');
	v.n = b.n;
	v.p = b.err == 0 ? arena_copy(&x->all, b.p, b.n) : NULL;
	if (v.p == NULL)
		v.type = JSON_NONE;
	buf_fini(&b);
	return v;
}

static int
sessions(struct reading *x)
{
	struct db_rows *r = db_query(x->db, "SELECT id, parent_id, directory, "
	    "version FROM session ORDER BY time_created, id", NULL, 0, x->e);
	struct session_row *s;
	const char *p;
	size_t n;
	int res = -1;

	while (r != NULL && (res = db_next(r, x->e)) == 1) {
		s = arena_get(&x->all, sizeof(*s));
		if (s == NULL)
			break;
		p = db_text(r, 0, &n);
		s->id = quoted(x, &x->all, p, n);
		p = db_text(r, 1, &n);
		if (n > 0)
			s->parent = quoted(x, &x->all, p, n);
		s->resource = resource(x, r);
		if (s->id.type == JSON_NONE || s->resource.type == JSON_NONE)
			break;
		STAILQ_INSERT_TAIL(&x->sessions, s, next);
		x->counts->sessions++;
	}
	db_done(r);
	if (res == 1)
		x->e->msg[0] = '\0';
	return res == 0 ? 0 : -1;
}

static int
one(struct reading *x, struct session_row *s)
{
	struct opencode_turn t;

	opencode_turn_init(&t, &x->arena, s->id, s->resource);
	if (messages(x, &t, s, NULL, UINT64_MAX, 0) == -1)
		return -1;
	return turn_end(x, &t, s);
}

int
opencode_read(struct db *db, struct made *made,
    struct opencode_counts *counts, struct err *e)
{
	struct reading x = { .db = db, .made = made, .counts = counts,
	    .e = e };
	struct session_row *s;
	int res;

	STAILQ_INIT(&x.sessions);
	e->msg[0] = '\0';
	res = sessions(&x);
	/* The user's first; what is left of a sub-agent's stands for itself. */
	for (int pass = 0; pass < 2; pass++)
		STAILQ_FOREACH(s, &x.sessions, next) {
			bool sub = session_of(&x, s->parent) != NULL;

			if (res == 0 && sub == (pass == 1))
				res = one(&x, s);
		}
	arena_fini(&x.arena);
	arena_fini(&x.all);
	buf_fini(&x.scratch);
	return res;
}

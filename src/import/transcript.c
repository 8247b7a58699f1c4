#include "import/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "import/import.h"
#include "record/rtime.h"

struct transcript {
	struct import	*im;
	STAILQ_HEAD(, tr_session) sessions;
	struct tr_session *last;
	struct tr_memory memory;	/* of transcript_look */
};

/* ---- what a line is ----------------------------------------------------------------- */

static bool
key_is(const struct json_member *m, const char *name, size_t n)
{
	return m->klen == n && memcmp(m->key, name, n) == 0;
}

#define KEY(m, name)	key_is(m, name, sizeof(name) - 1)

/* Of every line that says something; nobody else writes these. */
static bool
is_transcript(struct json_val line)
{
	struct json_iter it;
	struct json_member m;
	bool type = false, session = false;

	json_iter(&it, line);
	while (json_next_member(&it, &m)) {
		if (KEY(&m, "parentUuid") || KEY(&m, "isSidechain"))
			return true;
		if (KEY(&m, "type") && m.val.type == JSON_STRING)
			type = true;
		else if (KEY(&m, "sessionId") && m.val.type == JSON_STRING)
			session = true;
		else if (KEY(&m, "projectHash"))
			return false;
	}
	return type && session;
}

/* What claude -p prints. */
static bool
is_printed(struct json_val line)
{
	static const char *const types[] = { "assistant", "user", "system",
	    "result", "stream_event" };
	struct json_val type = json_get(line, "type");

	if (json_get(line, "session_id").type != JSON_STRING)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (json_str_is(type, types[i]))
			return i < 2 ? json_get(line, "message").type ==
			    JSON_OBJECT : json_get(line, "uuid").type ==
			    JSON_STRING;
	return false;
}

/* ---- sessions ----------------------------------------------------------------------- */

static struct tr_session *
session_of(struct transcript *x, struct json_val id, bool printed)
{
	struct tr_session *s = x->last;

	if (s != NULL && json_same(s->id, id) && s->printed == printed)
		return s;
	STAILQ_FOREACH(s, &x->sessions, next)
		if (json_same(s->id, id) && s->printed == printed)
			return x->last = s;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->im = x->im;
	s->printed = printed;
	STAILQ_INIT(&s->turns);
	STAILQ_INIT(&s->calls);
	STAILQ_INIT(&s->tools);
	STAILQ_INIT(&s->threads);
	STAILQ_INSERT_TAIL(&x->sessions, s, next);
	s->id = transcript_keep(s, id);
	/* A copy of the file is another, and so is what the run printed. */
	s->owner = once_hash(once_hash(printed, id.p, id.n), &x->im->group,
	    sizeof(x->im->group));
	return x->last = s;
}

static void
session_free(struct tr_session *s)
{
	arena_fini(&s->arena);
	arena_fini(&s->model);
	buf_fini(&s->scratch);
	map_fini(&s->map);
	free(s);
}

static void *
transcript_open(struct import *im)
{
	struct transcript *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->im = im;
	STAILQ_INIT(&x->sessions);
	return x;
}

/* What holds for all that is made of the session: said once is enough. */
static void
about(struct tr_session *s, const struct tr_line *l)
{
	if (s->cwd.type == JSON_NONE && l->cwd.type == JSON_STRING)
		s->cwd = transcript_keep(s, l->cwd);
	if (s->version.type == JSON_NONE && l->version.type == JSON_STRING)
		s->version = transcript_keep(s, l->version);
	if (s->branch.type == JSON_NONE && l->branch.type == JSON_STRING)
		s->branch = transcript_keep(s, l->branch);
}

/*
 * Some of what is printed has no time: the log's, that of the line before, or
 * at last that of the file, which is said to be a guess.
 */
static uint64_t
time_of(struct tr_session *s, const struct import *im, struct json_val type)
{
	if (im->when != 0)
		return im->when;
	if (json_str_is(type, "system") || json_str_is(type, "stream_event"))
		return s->now;
	if (s->now == 0)
		s->guessed = true;
	return s->now != 0 ? s->now : im->mtime;
}

static int
take(struct transcript *x, struct tr_line *l, bool printed)
{
	struct tr_session *s;

	if (l->session.type != JSON_STRING)
		return 0;
	s = session_of(x, l->session, printed);
	if (s == NULL)
		return -1;
	about(s, l);
	if (l->uuid.type == JSON_STRING)
		l->ident = transcript_hash('u', l->uuid);
	if (printed && l->time == 0)
		l->time = time_of(s, x->im, l->type);
	if (l->time > s->now)
		s->now = l->time;
	if (json_str_is(l->type, "user"))
		transcript_user(s, l);
	else if (json_str_is(l->type, "assistant"))
		transcript_assistant(s, l);
	else if (json_str_is(l->type, "system"))
		transcript_system(s, l);
	else if (json_str_is(l->type, "attachment"))
		transcript_attachment(s, l);
	else if (json_str_is(l->type, "api-request"))
		transcript_request(s, l);
	else if (json_str_is(l->type, "stream_event"))
		transcript_event(s, l);
	else if (json_str_is(l->type, "result"))
		transcript_result(s, l);
	return s->oom ? -1 : 0;
}

static int
transcript_line(void *x, struct json_val line)
{
	struct transcript *t = x;
	struct tr_line l;

	transcript_members(&l, t->im, line);
	return take(t, &l, false);
}

static int
transcript_glance(void *x, const char *p, size_t n)
{
	struct transcript *t = x;
	struct tr_line l;

	return transcript_look(&l, p, n, &t->memory) ? take(t, &l, false) :
	    IMPORT_PASS;
}

static int
printed_line(void *x, struct json_val line)
{
	struct transcript *t = x;
	struct tr_line l;

	transcript_members(&l, t->im, line);
	return take(t, &l, true);
}

static int
transcript_end(void *ctx)
{
	struct transcript *x = ctx;
	struct tr_session *s;

	STAILQ_FOREACH(s, &x->sessions, next)
		if ((transcript_tells_calls(s) ? transcript_tell(s) :
		    transcript_write(s)) == -1)
			return -1;
	return 0;
}

static void
transcript_close(void *ctx)
{
	struct transcript *x = ctx;
	struct tr_session *s;

	while ((s = STAILQ_FIRST(&x->sessions)) != NULL) {
		STAILQ_REMOVE_HEAD(&x->sessions, next);
		session_free(s);
	}
	transcript_shape_fini(&x->memory.shape);
	buf_fini(&x->memory.end);
	free(x);
}

const struct source source_transcript = {
	.name = "Claude Code transcript",
	.session = true,
	.is = is_transcript,
	.open = transcript_open,
	.line = transcript_line,
	.glance = transcript_glance,
	.end = transcript_end,
	.close = transcript_close,
};

const struct source source_printed = {
	.name = "output of claude -p",
	.is = is_printed,
	.open = transcript_open,
	.line = printed_line,
	.end = transcript_end,
	.close = transcript_close,
};

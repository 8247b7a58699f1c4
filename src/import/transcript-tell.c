/*
 * Calls without the turns they are in: all that is needed to add up what was
 * spent. The same calls, with the same figures, as transcript-tree.c writes.
 */
#include "agent/errclass.h"
#include "import/import.h"
#include "import/transcript.h"

bool
transcript_tells_calls(const struct tr_session *s)
{
	return s->im->call != NULL && !s->printed;
}

/* ---- who is who ------------------------------------------------------------------- */

/*
 * As call_key: a provider's id may come twice; then the other tells them
 * apart, and if that is no other it is the same call, of which the last
 * counts.
 */
static int
identify(struct tr_session *s, struct tr_call *c)
{
	struct json_val key = c->request.type == JSON_STRING ? c->request :
	    c->id;
	struct tr_call *other;

	c->ident = transcript_hash('k', key);
	other = map_get(&s->map, c->ident);
	if (other != NULL) {
		c->ident = transcript_hash('k', c->id);
		other = map_get(&s->map, c->ident);
	}
	if (other != NULL)
		other->ident = 0;
	return map_put(&s->map, c->ident, c);
}

/* ---- what a call says ----------------------------------------------------------------- */

static const char *
error_type(struct tr_session *s, const struct tr_call *c)
{
	struct buf *b = &s->scratch;

	buf_reset(b);
	(void)json_unescape(b, c->message);	/* no text: no class of it */
	if (b->err != 0)
		s->oom = true;
	return s->oom ? NULL : errclass(c->status, b->p != NULL ? b->p : "",
	    b->n);
}

static int
tell(struct tr_session *s, const struct tr_call *c,
    const struct import_call *about)
{
	struct import_call t = *about;

	t.model = c->model;
	t.tier = c->tier;
	t.speed = c->speed;
	t.start = c->began;
	t.end = c->end;
	t.guessed = c->guess != NULL || !c->asked;
	t.attempts = c->attempts;
	t.usage = c->usage;
	t.ident = once_hash(c->ident, s->id.p, s->id.n);
	if (c->failed) {
		t.failed = true;
		t.usage.known = false;
		t.status = c->status;
		t.error_type = error_type(s, c);
	}
	return s->im->call(s->im->call_arg, &t);
}

int
transcript_tell(struct tr_session *s)
{
	struct import_call about = { .agent = &made_claude, .session = s->id };
	struct tr_call *c;

	transcript_resource(s);
	about.resource = s->resource;
	about.version = s->version;
	about.project = json_get(s->resource, "project.name");
	STAILQ_FOREACH(c, &s->calls, next)
		if (!c->copied && identify(s, c) == -1)
			return -1;
	STAILQ_FOREACH(c, &s->calls, next)
		if (c->ident != 0 && (s->oom || tell(s, c, &about) == -1))
			return -1;
	return s->oom ? -1 : 0;
}

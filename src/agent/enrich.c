#include "agent/enrich.h"

#include <string.h>

#include "agent/generic.h"
#include "agent/look.h"
#include "base/exitcode.h"
#include "base/log.h"


void
enrich_init(struct enrich *e, const struct enrich_opts *o)
{
	memset(e, 0, sizeof(*e));
	e->o = o;
	e->emit.o = &o->emit;
	store_init(&e->st);
	e->due = -1;
}

void
enrich_fini(struct enrich *e)
{
	store_fini(&e->st);
	emit_fini(&e->emit);
	record_fini(&e->clean);
	edit_fini(&e->edit);
	buf_fini(&e->line);
	buf_fini(&e->resource);
	arena_fini(&e->arena);
}

static int
failed(const struct out *out)
{
	if (out->err != 0)
		return EXIT_IO;
	log_error("out of memory");
	return EXIT_SOFT;
}

/* ---- records coming in --------------------------------------------------------------- */

static void
wake(struct enrich *e, struct group *g, int64_t when)
{
	if (g->due < 0 || when < g->due)
		g->due = when;
	if (e->due < 0 || when < e->due)
		e->due = when;
}

/* A prompt ends the turns before it in its session. */
static void
end_earlier(struct enrich *e, struct group *g, int64_t now)
{
	struct group *o;

	TAILQ_FOREACH(o, &g->session->groups, sibling)
		if (o != g && !o->done && o->begun < g->begun) {
			o->ended = true;
			wake(e, o, now + e->o->settle);
		}
}

static void
hold(struct enrich *e, struct group *g, struct held *h,
    enum event_class class, int64_t now)
{
	struct session *s = g->session;

	store_hold(&e->st, g, h);
	if (h->kind == RECORD_LOG) {
		s->saw_log = true;
		s->no_logs = false;
		g->has_trace = g->has_trace || h->trace.type == JSON_STRING;
	} else
		g->has_trace = true;
	if (class == EVENT_PROMPT)
		end_earlier(e, g, now);
	if (s->agent->arrive != NULL)
		s->agent->arrive(&e->st, g, h);
	wake(e, g, now + e->o->settle);
}

/* Too much is held: the turns that were silent longest are closed. */
static int
make_room(struct enrich *e, int64_t now, struct out *out)
{
	struct group *g;

	while (e->st.bytes > (size_t)e->o->max_memory &&
	    (g = TAILQ_FIRST(&e->st.open)) != NULL) {
		if (e->closed++ == 0)
			log_warn("more than --max-memory is held: closing "
			    "turns that were silent longest");
		if (look_at(e, g, now, true, out) == -1)
			return failed(out);
	}
	return 0;
}

/* A record of a known CLI that may belong to a turn. */
static int
take(struct enrich *e, const struct agent *a, const struct record *r,
    int event, enum event_class class, int64_t now, struct out *out)
{
	struct held_facts facts;
	struct held *h;
	struct key_part key[KEY_MAX];
	struct json_val id;
	struct session *s;
	struct group *g;
	size_t n;

	facts_find(&facts, r, a->map, a->nmap);
	/* Spans that no one gets to see may have what they like. */
	if (facts.n < facts.nattr && !(a->made && r->kind == RECORD_SPAN))
		unknown_attrs(&e->unknown, a, r, &facts);
	h = held_new(r, event, &facts, now);
	if (h == NULL)
		return failed(out);
	n = a->keys(h, &id, key);
	if (n == 0) {
		held_free(h);
		return ENRICH_PASS;
	}
	s = store_session(&e->st, a, id);
	g = s != NULL ? store_group(&e->st, s, key, n) : NULL;
	if (g == NULL) {
		held_free(h);
		return failed(out);
	}
	h->written = class == EVENT_NOTE;
	hold(e, g, h, class, now);
	if (e->st.bytes > (size_t)e->o->max_memory) {
		int res = make_room(e, now, out);

		if (res != 0)
			return res;
	}
	return class == EVENT_NOTE ? ENRICH_PASS : 0;
}

static bool
leaks(const struct agent *a, const struct json_member *m)
{
	for (size_t i = 0; a->leaks[i] != NULL; i++)
		if (json_key_is(m, a->leaks[i], strlen(a->leaks[i])))
			return true;
	return false;
}

/* The record without what leaks: r itself, or e->clean. NULL: no memory. */
static const struct record *
clean(struct enrich *e, const struct agent *a, const struct record *r)
{
	struct buf *b = &e->resource;
	struct json_iter it;
	struct json_member m;
	const char *why;
	bool any = false;

	if (a == NULL || a->leaks == NULL ||
	    r->field[F_RESOURCE].type != JSON_OBJECT)
		return r;
	buf_reset(b);
	buf_addc(b, '{');
	json_iter(&it, r->field[F_RESOURCE]);
	while (json_next_member(&it, &m)) {
		if (leaks(a, &m)) {
			any = true;
			continue;
		}
		buf_adds(b, b->n > 1 ? ",\"" : "\"");
		buf_add(b, m.key, m.klen);
		buf_adds(b, "\":");
		buf_add(b, m.val.p, m.val.n);
	}
	buf_addc(b, '}');
	if (!any)
		return r;
	buf_reset(&e->line);
	edit_begin(&e->edit, r);
	edit_member(&e->edit, F_RESOURCE, b->p != NULL ? b->p : "", b->n);
	if (b->err != 0 || edit_append(&e->edit, &e->line) == -1 ||
	    record_index(&e->clean, e->line.p, e->line.n, &why) == -1)
		return NULL;
	return &e->clean;
}

static bool
finished(const struct record *r)
{
	if (r->kind == RECORD_LOG)
		return record_attr(r, "aitrace.used").type == JSON_TRUE;
	return record_attr(r, "aitrace.agent").type != JSON_NONE;
}

static int
sort_in(struct enrich *e, const struct agent *a, const struct record *r,
    int64_t now, struct out *out)
{
	const struct event_row *row;

	if (r->kind != RECORD_SPAN && r->kind != RECORD_LOG)
		return ENRICH_PASS;
	if (a == NULL)
		return r->kind == RECORD_SPAN && !e->o->explain ?
		    generic_span(&e->emit, r, out) : ENRICH_PASS;
	row = agent_event(a, r);
	if (row == NULL && a->noise && r->kind == RECORD_SPAN) {
		if (e->o->keep_native)
			return ENRICH_PASS;
		e->dropped++;
		return 0;
	}
	if (row == NULL) {
		unknown_record(&e->unknown, a, r);
		if (r->kind == RECORD_LOG || a->other_span == 0)
			return ENRICH_PASS;
		return take(e, a, r, a->other_span, EVENT_OPEN, now, out);
	}
	if (row->class == EVENT_PASS)
		return ENRICH_PASS;
	if (row->class == EVENT_NOISE && !e->o->keep_native) {
		e->dropped++;
		return 0;
	}
	return take(e, a, r, row->event, row->class, now, out);
}

int
enrich_record(struct enrich *e, const struct record *r, int64_t now,
    struct out *out)
{
	const struct agent *a;
	const struct record *c;
	int res;

	if (finished(r))
		return ENRICH_PASS;
	a = agent_of(r);
	c = clean(e, a, r);
	if (c == NULL)
		return failed(out);
	res = sort_in(e, a, c, now, out);
	if (res != ENRICH_PASS || c == r || e->o->explain)
		return res;
	if (out_write(out, c->p, c->n) == -1 || out_putc(out, '\n') == -1)
		return EXIT_IO;
	return 0;
}

int
enrich_idle(struct enrich *e, int64_t now, struct out *out)
{
	struct group *g, *next;
	bool silent;

	if (e->due < 0 || now < e->due)
		return 0;
	for (g = TAILQ_FIRST(&e->st.open); g != NULL; g = next) {
		next = TAILQ_NEXT(g, lru);
		if (g->due < 0 || g->due > now)
			continue;
		silent = now >= g->touched + e->o->idle *
		    (g->patience > 0 ? g->patience : 1);
		if (look_at(e, g, now, silent, out) == -1)
			return failed(out);
	}
	e->due = -1;
	TAILQ_FOREACH(g, &e->st.open, lru)
		if (g->due >= 0 && (e->due < 0 || g->due < e->due))
			e->due = g->due;
	return 0;
}

int64_t
enrich_due(const struct enrich *e)
{
	return e->due;
}

int
enrich_close(struct enrich *e, struct out *out)
{
	struct group *g;

	while ((g = TAILQ_FIRST(&e->st.open)) != NULL)
		if (look_at(e, g, 0, true, out) == -1)
			return failed(out);
	if (e->closed > 0)
		log_warn("%llu turns closed early for want of memory",
		    (unsigned long long)e->closed);
	unknown_tell(&e->unknown);
	return 0;
}

#include "agent/enrich.h"

#include <errno.h>
#include <string.h>

#include "agent/generic.h"
#include "agent/model.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/log.h"

#define REMEMBER_MAX	20000	/* finished turns whose twins are known */
#define PENDING_FACTOR	60	/* a running tool may be silent so much longer */

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

static int
pass(const struct record *r, struct out *out)
{
	if (out_write(out, r->p, r->n) == -1 || out_putc(out, '\n') == -1)
		return EXIT_IO;
	return 0;
}

/* ---- when a node may be written ------------------------------------------------- */

struct look {
	struct enrich	*e;
	struct model	 m;
	struct turn	*t;
	struct out	*out;
	int64_t		 now;
	int64_t		 due;		/* earliest time to look again */
	bool		 force;
	bool		 pending;	/* a tool has not answered */
	size_t		 left;		/* nodes not written */
};

static void
later(struct look *l, int64_t when)
{
	if (when <= l->now)
		when = l->now + l->e->o->settle;
	if (l->due < 0 || when < l->due)
		l->due = when;
}

static bool
reached(struct look *l, int64_t when)
{
	if (l->now >= when)
		return true;
	later(l, when);
	return false;
}

static bool
root_ready(struct look *l, const struct node *n)
{
	const struct enrich_opts *o = l->e->o;
	int64_t quiet = l->t->touched;

	if (l->left > 1) {		/* children first */
		later(l, quiet + o->idle);
		return false;
	}
	if (!l->t->ended)
		return reached(l, quiet + o->idle);
	return reached(l, quiet + (n->complete ? o->settle : o->linger));
}

/*
 * A child names its parent, so the parent's id must be settled: the root's is,
 * any other is once it was written.
 */
static bool
node_ready(struct look *l, const struct node *n)
{
	const struct enrich_opts *o = l->e->o;

	if (l->force)
		return true;
	if (n->kind == NODE_TURN)
		return root_ready(l, n);
	if (n->parent != NULL && n->parent != l->m.root &&
	    store_find_written(l->t, n->parent->hash) == NULL) {
		later(l, l->now + o->settle);
		return false;
	}
	if (n->outcome == OUTCOME_PENDING) {
		l->pending = true;
		later(l, l->t->touched + PENDING_FACTOR * o->idle);
		return false;
	}
	return reached(l, n->touched + (n->complete ? o->settle : o->linger));
}

/* ---- writing a turn ---------------------------------------------------------------- */

/* Tools that never answered end with their turn. */
static void
close_pending(struct model *m)
{
	struct node *n;

	TAILQ_FOREACH(n, &m->nodes, link) {
		if (n->outcome != OUTCOME_PENDING)
			continue;
		n->incomplete = true;
		n->message = model_string(m, "no result: the turn ended", 25);
		if (m->root->end > n->end)
			n->end = m->root->end;
	}
}

static struct node *
node_of(const struct held *h)
{
	return h->twin != NULL ? h->twin->node : h->node;
}

/* A record whose node was written. */
static int
settle_held(struct look *l, struct held *h, struct node *n)
{
	struct enrich *e = l->e;

	h->written = true;
	if (h->kind == RECORD_SPAN) {
		if (h == n->native || h->twin != NULL)
			return 0;
		if (h->span.type == JSON_STRING &&
		    model_by_span(&l->m, h->span) == n &&
		    e->o->emit.hierarchy == 1)
			return emit_part(&e->emit, &l->m, n, h, l->out);
		return 0;
	}
	e->used++;
	if (e->o->drop_used)
		return 0;
	return emit_log(&e->emit, &l->m, h, n->span, l->out);
}

static int
write_node(struct look *l, struct node *n)
{
	if (emit_node(&l->e->emit, &l->m, n, l->out) == -1 || l->m.oom)
		return -1;
	l->e->spans++;
	if (n->kind == NODE_TURN)
		l->t->has_root = true;
	return store_written(l->t, n->hash, n->span);
}

static int
write_nodes(struct look *l)
{
	struct node *n;

	l->left = 0;
	TAILQ_FOREACH(n, &l->m.nodes, link)
		l->left += store_find_written(l->t, n->hash) == NULL;
	TAILQ_FOREACH(n, &l->m.nodes, link) {
		if (store_find_written(l->t, n->hash) != NULL) {
			if (n->native != NULL && !n->native->written) {
				n->native->written = true;
				l->e->twins++;
			}
			continue;
		}
		/* A late record of a turn whose root is out makes no root. */
		if (n->kind == NODE_TURN && n->start == 0 && n->end == 0) {
			l->left--;
			continue;
		}
		if (!node_ready(l, n))
			continue;
		if (write_node(l, n) == -1)
			return -1;
		l->left--;
	}
	return 0;
}

static int
write_held(struct look *l)
{
	struct held *h;
	struct node *n;

	TAILQ_FOREACH(h, &l->t->held, link) {
		n = node_of(h);
		if (h->written)
			continue;
		if (n != NULL && store_find_written(l->t, n->hash) != NULL) {
			if (settle_held(l, h, n) == -1)
				return -1;
		} else if (l->force) {
			h->written = true;
			if (emit_held(h, l->out) == -1)
				return -1;
		}
	}
	return 0;
}

static bool
all_written(const struct turn *t)
{
	const struct held *h;

	TAILQ_FOREACH(h, &t->held, link)
		if (!h->written)
			return false;
	return true;
}

/* Builds the turn and writes what may be written. 0, or -1. */
static int
look_at(struct enrich *e, struct turn *t, int64_t now, bool force,
    struct out *out)
{
	struct look l = { .e = e, .t = t, .out = out, .now = now,
	    .force = force, .due = -1 };
	int res = -1;

	if (model_init(&l.m, &e->arena, t) == -1 ||
	    l.m.agent->build(&l.m) == -1 || model_order(&l.m) == -1)
		goto out;
	if (force)
		close_pending(&l.m);
	if (emit_turn(&e->emit, &l.m) == -1 || write_nodes(&l) == -1 ||
	    write_held(&l) == -1)
		goto out;
	res = 0;
	t->due = l.due;
	t->pending = l.pending;
	if (force || (l.left == 0 && all_written(t) && t->ended))
		store_finish(&e->st, t, REMEMBER_MAX);
	else if (l.left == 0)
		t->due = t->touched + e->o->idle;
out:
	arena_reset(&e->arena);
	return res;
}

/* ---- records coming in --------------------------------------------------------------- */

static void
wake(struct enrich *e, struct turn *t, int64_t when)
{
	if (t->due < 0 || when < t->due)
		t->due = when;
	if (e->due < 0 || when < e->due)
		e->due = when;
}

/* Said once; a CLI's new version renames things. */
static void
unknown(struct enrich *e, const struct agent *a, const struct record *r)
{
	const char *name = "";
	size_t n = a->event_name(r, &name), i;
	char key[96];

	if (n >= sizeof(key))
		n = sizeof(key) - 1;
	memcpy(key, name, n);
	key[n] = '\0';
	e->unknown_total++;
	for (i = 0; i < e->nunknown; i++)
		if (strcmp(e->unknown[i].name, key) == 0) {
			e->unknown[i].count++;
			return;
		}
	if (i == ENRICH_UNKNOWN_MAX)
		return;
	(void)strlcpy(e->unknown[i].name, key, sizeof(e->unknown[i].name));
	e->unknown[i].count = 1;
	e->nunknown++;
	log_warn("%s: unknown %s '%s'; passed on", a->name,
	    r->kind == RECORD_SPAN ? "span" : "event", key);
}

/* A prompt ends the turns before it in its session. */
static void
end_earlier(struct enrich *e, struct turn *t, int64_t now)
{
	struct turn *o;

	TAILQ_FOREACH(o, &t->session->turns, sibling)
		if (o != t && !o->done && o->begun < t->begun) {
			o->ended = true;
			wake(e, o, now + e->o->settle);
		}
}

static int
hold(struct enrich *e, struct turn *t, struct held *h, enum event_class class,
    int64_t now)
{
	struct session *s = t->session;

	store_hold(&e->st, t, h);
	if (h->kind == RECORD_LOG) {
		s->saw_log = true;
		t->has_trace = t->has_trace || h->trace.type == JSON_STRING;
	} else {
		s->saw_span = true;
		t->has_trace = true;
	}
	if (class == EVENT_PROMPT)
		end_earlier(e, t, now);
	if (class == EVENT_END)
		t->ended = true;
	if (s->agent->arrive != NULL)
		s->agent->arrive(s, h);
	wake(e, t, now + e->o->settle);
	return 0;
}

/* Too much is held: the turns that were silent longest are closed. */
static int
make_room(struct enrich *e, int64_t now, struct out *out)
{
	struct turn *t;

	while (e->st.bytes > (size_t)e->o->max_memory &&
	    (t = TAILQ_FIRST(&e->st.open)) != NULL) {
		if (e->closed++ == 0)
			log_warn("more than --max-memory is held: closing "
			    "turns that were silent longest");
		if (look_at(e, t, now, true, out) == -1)
			return failed(out);
	}
	return 0;
}

/* A record of a known CLI that belongs to a turn. */
static int
take(struct enrich *e, const struct agent *a, const struct record *r,
    int event, enum event_class class, int64_t now, struct out *out)
{
	struct held *h = held_new(r, event, a->map, a->nmap, now);
	struct json_val id, turn_id;
	struct session *s;
	struct turn *t = NULL;

	if (h == NULL)
		return failed(out);
	id = held_fact(h, FACT_SESSION);
	turn_id = held_fact(h, FACT_TURN);
	if (id.type == JSON_STRING && (turn_id.type == JSON_STRING ||
	    h->trace.type == JSON_STRING)) {
		s = store_session(&e->st, a, id);
		if (s != NULL)
			t = store_turn(&e->st, s, turn_id, h->trace, true);
		if (s == NULL || (t == NULL && errno == ENOMEM)) {
			held_free(h);
			return failed(out);
		}
	}
	if (t == NULL) {
		held_free(h);
		return pass(r, out);
	}
	if (hold(e, t, h, class, now) != 0)
		return failed(out);
	return e->st.bytes > (size_t)e->o->max_memory ?
	    make_room(e, now, out) : 0;
}

static bool
finished(const struct record *r)
{
	if (r->kind == RECORD_LOG)
		return record_attr(r, "aitrace.used").type == JSON_TRUE;
	return record_attr(r, "aitrace.agent").type != JSON_NONE;
}

int
enrich_record(struct enrich *e, const struct record *r, int64_t now,
    struct out *out)
{
	const struct agent *a;
	const struct event_row *row;

	if ((r->kind != RECORD_SPAN && r->kind != RECORD_LOG) || finished(r))
		return pass(r, out);
	a = agent_of(r);
	if (a == NULL)
		return r->kind == RECORD_SPAN ?
		    generic_span(&e->emit, r, out) : pass(r, out);
	row = agent_event(a, r);
	if (row == NULL) {
		unknown(e, a, r);
		if (r->kind == RECORD_LOG || a->other_span == 0)
			return pass(r, out);
		return take(e, a, r, a->other_span, EVENT_OPEN, now, out);
	}
	if (row->class == EVENT_PASS)
		return pass(r, out);
	return take(e, a, r, row->event, row->class, now, out);
}

int
enrich_idle(struct enrich *e, int64_t now, struct out *out)
{
	struct turn *t, *next;
	bool idle;

	if (e->due < 0 || now < e->due)
		return 0;
	for (t = TAILQ_FIRST(&e->st.open); t != NULL; t = next) {
		next = TAILQ_NEXT(t, lru);
		if (t->due < 0 || t->due > now)
			continue;
		idle = now >= t->touched + e->o->idle *
		    (t->pending ? PENDING_FACTOR : 1);
		if (look_at(e, t, now, idle, out) == -1)
			return failed(out);
	}
	e->due = -1;
	TAILQ_FOREACH(t, &e->st.open, lru)
		if (t->due >= 0 && (e->due < 0 || t->due < e->due))
			e->due = t->due;
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
	struct turn *t;

	while ((t = TAILQ_FIRST(&e->st.open)) != NULL)
		if (look_at(e, t, 0, true, out) == -1)
			return failed(out);
	if (e->closed > 0)
		log_warn("%llu turns closed early for want of memory",
		    (unsigned long long)e->closed);
	if (e->unknown_total > e->nunknown)
		log_warn("%llu records of unknown kinds passed on",
		    (unsigned long long)e->unknown_total);
	return 0;
}

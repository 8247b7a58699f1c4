#include "agent/codex-build.h"

#include <string.h>

static const struct json_val none = { NULL, 0, JSON_NONE };

struct json_val
codex_key(struct codex *x, struct json_val a, char sep, struct json_val b,
    uint64_t t)
{
	struct json_val v;
	struct buf s = { 0 };
	const char *p;
	size_t n;

	p = model_text(x->m, a, &n);
	buf_add(&s, p, n);
	buf_addc(&s, sep);
	if (b.type == JSON_STRING) {
		p = model_text(x->m, b, &n);
		buf_add(&s, p, n);
	} else
		buf_addu(&s, t);
	v = model_string(x->m, s.p != NULL ? s.p : "", s.n);
	if (s.err != 0)
		x->m->oom = true;
	buf_fini(&s);
	return v;
}

static void *
get(struct codex *x, size_t n)
{
	void *p = arena_get(x->m->arena, n);

	if (p == NULL)
		x->m->oom = true;
	return p;
}

/* ---- conversations, turns, items ------------------------------------------------ */

struct codex_conv *
codex_conv(struct codex *x, struct json_val id)
{
	struct codex_conv *c;

	STAILQ_FOREACH(c, &x->convs, next)
		if (json_equal(c->id, id))
			return c;
	c = get(x, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->id = id;
	STAILQ_INSERT_TAIL(&x->convs, c, next);
	return c;
}

struct codex_turn *
codex_turn_of(struct codex *x, struct codex_conv *c, struct json_val trace)
{
	struct codex_turn *t;

	if (trace.type != JSON_STRING)
		return c->turn;
	STAILQ_FOREACH(t, &x->turns, next)
		if (t->conv == c && json_equal(t->trace, trace))
			return t;
	return NULL;
}

struct codex_turn *
codex_new_turn(struct codex *x, struct codex_conv *c, struct held *h)
{
	struct codex_turn *t = get(x, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->conv = c;
	t->trace = h->trace;
	t->begin = h->start;
	t->id = none;
	t->key = codex_key(x, c->id, '/', h->trace, h->start);
	t->ident = h->trace.type == JSON_STRING ? t->key : none;
	if (c->turn != NULL)
		c->turn->later = true;
	c->turn = t;
	STAILQ_INSERT_TAIL(&x->turns, t, next);
	return t;
}

void
codex_mark(struct codex *x, struct codex_turn *t, struct held *h)
{
	struct codex_mark *k = get(x, sizeof(*k));

	if (k == NULL)
		return;
	k->h = h;
	k->turn = t;
	STAILQ_INSERT_TAIL(&x->marks, k, next);
}

struct codex_item *
codex_item(struct codex *x, struct codex_turn *t, enum node_kind kind,
    struct json_val key)
{
	struct node *n = model_node(x->m, kind, key);
	struct codex_item *i;

	if (n == NULL || (n->priv != NULL))
		return n != NULL ? n->priv : NULL;
	i = get(x, sizeof(*i));
	if (i == NULL)
		return NULL;
	i->node = n;
	i->turn = t;
	n->priv = i;
	STAILQ_INSERT_TAIL(&x->items, i, next);
	return i;
}

/* ---- records ------------------------------------------------------------------------- */

static void
log_record(struct codex *x, struct held *h, size_t at)
{
	struct json_val id = held_fact(h, FACT_SESSION);
	struct codex_conv *c;

	if (id.type != JSON_STRING || (c = codex_conv(x, id)) == NULL)
		return;
	switch (h->event) {
	case CODEX_START:
		c->start = h;
		break;
	case CODEX_PROMPT:
		codex_prompt(x, c, h, at);
		break;
	case CODEX_REQUEST:
	case CODEX_WS_REQUEST:
		codex_request(x, c, h);
		break;
	case CODEX_USAGE:
		codex_usage(x, c, h);
		break;
	case CODEX_SSE_ERROR:
		codex_stream_error(x, c, h);
		break;
	case CODEX_TTFT:
		codex_ttft(x, c, h);
		break;
	case CODEX_DECISION:
	case CODEX_RESULT:
		codex_tool(x, c, h);
		break;
	case CODEX_ANSWER:
		codex_answer(x, c, h);
		break;
	default:
		break;
	}
}

/* ---- the tree ------------------------------------------------------------------------ */

static void
place(struct codex *x)
{
	struct codex_item *i;

	STAILQ_FOREACH(i, &x->items, next) {
		struct codex_conv *c = i->turn->conv;
		struct node *n = i->node;

		if (i->asker != NULL)
			n->parent = i->asker;
		else if (n->parent == NULL)
			n->parent = c->agent != NULL ? c->agent : i->turn->root;
		n->parent_rule = i->asker == NULL ? NULL :
		    i->asker->kind == NODE_CALL ?
		    "the last request taken before its result" :
		    "the script that ran then";
		if (n->kind == NODE_CALL && c->agent != NULL)
			n->parent_rule = "the id in the output of spawn_agent";
		if (n->kind != NODE_CALL && i->asker == NULL)
			n->inferred = true;
		/* Its logs may still come and tell more. */
		if (!c->logged) {
			n->complete = false;
			n->waits = true;
		}
		if (!c->sub)
			continue;
		n->agent = c->agent;
		n->val[FACT_THREAD] = c->id;
		/* Nobody is known to have started it, so far. */
		if (c->agent == NULL) {
			n->inferred = true;
			n->waits = true;
		}
	}
}

int
codex_build(struct model *m)
{
	struct codex x = { .m = m };
	struct codex_conv *c;
	struct codex_turn *t;

	STAILQ_INIT(&x.convs);
	STAILQ_INIT(&x.turns);
	STAILQ_INIT(&x.items);
	STAILQ_INIT(&x.marks);
	if (codex_records(&x) == -1)
		return -1;
	for (size_t i = 0; i < x.nrec; i++)
		log_record(&x, x.rec[i], i);
	STAILQ_FOREACH(c, &x.convs, next)
		codex_unanswered(&x, c);
	codex_spans(&x);
	codex_threads(&x);
	STAILQ_FOREACH(t, &x.turns, next)
		if (!t->conv->sub && codex_make_root(&x, t) == -1)
			return -1;
	STAILQ_FOREACH(t, &x.turns, next)
		if (t->conv->sub)
			t->root = t->conv->home->root;
	if (m->oom)
		return -1;
	codex_finish_tools(&x);
	codex_finish_agents(&x);
	codex_idents(&x);
	place(&x);
	codex_join_roots(&x);
	STAILQ_FOREACH(t, &x.turns, next)
		if (!t->conv->sub)
			codex_finish_root(&x, t);
	return m->oom ? -1 : 0;
}

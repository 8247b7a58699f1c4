#include "agent/codex-build.h"

#include <string.h>

#include "base/clock.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

bool
codex_equal(struct json_val a, struct json_val b)
{
	return a.type == JSON_STRING && b.type == JSON_STRING && a.n == b.n &&
	    memcmp(a.p, b.p, a.n) == 0;
}

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
		if (codex_equal(c->id, id))
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
		if (t->conv == c && codex_equal(t->trace, trace))
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

/* ---- prompts -------------------------------------------------------------------- */

/*
 * Without ids: a prompt begins a turn if the model's first token is timed
 * again before it answers, and the turn before has had its time already.
 * Whatever is not decided yet belongs to the turn that runs. Versions that do
 * not time it: the turn is over when an answer asked for no tool.
 */
static bool
begins_turn(struct codex *x, const struct codex_conv *c, size_t at)
{
	const struct codex_turn *t = c->turn;
	bool over = t != NULL && t->ttft == NULL && c->answered && !c->tools;

	if (t == NULL)
		return true;
	for (size_t i = at + 1; i < x->nrec; i++) {
		const struct held *h = x->rec[i];

		if (!codex_equal(held_fact(h, FACT_SESSION), c->id))
			continue;
		if (h->event == CODEX_TTFT)
			return t->ttft != NULL || c->failed;
		if (h->event == CODEX_USAGE)
			return over;
	}
	return c->failed || over;
}

static void
prompt(struct codex *x, struct codex_conv *c, struct held *h, size_t at)
{
	struct codex_turn *t;

	if (h->trace.type == JSON_STRING)
		t = codex_turn_of(x, c, h->trace);
	else
		t = begins_turn(x, c, at) ? NULL : c->turn;
	if (t == NULL) {
		codex_unanswered(x, c);
		c->stray = NULL;
		t = codex_new_turn(x, c, h);
	}
	if (t == NULL)
		return;
	if (t->prompt == NULL)
		t->prompt = h;
	codex_mark(x, t, h);
}

static void
ttft(struct codex *x, struct codex_conv *c, struct held *h)
{
	struct codex_turn *t = codex_turn_of(x, c, h->trace);

	if (t == NULL)
		return;
	if (t->ttft == NULL)
		t->ttft = h;
	codex_mark(x, t, h);
}

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
		prompt(x, c, h, at);
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
		ttft(x, c, h);
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

/* ---- the turns' roots -------------------------------------------------------------- */

/* Text a gate has redacted says nothing. */
static struct json_val
said(struct json_val v)
{
	return json_str_is(v, "[REDACTED]") ? none : v;
}

static void
see(struct node *root, struct held *h)
{
	h->node = root;
	if (h->arrived > root->touched)
		root->touched = h->arrived;
	if (root->resource.type == JSON_NONE)
		root->resource = h->resource;
}

/* Prompts, times, spans: they stand for the root of their turn. */
static void
join_roots(struct codex *x)
{
	struct codex_mark *k;

	STAILQ_FOREACH(k, &x->marks, next) {
		struct node *root = k->turn->root;

		see(root, k->h);
		/* A sub-agent's prompt is its agent's input. */
		if (k->h->event == CODEX_PROMPT && k->h->kind == RECORD_LOG &&
		    !k->turn->conv->sub)
			root->prompt[root->nprompt++] = k->h;
	}
}

/*
 * What says nothing by itself, such as a warm-up: it goes with the turn of its
 * trace, else with the one it came before, else with the last.
 */
static void
join_rest(struct codex *x)
{
	for (size_t i = 0; i < x->nrec; i++) {
		struct held *h = x->rec[i];
		struct codex_turn *t, *of = NULL;
		struct codex_conv *c;

		if (h->node != NULL || h->event == CODEX_START)
			continue;
		c = codex_conv(x, held_fact(h, FACT_SESSION));
		if (c == NULL)
			return;
		if (h->trace.type == JSON_STRING)
			of = codex_turn_of(x, c, h->trace);
		STAILQ_FOREACH(t, &x->turns, next)
			if (of == NULL && t->conv == c && t->begin >= h->start)
				of = t;
		if (of == NULL)
			of = c->turn;
		if (of != NULL && of->root != NULL)
			see(of->root, h);
	}
}

static int
make_root(struct codex *x, struct codex_turn *t)
{
	struct node *root = model_node(x->m, NODE_TURN, t->key);

	if (root == NULL)
		return -1;
	t->root = root;
	root->ident = t->key;
	root->session = t->conv->id;
	root->own_trace = t->trace;
	root->prompt = arena_get(x->m->arena, (x->nrec + 1) *
	    sizeof(struct held *));
	if (root->prompt == NULL)
		return -1;
	if (t->prompt != NULL) {
		model_take(root, t->prompt, TAKE_OVER);
		root->val[FACT_PROMPT] = said(root->val[FACT_PROMPT]);
	}
	/* Its own facts only; the models are the calls'. */
	root->val[FACT_MODEL] = none;
	root->ended = t->later || t->task != NULL;
	root->complete = (t->task != NULL || t->trace.type == JSON_NONE) &&
	    t->conv->logged;
	root->val[FACT_TURN_ID] = t->id;
	root->client = t->side;
	root->purpose = t->side ? "title" : NULL;
	root->guess = t->side && !t->told ? "purpose" : NULL;
	return 0;
}

static void
times(struct codex_turn *t)
{
	struct node *root = t->root;
	int64_t ms;

	if (t->prompt != NULL)
		root->start = root->end = t->prompt->start;
	if (t->ttft != NULL && json_int(held_fact(t->ttft, FACT_DURATION_MS),
	    &ms) == 0 && ms > 0 && (root->start == 0 ||
	    t->ttft->start - (uint64_t)ms * CLOCK_MS < root->start))
		root->start = t->ttft->start - (uint64_t)ms * CLOCK_MS;
	if (t->task != NULL) {
		if (root->start == 0 || t->task->start < root->start)
			root->start = t->task->start;
		root->end = t->task->end;
	}
}

/* The root reaches over what is in it; its last call tells how it ended. */
static void
finish_root(struct codex *x, struct codex_turn *t)
{
	struct node *root = t->root, *last = NULL;
	struct codex_item *i;
	bool asked = false, pending = false;

	times(t);
	STAILQ_FOREACH(i, &x->items, next) {
		struct node *n = i->node;

		if (i->turn->root != root)
			continue;
		pending |= n->outcome == OUTCOME_PENDING;
		if (n->start != 0 && (root->start == 0 || n->start < root->start))
			root->start = n->start;
		if (n->end > root->end && (t->task == NULL || n->agent == NULL))
			root->end = n->end;
		if (n->kind == NODE_CALL && n->agent == NULL && (last == NULL ||
		    n->start >= last->start))
			last = n;
	}
	STAILQ_FOREACH(i, &x->items, next)
		asked |= last != NULL && i->node->parent == last;
	root->incomplete = pending || (t->task == NULL && (last == NULL ||
	    (asked && last->outcome == OUTCOME_OK)));
	if (last == NULL)
		return;
	root->val[FACT_TEXT] = last->val[FACT_TEXT];
	if (last->outcome == OUTCOME_ERROR) {
		root->outcome = OUTCOME_ERROR;
		root->message = last->message;
		root->error_type = last->error_type;
		root->status_code = last->status_code;
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
		if (n->kind != NODE_CALL && i->asker == NULL)
			n->inferred = true;
		/* Its logs may still come and tell more. */
		n->complete &= c->logged;
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
		if (!t->conv->sub && make_root(&x, t) == -1)
			return -1;
	STAILQ_FOREACH(t, &x.turns, next)
		if (t->conv->sub)
			t->root = t->conv->home->root;
	if (m->oom)
		return -1;
	codex_finish_tools(&x);
	codex_finish_agents(&x);
	place(&x);
	join_roots(&x);
	join_rest(&x);
	STAILQ_FOREACH(t, &x.turns, next)
		if (!t->conv->sub)
			finish_root(&x, t);
	return m->oom ? -1 : 0;
}

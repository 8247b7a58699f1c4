/*
 * Turns: which prompts begin one, and the roots that stand for them.
 */
#include "agent/codex-build.h"

#include "base/clock.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

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

		if (!json_equal(held_fact(h, FACT_SESSION), c->id))
			continue;
		if (h->event == CODEX_TTFT)
			return t->ttft != NULL || c->failed;
		if (h->event == CODEX_USAGE)
			return over;
	}
	return c->failed || over;
}

void
codex_prompt(struct codex *x, struct codex_conv *c, struct held *h, size_t at)
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

void
codex_ttft(struct codex *x, struct codex_conv *c, struct held *h)
{
	struct codex_turn *t = codex_turn_of(x, c, h->trace);

	if (t == NULL)
		return;
	if (t->ttft == NULL)
		t->ttft = h;
	codex_mark(x, t, h);
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

/* Prompts, times, spans: they stand for the root of their turn. */
void
codex_join_roots(struct codex *x)
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
	join_rest(x);
}

int
codex_make_root(struct codex *x, struct codex_turn *t)
{
	struct node *root = model_node(x->m, NODE_TURN, t->key);

	if (root == NULL)
		return -1;
	t->root = root;
	root->ident = t->ident.type != JSON_NONE ? t->ident : t->key;
	root->unsettled = t->ident.type == JSON_NONE;
	root->session = t->conv->id;
	root->own_trace = t->trace;
	root->rule = t->trace.type == JSON_STRING ?
	    "records of one conversation and trace id" :
	    "prompts, and when first tokens came";
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
void
codex_finish_root(struct codex *x, struct codex_turn *t)
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
	/* The turn's span came, but not yet what must have ended it. */
	if (last == NULL || last->outcome != OUTCOME_OK || asked || pending)
		root->complete = false;
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

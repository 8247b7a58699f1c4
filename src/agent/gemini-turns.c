/*
 * Turns of a Gemini CLI session: one for each prompt id and process, since
 * numbers begin again when a session is resumed. In the terminal interface a
 * turn is a trace, too, below a user_prompt span which ends early; with -p
 * every step is a trace of its own, and the turn gets one that is made.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/gemini-build.h"

#define PARENTS_MAX	1000

static struct json_val
pid_of(const struct held *h)
{
	return json_get(h->resource, "process.pid");
}

/* The prompt id and the process it was said to. */
static struct json_val
turn_key(struct model *m, const struct held *h)
{
	struct json_val prompt = held_fact(h, FACT_TURN), pid = pid_of(h), v;
	struct buf b = { 0 };
	const char *p;
	size_t n;

	p = model_text(m, prompt, &n);
	buf_add(&b, p, n);
	if (pid.type == JSON_NUMBER) {
		buf_addc(&b, ' ');
		buf_add(&b, pid.p, pid.n);
	}
	v = model_string(m, b.p != NULL ? b.p : "", b.n);
	buf_fini(&b);
	return v;
}

static struct gemini_turn *
turn_new(struct gemini *g, struct json_val key, const struct held *h)
{
	struct model *m = g->m;
	struct node *n = model_node(m, NODE_TURN, key);
	struct gemini_turn *t;

	if (n == NULL)
		return NULL;
	if (n->priv != NULL)
		return n->priv;
	t = arena_get(m->arena, sizeof(*t));
	n->prompt = arena_get(m->arena, (m->nrec + 1) * sizeof(*n->prompt));
	if (t == NULL || n->prompt == NULL) {
		m->oom = true;
		return NULL;
	}
	t->n = n;
	t->pid = pid_of(h);
	n->priv = t;
	n->ident = key;
	n->resource = h->resource;
	g->turn[g->nturn++] = t;
	return t;
}

/* The number behind the mark, counted from one as people do. */
static struct json_val
turn_number(struct model *m, struct json_val prompt)
{
	const char *p = memrchr(prompt.p, '#', prompt.n), *text;
	struct json_val v = { p + 1, 0, JSON_NUMBER };
	struct buf b = { 0 };
	int64_t n;

	v.n = (size_t)(prompt.p + prompt.n - 1 - v.p);
	if (json_int(v, &n) == -1 || n < 0 || n > 1000000000)
		return gemini_none;
	buf_addi(&b, n + 1);
	text = b.err == 0 ? arena_copy(m->arena, b.p, b.n) : NULL;
	v = (struct json_val){ text, b.n, text != NULL ? JSON_NUMBER :
	    JSON_NONE };
	buf_fini(&b);
	return v;
}

static void
begins(struct gemini_turn *t, uint64_t when)
{
	if (when != 0 && (t->n->start == 0 || when < t->n->start))
		t->n->start = when;
}

/* A record that names its prompt. */
static void
see(struct gemini *g, struct held *h)
{
	struct json_val thread, prompt = held_fact(h, FACT_TURN);
	enum gemini_scope scope = gemini_scope(g->m, prompt, &thread);
	struct gemini_turn *t;

	if (scope != SCOPE_HEADLESS && scope != SCOPE_PROMPT)
		return;
	t = turn_new(g, turn_key(g->m, h), h);
	if (t == NULL)
		return;
	t->headless = scope == SCOPE_HEADLESS;
	if (scope == SCOPE_PROMPT && t->number.type == JSON_NONE)
		t->number = turn_number(g->m, prompt);
	if (!t->headless && t->trace.type == JSON_NONE)
		t->trace = h->trace;
	if (h->event == GEMINI_PROMPT || h->event == GEMINI_LLM ||
	    h->event == GEMINI_REQUEST)
		begins(t, h->start);
	if (h->event != GEMINI_PROMPT)
		return;
	t->n->prompt[t->n->nprompt++] = h;
	if (t->n->nprompt == 1) {
		t->n->log = h;
		model_take(t->n, h, TAKE_OVER);
	} else
		h->node = t->n;
}

static struct gemini_turn *
by_trace(const struct gemini *g, const struct held *h)
{
	for (size_t i = 0; i < g->nturn; i++)
		if (json_equal(g->turn[i]->trace, h->trace))
			return g->turn[i];
	return NULL;
}

/* The latest turn of the same process that had begun. */
static struct gemini_turn *
by_time(const struct gemini *g, const struct held *h)
{
	struct gemini_turn *best = NULL;

	for (size_t i = 0; i < g->nturn; i++) {
		struct gemini_turn *t = g->turn[i];

		if (t->n->command || t->n->start > h->end ||
		    !json_equal(t->pid, pid_of(h)))
			continue;
		if (best == NULL || t->n->start >= best->n->start)
			best = t;
	}
	return best;
}

struct node *
gemini_turn_of(const struct gemini *g, const struct held *h)
{
	struct json_val thread;
	enum gemini_scope scope = gemini_scope(g->m, held_fact(h, FACT_TURN),
	    &thread);
	struct gemini_turn *t = NULL;

	if (scope == SCOPE_HEADLESS || scope == SCOPE_PROMPT)
		return model_find(g->m, NODE_TURN, turn_key(g->m, h));
	if (h->trace.type == JSON_STRING)
		t = by_trace(g, h);
	if (t == NULL)
		t = by_time(g, h);
	return t != NULL ? t->n : NULL;
}

/* A user_prompt span: its turn's, or that of a slash command. */
static void
see_root(struct gemini *g, struct held *h)
{
	struct gemini_turn *t = by_trace(g, h);

	if (t == NULL) {
		t = turn_new(g, h->span, h);
		if (t == NULL)
			return;
		t->trace = h->trace;
		t->n->command = true;
	}
	if (t->n->native == NULL)
		t->n->native = h;
	begins(t, h->start);
	model_take(t->n, h, TAKE_NEW);
	model_alias(g->m, h->span, t->n);
}

/* The conversation's end, or that of the program. */
static void
see_end(struct gemini *g, struct held *h)
{
	struct node *n = gemini_turn_of(g, h);
	struct gemini_turn *t;

	if (n == NULL)
		return;
	t = n->priv;
	if (h->end > t->mark)
		t->mark = h->end;
	h->node = n;
	if (h->arrived > n->touched)
		n->touched = h->arrived;
}

/* The CLI's own work stands in the turn it ran in, or is one by itself. */
static void
place_call(struct gemini *g, struct gemini_call *c)
{
	const struct held *h = gemini_call_record(c);
	struct gemini_turn *t;

	if (c->scope == SCOPE_THREAD)
		return;
	c->n->parent = gemini_turn_of(g, h);
	if (c->n->parent != NULL)
		return;
	t = turn_new(g, c->n->key, h);
	if (t == NULL)
		return;
	t->n->client = true;
	t->headless = true;
	begins(t, c->n->start);
	c->n->parent = t->n;
}

static int
by_start(const void *a, const void *b)
{
	const struct node *x = (*(struct gemini_turn *const *)a)->n;
	const struct node *y = (*(struct gemini_turn *const *)b)->n;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

int
gemini_turns(struct gemini *g)
{
	struct model *m = g->m;

	g->turn = arena_get(m->arena, (m->nrec + 1) * sizeof(*g->turn));
	if (g->turn == NULL)
		return -1;
	for (size_t i = 0; i < m->nrec; i++)
		see(g, m->rec[i]);
	for (size_t i = 0; i < g->ncall; i++) {
		struct node *n = model_by_span(m, g->call[i]->n->key);
		struct gemini_turn *t;

		/* An answer without its request: its turn began before it. */
		if (n != NULL || g->call[i]->answer == NULL)
			continue;
		n = gemini_turn_of(g, g->call[i]->answer);
		t = n != NULL ? n->priv : NULL;
		if (t != NULL)
			begins(t, g->call[i]->n->start);
	}
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->event == GEMINI_ROOT)
			see_root(g, m->rec[i]);
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->event == GEMINI_END ||
		    m->rec[i]->event == GEMINI_EXIT)
			see_end(g, m->rec[i]);
	for (size_t i = 0; i < g->ncall && !m->oom; i++)
		place_call(g, g->call[i]);
	/* Records whose turn is not told at all. */
	for (size_t i = 0; i < m->nrec && g->nturn == 0; i++)
		(void)turn_new(g, (struct json_val){ m->session->id,
		    m->session->n, JSON_STRING }, m->rec[i]);
	if (m->oom)
		return -1;
	qsort(g->turn, g->nturn, sizeof(struct gemini_turn *), by_start);
	return 0;
}

/* ---- finishing ------------------------------------------------------------------ */

static struct node *
turn_above(struct node *n)
{
	for (int i = 0; i < PARENTS_MAX && n->parent != NULL; i++)
		n = n->parent;
	return n;
}

/* Times of what stands below, and whether something never ended. */
static bool
see_children(struct gemini *g, struct node *root)
{
	struct node *n;
	bool pending = false;

	root->end = root->native != NULL ? root->native->end : root->start;
	TAILQ_FOREACH(n, &g->m->nodes, link) {
		if (n == root || n->start == 0 || turn_above(n) != root)
			continue;
		root->command = false;
		if (root->native == NULL && root->start > n->start)
			root->start = n->start;
		if (n->end > root->end)
			root->end = n->end;
		pending = pending || n->outcome == OUTCOME_PENDING;
	}
	return pending;
}

static struct gemini_call *
main_call(const struct gemini *g, const struct node *root, bool last)
{
	struct gemini_call *found = NULL;

	for (size_t i = 0; i < g->ncall; i++)
		if (g->call[i]->n->parent == root &&
		    g->call[i]->n->purpose == NULL &&
		    (found == NULL || last))
			found = g->call[i];
	return found;
}

static bool
wants_tools(const struct gemini *g, const struct gemini_call *c)
{
	const struct node *n;

	TAILQ_FOREACH(n, &g->m->nodes, link)
		if ((n->kind == NODE_TOOL || n->kind == NODE_AGENT) &&
		    n->parent == c->n)
			return true;
	return false;
}

static void
finish(struct gemini *g, struct gemini_turn *t, bool last_turn)
{
	struct node *n = t->n;
	const struct gemini_call *first = main_call(g, n, false);
	const struct gemini_call *last = main_call(g, n, true);
	bool pending = see_children(g, n), marked;

	n->stitched = t->headless;
	n->val[FACT_TURN_NUMBER] = t->number;
	n->command = n->command &&
	    store_find_written(g->m->group, n->hash) == NULL;
	if (n->val[FACT_PROMPT].type == JSON_NONE && first != NULL)
		n->val[FACT_PROMPT] = gemini_last_prompt(g->m, first->n);
	n->val[FACT_TEXT] = gemini_none;
	if (last != NULL) {
		n->val[FACT_TEXT] = last->n->val[FACT_TEXT];
		if (last->n->outcome == OUTCOME_ERROR) {
			n->outcome = OUTCOME_ERROR;
			n->message = last->n->message;
			n->error_type = last->n->error_type;
			n->status_code = last->n->status_code;
		}
	}
	marked = t->mark != 0 && !pending &&
	    (last == NULL || t->mark >= last->n->start);
	n->ended = !last_turn || marked || n->command;
	n->complete = n->native != NULL || n->stitched ||
	    !g->m->group->has_trace;
	n->complete = n->complete && !n->command;
	if (n->client || n->command)
		return;
	n->incomplete = pending || (!marked && (last == NULL ||
	    (n->outcome == OUTCOME_OK && wants_tools(g, last)))) ||
	    (!n->stitched && n->native == NULL && g->m->group->has_trace);
}

void
gemini_finish_turns(struct gemini *g)
{
	for (size_t i = 0; i < g->nturn; i++)
		finish(g, g->turn[i], i + 1 == g->nturn);
}

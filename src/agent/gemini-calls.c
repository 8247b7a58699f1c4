/*
 * Model calls of Gemini CLI. One call is an api_request log (its span id is
 * that of the llm_call span), an api_response or api_error (of a streamed
 * call it names another span or none: by prompt, role, model and the nearest
 * beginning), a twin of each in inference.operation.details (same time stamp
 * and model), and the llm_call span. A retry is a call of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/errclass.h"
#include "agent/gemini-build.h"
#include "base/clock.h"

#define ANSWER_GAP	(2000 * CLOCK_MS)	/* an answer to its request */

static int64_t
number(struct json_val v)
{
	int64_t n;

	return json_int(v, &n) == 0 && n >= 0 ? n : 0;
}

/* ---- joining -------------------------------------------------------------------- */

static struct gemini_call *
call_new(struct gemini *g, struct json_val key)
{
	struct node *n = model_node(g->m, NODE_CALL, key);
	struct gemini_call *c;

	if (n == NULL)
		return NULL;
	if (n->priv != NULL)
		return n->priv;
	c = arena_get(g->m->arena, sizeof(*c));
	if (c == NULL) {
		g->m->oom = true;
		return NULL;
	}
	c->n = n;
	n->priv = c;
	g->call[g->ncall++] = c;
	return c;
}

static struct json_val
time_key(struct model *m, const struct held *h)
{
	struct buf b = { 0 };
	struct json_val v;

	buf_addf(&b, "at %llu", (unsigned long long)h->end);
	v = model_string(m, buf_cstr(&b), b.n);
	buf_fini(&b);
	return v;
}

static void
see_prompt(struct model *m, struct gemini_call *c, const struct held *h)
{
	if (c->scope != SCOPE_NONE)
		return;
	c->prompt = held_fact(h, FACT_TURN);
	c->scope = gemini_scope(m, c->prompt, &c->thread);
}

/* A span, or a request: both carry the id of the llm_call span. */
static void
join_begin(struct gemini *g, struct held *h)
{
	struct gemini_call *c = call_new(g, h->span.type == JSON_STRING ?
	    h->span : time_key(g->m, h));

	if (c == NULL)
		return;
	see_prompt(g->m, c, h);
	if (h->event == GEMINI_LLM) {
		c->n->native = h;
		c->n->start = h->start;
		/* A router is offered no tools, told even under privacy. */
		c->router = json_str_is(held_fact(h, FACT_TOOLS), "[]");
	} else
		c->request = h;
	if (c->n->start == 0)
		c->n->start = h->start;
	model_take(c->n, h, TAKE_NEW);
	model_alias(g->m, h->span, c->n);
}

static bool
fits(const struct gemini_call *c, const struct held *h)
{
	struct json_val role = c->n->val[FACT_PURPOSE];

	return c->answer == NULL &&
	    json_equal(c->prompt, held_fact(h, FACT_TURN)) &&
	    json_equal(c->n->val[FACT_MODEL], held_fact(h, FACT_MODEL)) &&
	    (role.type == JSON_NONE ||
	    json_equal(role, held_fact(h, FACT_PURPOSE)));
}

static struct gemini_call *
call_of_answer(struct gemini *g, const struct held *h)
{
	uint64_t ms = (uint64_t)number(held_fact(h, FACT_DURATION_MS));
	uint64_t begun = h->end - ms * CLOCK_MS, gap, least = ANSWER_GAP;
	struct node *n = model_by_span(g->m, h->span);
	struct gemini_call *best = NULL;

	if (n != NULL && n->priv != NULL && fits(n->priv, h))
		return n->priv;
	for (size_t i = 0; i < g->ncall; i++) {
		struct gemini_call *c = g->call[i];

		if (!fits(c, h))
			continue;
		gap = c->n->start > begun ? c->n->start - begun :
		    begun - c->n->start;
		if (gap < least) {
			least = gap;
			best = c;
		}
	}
	return best != NULL ? best : call_new(g, time_key(g->m, h));
}

static void
join_answer(struct gemini *g, struct held *h)
{
	struct gemini_call *c = call_of_answer(g, h);

	if (c == NULL)
		return;
	see_prompt(g->m, c, h);
	c->answer = h;
	c->n->log = h;
	model_take(c->n, h, TAKE_OVER);
}

static bool
is_twin(const struct held *log, const struct held *h)
{
	return log != NULL && json_equal(held_fact(log, FACT_TIMESTAMP),
	    held_fact(h, FACT_TIMESTAMP)) &&
	    json_equal(held_fact(log, FACT_MODEL), held_fact(h, FACT_MODEL));
}

static void
join_details(struct gemini *g, struct held *h)
{
	struct node *n = model_by_span(g->m, h->span);
	bool request = held_fact(h, FACT_RESPONSE_ID).type == JSON_NONE;
	struct gemini_call *c = NULL;

	for (size_t i = 0; i < g->ncall; i++) {
		struct gemini_call *o = g->call[i];

		if (is_twin(o->answer, h)) {
			c = o;
			request = false;
		} else if (is_twin(o->request, h) && c == NULL)
			c = o;
		if (c == o && o->n == n)
			break;
	}
	if (c == NULL && n != NULL)
		c = n->priv;
	if (c == NULL)
		return;
	if (!request && c->details == NULL)
		c->details = h;
	model_take(c->n, h, TAKE_NEW);
}

/* ---- finishing ------------------------------------------------------------------ */

static void
call_usage(struct gemini_call *c)
{
	struct usage *u = &c->n->usage;
	struct json_val *v = c->n->val;

	/* Spans tell totals alone: neither what was cached nor thought. */
	u->known = c->answer != NULL && v[FACT_IN].type != JSON_NONE;
	u->cache_read = number(v[FACT_CACHE_READ]);
	u->input = number(v[FACT_IN]) - u->cache_read;
	if (u->input < 0)
		u->input = 0;
	u->tool = number(v[FACT_TOOL_TOKENS]);
	u->output = number(v[FACT_OUT]);
	u->reasoning = number(v[FACT_REASONING]);
}

static void
call_times(struct gemini_call *c)
{
	struct node *n = c->n;
	uint64_t ms = (uint64_t)number(n->val[FACT_DURATION_MS]);

	if (n->native != NULL) {
		n->start = n->native->start;
		n->end = n->native->end;
		return;
	}
	if (c->answer == NULL) {
		n->end = n->start;
		return;
	}
	n->end = c->answer->end;
	if (c->request != NULL)
		n->start = c->request->start;
	else
		n->start = n->end - ms * CLOCK_MS;
}

/* {"error":{"code":429,...}}: the status, where the answer's log is missing. */
static int64_t
status_in(struct model *m, struct json_val message)
{
	return number(json_path(gemini_inside(m, message), "error", "code",
	    NULL));
}

static void
call_outcome(struct model *m, struct gemini_call *c)
{
	struct node *n = c->n;
	const char *text;
	size_t len;
	bool failed = false;

	if (c->answer != NULL)
		failed = c->answer->event == GEMINI_ERROR;
	else if (n->native != NULL)
		failed = n->native->failed;
	else
		n->outcome = OUTCOME_PENDING;
	if (!failed)
		return;
	n->outcome = OUTCOME_ERROR;
	n->usage.known = false;
	n->message = n->val[FACT_ERROR];
	if (n->message.type != JSON_STRING && n->native != NULL)
		n->message = n->native->status_message;
	n->status_code = number(n->val[FACT_STATUS_CODE]);
	if (n->status_code == 0)
		n->status_code = status_in(m, n->message);
	text = model_text(m, n->message, &len);
	n->error_type = errclass(n->status_code, text, len);
}

/* "utility_router" -> "router"; the work of a turn has no purpose of its own. */
static void
call_purpose(struct model *m, struct gemini_call *c)
{
	static const char utility[] = "utility_";
	size_t len, k = sizeof(utility) - 1;
	const char *p = model_text(m, c->n->val[FACT_PURPOSE], &len);
	char *copy;

	if (len == 0 && c->router)
		c->n->purpose = "router";
	if (len <= k || memcmp(p, utility, k) != 0)
		return;
	copy = arena_get(m->arena, len - k + 1);
	if (copy == NULL) {
		m->oom = true;
		return;
	}
	memcpy(copy, p + k, len - k);
	c->n->purpose = copy;
}

/* One reason for every chunk of the stream, of which the last is true. */
static void
call_finish(struct model *m, struct gemini_call *c)
{
	struct json_val *v = c->n->val, reason, last = gemini_none;
	struct json_iter it;

	(void)m;
	if (v[FACT_FINISH].type == JSON_ARRAY) {
		json_iter(&it, v[FACT_FINISH]);
		while (json_next_elem(&it, &reason))
			last = reason;
	}
	v[FACT_FINISH] = gemini_none;
	v[FACT_STOP] = c->n->outcome == OUTCOME_OK ? last : gemini_none;
}

static void
finish(struct gemini *g, struct gemini_call *c)
{
	struct model *m = g->m;
	struct node *n = c->n;
	struct json_val said = gemini_none;

	call_usage(c);
	call_times(c);
	call_outcome(m, c);
	call_purpose(m, c);
	call_finish(m, c);
	if (c->answer != NULL)
		said = held_fact(c->answer, FACT_OUTPUT);
	if (said.type == JSON_NONE && n->native != NULL)
		said = held_fact(n->native, FACT_OUTPUT);
	if (said.type == JSON_NONE && c->details != NULL)
		said = held_fact(c->details, FACT_OUTPUT);
	gemini_parse_answer(m, c, said);
	n->val[FACT_OUTPUT] = gemini_none;
	n->val[FACT_TEXT] = gemini_answer_text(m, c);
	n->val[FACT_THREAD] = c->thread;
	/* Usage is in logs alone, which may come long after the span. */
	n->complete = n->log != NULL &&
	    (n->native != NULL || !m->group->has_trace);
}

static int
by_start(const void *a, const void *b)
{
	const struct node *x = (*(struct gemini_call *const *)a)->n;
	const struct node *y = (*(struct gemini_call *const *)b)->n;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

int
gemini_calls(struct gemini *g)
{
	struct model *m = g->m;

	g->call = arena_get(m->arena, (m->nrec + 1) * sizeof(*g->call));
	if (g->call == NULL)
		return -1;
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->event == GEMINI_LLM ||
		    m->rec[i]->event == GEMINI_REQUEST)
			join_begin(g, m->rec[i]);
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->event == GEMINI_RESPONSE ||
		    m->rec[i]->event == GEMINI_ERROR)
			join_answer(g, m->rec[i]);
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->event == GEMINI_DETAILS)
			join_details(g, m->rec[i]);
	if (m->oom)
		return -1;
	for (size_t i = 0; i < g->ncall; i++)
		finish(g, g->call[i]);
	qsort(g->call, g->ncall, sizeof(struct gemini_call *), by_start);
	return m->oom ? -1 : 0;
}

const struct held *
gemini_call_record(const struct gemini_call *c)
{
	if (c->n->native != NULL)
		return c->n->native;
	return c->request != NULL ? c->request : c->answer;
}

/*
 * After a failure the same request is made again: same prompt, role and
 * model. Quadratic in attempts only.
 */
void
gemini_attempts(struct gemini *g)
{
	for (size_t i = 0; i < g->ncall; i++) {
		struct gemini_call *c = g->call[i], *before = NULL;
		struct json_val *v = c->n->val;

		for (size_t j = i; j-- > 0 && before == NULL;) {
			struct gemini_call *o = g->call[j];

			if (json_equal(o->prompt, c->prompt) &&
			    json_equal(o->n->val[FACT_MODEL],
			    v[FACT_MODEL]) &&
			    (o->n->purpose == NULL) == (c->n->purpose == NULL))
				before = o;
		}
		c->n->attempts = 1;
		v[FACT_REQUEST] = c->n->key;
		if (before == NULL || before->n->outcome != OUTCOME_ERROR ||
		    before->n->parent != c->n->parent)
			continue;
		c->n->attempts = before->n->attempts + 1;
		v[FACT_REQUEST] = before->n->val[FACT_REQUEST];
	}
}

#include "agent/claude-build.h"

#include <string.h>

#include "agent/claude-split.h"
#include "agent/claude-tools.h"
#include "agent/claude-turn.h"
#include "agent/errclass.h"
#include "agent/model.h"
#include "agent/note.h"
#include "base/clock.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

void
claude_arrive(struct store *st, struct group *g, const struct held *h)
{
	struct note note;

	(void)st;
	if (h->event == CLAUDE_PROMPT || h->event == CLAUDE_ROOT)
		if (note_parse(held_fact(h, FACT_PROMPT), &note))
			note_link(g->session, &note);
}

/* ---- joining ----------------------------------------------------------------- */

/* A call that has no request id of its own is known by its span or time. */
static struct json_val
call_key(struct model *m, const struct held *h)
{
	struct json_val key = held_fact(h, FACT_REQUEST);
	struct buf b = { 0 };

	if (key.type == JSON_STRING)
		return key;
	if (h->kind == RECORD_SPAN)
		return h->span;
	buf_addf(&b, "at %llu", (unsigned long long)h->end);
	key = model_string(m, buf_cstr(&b), b.n);
	buf_fini(&b);
	return key;
}

/* The failed call without request id that ended when the log says. */
static struct node *
nameless_call(struct model *m, const struct held *h)
{
	struct node *n;

	TAILQ_FOREACH(n, &m->nodes, link) {
		uint64_t gap;

		if (n->kind != NODE_CALL || n->native == NULL ||
		    n->val[FACT_REQUEST].type != JSON_NONE || n->log != NULL)
			continue;
		gap = n->native->end > h->end ? n->native->end - h->end :
		    h->end - n->native->end;
		if (gap < 50 * CLOCK_MS)
			return n;
	}
	return NULL;
}

static void
join_span(struct model *m, struct held *h)
{
	struct node *n;
	struct json_val id;

	switch (h->event) {
	case CLAUDE_ROOT:
		n = m->root;
		break;
	case CLAUDE_LLM:
		n = model_node(m, NODE_CALL, call_key(m, h));
		break;
	case CLAUDE_TOOL:
		id = held_fact(h, FACT_TOOL_ID);
		n = model_node(m, NODE_TOOL, id.type != JSON_NONE ? id :
		    h->span);
		break;
	case CLAUDE_SPAN:
		n = model_node(m, NODE_OTHER, h->span);
		break;
	default:
		return;
	}
	if (n == NULL)
		return;
	if (n->native == NULL)
		n->native = h;
	model_take(n, h, TAKE_NEW);
	model_alias(m, h->span, n);
}

/* Waiting and execution are parts of their tool. */
static void
join_part(struct model *m, struct held *h)
{
	struct json_val id = held_fact(h, FACT_TOOL_ID);
	struct node *n;

	if (h->event != CLAUDE_BLOCKED && h->event != CLAUDE_EXECUTION)
		return;
	n = model_by_span(m, h->parent);
	if (n == NULL && id.type != JSON_NONE)
		n = model_node(m, NODE_TOOL, id);
	if (n == NULL) {
		/* Of a tool that is out already, or lost: it says nothing. */
		h->node = m->root;
		return;
	}
	claude_tool_part(n, h);
	model_alias(m, h->span, n);
}

static void
join_call_log(struct model *m, struct held *h)
{
	struct node *n = NULL;

	if (held_fact(h, FACT_REQUEST).type == JSON_NONE)
		n = nameless_call(m, h);
	if (n == NULL)
		n = model_node(m, NODE_CALL, call_key(m, h));
	if (n == NULL)
		return;
	n->log = h;
	model_take(n, h, TAKE_OVER);
}

/* What belongs to a call by its request id, or to the one before it. */
static struct node *
call_before(struct model *m, const struct held *h)
{
	struct json_val key = held_fact(h, FACT_REQUEST);
	struct json_val thread = held_fact(h, FACT_THREAD);
	struct node *n, *best = NULL;

	if (key.type == JSON_STRING)
		return model_node(m, NODE_CALL, key);
	TAILQ_FOREACH(n, &m->nodes, link) {
		if (n->kind != NODE_CALL || n->log == NULL ||
		    !json_same(n->val[FACT_THREAD], thread) ||
		    n->log->end > h->end)
			continue;
		if (best == NULL || best->log->end < n->log->end)
			best = n;
	}
	return best;
}

static void
join_text(struct model *m, struct held *h)
{
	struct node *n = call_before(m, h);

	if (n == NULL)
		return;
	if (h->event == CLAUDE_GOT) {
		h->node = n;
		n->got = held_fact(h, FACT_BODY);
		n->val[FACT_MESSAGE_ID] = held_fact(h, FACT_MESSAGE_ID);
		n->val[FACT_BODY_ID] = held_fact(h, FACT_BODY_ID);
		if (h->arrived > n->touched)
			n->touched = h->arrived;
	} else
		model_take(n, h, TAKE_NEW);
}

/* A retry summary repeats its call's error; it may lack the request id. */
static void
join_retries(struct model *m, struct held *h)
{
	struct node *n = call_before(m, h);

	if (n != NULL)
		model_take(n, h, TAKE_NEW);
}

/* The request body names no request, only the id that its answer repeats. */
static void
join_sent(struct model *m, struct held *h)
{
	struct json_val id = held_fact(h, FACT_BODY_ID);
	struct node *n;

	TAILQ_FOREACH(n, &m->nodes, link) {
		if (n->kind != NODE_CALL || id.type == JSON_NONE ||
		    !json_same(n->val[FACT_BODY_ID], id))
			continue;
		n->sent = held_fact(h, FACT_BODY);
		h->node = n;
		return;
	}
}

static void
join_prompt(struct model *m, struct held *h)
{
	struct node *root = m->root;

	root->prompt[root->nprompt++] = h;
	h->node = root;
	if (h->arrived > root->touched)
		root->touched = h->arrived;
	if (root->nprompt == 1) {
		root->log = h;
		model_take(root, h, TAKE_OVER);
	}
}

static void
join_log(struct model *m, struct held *h)
{
	switch (h->event) {
	case CLAUDE_PROMPT:
		join_prompt(m, h);
		break;
	case CLAUDE_CALL:
	case CLAUDE_CALL_ERROR:
		join_call_log(m, h);
		break;
	case CLAUDE_DECISION:
	case CLAUDE_RESULT:
		claude_tool_log(m, h);
		break;
	default:
		break;
	}
}

static void
join_late(struct model *m, struct held *h)
{
	switch (h->event) {
	case CLAUDE_TEXT:
	case CLAUDE_GOT:
		join_text(m, h);
		break;
	case CLAUDE_RETRIES:
		join_retries(m, h);
		break;
	default:
		break;
	}
}

static int
join(struct model *m)
{
	m->root = model_node(m, NODE_TURN, none);
	if (m->root == NULL)
		return -1;
	m->root->prompt = arena_get(m->arena, (m->nrec + 1) *
	    sizeof(*m->root->prompt));
	if (m->root->prompt == NULL)
		return -1;
	for (size_t i = 0; i < m->nrec; i++)
		join_span(m, m->rec[i]);
	for (size_t i = 0; i < m->nrec; i++)
		join_part(m, m->rec[i]);
	for (size_t i = 0; i < m->nrec; i++)
		join_log(m, m->rec[i]);
	for (size_t i = 0; i < m->nrec; i++)
		join_late(m, m->rec[i]);
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->event == CLAUDE_SENT)
			join_sent(m, m->rec[i]);
	return m->oom ? -1 : 0;
}

/* ---- calls --------------------------------------------------------------------- */

static int64_t
number(struct json_val v)
{
	int64_t n;

	return json_int(v, &n) == 0 && n >= 0 ? n : 0;
}

static void
call_usage(struct node *n)
{
	struct usage *u = &n->usage;
	struct json_val *v = n->val;

	u->known = v[FACT_IN].type != JSON_NONE ||
	    v[FACT_OUT].type != JSON_NONE;
	u->fold = true;		/* thinking is part of Claude's output */
	u->input = number(v[FACT_IN]);
	u->cache_read = number(v[FACT_CACHE_READ]);
	u->write = number(v[FACT_CACHE_WRITE]);
	u->write_5m = number(v[FACT_CACHE_WRITE_5M]);
	u->write_1h = number(v[FACT_CACHE_WRITE_1H]);
	u->output = number(v[FACT_OUT]);
	/* The split counts only if it is whole. */
	u->split = v[FACT_CACHE_WRITE_5M].type != JSON_NONE &&
	    u->write_5m + u->write_1h == u->write;
}

/* Each gen_ai.request.attempt event is one try; the attribute counts, too. */
static int64_t
call_attempts(const struct node *n)
{
	int64_t said_so = number(n->val[FACT_ATTEMPTS]), seen = 0;
	struct json_iter it;
	struct json_val e;

	if (n->native == NULL)
		return said_so;
	json_iter(&it, n->native->events);
	while (json_next_elem(&it, &e))
		if (json_str_is(json_get(e, "name"), "gen_ai.request.attempt"))
			seen++;
	return seen > said_so ? seen : said_so;
}

/*
 * The log tells the time of the last attempt: it ended at the record's time.
 * The span covers all attempts.
 */
static void
call_times(struct node *n)
{
	uint64_t ms = (uint64_t)number(n->val[FACT_DURATION_MS]);
	uint64_t retry = (uint64_t)number(n->val[FACT_RETRY_MS]);
	uint64_t ttft = (uint64_t)number(n->val[FACT_TTFT_MS]);
	uint64_t last = 0;

	if (n->log != NULL) {
		last = n->log->end - ms * CLOCK_MS;
		n->end = n->log->end;
		n->start = retry > ms ? n->log->end - retry * CLOCK_MS : last;
	}
	if (n->native != NULL) {
		n->start = n->native->start;
		n->end = n->native->end;
		if (last == 0 && n->attempts <= 1)
			last = n->start;
	}
	if (ttft > 0 && last != 0)
		n->first_token = last + ttft * CLOCK_MS;
}

static void
call_outcome(struct model *m, struct node *n)
{
	struct json_val *v = n->val;
	bool ok = true;
	const char *text;
	size_t len;

	if (n->log != NULL)
		ok = n->log->event == CLAUDE_CALL;
	else if (json_bool(v[FACT_SUCCESS], &ok) == -1)
		ok = n->native == NULL ||
		    n->native->status_message.type == JSON_NONE;
	n->outcome = ok ? OUTCOME_OK : OUTCOME_ERROR;
	if (ok)
		return;
	n->usage.known = false;
	n->message = v[FACT_ERROR].type != JSON_NONE || n->native == NULL ?
	    v[FACT_ERROR] : n->native->status_message;
	n->status_code = number(v[FACT_STATUS_CODE]);
	text = model_text(m, n->message, &len);
	n->error_type = errclass(n->status_code, text, len);
	if (n->error_type == NULL) {
		text = model_text(m, v[FACT_ERROR_TYPE], &len);
		n->error_type = errclass(0, text, len);
	}
}

/* "[1m]" marks the long context; it is no part of the model's name. */
static struct json_val
plain_model(struct model *m, struct json_val v)
{
	size_t n;
	const char *p = model_text(m, v, &n);

	if (n > 4 && memcmp(p + n - 4, "[1m]", 4) == 0)
		return model_string(m, p, n - 4);
	return v;
}

static void
finish_call(struct model *m, struct node *n)
{
	const struct session *s = m->session;

	n->val[FACT_MODEL] = plain_model(m, n->val[FACT_MODEL]);
	n->attempts = call_attempts(n);
	call_usage(n);
	call_times(n);
	call_outcome(m, n);
	n->val[FACT_TEXT] = claude_said(n->val[FACT_TEXT]);
	n->complete = (n->native != NULL || !m->group->has_trace) &&
	    (n->log != NULL || s->no_logs);
}

/* One turn, from the records in m->rec, into m->nodes. */
static int
build_turn(struct model *m)
{
	struct node *n;

	if (join(m) == -1)
		return -1;
	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->kind == NODE_CALL)
			finish_call(m, n);
	if (claude_tools(m) == -1)
		return -1;
	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->kind == NODE_OTHER && n->native != NULL) {
			n->start = n->native->start;
			n->end = n->native->end;
			n->parent = model_by_span(m, n->native->parent);
			n->complete = true;
			if (n->parent == NULL)
				n->parent = m->root;
		}
	claude_turn(m);
	return m->oom ? -1 : 0;
}

/*
 * Turns that share a trace are built one by one. The first has the keys it
 * would have alone, since it may have been written when it was alone.
 */
int
claude_build(struct model *m)
{
	struct node_list all = TAILQ_HEAD_INITIALIZER(all);
	struct held **rec = m->rec;
	size_t nrec = m->nrec;
	struct split s;
	int res = 0;

	if (claude_split(m, &s) == -1)
		return -1;
	for (size_t i = 0; i < s.n && res == 0; i++) {
		m->rec = s.part[i].rec;
		m->nrec = s.part[i].n;
		m->salt = i == 0 ? 0 : model_hash(NODE_TURN, s.part[i].ident);
		TAILQ_INIT(&m->nodes);
		res = build_turn(m);
		if (i + 1 < s.n)
			m->root->ended = true;
		TAILQ_CONCAT(&all, &m->nodes, link);
	}
	m->rec = rec;
	m->nrec = nrec;
	m->salt = 0;
	TAILQ_INIT(&m->nodes);
	TAILQ_CONCAT(&m->nodes, &all, link);
	return res;
}

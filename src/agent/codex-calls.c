/*
 * Model calls. Each HTTP attempt and each request over a WebSocket is a
 * record; the answer's usage comes later, without trace id, and belongs to the
 * last request of its conversation. Attempts that were refused stand for
 * themselves; all attempts of one request share their call id.
 *
 * Requests that never come into a turn are warm-ups, and no calls.
 */
#include "agent/codex-build.h"

#include "agent/errclass.h"
#include "base/clock.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

static int64_t
number(struct json_val v)
{
	int64_t n;

	return json_int(v, &n) == 0 && n > 0 ? n : 0;
}

static uint64_t
began(const struct held *h)
{
	return h->start - (uint64_t)number(held_fact(h, FACT_DURATION_MS)) *
	    CLOCK_MS;
}

struct json_val
codex_attempt_key(struct codex *x, const struct codex_conv *c,
    const struct held *h)
{
	struct json_val key = codex_key(x, c->id, '@', h->event != CODEX_USAGE ?
	    h->span : none, h->start);

	return h->event == CODEX_REQUEST && h->span.type == JSON_STRING ?
	    codex_key(x, key, '.', none,
	    (uint64_t)number(held_fact(h, FACT_ATTEMPTS))) : key;
}

/* A node for the attempt, or for an answer whose request did not come. */
static struct node *
call_node(struct codex *x, struct codex_conv *c, struct codex_turn *t,
    struct held *h)
{
	const struct held *first = c->first != NULL ? c->first : h;
	struct codex_item *i = codex_item(x, t, NODE_CALL,
	    codex_attempt_key(x, c, h));
	struct node *n;

	if (i == NULL)
		return NULL;
	n = i->node;
	model_take(n, h, TAKE_NEW);
	n->val[FACT_REQUEST] = codex_attempt_key(x, c, first);
	n->start = h->event == CODEX_USAGE ? h->start : began(h);
	n->end = h->end;
	n->rule = "a request without an answer so far";
	return n;
}

static void
failure(struct codex *x, struct node *n, const struct held *h)
{
	const char *text;
	size_t len;

	n->outcome = OUTCOME_ERROR;
	n->complete = true;
	n->rule = "an attempt that was refused";
	n->status_code = number(held_fact(h, FACT_STATUS_CODE));
	if (n->status_code < 400)
		n->status_code = 0;
	n->message = held_fact(h, FACT_ERROR);
	text = model_text(x->m, n->message, &len);
	n->error_type = errclass(n->status_code, text, len);
}

bool
codex_is_refused(const struct held *h)
{
	bool ok;

	if (number(held_fact(h, FACT_STATUS_CODE)) >= 400)
		return true;
	return json_bool(held_fact(h, FACT_SUCCESS), &ok) == 0 && !ok;
}

/* Its stream broke off and the client asked again. */
static void
superseded(struct codex *x, struct codex_conv *c)
{
	struct node *n = c->call;

	if (c->request == NULL || c->answered)
		return;
	if (n == NULL && c->request->event == CODEX_REQUEST)
		n = call_node(x, c, c->asked, c->request);
	if (n == NULL) {
		c->first = NULL;	/* a warm-up after all */
		return;
	}
	failure(x, n, c->broken != NULL ? c->broken : c->request);
	n->rule = "a request that was made again without an answer";
	if (n->message.type != JSON_STRING)
		n->message = model_string(x->m, "the answer broke off", 20);
	if (c->broken != NULL) {
		c->broken->node = n;
		n->end = c->broken->end;
	}
	if (n->error_type == NULL)
		n->error_type = "server";
}

static struct codex_turn *
turn_of(struct codex *x, struct codex_conv *c, const struct held *h)
{
	return codex_turn_of(x, c, h->trace);
}

void
codex_request(struct codex *x, struct codex_conv *c, struct held *h)
{
	struct codex_turn *t = turn_of(x, c, h);
	struct node *n;

	if (t == NULL) {
		c->stray = h;
		return;
	}
	if (t == c->asked)
		superseded(x, c);
	else
		c->first = NULL;
	c->stray = NULL;
	c->asked = t;
	if (c->first == NULL || c->answered) {
		c->first = h;
		c->attempts = 0;
	}
	c->attempts++;
	c->answered = false;
	c->broken = NULL;
	c->failed = codex_is_refused(h);
	c->tools = false;
	if (!c->failed) {
		c->request = h;
		c->call = NULL;
		return;
	}
	c->request = NULL;
	n = call_node(x, c, t, h);
	if (n != NULL)
		failure(x, n, h);
}

void
codex_stream_error(struct codex *x, struct codex_conv *c, struct held *h)
{
	(void)x;
	if (c->request != NULL && !c->answered)
		c->broken = h;
}

/* The turn of an answer: its request's. */
static struct codex_turn *
answered_turn(struct codex *x, struct codex_conv *c, struct held *h)
{
	struct held *stray = c->stray;

	if (stray == NULL && c->asked != NULL)
		return c->asked;
	if (stray == NULL && c->turn != NULL)
		return c->turn;
	c->asked = codex_new_turn(x, c, stray != NULL ? stray : h);
	c->request = c->first = stray;
	c->attempts = stray != NULL;
	c->call = NULL;
	c->answered = false;
	c->stray = NULL;
	return c->asked;
}

/* Input holds what was cached, output the reasoning. */
static void
count(struct node *n)
{
	struct usage *u = &n->usage;
	struct json_val *v = n->val;

	u->known = v[FACT_IN].type != JSON_NONE;
	u->cache_read = number(v[FACT_CACHE_READ]);
	u->write = number(v[FACT_CACHE_WRITE]);
	u->reasoning = number(v[FACT_REASONING]);
	u->input = number(v[FACT_IN]) - u->cache_read - u->write;
	u->output = number(v[FACT_OUT]) - u->reasoning;
	if (u->input < 0)
		u->input = 0;
	if (u->output < 0)
		u->output = 0;
}

void
codex_usage(struct codex *x, struct codex_conv *c, struct held *h)
{
	struct codex_turn *t = answered_turn(x, c, h);
	struct held *req = c->answered ? NULL : c->request;
	struct node *n;
	int64_t ms;

	if (t == NULL)
		return;
	n = c->call != NULL && req != NULL ? c->call :
	    call_node(x, c, t, req != NULL ? req : h);
	if (n == NULL)
		return;
	n->log = h;
	model_take(n, h, TAKE_OVER);
	n->val[FACT_ERROR] = none;
	count(n);
	codex_identify(x, t, n);
	n->outcome = OUTCOME_OK;
	n->rule = req != NULL ? "the usage after a request of its "
	    "conversation" : "usage whose request did not come";
	n->end = h->end;
	n->complete = true;
	if (req != NULL) {
		ms = number(n->val[FACT_TTFT_MS]);
		if (ms > 0)
			n->first_token = req->end + (uint64_t)ms * CLOCK_MS;
		n->attempts = c->attempts;
	}
	c->call = n;
	c->answered = true;
}

struct node *
codex_asker(struct codex *x, struct codex_conv *c)
{
	struct node *n;

	if (c->call == NULL && c->request != NULL && c->asked != NULL) {
		n = call_node(x, c, c->asked, c->request);
		c->call = n;
		if (n != NULL)
			n->outcome = OUTCOME_PENDING;
	}
	return c->call;
}

/* Opt-in: the final answer's text, told just before its usage. */
void
codex_answer(struct codex *x, struct codex_conv *c, struct held *h)
{
	struct node *n = codex_asker(x, c);

	if (n == NULL)
		return;
	n->val[FACT_TEXT] = held_fact(h, FACT_TEXT);
	h->node = n;
	if (h->arrived > n->touched)
		n->touched = h->arrived;
}

/*
 * The last request: interrupted, or its answer is yet to come. Over a
 * WebSocket it may have been a warm-up, unless a tool was asked for.
 */
void
codex_unanswered(struct codex *x, struct codex_conv *c)
{
	if (c->request == NULL || c->answered || c->asked == NULL)
		return;
	if (c->request->event == CODEX_REQUEST)
		(void)codex_asker(x, c);
	c->request = NULL;
	c->call = NULL;
	c->first = NULL;
	c->attempts = 0;
}

/*
 * A turn of opencode as spans. What it sends as telemetry are spans with ids of
 * their own, which it does not keep: those made here have the ids of the
 * database.
 */
#include "import/opencode.h"

#include <string.h>

#include "agent/errclass.h"
#include "agent/usage.h"
#include "base/clock.h"
#include "import/made.h"
#include "json/write.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

struct tree {
	struct opencode_turn	*t;
	struct made		*made;
	struct model		*m;
	struct node		*root;
	struct node		*last;		/* the main thread's last call */
	struct node		*call;		/* of the steps of a message */
	bool			 wants;		/* it asked for tools */
};

static int64_t
number(struct json_val v)
{
	int64_t n;

	return json_int(v, &n) == 0 && n > 0 ? n : 0;
}

static uint64_t
ms(struct json_val v)
{
	return (uint64_t)number(v) * CLOCK_MS;
}

static bool
is(struct json_val v, const char *type)
{
	return json_str_is(json_get(v, "type"), type);
}

/* ---- gathering ---------------------------------------------------------------------- */

void
opencode_turn_init(struct opencode_turn *t, struct arena *a,
    struct json_val session, struct json_val resource)
{
	memset(t, 0, sizeof(*t));
	t->arena = a;
	t->session = session;
	t->resource = resource;
	STAILQ_INIT(&t->messages);
}

static struct json_val
keep(struct opencode_turn *t, struct json_val v)
{
	if (v.type == JSON_NONE)
		return v;
	v.p = arena_copy(t->arena, v.p, v.n);
	if (v.p == NULL) {
		t->oom = true;
		v.type = JSON_NONE;
	}
	return v;
}

static void *
get(struct opencode_turn *t, size_t n)
{
	void *p = arena_get(t->arena, n);

	t->oom |= p == NULL;
	return p;
}

struct opencode_message *
opencode_message(struct opencode_turn *t, struct json_val id,
    struct json_val v, uint64_t time)
{
	struct opencode_message *m = get(t, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->id = keep(t, id);
	m->v = keep(t, v);
	m->time = time;
	m->thread = none;
	STAILQ_INIT(&m->parts);
	STAILQ_INSERT_TAIL(&t->messages, m, next);
	t->n++;
	return m;
}

struct opencode_part *
opencode_part(struct opencode_turn *t, struct opencode_message *m,
    struct json_val id, struct json_val v, uint64_t time)
{
	struct opencode_part *p = get(t, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->message = m;
	p->id = keep(t, id);
	p->v = keep(t, v);
	p->time = time;
	STAILQ_INSERT_TAIL(&m->parts, p, next);
	t->n++;
	return p;
}

/* ---- what was said -------------------------------------------------------------------- */

/* The texts of a message's parts of one type, from..to, as paragraphs. */
static struct json_val
texts(struct tree *t, const struct opencode_part *from,
    const struct opencode_part *to, const char *type)
{
	struct buf b = { 0 };
	struct json_val v = none, s;
	size_t n = 0;

	for (const struct opencode_part *p = from; p != to;
	    p = STAILQ_NEXT(p, next)) {
		s = json_get(p->v, "text");
		if (!is(p->v, type) || s.type != JSON_STRING || s.n <= 2 ||
		    json_get(p->v, "synthetic").type == JSON_TRUE ||
		    json_get(p->v, "ignored").type == JSON_TRUE)
			continue;
		if (n++ > 0)
			buf_adds(&b, "\n\n");
		(void)json_unescape(&b, s);
		v = s;
	}
	if (n > 1)
		v = model_string(t->m, b.p != NULL ? b.p : "", b.n);
	if (b.err != 0)
		t->m->oom = true;
	buf_fini(&b);
	return v;
}

static bool
is_user(const struct opencode_message *m)
{
	return json_str_is(json_get(m->v, "role"), "user");
}

static struct json_val
prompt_of(struct tree *t, const struct opencode_message *m)
{
	return texts(t, STAILQ_FIRST(&m->parts), NULL, "text");
}

/* ---- calls ------------------------------------------------------------------------- */

static struct json_val
first(struct json_val a, struct json_val b)
{
	return a.type != JSON_NONE ? a : b;
}

/* Disjoint counts, all of them. */
static void
count(struct tree *t, struct node *n, struct json_val v)
{
	struct json_val cache = json_get(v, "cache");
	struct usage *u = &n->usage;

	(void)t;
	u->input = number(json_get(v, "input"));
	u->output = number(json_get(v, "output"));
	u->reasoning = number(json_get(v, "reasoning"));
	u->cache_read = number(json_get(cache, "read"));
	u->write = number(json_get(cache, "write"));
	u->known = v.type == JSON_OBJECT && usage_total(u) > 0;
	u->fold = json_str_is(n->val[FACT_PROVIDER], "anthropic");
}

static void
fail(struct tree *t, struct node *n, struct json_val error)
{
	struct json_val data = json_get(error, "data");
	const char *text;
	size_t len;

	if (error.type != JSON_OBJECT)
		return;
	n->message = first(json_get(data, "message"), json_get(error, "name"));
	if (n->message.type != JSON_STRING)
		n->message = none;
	n->status_code = number(json_get(data, "statusCode"));
	text = model_text(t->m, n->message, &len);
	n->outcome = OUTCOME_ERROR;
	n->error_type = errclass(n->status_code, text, len);
	if (json_str_is(json_get(error, "name"), "MessageAbortedError")) {
		n->outcome = OUTCOME_WARNING;
		n->error_type = NULL;
		t->root->incomplete = true;
	}
}

static struct node *
call(struct tree *t, const struct opencode_message *m, struct json_val key)
{
	struct node *n = model_node(t->m, NODE_CALL, key);

	if (n == NULL)
		return NULL;
	n->resource = t->t->resource;
	n->agent = m->starter != NULL ? m->starter->node : NULL;
	n->parent = n->agent != NULL ? n->agent : t->root;
	n->val[FACT_THREAD] = m->thread;
	n->val[FACT_REQUEST] = key;
	n->val[FACT_MODEL] = json_get(m->v, "modelID");
	n->val[FACT_PROVIDER] = json_get(m->v, "providerID");
	if (m->thread.type == JSON_NONE) {
		t->last = n;
		t->wants = false;
	}
	return n;
}

/* A cost of nothing is what a subscription's calls have. */
static void
cost(struct node *n, struct json_val v)
{
	double usd;

	if (json_double(v, &usd) == 0 && usd > 0)
		n->val[FACT_COST_USD] = v;
}

static size_t
steps(const struct opencode_message *m)
{
	const struct opencode_part *p;
	size_t n = 0;

	STAILQ_FOREACH(p, &m->parts, next)
		n += is(p->v, "step-finish");
	return n;
}

/* ---- tools ------------------------------------------------------------------------- */

static void
outcome(struct tree *t, struct node *n, struct json_val state)
{
	struct json_val status = json_get(state, "status");
	struct json_val meta = json_get(state, "metadata");
	const char *text;
	size_t len;

	n->val[FACT_OUTPUT] = json_get(state, "output");
	if (n->val[FACT_OUTPUT].type != JSON_STRING)
		n->val[FACT_OUTPUT] = none;
	if (json_int(json_get(meta, "exit"), &n->exit_code) == -1)
		n->exit_code = -1;
	if (json_str_is(status, "error")) {
		n->message = json_get(state, "error");
		if (n->message.type != JSON_STRING)
			n->message = none;
		n->error_type = "tool_error";
		text = model_text(t->m, n->message, &len);
		n->outcome = memmem(text, len, "rejected permission", 19) !=
		    NULL ? OUTCOME_WARNING : OUTCOME_ERROR;
	} else if (!json_str_is(status, "completed"))
		n->outcome = OUTCOME_PENDING;
	else if (n->exit_code > 0) {
		n->outcome = OUTCOME_WARNING;
		n->error_type = "tool_error";
	}
}

static void
tool(struct tree *t, struct opencode_part *p, struct node *asker)
{
	struct json_val state = json_get(p->v, "state"), args, time;
	struct json_val id = json_get(p->v, "callID");
	struct node *n;

	n = model_node(t->m, NODE_TOOL, id.type == JSON_STRING ? id : p->id);
	if (n == NULL)
		return;
	p->node = n;
	args = json_get(state, "input");
	time = json_get(state, "time");
	n->resource = t->t->resource;
	n->parent = asker;
	n->agent = asker->agent;
	n->val[FACT_THREAD] = p->message->thread;
	n->val[FACT_PROVIDER] = asker->val[FACT_PROVIDER];
	n->val[FACT_TOOL_ID] = n->key;
	n->val[FACT_TOOL_NAME] = json_get(p->v, "tool");
	if (args.type == JSON_OBJECT)
		n->val[FACT_TOOL_INPUT] = model_string(t->m, args.p, args.n);
	n->start = ms(json_get(time, "start"));
	if (n->start == 0)
		n->start = p->time != 0 ? p->time : asker->start;
	n->end = ms(json_get(time, "end"));
	if (n->end < n->start)
		n->end = n->start;
	outcome(t, n, state);
	n->thread = json_path(state, "metadata", "sessionId", NULL);
	if (n->thread.type == JSON_STRING) {
		n->kind = NODE_AGENT;
		n->val[FACT_AGENT_NAME] = json_get(args, "subagent_type");
		n->val[FACT_BODY] = n->val[FACT_OUTPUT];
	} else
		n->thread = none;
	/* A refusal may be the end. */
	if (p->message->thread.type == JSON_NONE)
		t->wants = n->outcome != OUTCOME_WARNING || n->exit_code > 0;
}

/*
 * One model call: the parts from..to of its message. end: the part that tells
 * its tokens; NULL: the message does.
 */
static struct node *
step(struct tree *t, struct opencode_message *m, struct json_val key,
    struct opencode_part *from, struct opencode_part *to,
    const struct opencode_part *end)
{
	struct node *n = call(t, m, key);
	struct json_val reason;

	if (n == NULL)
		return NULL;
	reason = json_get(end != NULL ? end->v : m->v, end != NULL ?
	    "reason" : "finish");
	if (reason.type == JSON_STRING)
		n->val[FACT_STOP] = reason;
	n->val[FACT_TEXT] = texts(t, from, to, "text");
	n->val[FACT_THOUGHT] = texts(t, from, to, "reasoning");
	count(t, n, json_get(end != NULL ? end->v : m->v, "tokens"));
	cost(n, json_get(end != NULL ? end->v : m->v, "cost"));
	n->start = from != NULL && end != NULL && from->time != 0 ?
	    from->time : m->time;
	n->end = end != NULL ? end->time : ms(json_path(m->v, "time",
	    "completed", NULL));
	for (; from != to; from = STAILQ_NEXT(from, next)) {
		if (is(from->v, "tool"))
			tool(t, from, n);
		if (end == NULL && n->end < from->time && from->time != 0)
			n->end = from->time;
	}
	if (n->end < n->start)
		n->end = n->start;
	return n;
}

/* What a sub-agent said last is what it gives. */
static void
last_words(const struct opencode_message *m, const struct node *n)
{
	if (m->starter == NULL || m->starter->node == NULL || n == NULL ||
	    n->val[FACT_TEXT].type != JSON_STRING)
		return;
	m->starter->node->val[FACT_OUTPUT] = n->val[FACT_TEXT];
	if (n->end > m->starter->node->end)
		m->starter->node->end = n->end;
}

static void
answer(struct tree *t, struct opencode_message *m)
{
	struct opencode_part *p, *from = STAILQ_FIRST(&m->parts);
	struct node *n = NULL;

	/* Versions that put all steps into one message. */
	if (steps(m) > 1) {
		STAILQ_FOREACH(p, &m->parts, next) {
			if (!is(p->v, "step-finish"))
				continue;
			n = step(t, m, p->id, from, STAILQ_NEXT(p, next), p);
			from = STAILQ_NEXT(p, next);
		}
		if (from != NULL)
			n = step(t, m, m->id, from, NULL, NULL);
	} else {
		STAILQ_FOREACH(p, &m->parts, next)
			if (is(p->v, "step-finish"))
				break;
		if (json_get(m->v, "tokens").type == JSON_OBJECT)
			p = NULL;
		n = step(t, m, m->id, from, NULL, p);
	}
	if (n != NULL && json_get(m->v, "error").type == JSON_NONE &&
	    json_get(m->v, "time").type == JSON_OBJECT &&
	    json_path(m->v, "time", "completed", NULL).type == JSON_NONE) {
		n->waits = true;	/* it is being given */
		t->root->incomplete = true;
	}
	if (n != NULL)
		fail(t, n, json_get(m->v, "error"));
	last_words(m, n);
}

/* ---- the turn ------------------------------------------------------------------------ */

/*
 * The first answer's id, which what `opencode run` prints knows, too; of a
 * prompt that nothing answered its own.
 */
static struct json_val
key_of(const struct opencode_turn *t)
{
	const struct opencode_message *m;

	STAILQ_FOREACH(m, &t->messages, next)
		if (!is_user(m))
			return m->id;
	m = STAILQ_FIRST(&t->messages);
	return m->id;
}

static void
finish(struct tree *t)
{
	struct node *root = t->root, *n;

	TAILQ_FOREACH(n, &t->m->nodes, link) {
		if (n->end > root->end)
			root->end = n->end;
		if (root->val[FACT_PROVIDER].type == JSON_NONE)
			root->val[FACT_PROVIDER] = n->val[FACT_PROVIDER];
	}
	root->incomplete |= t->last == NULL || (t->wants &&
	    t->last->outcome == OUTCOME_OK);
	if (t->last == NULL)
		return;
	root->val[FACT_TEXT] = t->last->val[FACT_TEXT];
	if (t->last->outcome != OUTCOME_ERROR)
		return;
	root->outcome = OUTCOME_ERROR;
	root->message = t->last->message;
	root->error_type = t->last->error_type;
	root->status_code = t->last->status_code;
}

int
opencode_turn_write(struct opencode_turn *u, struct made *made)
{
	struct tree t = { .t = u, .made = made, .m = &made->m };
	struct opencode_message *m = STAILQ_FIRST(&u->messages);
	struct json_val text;

	if (u->oom)
		return -1;
	if (m == NULL)
		return 0;
	if (made_begin(made, u->arena, &made_opencode, u->session,
	    u->n + 4) == -1)
		return -1;
	t.root = model_node(t.m, NODE_TURN, key_of(u));
	if (t.root == NULL)
		return -1;
	t.root->ident = t.root->key;
	t.root->session = u->session;
	t.root->resource = u->resource;
	t.root->start = t.root->end = m->time;
	STAILQ_FOREACH(m, &u->messages, next) {
		if (!is_user(m)) {
			answer(&t, m);
			continue;
		}
		text = prompt_of(&t, m);
		if (m->thread.type == JSON_NONE && text.type == JSON_STRING)
			made_prompt(made, t.root, text, m->time);
	}
	finish(&t);
	return made_end(made);
}

/*
 * Conversations that the user did not begin. A sub-agent's is named in the
 * output of the spawn_agent call that began it. A side thread, such as the one
 * that finds a title, is begun by the client inside a user's turn: a
 * conversation that may only read, whose prompt contains the user's.
 */
#include "agent/codex-build.h"

#include <string.h>

#include "agent/ident.h"
#include "base/clock.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

/* A user's turn and the thread that titles it begin within this time. */
#define SIDE_MAX	(60 * CLOCK_S)

/* ---- sub-agents ---------------------------------------------------------------------- */

static bool
is_call_of(const struct held *h, const char *tool)
{
	return h->event == CODEX_RESULT &&
	    json_str_is(held_fact(h, FACT_TOOL_BARE), tool);
}

/* The object that is the text of a JSON string, parsed in place. */
static struct json_val
object(const char *text, size_t n)
{
	struct json_val v;
	const char *why;

	if (n == 0 || text[0] != '{' || !json_parse(text, n, &v, &why) ||
	    v.type != JSON_OBJECT)
		return none;
	return v;
}

static struct json_val
inside(struct codex *x, struct json_val s)
{
	size_t n;
	const char *text = model_text(x->m, s, &n);

	return object(text, n);
}

/* {"status":{"<id>":{"completed":"last words"}}} */
static void
told(struct codex *x, struct json_val status)
{
	struct codex_conv *c;
	struct json_iter it;
	struct json_member m;

	if (status.type != JSON_OBJECT)
		return;
	json_iter(&it, status);
	while (json_next_member(&it, &m)) {
		struct json_val words = json_get(m.val, "completed");
		struct json_val id = { m.key - 1, m.klen + 2, JSON_STRING };

		c = words.type == JSON_STRING ? codex_conv(x, id) : NULL;
		if (c != NULL)
			c->last_words = words;
	}
}

void
codex_spawned(struct codex *x, struct held *h)
{
	struct codex_conv *c;
	struct json_val out, id;

	if (is_call_of(h, "wait_agent") || is_call_of(h, "wait") ||
	    is_call_of(h, "close_agent"))
		told(x, json_get(inside(x, held_fact(h, FACT_OUTPUT)),
		    "status"));
	if (!is_call_of(h, "spawn_agent"))
		return;
	out = inside(x, held_fact(h, FACT_OUTPUT));
	id = json_get(out, "agent_id");
	c = id.type == JSON_STRING ? codex_conv(x, id) : NULL;
	if (c != NULL && c->spawn == NULL)
		c->spawn = h;
}

/* <conversation>/<trace or time>: the conversation. */
static struct json_val
conv_of_key(struct codex *x, struct json_val key)
{
	size_t n;
	const char *p = model_text(x->m, key, &n);
	const char *slash = memchr(p, '/', n);

	return model_string(x->m, p, slash != NULL ? (size_t)(slash - p) : n);
}

/* Its call was written long ago; the session remembers turn and call. */
static void
remembered(struct codex *x, struct codex_conv *c)
{
	const struct link *l = store_find_link(x->m->session, c->id);
	struct codex_turn *t;
	struct codex_item *i;
	struct codex_conv *p;

	if (l == NULL || store_find_root(x->m->group,
	    model_hash(NODE_TURN, l->tool)) == NULL)
		return;
	p = codex_conv(x, conv_of_key(x, l->tool));
	t = p != NULL ? arena_get(x->m->arena, sizeof(*t)) : NULL;
	if (t == NULL) {
		x->m->oom = true;
		return;
	}
	t->conv = p;
	t->key = l->tool;
	t->ident = ident_of_written(x->m, t->key);
	t->trace = t->id = none;
	t->later = true;
	STAILQ_INSERT_HEAD(&x->turns, t, next);
	c->home = t;
	c->sub = true;
	if (l->result.type != JSON_STRING || store_find_written(x->m->group,
	    model_hash(NODE_TOOL, l->result)) == NULL)
		return;
	i = codex_item(x, t, NODE_TOOL, l->result);
	if (i == NULL)
		return;
	i->node->kind = NODE_AGENT;
	i->node->complete = true;
	c->agent = i->node;
}

/* Same trace, begun later: somebody in that turn must have started it. */
static bool
shares_trace(struct codex *x, struct codex_conv *c)
{
	struct codex_turn *t, *mine = NULL;

	STAILQ_FOREACH(t, &x->turns, next) {
		if (t->conv == c && t->trace.type == JSON_STRING) {
			mine = t;
			break;
		}
	}
	if (mine == NULL)
		return false;
	/* Turns are in the order in which they began. */
	STAILQ_FOREACH(t, &x->turns, next) {
		if (t == mine)
			break;
		if (t->conv != c && json_equal(t->trace, mine->trace)) {
			c->home = t;
			c->sub = true;
			return true;
		}
	}
	return false;
}

static void
make_agent(struct codex *x, struct codex_conv *c)
{
	struct node *a = c->spawn->node;
	struct json_val args, out;

	if (a == NULL || a->priv == NULL)
		return;
	a->kind = NODE_AGENT;
	a->thread = c->id;
	a->waits = true;
	a->val[FACT_BODY] = held_fact(c->spawn, FACT_OUTPUT);
	args = inside(x, held_fact(c->spawn, FACT_TOOL_INPUT));
	out = inside(x, held_fact(c->spawn, FACT_OUTPUT));
	a->val[FACT_AGENT_NAME] = json_get(args, "agent_type");
	if (a->val[FACT_AGENT_NAME].type != JSON_STRING)
		a->val[FACT_AGENT_NAME] = json_get(out, "nickname");
	c->agent = a;
	c->sub = true;
	c->home = ((struct codex_item *)a->priv)->turn;
}

/* A sub-agent's sub-agent runs in the user's turn, too. */
static void
find_home(struct codex *x, struct codex_conv *c)
{
	for (int i = 0; i < 100 && c->home->conv->sub; i++)
		c->home = c->home->conv->home;
	/* A circle: nobody began it. */
	if (c->home->conv->sub) {
		c->sub = false;
		c->agent = NULL;
		return;
	}
	if (c->agent != NULL && store_link(x->m->session, c->id,
	    c->home->key, c->agent->key, false) == -1)
		x->m->oom = true;
}

/* The agent ends with its last record, and its last words are its output. */
static void
finish_agent(struct codex *x, struct codex_conv *c)
{
	struct node *a = c->agent, *last = NULL;
	struct codex_item *i;

	STAILQ_FOREACH(i, &x->items, next) {
		if (i->turn->conv != c)
			continue;
		if (i->node->end > a->end)
			a->end = i->node->end;
		if (i->node->kind == NODE_CALL && (last == NULL ||
		    i->node->start >= last->start))
			last = i->node;
	}
	if (c->last_words.type != JSON_STRING && last != NULL)
		c->last_words = last->val[FACT_TEXT];
	else if (last != NULL && last->outcome == OUTCOME_OK &&
	    last->val[FACT_TEXT].type != JSON_STRING)
		last->val[FACT_TEXT] = c->last_words;
	a->val[FACT_OUTPUT] = c->last_words;
}

/* Twice: a sub-agent's own sub-agents come later in the list. */
void
codex_finish_agents(struct codex *x)
{
	struct codex_conv *c;

	for (int i = 0; i < 2; i++)
		STAILQ_FOREACH(c, &x->convs, next)
			if (c->agent != NULL && c->spawn != NULL)
				finish_agent(x, c);
}

void
codex_threads(struct codex *x)
{
	struct codex_conv *c;

	STAILQ_FOREACH(c, &x->convs, next) {
		if (c->spawn != NULL)
			make_agent(x, c);
		if (!c->sub && !shares_trace(x, c) && c->turn != NULL)
			remembered(x, c);
	}
	STAILQ_FOREACH(c, &x->convs, next)
		if (c->sub)
			find_home(x, c);
}

/* ---- side threads ----------------------------------------------------------------------- */

static const struct json_val side_link = { "\"side thread\"", 13,
    JSON_STRING };

/* The prompt of a thread that may be a side thread; NULL: it is none. */
static const struct held *
side_prompt(const struct group *g)
{
	const struct held *h, *prompt = NULL;
	bool reads = false;

	TAILQ_FOREACH(h, &g->held, link) {
		if (h->event == CODEX_START)
			reads |= json_str_is(held_fact(h, FACT_SANDBOX),
			    "read-only");
		if (h->event == CODEX_PROMPT && (prompt == NULL ||
		    h->start < prompt->start))
			prompt = h;
	}
	return reads ? prompt : NULL;
}

static bool
same(const struct held *a, const struct held *b, const char *key)
{
	return json_equal(json_get(a->resource, key),
	    json_get(b->resource, key));
}

/*
 * Is side the prompt of a thread that serves the turn of user? Of prompts that
 * are not told only their nearness speaks.
 */
static bool
serves(const struct held *side, const struct held *user)
{
	struct json_val s = held_fact(side, FACT_PROMPT);
	struct json_val u = held_fact(user, FACT_PROMPT);
	uint64_t gap = side->start - user->start;

	if (side->start < user->start || gap > (uint64_t)SIDE_MAX ||
	    json_equal(held_fact(side, FACT_SESSION),
	    held_fact(user, FACT_SESSION)) ||
	    !json_equal(held_fact(side, FACT_ORIGINATOR),
	    held_fact(user, FACT_ORIGINATOR)) ||
	    !same(side, user, "service.name"))
		return false;
	if (json_str_is(u, "[REDACTED]") || s.type != JSON_STRING ||
	    u.type != JSON_STRING)
		return gap < (uint64_t)CLOCK_S;
	/* Instructions of some length, and the prompt among them. */
	return u.n > 2 && s.n > u.n + 64 &&
	    memmem(s.p + 1, s.n - 2, u.p + 1, u.n - 2) != NULL;
}

static void
look_for_side(struct store *st, struct group *g, const struct held *side)
{
	struct group *o;
	const struct held *h;

	TAILQ_FOREACH(o, &st->open, lru) {
		if (o == g || o->session->agent != g->session->agent)
			continue;
		TAILQ_FOREACH(h, &o->held, link)
			if (h->event == CODEX_PROMPT && serves(side, h)) {
				(void)store_link(g->session, side_link,
				    side_link, none, false);
				return;
			}
	}
}

/* The sub-agent's conversation belongs to the group that began it. */
static void
link_spawned(struct store *st, struct group *g, const struct held *h)
{
	struct json_val id;
	struct buf text = { 0 };

	if (json_unescape(&text, held_fact(h, FACT_OUTPUT)) == 0 &&
	    text.err == 0 && text.n > 0) {
		id = json_get(object(text.p, text.n), "agent_id");
		/* Out of memory: it stays by itself. */
		if (id.type == JSON_STRING)
			(void)store_add_key(st, g,
			    (struct key_part){ 'C', id });
	}
	buf_fini(&text);
}

/* Only programs that stay open make side threads. */
void
codex_arrive(struct store *st, struct group *g, const struct held *h)
{
	const struct held *side;
	struct group *o;

	if (is_call_of(h, "spawn_agent"))
		link_spawned(st, g, h);
	if ((h->event != CODEX_PROMPT && h->event != CODEX_START) ||
	    json_str_is(held_fact(h, FACT_ORIGINATOR), "codex_exec"))
		return;
	side = side_prompt(g);
	if (side != NULL)
		look_for_side(st, g, side);
	if (h->event != CODEX_PROMPT)
		return;
	TAILQ_FOREACH(o, &st->open, lru) {
		if (o == g || o->session->agent != g->session->agent)
			continue;
		side = side_prompt(o);
		if (side != NULL && serves(side, h))
			(void)store_link(o->session, side_link, side_link,
			    none, false);
	}
}

bool
codex_is_side(const struct session *s)
{
	return store_find_link(s, side_link) != NULL;
}

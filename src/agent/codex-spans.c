/*
 * What the native spans add: turn ids, the times of turns, who began a side
 * thread. Where no logs come they are all there is: their span events repeat
 * the log events but for prompts, arguments and outputs, and the usage stands
 * on the last part of an answer. Both become records like those of the logs,
 * and the turns are built from them.
 */
#include "agent/codex-build.h"

#include <stdlib.h>
#include <string.h>

#include "agent/codex.h"
#include "record/rtime.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

/* ---- finding spans ------------------------------------------------------------------ */

static struct held *
span_by_id(struct codex *x, struct json_val id)
{
	for (size_t i = 0; i < x->m->nrec; i++) {
		struct held *h = x->m->rec[i];

		if (h->kind == RECORD_SPAN && json_equal(h->span, id))
			return h;
	}
	return NULL;
}

/* thread.id is the conversation on some spans and a number on others. */
static struct json_val
conversation(const struct held *h)
{
	struct json_val v = held_fact(h, FACT_SESSION);

	return v.type == JSON_STRING ? v : held_fact(h, FACT_THREAD);
}

static struct json_val
conv_of_turn(struct codex *x, struct json_val turn)
{
	for (size_t i = 0; i < x->m->nrec; i++) {
		const struct held *h = x->m->rec[i];
		struct json_val c = conversation(h);

		if (h->kind == RECORD_SPAN && c.type == JSON_STRING &&
		    json_equal(held_fact(h, FACT_TURN), turn))
			return c;
	}
	return none;
}

/* ---- records made from spans ---------------------------------------------------------- */

static struct held *
new_record(struct codex *x, const struct held *from, int event, size_t nfact)
{
	struct held *h = arena_get(x->m->arena, sizeof(*h) +
	    nfact * sizeof(struct fact));

	if (h == NULL) {
		x->m->oom = true;
		return NULL;
	}
	memset(h, 0, sizeof(*h));
	h->kind = RECORD_LOG;
	h->event = event;
	h->line = from->line;
	h->n = from->n;
	h->arrived = from->arrived;
	h->trace = from->trace;
	h->resource = from->resource;
	return h;
}

static void
add_fact(struct held *h, enum fact_id id, struct json_val v)
{
	/* The number of a thread is none of a conversation. */
	if (id == FACT_THREAD)
		return;
	h->fact[h->nfact++] = fact_make(id, v);
}

static void
add_record(struct codex *x, struct held *h)
{
	if (x->nrec < x->caprec)
		x->rec[x->nrec++] = h;
}

static int
event_number(struct json_val name)
{
	static const struct {
		const char	*name;
		int		 event;
	} known[] = {
		{ "codex.conversation_starts", CODEX_START },
		{ "codex.user_prompt", CODEX_PROMPT },
		{ "codex.api_request", CODEX_REQUEST },
		{ "codex.websocket_request", CODEX_WS_REQUEST },
		{ "codex.turn_ttft", CODEX_TTFT },
		{ "codex.tool_result", CODEX_RESULT },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (json_str_is(name, known[i].name))
			return known[i].event;
	return 0;
}

/*
 * Is it an attempt that was refused, and whose log did not come? A client that
 * gives up may end before it has sent its last logs. When its turn is out, the
 * log may be forgotten.
 */
static bool
is_lost(struct codex *x, struct codex_conv *c, const struct held *made)
{
	struct json_val key = codex_key(x, c->id, '/', made->trace, 0);

	if (!codex_is_refused(made) || store_find_written(x->m->group,
	    model_hash(NODE_TURN, key)) != NULL)
		return false;
	key = codex_attempt_key(x, c, made);
	for (size_t i = 0; i < x->m->nrec; i++) {
		const struct held *h = x->m->rec[i];

		if (h->kind == RECORD_LOG && h->event == CODEX_REQUEST &&
		    json_equal(h->span, made->span) &&
		    json_equal(codex_attempt_key(x, c, h), key))
			return false;
	}
	return true;
}

/*
 * An event of a span as the log record it repeats. Where logs come, they tell
 * more and of everything, but for what was lost.
 */
static void
from_event(struct codex *x, const struct held *span, struct json_val e)
{
	struct json_val attr = json_get(e, "attributes");
	int event = event_number(json_get(attr, "event.name"));
	struct codex_conv *c;
	struct json_iter it;
	struct json_member m;
	struct held *h;
	size_t n = 0;

	if (event == 0 || json_get(attr, "conversation.id").type !=
	    JSON_STRING)
		return;
	c = codex_conv(x, json_get(attr, "conversation.id"));
	if (c == NULL || (c->logged && event != CODEX_REQUEST))
		return;
	json_iter(&it, attr);
	while (json_next_member(&it, &m))
		n++;
	h = new_record(x, span, event, n);
	if (h == NULL || rtime_get(json_get(e, "time"), &h->start) == -1)
		return;
	h->end = h->start;
	h->span = span->span;
	json_iter(&it, attr);
	while (json_next_member(&it, &m)) {
		enum fact_id id = fact_lookup(agent_codex.map,
		    agent_codex.nmap, m.key, m.klen);

		if (id != FACT_NONE && m.val.type != JSON_NULL)
			add_fact(h, id, m.val);
	}
	if (!c->logged || is_lost(x, c, h))
		add_record(x, h);
}

/* The usage of an answer: part of a stream, of a try, of a turn. */
static void
from_usage(struct codex *x, const struct held *used)
{
	const struct held *stream = span_by_id(x, used->parent);
	const struct held *try = stream != NULL ?
	    span_by_id(x, stream->parent) : NULL;
	struct json_val conv = try != NULL ?
	    conv_of_turn(x, held_fact(try, FACT_TURN)) : none;
	struct codex_conv *c;
	struct held *h;

	if (conv.type != JSON_STRING || (c = codex_conv(x, conv)) == NULL ||
	    c->logged)
		return;
	h = new_record(x, used, CODEX_USAGE, used->nfact + 2);
	if (h == NULL)
		return;
	h->start = h->end = used->end;
	h->trace = none;
	for (size_t i = 0; i < used->nfact; i++)
		add_fact(h, (enum fact_id)used->fact[i].id,
		    fact_val(&used->fact[i]));
	add_fact(h, FACT_SESSION, conv);
	add_fact(h, FACT_MODEL, held_fact(try, FACT_MODEL));
	add_record(x, h);
}

static int
by_time(const void *a, const void *b)
{
	return held_compare(*(struct held *const *)a,
	    *(struct held *const *)b);
}

/* Every codex.* event in the text of a span's events. */
static size_t
count_events(struct json_val events)
{
	struct json_iter it;
	struct json_val e;
	size_t n = 0;

	json_iter(&it, events);
	while (events.type == JSON_ARRAY && json_next_elem(&it, &e))
		n++;
	return n;
}

int
codex_records(struct codex *x)
{
	struct model *m = x->m;
	struct codex_conv *c;

	for (size_t i = 0; i < m->nrec; i++) {
		struct json_val id = held_fact(m->rec[i], FACT_SESSION);

		x->caprec += 2 + count_events(m->rec[i]->events);
		if (m->rec[i]->kind == RECORD_LOG && id.type == JSON_STRING &&
		    (c = codex_conv(x, id)) != NULL)
			c->logged = true;
	}
	x->rec = arena_get(m->arena, (x->caprec + 1) * sizeof(*x->rec));
	if (x->rec == NULL)
		return -1;
	for (size_t i = 0; i < m->nrec; i++) {
		struct held *h = m->rec[i];
		struct json_iter it;
		struct json_val e;

		if (h->kind == RECORD_LOG) {
			add_record(x, h);
			continue;
		}
		json_iter(&it, h->events);
		while (h->events.type == JSON_ARRAY &&
		    json_next_elem(&it, &e))
			from_event(x, h, e);
		if (h->event == CODEX_USED)
			from_usage(x, h);
	}
	qsort(x->rec, x->nrec, sizeof(*x->rec), by_time);
	return m->oom ? -1 : 0;
}

/* ---- what they add to turns ------------------------------------------------------------ */

static struct codex_turn *
turn_by_id(struct codex *x, struct json_val id)
{
	struct codex_turn *t;

	STAILQ_FOREACH(t, &x->turns, next)
		if (json_equal(t->id, id))
			return t;
	return NULL;
}

/* Any turn of the trace: the span goes where that goes. */
static struct codex_turn *
turn_by_trace(struct codex *x, struct json_val trace)
{
	struct codex_turn *t;

	STAILQ_FOREACH(t, &x->turns, next)
		if (json_equal(t->trace, trace))
			return t;
	return NULL;
}

static void
task(struct codex *x, struct held *h)
{
	struct json_val id = conversation(h);
	struct codex_turn *t;

	if (id.type != JSON_STRING || h->trace.type != JSON_STRING)
		return;
	STAILQ_FOREACH(t, &x->turns, next)
		if (json_equal(t->conv->id, id) &&
		    json_equal(t->trace, h->trace))
			break;
	if (t == NULL)
		return;
	if (t->id.type != JSON_STRING)
		t->id = held_fact(h, FACT_TURN);
	/* A later prompt of the same trace is a part of the turn. */
	if (h->event == CODEX_TASK && (t->task == NULL ||
	    h->end > t->task->end))
		t->task = h;
}

/*
 * A sub-agent without logs: the span of its turn hangs, two up, below that of
 * the call that began it.
 */
static void
spawned(struct codex *x, const struct held *input)
{
	const struct held *up = span_by_id(x, input->parent);
	struct codex_conv *c = codex_conv(x, conversation(input));

	if (up == NULL || c == NULL || c->logged || c->spawn != NULL)
		return;
	for (size_t i = 0; i < x->nrec; i++) {
		struct held *h = x->rec[i];

		if (h->event == CODEX_RESULT && json_equal(h->span,
		    up->parent) && json_str_is(held_fact(h, FACT_TOOL_BARE),
		    "spawn_agent"))
			c->spawn = h;
	}
}

void
codex_spans(struct codex *x)
{
	static const char side[] = "temporary-";
	struct codex_turn *t;

	for (size_t i = 0; i < x->m->nrec; i++) {
		struct held *h = x->m->rec[i];

		if (h->kind != RECORD_SPAN)
			continue;
		if (h->event == CODEX_TASK || h->event == CODEX_INPUT)
			task(x, h);
		if (h->event == CODEX_INPUT &&
		    conversation(h).type == JSON_STRING)
			spawned(x, h);
	}
	for (size_t i = 0; i < x->m->nrec; i++) {
		struct held *h = x->m->rec[i];
		struct json_val rpc = held_fact(h, FACT_BODY_ID);

		if (h->kind != RECORD_SPAN)
			continue;
		t = turn_by_id(x, held_fact(h, FACT_TURN));
		/* It asks for the turn of the thread that is no sub-agent. */
		if (t == NULL && h->event == CODEX_TURN_START) {
			t = turn_by_trace(x, h->trace);
			if (t != NULL && t->id.type != JSON_STRING)
				t->id = held_fact(h, FACT_TURN);
		}
		if (h->event == CODEX_TURN_START && t != NULL &&
		    rpc.type == JSON_STRING && rpc.n > sizeof(side) &&
		    memcmp(rpc.p + 1, side, sizeof(side) - 1) == 0)
			t->side = t->told = true;
		if (t == NULL)
			t = turn_by_trace(x, h->trace);
		if (t != NULL)
			codex_mark(x, t, h);
	}
	STAILQ_FOREACH(t, &x->turns, next)
		t->side |= codex_is_side(x->m->session);
}

#include "config.h"

#include "recv/ingest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json/scan.h"
#include "json/write.h"
#include "record/rtime.h"
#include "recv/lfspan.h"
#include "recv/lfstore.h"

#define ID_MAX		800	/* characters, as Langfuse allows */

struct ingest {
	struct lf_store		 store;
	size_t			 max_bytes;
	bool			 live;
	struct buf		 name, version;	/* of the last sender */
};

/* A request under way. */
struct batch {
	struct ingest		*in;
	int64_t			 now;
	struct buf		*out;
	struct buf		 ok, bad;	/* parts of the answer */
	struct lf_sender	 who;
	uint64_t		 records, refused;
	bool			 nomem;
};

/* What kinds of events there are. */
static const struct kind {
	const char	*event;
	const char	*type;		/* of an observation; or NULL */
	bool		 update;
} kinds[] = {
	{ "trace-create", NULL, false },
	{ "event-create", "event", false },
	{ "span-create", "span", false },
	{ "span-update", "span", true },
	{ "generation-create", "generation", false },
	{ "generation-update", "generation", true },
	{ "agent-create", "agent", false },
	{ "tool-create", "tool", false },
	{ "chain-create", "chain", false },
	{ "retriever-create", "retriever", false },
	{ "evaluator-create", "evaluator", false },
	{ "embedding-create", "embedding", false },
	{ "guardrail-create", "guardrail", false },
	{ "observation-create", "span", false },
	{ "observation-update", "span", true },
	{ "score-create", "score", false },
	{ "sdk-log", "log", false },
};

struct ingest *
ingest_new(size_t max_bytes, bool live)
{
	struct ingest *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return NULL;
	lf_store_init(&in->store);
	in->max_bytes = max_bytes;
	in->live = live;
	return in;
}

void
ingest_free(struct ingest *in)
{
	if (in == NULL)
		return;
	lf_store_fini(&in->store);
	buf_fini(&in->name);
	buf_fini(&in->version);
	free(in);
}

static const struct kind *
kind_of(struct json_val type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (json_str_is(type, kinds[i].event))
			return &kinds[i];
	return NULL;
}

static void
accept_event(struct batch *b, struct json_val id)
{
	buf_adds(&b->ok, b->ok.n > 0 ? ",{\"id\":" : "{\"id\":");
	buf_add(&b->ok, id.p, id.n);
	buf_adds(&b->ok, ",\"status\":201}");
}

static void
refuse_event(struct batch *b, struct json_val id, const char *why)
{
	b->refused++;
	buf_adds(&b->bad, b->bad.n > 0 ? ",{\"id\":" : "{\"id\":");
	if (id.type == JSON_STRING)
		buf_add(&b->bad, id.p, id.n);
	else
		buf_adds(&b->bad, "\"unknown\"");
	buf_adds(&b->bad, ",\"status\":400,\"message\":\"Invalid request "
	    "data\",\"error\":");
	json_put_cstr(&b->bad, why);
	buf_addc(&b->bad, '}');
}

/* The characters of an id; NULL when it is no string or has no length. */
static const char *
id_text(struct json_val v, struct buf *scratch, size_t *n)
{
	const char *p = json_str(v, scratch, n);

	return p != NULL && *n > 0 && *n <= 4 * ID_MAX ? p : NULL;
}

/* An event that could not be made a span yet, as a line of its own. */
static void
put_part(struct batch *b, struct json_val event)
{
	static const char *const want[] = { "type", "timestamp", "body" };

	buf_adds(b->out, "{\"record\":\"langfuse\"");
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct json_val v = json_get(event, want[i]);

		if (v.type == JSON_NONE)
			continue;
		json_put_key(b->out, want[i]);
		/* Line breaks outside strings are white space. */
		for (size_t k = 0; k < v.n; k++)
			if (v.p[k] != '\n' && v.p[k] != '\r')
				buf_addc(b->out, v.p[k]);
	}
	buf_adds(b->out, "}\n");
	b->records++;
}

/* Traces and observations. NULL: taken; else what is wrong. */
static const char *
take_thing(struct batch *b, const struct kind *k, struct json_val body,
    struct json_val when)
{
	struct lf_store *s = &b->in->store;
	struct buf own = { 0 }, of = { 0 };
	const char *id, *trace, *why = NULL;
	size_t n, tn;
	struct lf_trace *t;
	struct lf_thing *x = NULL;

	id = id_text(json_get(body, "id"), &own, &n);
	trace = k->type == NULL ? id :
	    id_text(json_get(body, "traceId"), &of, &tn);
	if (k->type == NULL)
		tn = n;
	if (id == NULL)
		why = "body.id must be a string";
	else if (trace == NULL) {
		/* An observation without a trace is one by itself. */
		trace = id;
		tn = n;
	}
	if (why == NULL) {
		t = lf_store_trace(s, trace, tn, b->now);
		if (t != NULL)
			x = k->type == NULL ? &t->t :
			    lf_store_obs(s, t, id, n, k->type);
		if (x == NULL || lf_store_merge(s, x, body, k->update,
		    when) == -1)
			b->nomem = true;
	}
	buf_fini(&own);
	buf_fini(&of);
	return why;
}

static const char *
take_score(struct batch *b, struct json_val body, struct json_val when)
{
	enum json_type value = json_get(body, "value").type;

	if (json_get(body, "name").type != JSON_STRING)
		return "body.name must be a string";
	if (value != JSON_NUMBER && value != JSON_STRING)
		return "body.value must be a number or a string";
	lfspan_score(b->out, body, when);
	b->records++;
	return NULL;
}

static void
take_event(struct batch *b, struct json_val event)
{
	struct json_val id, when, body;
	const struct kind *k;
	const char *why;
	uint64_t ns;

	if (event.type != JSON_OBJECT) {
		refuse_event(b, event, "an event must be an object");
		return;
	}
	id = json_get(event, "id");
	when = json_get(event, "timestamp");
	body = json_get(event, "body");
	k = kind_of(json_get(event, "type"));
	if (id.type != JSON_STRING || id.n <= 2 || id.n > 4 * ID_MAX)
		why = "id must be a string of 1 to 800 characters";
	else if (rtime_get(when, &ns) == -1)
		why = "timestamp must be an ISO 8601 time with offset";
	else if (k == NULL)
		why = "type is none of those known";
	else if (body.type != JSON_OBJECT)
		why = "body must be an object";
	else if (k->type != NULL && strcmp(k->type, "score") == 0)
		why = take_score(b, body, when);
	else if (k->type != NULL && strcmp(k->type, "log") == 0)
		return;		/* in neither list, like Langfuse does */
	else
		why = take_thing(b, k, body, when);
	if (why != NULL)
		refuse_event(b, id, why);
	else
		accept_event(b, id);
}

static bool
all_complete(struct lf_trace *t)
{
	for (struct lf_thing *x = lf_first(t); x != NULL; x = lf_next(x))
		if (!lfspan_complete(x))
			return false;
	return true;
}

/* Lines of what this request touched, as far as it is complete. */
static void
write_trace(struct batch *b, struct lf_trace *t)
{
	bool all = all_complete(t);

	for (struct lf_thing *x = lf_first(t); x != NULL; x = lf_next(x)) {
		/* What the trace says stands on each of its spans. */
		if ((!x->touched && !t->t.shared) || !lfspan_complete(x))
			continue;
		lfspan_obs(b->out, t, x, &b->who);
		b->records++;
		x->touched = false;
	}
	if (all) {
		lfspan_trace(b->out, t, &b->who);
		b->records++;
		t->t.touched = false;
	}
	t->t.shared = false;
	t->touched = false;
}

/* Does the event belong to something that is not written yet? */
static bool
is_open(struct batch *b, struct json_val event)
{
	struct json_val body = json_get(event, "body");
	const struct kind *k = kind_of(json_get(event, "type"));
	struct buf own = { 0 }, of = { 0 };
	struct lf_trace *t = NULL;
	struct lf_thing *x = NULL;
	const char *id, *trace;
	size_t n, tn;
	bool open = false;

	if (k == NULL || body.type != JSON_OBJECT || (k->type != NULL &&
	    (strcmp(k->type, "score") == 0 || strcmp(k->type, "log") == 0)))
		return false;
	id = id_text(json_get(body, "id"), &own, &n);
	trace = id_text(json_get(body, "traceId"), &of, &tn);
	if (k->type == NULL || trace == NULL) {
		trace = id;
		tn = n;
	}
	if (id != NULL) {
		t = lf_store_peek(&b->in->store, trace, tn);
		if (t != NULL)
			x = k->type == NULL ? &t->t :
			    lf_store_peek_obs(t, id, n);
		open = x != NULL && x->touched;
	}
	buf_fini(&own);
	buf_fini(&of);
	return open;
}

static void
sender(struct batch *b, struct json_val meta)
{
	struct ingest *in = b->in;
	struct json_val name = json_get(meta, "sdk_name");
	struct json_val version = json_get(meta, "sdk_version");

	if (name.type == JSON_STRING) {
		buf_reset(&in->name);
		buf_add(&in->name, name.p, name.n);
	}
	if (version.type == JSON_STRING) {
		buf_reset(&in->version);
		buf_add(&in->version, version.p, version.n);
	}
	if (in->name.n > 0)
		b->who.name = (struct json_val){ in->name.p, in->name.n,
		    JSON_STRING };
	if (in->version.n > 0)
		b->who.version = (struct json_val){ in->version.p,
		    in->version.n, JSON_STRING };
}

static void
run_batch(struct batch *b, struct json_val events)
{
	struct json_iter it;
	struct json_val event;
	struct lf_trace *t;

	json_iter(&it, events);
	while (json_next_elem(&it, &event))
		take_event(b, event);
	/* The traces of this request are those seen last. */
	TAILQ_FOREACH_REVERSE(t, &b->in->store.lru, lf_lru, lru) {
		if (!t->touched)
			break;
		write_trace(b, t);
	}
	if (!b->in->live)
		return;
	json_iter(&it, events);
	while (json_next_elem(&it, &event))
		if (event.type == JSON_OBJECT && is_open(b, event))
			put_part(b, event);
}

unsigned
ingest_request(struct ingest *in, const char *p, size_t n, int64_t now,
    struct buf *out, struct buf *answer, uint64_t *records, uint64_t *refused,
    struct err *e)
{
	struct batch b = { .in = in, .now = now, .out = out };
	struct json_val root, events;
	size_t mark = out->n;
	unsigned status = 207;
	const char *why;

	if (!json_parse(p, n, &root, &why)) {
		(void)err_set(e, "%s", why);
		return 400;
	}
	events = json_get(root, "batch");
	if (events.type != JSON_ARRAY) {
		(void)err_set(e, "no batch: an array of events is wanted");
		return 400;
	}
	if (utf8_valid_until(p, p + n) != p + n) {
		(void)err_set(e, "invalid UTF-8");
		return 400;
	}
	sender(&b, json_get(root, "metadata"));
	run_batch(&b, events);
	buf_adds(answer, "{\"successes\":[");
	buf_add(answer, b.ok.p, b.ok.n);
	buf_adds(answer, "],\"errors\":[");
	buf_add(answer, b.bad.p, b.bad.n);
	buf_adds(answer, "]}");
	*records += b.records;
	*refused += b.refused;
	if (b.nomem || b.ok.err != 0 || b.bad.err != 0 || out->err != 0) {
		status = out->err == EMSGSIZE ? 413 : 503;
		(void)err_set(e, "the records do not fit into memory");
		out->n = mark;
		out->err = 0;
	}
	buf_fini(&b.ok);
	buf_fini(&b.bad);
	while (in->store.bytes > in->max_bytes)
		*records += ingest_expire(in, ingest_oldest(in), out);
	return status;
}

uint64_t
ingest_expire(struct ingest *in, int64_t unseen_since, struct buf *out)
{
	struct batch b = { .in = in, .out = out };
	struct lf_trace *t;

	sender(&b, (struct json_val){ NULL, 0, JSON_NONE });
	while ((t = TAILQ_FIRST(&in->store.lru)) != NULL &&
	    t->seen <= unseen_since) {
		bool open = t->t.touched;

		for (struct lf_thing *x = lf_first(t); x != NULL;
		    x = lf_next(x)) {
			if (!x->touched)
				continue;
			lfspan_obs(out, t, x, &b.who);
			b.records++;
			open = true;
		}
		if (open) {
			lfspan_trace(out, t, &b.who);
			b.records++;
		}
		lf_store_drop(&in->store, t);
	}
	return b.records;
}

int64_t
ingest_oldest(const struct ingest *in)
{
	const struct lf_trace *t = TAILQ_FIRST(&in->store.lru);

	return t != NULL ? t->seen : -1;
}

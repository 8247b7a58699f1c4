#include "agent/emit.h"

#include <stdio.h>
#include <string.h>

#include "agent/emit-parts.h"
#include "base/utf8.h"
#include "json/write.h"
#include "record/rtime.h"

void
emit_fini(struct emit *e)
{
	record_fini(&e->rec);
	edit_fini(&e->edit);
	buf_fini(&e->line);
	buf_fini(&e->text);
	buf_fini(&e->cut);
	buf_fini(&e->t.tags);
	buf_fini(&e->t.name);
}

/* ---- identity ------------------------------------------------------------------- */

static struct id_part
part(const char *p, size_t n)
{
	return (struct id_part){ p, n };
}

static struct id_part
part_val(struct json_val v)
{
	return part(v.p, v.type != JSON_NONE ? v.n : 0);
}

/* The trace of a record that the turn is made of. */
static bool
trace_of_records(const struct model *m, struct node *root)
{
	for (size_t i = 0; i < m->nrec; i++) {
		const struct held *h = m->rec[i];

		if (h->node == NULL || h->node->root != root ||
		    !ids_is_trace(h->trace))
			continue;
		memcpy(root->trace, h->trace.p + 1, TRACE_ID_LEN);
		return true;
	}
	return false;
}

/* Once a span of the turn is out, its trace id stays what it was. */
static void
set_trace(struct model *m, struct node *root)
{
	const struct written_root *w = store_find_root(m->group, root->hash);
	struct id_part id[3];

	if (w != NULL) {
		memcpy(root->trace, w->trace, TRACE_ID_LEN);
		return;
	}
	if (root->native != NULL && ids_is_trace(root->native->trace)) {
		memcpy(root->trace, root->native->trace.p + 1, TRACE_ID_LEN);
		return;
	}
	if (ids_is_trace(root->own_trace)) {
		memcpy(root->trace, root->own_trace.p + 1, TRACE_ID_LEN);
		return;
	}
	if (!root->stitched && trace_of_records(m, root))
		return;
	id[0] = part(m->agent->name, strlen(m->agent->name));
	id[1] = part_val(root->session);
	if (root->session.type == JSON_NONE)
		id[1] = part(m->session->id, m->session->n);
	id[2] = part_val(root->ident);
	ids_trace(id, 3, root->trace);
}

/* The main thread's calls hang below the root, which may not have come. */
static bool
parent_of_calls(const struct model *m, struct node *root)
{
	const struct node *n;

	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->kind == NODE_CALL && n->agent == NULL &&
		    n->root == root && n->native != NULL && ids_is_span(n->native->parent)) {
			memcpy(root->span, n->native->parent.p + 1,
			    SPAN_ID_LEN);
			return true;
		}
	return false;
}

/* Has another span gone out with that id? */
static bool
is_taken(const struct group *g, const struct node *n)
{
	for (size_t i = 0; i < g->nwritten; i++)
		if (g->written[i].key != n->hash &&
		    memcmp(g->written[i].span, n->span, SPAN_ID_LEN) == 0)
			return true;
	return false;
}

/* Calls that the same identifies are numbered in order of time. */
static void
set_number(struct model *m, struct node *n)
{
	const struct node *before;

	if (n->kind != NODE_CALL || n->ident.type == JSON_NONE)
		return;
	before = model_by_span(m, n->ident);
	n->number = before != NULL ? before->number + 1 : 1;
	model_alias(m, n->ident, n);
}

/* A hash of what identifies the node. */
static void
made_span(struct model *m, struct node *n)
{
	static const char *const kind[] = { "turn", "call", "tool", "tool",
	    "other" };
	struct id_part id[6];
	char number[24];

	id[0] = part(m->agent->name, strlen(m->agent->name));
	id[1] = part_val(n->root->session);
	if (n->root->session.type == JSON_NONE)
		id[1] = part(m->session->id, m->session->n);
	id[2] = part_val(n->root->ident);
	id[3] = part(kind[n->kind], strlen(kind[n->kind]));
	id[4] = part_val(n->key.type != JSON_NONE &&
	    n->ident.type != JSON_NONE ? n->ident : n->key);
	for (;; n->number++) {
		(void)snprintf(number, sizeof(number), "%u", n->number);
		id[5] = part(number, strlen(number));
		ids_span(id, n->number > 1 ? 6 : 5, n->span);
		if (n->number == 0 || !is_taken(m->group, n))
			return;
	}
}

/*
 * A span that came keeps its id, but in a trace that is made, if something
 * identifies it that is not told by spans alone; others have one that is made.
 * The prompt's log names the root span that may still come. Once a child has
 * named its root, that stays what it was.
 */
static void
set_span(const struct emit *e, struct model *m, struct node *n)
{
	bool remake = n->ident.type != JSON_NONE && n->kind != NODE_TURN &&
	    n->root->stitched && e->o->hierarchy == 0;
	const struct written *w = store_find_written(m->group, n->hash);
	const struct written_root *r;

	if (w != NULL) {
		memcpy(n->span, w->span, SPAN_ID_LEN);
		return;
	}
	if (n->native != NULL && ids_is_span(n->native->span) && !remake) {
		memcpy(n->span, n->native->span.p + 1, SPAN_ID_LEN);
		return;
	}
	if (n->kind == NODE_TURN && n->log != NULL &&
	    ids_is_trace(n->log->trace) && ids_is_span(n->log->span)) {
		memcpy(n->span, n->log->span.p + 1, SPAN_ID_LEN);
		return;
	}
	if (n->kind == NODE_TURN && !n->made && parent_of_calls(m, n))
		return;
	r = n->kind == NODE_TURN ? store_find_root(m->group, n->hash) : NULL;
	if (r != NULL)
		memcpy(n->span, r->span, SPAN_ID_LEN);
	else
		made_span(m, n);
}

/* ---- what all spans of the turn share -------------------------------------------- */

/* Where there are no records, the nodes say what they were made of. */
static struct json_val
first_fact(const struct model *m, enum fact_id id)
{
	struct json_val v = { NULL, 0, JSON_NONE };
	const struct node *n;

	for (size_t i = 0; i < m->nrec && v.type != JSON_STRING; i++)
		v = held_fact(m->rec[i], id);
	TAILQ_FOREACH(n, &m->nodes, link)
		if (m->nrec == 0 && v.type != JSON_STRING)
			v = n->val[id];
	return v;
}

static struct json_val
first_resource(const struct model *m, const char *key)
{
	struct json_val v = { NULL, 0, JSON_NONE };
	const struct node *n;

	for (size_t i = 0; i < m->nrec && v.type != JSON_STRING; i++)
		v = json_get(m->rec[i]->resource, key);
	TAILQ_FOREACH(n, &m->nodes, link)
		if (m->nrec == 0 && v.type != JSON_STRING)
			v = json_get(n->resource, key);
	return v;
}

int
emit_group(struct emit *e, struct model *m)
{
	struct emit_common *t = &e->t;
	struct node *n;

	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->kind == NODE_TURN)
			set_trace(m, n);
	TAILQ_FOREACH(n, &m->nodes, link) {
		set_number(m, n);
		set_span(e, m, n);
	}
	t->session = (struct json_val){ m->session->id, m->session->n,
	    JSON_STRING };
	t->user = first_fact(m, FACT_USER);
	t->version = first_resource(m, "service.version");
	if (m->agent->no_version)
		t->version.type = JSON_NONE;
	if (t->version.type != JSON_STRING)
		t->version = first_fact(m, FACT_VERSION);
	t->project = first_resource(m, "project.name");
	if (t->project.type != JSON_STRING)
		t->project = first_fact(m, FACT_PROJECT);
	t->environment = first_resource(m, "deployment.environment.name");
	if (t->environment.type != JSON_STRING)
		t->environment = first_resource(m, "deployment.environment");
	emit_tags(e, m);
	buf_reset(&t->name);
	buf_addf(&t->name, "\"%s turn\"", m->agent->title);
	return m->oom || t->tags.err != 0 || t->name.err != 0 ? -1 : 0;
}

/* ---- one span ------------------------------------------------------------------------ */

static void
add_time(struct buf *b, const char *name, uint64_t t)
{
	json_put_key(b, name);
	rtime_put(b, t);
}

/* The bare line of a made span; attributes are spliced in later. */
static int
make_line(struct emit *e, const struct node *n)
{
	struct buf *b = &e->line;

	buf_reset(b);
	buf_adds(b, "{\"record\":\"span\",\"trace_id\":\"");
	buf_add(b, n->root->trace, TRACE_ID_LEN);
	buf_adds(b, "\",\"span_id\":\"");
	buf_add(b, n->span, SPAN_ID_LEN);
	buf_adds(b, "\",\"kind\":\"INTERNAL\"");
	add_time(b, "start_time", n->start);
	add_time(b, "end_time", n->end > n->start ? n->end : n->start);
	if (n->resource.type == JSON_OBJECT) {
		json_put_key(b, "resource");
		buf_add(b, n->resource.p, n->resource.n);
	}
	buf_adds(b, ",\"scope\":{\"name\":\"aitrace\",\"version\":\""
	    PACKAGE_VERSION "\"},\"attributes\":{}}");
	return b->err != 0 ? -1 : 0;
}

static int
begin(struct emit *e, const struct node *n)
{
	const char *why, *p;
	size_t len;

	if (n->native != NULL) {
		p = n->native->line;
		len = n->native->n;
	} else {
		if (make_line(e, n) == -1)
			return -1;
		p = e->line.p;
		len = e->line.n;
	}
	if (record_index(&e->rec, p, len, &why) == -1)
		return -1;
	edit_begin(&e->edit, &e->rec);
	return 0;
}

/* The id of n digits, whatever the line that came had. */
static void
set_id(struct emit *e, enum record_field f, const char *digits, size_t n)
{
	char id[TRACE_ID_LEN + 2];

	id[0] = id[n + 1] = '"';
	memcpy(id + 1, digits, n);
	edit_member(&e->edit, f, id, n + 2);
}

static void
set_name(struct emit *e, struct model *m, struct node *n)
{
	if (n->native != NULL && (e->o->names == 1 || n->kind == NODE_OTHER))
		return;
	buf_reset(&e->text);
	emit_name(&e->text, m, n, e->o->content != CONTENT_NONE);
	edit_member_str(&e->edit, F_NAME, e->text.p != NULL ? e->text.p : "",
	    e->text.n);
}

static void
set_parent(struct emit *e, const struct node *n)
{
	char id[SPAN_ID_LEN + 2];

	if (n->parent == NULL || (n->native != NULL && e->o->hierarchy == 1))
		return;
	id[0] = id[SPAN_ID_LEN + 1] = '"';
	memcpy(id + 1, n->parent->span, SPAN_ID_LEN);
	edit_member(&e->edit, F_PARENT_SPAN_ID, id, sizeof(id));
}

/* An agent that outlived its launch ends later than its span said. */
static void
set_end(struct emit *e, const struct node *n)
{
	char t[RTIME_LEN + 2];

	if (n->native == NULL || n->end <= n->native->end)
		return;
	t[0] = t[RTIME_LEN + 1] = '"';
	rtime_format(n->end, t + 1);
	edit_member(&e->edit, F_END_TIME, t, sizeof(t));
}

static void
set_status(struct emit *e, const struct node *n)
{
	/* A tool that was refused failed to the CLI, not to the turn. */
	if (n->outcome == OUTCOME_WARNING && n->native != NULL &&
	    n->native->failed)
		edit_member_drop(&e->edit, F_STATUS);
	if (n->outcome != OUTCOME_ERROR && n->outcome != OUTCOME_PENDING)
		return;
	if (json_str_is(json_get(e->rec.field[F_STATUS], "code"), "ERROR"))
		return;
	buf_reset(&e->text);
	buf_adds(&e->text, "{\"code\":\"ERROR\"");
	if (n->message.type == JSON_STRING) {
		buf_adds(&e->text, ",\"message\":");
		buf_add(&e->text, n->message.p, n->message.n);
	}
	buf_addc(&e->text, '}');
	edit_member(&e->edit, F_STATUS, e->text.p, e->text.n);
}

/* Prompts typed while the turn ran stand as events on its root. */
static void
set_events(struct emit *e, const struct node *n)
{
	const struct json_val old = e->rec.field[F_EVENTS];
	struct buf *b = &e->text;
	bool any = false;

	if (n->kind != NODE_TURN || n->nprompt < 2)
		return;
	buf_reset(b);
	if (old.type == JSON_ARRAY) {
		buf_add(b, old.p, old.n - 1);
		any = json_ws(old.p + 1, old.p + old.n) < old.p + old.n - 1;
	} else
		buf_addc(b, '[');
	for (size_t i = 1; i < n->nprompt; i++) {
		struct json_val text = held_fact(n->prompt[i], FACT_PROMPT);

		if (any)
			buf_addc(b, ',');
		any = true;
		buf_adds(b, "{\"time\":");
		rtime_put(b, n->prompt[i]->start);
		buf_adds(b, ",\"name\":\"aitrace.prompt\"");
		if (text.type == JSON_STRING &&
		    e->o->content != CONTENT_NONE &&
		    !json_str_is(text, "<REDACTED>") &&
		    !json_str_is(text, "[REDACTED]")) {
			buf_adds(b, ",\"attributes\":{\"content\":");
			buf_add(b, text.p, text.n);
			buf_addc(b, '}');
		}
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
	edit_member(&e->edit, F_EVENTS, b->p, b->n);
}

int
emit_node(struct emit *e, struct model *m, struct node *n, struct out *out)
{
	if (begin(e, n) == -1)
		return -1;
	set_id(e, F_TRACE_ID, n->root->trace, TRACE_ID_LEN);
	set_id(e, F_SPAN_ID, n->span, SPAN_ID_LEN);
	set_name(e, m, n);
	set_parent(e, n);
	set_end(e, n);
	set_status(e, n);
	set_events(e, n);
	emit_renamed(e, m, n);
	emit_common(e, m, n);
	emit_kind(e, n);
	emit_content(e, m, n);
	emit_set(e);
	e->spans++;
	return edit_write(&e->edit, out);
}

int
emit_part(struct emit *e, struct model *m, struct node *n,
    const struct held *h, struct out *out)
{
	const char *why;

	if (record_index(&e->rec, h->line, h->n, &why) == -1)
		return -1;
	edit_begin(&e->edit, &e->rec);
	set_id(e, F_TRACE_ID, n->root->trace, TRACE_ID_LEN);
	emit_common(e, m, n);
	edit_attr_str(&e->edit, "langfuse.observation.type", "span", 4);
	emit_set(e);
	e->spans++;
	return edit_write(&e->edit, out);
}

int
emit_held(const struct held *h, struct out *out)
{
	if (out_write(out, h->line, h->n) == -1)
		return -1;
	return out_putc(out, '\n');
}

int
emit_log(struct emit *e, const struct held *h, const struct node *n,
    struct out *out)
{
	char id[SPAN_ID_LEN + 2], trace[TRACE_ID_LEN + 2];
	const char *why;

	if (record_index(&e->rec, h->line, h->n, &why) == -1)
		return -1;
	id[0] = id[SPAN_ID_LEN + 1] = '"';
	memcpy(id + 1, n->span, SPAN_ID_LEN);
	trace[0] = trace[TRACE_ID_LEN + 1] = '"';
	memcpy(trace + 1, n->root->trace, TRACE_ID_LEN);
	edit_begin(&e->edit, &e->rec);
	edit_member(&e->edit, F_TRACE_ID, trace, sizeof(trace));
	edit_member(&e->edit, F_SPAN_ID, id, sizeof(id));
	edit_attr_bool(&e->edit, "aitrace.used", true);
	return edit_write(&e->edit, out);
}

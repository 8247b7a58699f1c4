/* Names, and what stands on every span of a turn. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "agent/emit-parts.h"
#include "agent/note.h"
#include "base/utf8.h"
#include "json/write.h"

#define PREVIEW_MAX	60	/* bytes of a prompt in a name */
#define ENVIRONMENT_MAX	40	/* characters Langfuse takes */

static const char *
env(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

void
emit_opts_env(struct emit_opts *o)
{
	o->user = env("LANGFUSE_USER_ID");
	o->session = env("LANGFUSE_SESSION_ID");
	o->environment = env("LANGFUSE_TRACING_ENVIRONMENT");
	o->release = env("LANGFUSE_RELEASE");
	o->tags = env("LANGFUSE_TAGS");
}

void
emit_put(struct emit *e, const char *key, struct json_val v)
{
	if (v.type != JSON_NONE)
		edit_attr(&e->edit, key, v.p, v.n);
}

void
emit_put_text(struct emit *e, const char *key, const char *s)
{
	if (s != NULL)
		edit_attr_str(&e->edit, key, s, strlen(s));
}

static bool
client_set(const struct emit *e, const char *key)
{
	return !e->o->force && record_attr(&e->rec, key).type != JSON_NONE;
}

void
emit_give(struct emit *e, const char *key, struct json_val v)
{
	if (!client_set(e, key))
		emit_put(e, key, v);
}

void
emit_give_text(struct emit *e, const char *key, const char *s)
{
	if (!client_set(e, key))
		emit_put_text(e, key, s);
}

/* ---- names ------------------------------------------------------------------------ */

/* One line of at most PREVIEW_MAX bytes, white space squeezed. */
static void
preview(struct buf *b, const char *p, size_t n)
{
	char s[PREVIEW_MAX + 8];
	size_t k = 0, i = 0;

	for (; i < n && k < PREVIEW_MAX + 4; i++) {
		char c = p[i];

		if (isspace((unsigned char)c))
			c = ' ';
		if (c == ' ' && (k == 0 || s[k - 1] == ' '))
			continue;
		s[k++] = c;
	}
	while (k > 0 && s[k - 1] == ' ')
		k--;
	if (i == n && k <= PREVIEW_MAX) {
		buf_add(b, s, k);
		return;
	}
	buf_add(b, s, utf8_cut(s, k, PREVIEW_MAX - 3));
	buf_adds(b, "...");
}

static void
turn_name(struct buf *b, struct model *m, const struct node *n, bool said)
{
	struct json_val prompt = n->val[FACT_PROMPT];
	struct json_val number = n->val[FACT_TURN_NUMBER];
	struct note note;
	const char *p;
	size_t len = 0;

	buf_adds(b, "Turn");
	if (number.type == JSON_NUMBER) {
		buf_adds(b, " #");
		buf_add(b, number.p, number.n);
	}
	if (!said)
		return;
	if (note_parse(prompt, &note) && note.summary.type != JSON_NONE) {
		/* The note's own words, still escaped as JSON. */
		struct json_val s = { note.summary.p - 1, note.summary.n + 2,
		    JSON_STRING };

		p = model_text(m, s, &len);
	} else
		p = model_text(m, prompt, &len);
	if (len > 0) {
		buf_adds(b, ": ");
		preview(b, p, len);
	}
}

static void
add_text(struct buf *b, struct model *m, struct json_val v, const char *none)
{
	size_t n;
	const char *p = model_text(m, v, &n);

	if (n > 0)
		buf_add(b, p, n);
	else
		buf_adds(b, none);
}

void
emit_name(struct buf *b, struct model *m, const struct node *n, bool said)
{
	switch (n->kind) {
	case NODE_TURN:
		turn_name(b, m, n, said);
		break;
	case NODE_CALL:
		buf_adds(b, "LLM Call: ");
		add_text(b, m, n->val[FACT_MODEL], "unknown");
		break;
	case NODE_TOOL:
		add_text(b, m, n->val[FACT_TOOL_NAME], "tool");
		break;
	case NODE_AGENT:
		buf_adds(b, "Agent: ");
		add_text(b, m, n->val[FACT_AGENT_NAME], "unknown");
		break;
	case NODE_OTHER:
		break;
	}
}

/* ---- tags and environment ------------------------------------------------------------ */

static void
add_tag(struct buf *b, const char *p, size_t n)
{
	while (n > 0 && isspace((unsigned char)*p)) {
		p++;
		n--;
	}
	while (n > 0 && isspace((unsigned char)p[n - 1]))
		n--;
	if (n == 0)
		return;
	if (b->p[b->n - 1] != '[')
		buf_addc(b, ',');
	(void)json_put_str(b, p, n);
}

static void
add_tags(struct buf *b, const char *s)
{
	size_t n = strlen(s);
	struct json_val v, tag;
	struct json_iter it;
	const char *why, *comma;

	if (json_parse(s, n, &v, &why) && v.type == JSON_ARRAY) {
		json_iter(&it, v);
		while (json_next_elem(&it, &tag)) {
			if (tag.type != JSON_STRING)
				continue;
			if (b->p[b->n - 1] != '[')
				buf_addc(b, ',');
			buf_add(b, tag.p, tag.n);
		}
		return;
	}
	for (; (comma = strchr(s, ',')) != NULL; s = comma + 1)
		add_tag(b, s, (size_t)(comma - s));
	add_tag(b, s, strlen(s));
}

void
emit_tags(struct emit *e, struct model *m)
{
	struct buf *b = &e->t.tags;
	const char *p;
	size_t n;

	buf_reset(b);
	buf_addc(b, '[');
	(void)json_put_cstr(b, m->agent->name);
	p = model_text(m, e->t.project, &n);
	if (n > 0) {
		buf_adds(b, ",\"project:");
		(void)json_put_chars(b, p, n);
		buf_addc(b, '"');
	}
	if (b->err == 0 && e->o->tags != NULL)
		add_tags(b, e->o->tags);
	buf_addc(b, ']');
}

/*
 * Langfuse takes [a-z0-9-_], at most 40, and no name of its own; anything
 * else would silently become "default".
 */
static void
put_environment(struct emit *e, struct model *m)
{
	char s[ENVIRONMENT_MAX + 1];
	const char *p = e->o->environment;
	size_t n, k = 0;

	if (p == NULL)
		p = model_text(m, e->t.environment, &n);
	else
		n = strlen(p);
	for (size_t i = 0; i < n && k < ENVIRONMENT_MAX; i++) {
		char c = (char)tolower((unsigned char)p[i]);

		s[k++] = isalnum((unsigned char)c) || c == '-' || c == '_' ?
		    c : '-';
	}
	s[k] = '\0';
	p = s;
	while (strncmp(p, "langfuse", 8) == 0)
		p += p[8] == '-' || p[8] == '_' ? 9 : 8;
	if (*p != '\0')
		emit_give_text(e, "langfuse.environment", p);
}

/* ---- every span ------------------------------------------------------------------------ */

static void
common_ids(struct emit *e, const struct node *n)
{
	const struct emit_opts *o = e->o;
	struct json_val thread = n->val[FACT_THREAD];
	struct json_val session = n->root->session.type != JSON_NONE ?
	    n->root->session : e->t.session;

	/* The client may say a sub-agent's thread is a session. */
	if (json_equal(thread, record_attr(&e->rec, "session.id")))
		emit_put(e, "session.id", session);
	else
		emit_give(e, "session.id", session);
	if (o->session != NULL)
		emit_give_text(e, "langfuse.session.id", o->session);
	else
		emit_give(e, "langfuse.session.id", session);
	emit_give(e, "user.id", e->t.user);
	if (o->user != NULL)
		emit_give_text(e, "langfuse.user.id", o->user);
	else
		emit_give(e, "langfuse.user.id", e->t.user);
	/* A sub-agent's own id is that of a thread, not of a conversation. */
	emit_put(e, "gen_ai.conversation.id", session);
	if (n->kind == NODE_AGENT && n->thread.type != JSON_NONE)
		thread = n->thread;
	emit_put(e, "aitrace.thread.id", thread);
}

void
emit_common(struct emit *e, struct model *m, const struct node *n)
{
	const struct emit_opts *o = e->o;

	common_ids(e, n);
	emit_give(e, "langfuse.trace.name", (struct json_val){ e->t.name.p,
	    e->t.name.n, JSON_STRING });
	emit_give(e, "langfuse.trace.tags", (struct json_val){ e->t.tags.p,
	    e->t.tags.n, JSON_ARRAY });
	put_environment(e, m);
	emit_give_text(e, "langfuse.release", o->release);
	emit_give(e, "langfuse.version", e->t.version);
	if (n->val[FACT_PROVIDER].type == JSON_STRING) {
		emit_give(e, "gen_ai.system", n->val[FACT_PROVIDER]);
		emit_give(e, "gen_ai.provider.name", n->val[FACT_PROVIDER]);
	} else {
		emit_give_text(e, "gen_ai.system", m->agent->provider);
		emit_give_text(e, "gen_ai.provider.name", m->agent->provider);
	}
	emit_give(e, "project.name", e->t.project);
	emit_put_text(e, "aitrace.agent", m->agent->name);
	if (n->inferred)
		emit_put_text(e, "aitrace.inferred", "parent");
	else
		emit_put_text(e, "aitrace.inferred", n->guess);
	if (n->incomplete)
		edit_attr_bool(&e->edit, "aitrace.incomplete", true);
}

void
emit_set(struct emit *e)
{
	for (size_t i = 0; i < e->o->nset; i++)
		emit_give_text(e, e->o->set[i].key, e->o->set[i].value);
}

static bool
is_content(const struct agent *a, const char *key)
{
	for (size_t i = 0; a->content[i] != NULL; i++)
		if (strcmp(a->content[i], key) == 0)
			return true;
	return false;
}

void
emit_renamed(struct emit *e, const struct model *m, const struct node *n)
{
	const struct agent *a = m->agent;

	if (n->native == NULL)
		return;
	for (const struct agent_rename *r = a->rename; r->from != NULL; r++) {
		struct json_val v = record_attr(&e->rec, r->from);

		if (v.type == JSON_NONE)
			continue;
		if (e->o->content != CONTENT_NONE ||
		    !is_content(a, r->from))
			edit_attr(&e->edit, r->to, v.p, v.n);
		edit_attr_drop(&e->edit, r->from);
	}
	for (size_t i = 0; e->o->content == CONTENT_NONE &&
	    a->content[i] != NULL; i++)
		edit_attr_drop(&e->edit, a->content[i]);
	if (e->o->content == CONTENT_NONE && n->kind != NODE_TURN)
		edit_member_drop(&e->edit, F_EVENTS);
}

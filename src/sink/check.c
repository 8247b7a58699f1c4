#include "sink/check.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "json/write.h"
#include "record/ids.h"
#include "record/rtime.h"

#define NAME_MAX_UNITS	1000	/* of UTF-16, as the server counts */
#define ENV_MAX		40

static bool
is_text(struct json_val v)
{
	return v.type == JSON_STRING;
}

static bool
is_scalar(struct json_val v)
{
	return v.type == JSON_NUMBER || v.type == JSON_TRUE ||
	    v.type == JSON_FALSE;
}

/* The string's characters, in c->text. */
static const char *
text_of(struct check *c, struct json_val v, size_t *n)
{
	buf_reset(&c->text);
	return json_str(v, &c->text, n);
}

static void
set_text(struct check *c, const char *key, const char *p, size_t n)
{
	edit_attr_str(&c->edit, key, p, n);
}

/* A number or boolean as a string of the same spelling. */
static void
fix_string(struct check *c, const char *key, struct json_val v)
{
	if (is_scalar(v))
		set_text(c, key, v.p, v.n);
}

static void
fix_name(struct check *c, const char *key, struct json_val v)
{
	size_t n, units = 0, len;
	const char *s, *p, *end;

	if (!is_text(v)) {
		fix_string(c, key, v);
		return;
	}
	if (v.n <= NAME_MAX_UNITS)
		return;
	s = text_of(c, v, &n);
	for (p = s, end = s + n; p < end; p += len) {
		len = utf8_len(p, end);
		units += len == 4 ? 2 : 1;
		if (units > NAME_MAX_UNITS)
			break;
		if (len == 0)
			len = 1;
	}
	if (p < end)
		set_text(c, key, s, (size_t)(p - s));
}

struct word {
	const char	*said, *meant;
};

static const struct word levels[] = {
	{ "debug", "DEBUG" }, { "trace", "DEBUG" }, { "verbose", "DEBUG" },
	{ "default", "DEFAULT" }, { "info", "DEFAULT" }, { "log", "DEFAULT" },
	{ "notice", "DEFAULT" }, { "ok", "DEFAULT" },
	{ "success", "DEFAULT" }, { "warning", "WARNING" },
	{ "warn", "WARNING" }, { "error", "ERROR" }, { "fatal", "ERROR" },
	{ "critical", "ERROR" }, { NULL, NULL }
};

static const struct word types[] = {
	{ "span", "span" }, { "generation", "generation" },
	{ "event", "event" }, { "embedding", "embedding" },
	{ "agent", "agent" }, { "tool", "tool" }, { "chain", "chain" },
	{ "retriever", "retriever" }, { "evaluator", "evaluator" },
	{ "guardrail", "guardrail" }, { NULL, NULL }
};

static void
fix_word(struct check *c, const char *key, struct json_val v,
    const struct word *w)
{
	const char *s = "";
	size_t n = 0;

	if (is_text(v))
		s = text_of(c, v, &n);
	for (; w->said != NULL; w++)
		if (strlen(w->said) == n && strncasecmp(w->said, s, n) == 0) {
			if (strncmp(w->meant, s, n) != 0 ||
			    strlen(w->meant) != n)
				set_text(c, key, w->meant, strlen(w->meant));
			return;
		}
	edit_attr_drop(&c->edit, key);
}

static void
fix_level(struct check *c, const char *key, struct json_val v)
{
	fix_word(c, key, v, levels);
}

static void
fix_type(struct check *c, const char *key, struct json_val v)
{
	fix_word(c, key, v, types);
}

/* Seconds, milli-, micro- or nanoseconds, whichever gives a year of ours. */
static void
fix_time(struct check *c, const char *key, struct json_val v)
{
	char out[RTIME_LEN];
	int64_t t;

	if (is_text(v))
		return;
	if (json_int(v, &t) == -1 || t <= 0) {
		edit_attr_drop(&c->edit, key);
		return;
	}
	while (t < INT64_C(100000000000000000) && t < INT64_MAX / 1000)
		t *= 1000;
	rtime_format((uint64_t)t, out);
	set_text(c, key, out, sizeof(out));
}

/* A cost that is a string of a number. */
static void
fix_number(struct check *c, const char *key, struct json_val v)
{
	const char *s, *why;
	struct json_val num;
	size_t n;

	if (!is_text(v))
		return;
	s = text_of(c, v, &n);
	if (json_parse(s, n, &num, &why) && num.type == JSON_NUMBER)
		edit_attr(&c->edit, key, num.p, num.n);
	else
		edit_attr_drop(&c->edit, key);
}

static const struct rule {
	const char	*key;
	void		(*fix)(struct check *c, const char *key,
			    struct json_val v);
} rules[] = {
	{ "langfuse.observation.completion_start_time", fix_time },
	{ "langfuse.observation.level", fix_level },
	{ "langfuse.observation.model.name", fix_string },
	{ "langfuse.observation.status_message", fix_string },
	{ "langfuse.observation.type", fix_type },
	{ "langfuse.observation.input", fix_string },
	{ "langfuse.observation.output", fix_string },
	{ "langfuse.trace.name", fix_name },
	{ "langfuse.trace.input", fix_string },
	{ "langfuse.trace.output", fix_string },
	{ "langfuse.session.id", fix_string },
	{ "langfuse.user.id", fix_string },
	{ "langfuse.release", fix_string },
	{ "langfuse.version", fix_string },
	{ "session.id", fix_string },
	{ "user.id", fix_string },
	{ "gen_ai.conversation.id", fix_string },
	{ "gen_ai.tool.name", fix_string },
	{ "gen_ai.usage.cost", fix_number },
	{ "llm.cost.total", fix_number },
	{ NULL, NULL }
};

static const struct rule *
rule_of(const struct json_member *m)
{
	/* What begins otherwise has none. */
	if (m->kesc || m->klen < 7 || strchr("lsug", m->key[0]) == NULL)
		return NULL;
	for (const struct rule *r = rules; r->key != NULL; r++)
		if (r->key[0] == m->key[0] && strlen(r->key) == m->klen &&
		    memcmp(r->key, m->key, m->klen) == 0)
			return r;
	return NULL;
}

/* The key for the edit; NULL when it cannot be named there. */
static const char *
key_of(struct check *c, const struct json_member *m)
{
	char *key;

	if (m->kesc)
		return NULL;
	if ((key = arena_get(&c->keys, m->klen + 1)) == NULL) {
		c->edit.err = 1;
		return NULL;
	}
	memcpy(key, m->key, m->klen);
	return key;
}

static bool
holds_objects(struct json_val v)
{
	struct json_iter it;
	struct json_val in;

	if (memchr(v.p, '{', v.n) == NULL)
		return false;
	json_iter(&it, v);
	while (json_next_elem(&it, &in))
		if (in.type == JSON_OBJECT || in.type == JSON_ARRAY)
			return true;
	return false;
}

/* Objects and what holds them: JSON in a string; bytes: their base64. */
static void
flatten(struct check *c, const struct json_member *m)
{
	struct json_val v = m->val, in = { NULL, 0, JSON_NONE };
	const char *key = key_of(c, m);

	if (key == NULL)
		return;
	if (v.type == JSON_OBJECT) {
		if (json_get(v, "@double").type == JSON_STRING)
			return;
		in = json_get(v, "@bytes");
	}
	if (in.type == JSON_STRING)
		edit_attr(&c->edit, key, in.p, in.n);
	else
		set_text(c, key, v.p, v.n);
}

static void
check_attributes(struct check *c)
{
	const struct record *r = c->r;
	const struct json_member *m;
	const struct rule *rule;
	const char *key;

	for (size_t i = 0; i < r->nattr; i++) {
		m = &r->attr[i];
		if (m->val.type == JSON_NULL) {
			if ((key = key_of(c, m)) != NULL)
				edit_attr_drop(&c->edit, key);
		} else if (m->val.type == JSON_OBJECT ||
		    (m->val.type == JSON_ARRAY && holds_objects(m->val)))
			flatten(c, m);
		else if ((rule = rule_of(m)) != NULL)
			rule->fix(c, rule->key, m->val);
	}
}

/* A prompt's name and version: both, the version an integer over 0. */
static void
check_prompt(struct check *c, const char *name, const char *version)
{
	struct json_val n = record_attr(c->r, name);
	struct json_val v = record_attr(c->r, version);
	int64_t i;

	if (n.type == JSON_NONE && v.type == JSON_NONE)
		return;
	if (is_text(n) && json_int(v, &i) == 0 && i > 0 && i <= UINT16_MAX) {
		if (v.type == JSON_STRING)
			edit_attr_int(&c->edit, version, i);
		return;
	}
	edit_attr_drop(&c->edit, name);
	edit_attr_drop(&c->edit, version);
}

static bool
env_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') ||
	    ch == '-' || ch == '_';
}

/* As the server reads it: of the span or else the resource. */
static struct json_val
environment_of(const struct record *r)
{
	static const char *const names[] = { "langfuse.environment",
	    "deployment.environment.name", "deployment.environment" };
	struct json_val v = { NULL, 0, JSON_NONE };

	for (size_t i = 0; i < 3 && v.type == JSON_NONE; i++) {
		v = record_attr(r, names[i]);
		if (v.type == JSON_NONE)
			v = record_resource(r, names[i]);
	}
	return v;
}

static void
check_environment(struct check *c)
{
	struct json_val v = environment_of(c->r);
	char out[ENV_MAX];
	const char *s;
	size_t n, k = 0;

	if (v.type == JSON_NONE || v.type == JSON_NULL)
		return;
	if (is_text(v))
		s = text_of(c, v, &n);
	else {
		s = v.p;
		n = v.n;
	}
	for (size_t i = 0; i < n && k < sizeof(out); i++) {
		out[k] = (char)tolower((unsigned char)s[i]);
		/* One '-' for a character of several bytes. */
		if (((unsigned char)s[i] & 0xc0) == 0x80)
			continue;
		if (!env_char(out[k]))
			out[k] = '-';
		k++;
	}
	if (k > 0 && (k != n || memcmp(out, s, n) != 0 || !is_text(v)))
		set_text(c, "langfuse.environment", out, k);
}

/* The resource again, with service.version as a string. */
static void
check_resource(struct check *c)
{
	struct json_val version = record_resource(c->r, "service.version");
	struct json_val all = c->r->field[F_RESOURCE];
	struct buf *b = &c->value;

	if (version.type == JSON_NONE || version.type == JSON_NULL ||
	    is_text(version))
		return;
	buf_reset(b);
	buf_add(b, all.p, (size_t)(version.p - all.p));
	json_put_str(b, version.p, version.n);
	buf_add(b, version.p + version.n,
	    (size_t)(all.p + all.n - version.p) - version.n);
	if (b->err == 0)
		edit_member(&c->edit, F_RESOURCE, b->p, b->n);
	else
		c->edit.err = b->err;
}

static bool
all_zeros(struct json_val v)
{
	for (size_t i = 1; i + 1 < v.n; i++)
		if (v.p[i] != '0')
			return false;
	return true;	/* empty as well */
}

static void
check_members(struct check *c)
{
	const struct json_val *f = c->r->field;
	uint64_t start, end;

	if (is_text(f[F_PARENT_SPAN_ID]) && all_zeros(f[F_PARENT_SPAN_ID]))
		edit_member_drop(&c->edit, F_PARENT_SPAN_ID);
	if (rtime_get(f[F_START_TIME], &start) == 0 &&
	    rtime_get(f[F_END_TIME], &end) == 0 && end < start)
		edit_member(&c->edit, F_END_TIME, f[F_START_TIME].p,
		    f[F_START_TIME].n);
}

int
check_span(struct check *c, const struct record *r, struct buf *out)
{
	c->r = r;
	arena_reset(&c->keys);
	edit_begin(&c->edit, r);
	check_members(c);
	check_resource(c);
	check_attributes(c);
	check_environment(c);
	check_prompt(c, "langfuse.observation.prompt.name",
	    "langfuse.observation.prompt.version");
	check_prompt(c, "langfuse.prompt.name", "langfuse.prompt.version");
	if (c->edit.err != 0)
		return -1;
	if (!edit_changes(&c->edit))
		return 0;
	return edit_append(&c->edit, out) == 0 ? 1 : -1;
}

void
check_fini(struct check *c)
{
	edit_fini(&c->edit);
	arena_fini(&c->keys);
	buf_fini(&c->value);
	buf_fini(&c->text);
}

/*
 * Content that is left out: what it said gives way to how long it was; roles,
 * kinds, ids and the number of things stay. Part of walk.h.
 */
#include "redact/walk.h"

#include <string.h>

#include "json/write.h"

/* Members that say what a thing is, not what is in it. */
static const char *const structural[] = { "role", "type", "id", "call_id",
    "tool_call_id", "tool_use_id", "finish_reason", "stop_reason", "is_error",
    "status", "exit_code", "mime_type", "modality" };
/* Members whose content is looked into. */
static const char *const inside[] = { "content", "contents", "parts", "text",
    "input", "output", "arguments", "result", "response", "name", "thinking",
    "signature", "delta", "message", "messages", "tool_calls", "function",
    "args", "reasoning" };

static bool
is_one_of(const struct json_member *m, const char *const *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (json_key_is(m, word[i], strlen(word[i])))
			return true;
	return false;
}

/* A word without a blank, short: "assistant", "tool_use". */
static bool
is_label(struct json_val v)
{
	if (v.type != JSON_STRING)
		return v.type != JSON_ARRAY && v.type != JSON_OBJECT;
	if (v.n > 66)
		return false;
	for (size_t i = 1; i + 1 < v.n; i++) {
		char c = v.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || (c != '\0' &&
		    strchr("_-./:[]", c) != NULL)))
			return false;
	}
	return true;
}

/* What stays is looked at like everything else. */
static void
keep_label(struct walk *w, const struct frame *f, struct json_val v)
{
	size_t from = w->s.n;

	if (v.type != JSON_STRING)
		return;
	walk_text(w, v.p + 1, v.n - 2, MATCH_ALL);
	splices_spell(&w->s, from, v.p + 1, v.n - 2,
	    (size_t)(v.p + 1 - f->base));
}

/* [DROPPED:12 bytes], in quotes if it is for a value. */
static void
leave_length(struct walk *w, const struct frame *f, struct json_val v,
    size_t bytes)
{
	char text[64];
	struct buf b = { 0 };

	buf_addf(&b, "\"[DROPPED:%zu bytes]\"", bytes);
	if (b.err == 0 && b.n < sizeof(text)) {
		memcpy(text, b.p, b.n);
		splices_add(&w->s, (size_t)(v.p - f->base),
		    (size_t)(v.p + v.n - f->base), text, b.n);
		w->dropped++;
	} else
		w->nomem = true;
	buf_fini(&b);
}

static bool
is_dropped(const char *p, size_t n)
{
	return n > 15 && n < 40 && memcmp(p, "[DROPPED:", 9) == 0 &&
	    memcmp(p + n - 7, " bytes]", 7) == 0;
}

/* Objects and arrays of which every name is known are looked into. */
static bool
is_known(struct json_val v, int depth)
{
	struct json_iter it;
	struct json_member m;
	struct json_val elem;

	if (depth > 8)
		return false;
	json_iter(&it, v);
	if (v.type == JSON_ARRAY) {
		while (json_next_elem(&it, &elem))
			if (!is_known(elem, depth + 1))
				return false;
		return true;
	}
	if (v.type != JSON_OBJECT)
		return true;
	while (json_next_member(&it, &m)) {
		if (is_one_of(&m, structural, sizeof(structural) /
		    sizeof(structural[0])))
			continue;
		if (!is_one_of(&m, inside, sizeof(inside) /
		    sizeof(inside[0])))
			return false;
	}
	return true;
}

static void
content(struct walk *w, const struct frame *f, struct json_val v, int depth)
{
	struct json_iter it;
	struct json_member m;
	struct json_val elem;
	size_t n;
	const char *p;

	switch (v.type) {
	case JSON_STRING:
		p = walk_says(w, v, &w->joined, &n);
		if (p != NULL && n > 0 && !is_dropped(p, n))
			leave_length(w, f, v, n);
		break;
	case JSON_NUMBER: case JSON_TRUE: case JSON_FALSE:
		leave_length(w, f, v, v.n);
		break;
	case JSON_ARRAY:
		if (!is_known(v, 0)) {
			leave_length(w, f, v, v.n);
			break;
		}
		json_iter(&it, v);
		while (json_next_elem(&it, &elem))
			content(w, f, elem, depth + 1);
		break;
	case JSON_OBJECT:
		if (!is_known(v, 0) || depth > 16) {
			if (v.n > 2)
				leave_length(w, f, v, v.n);
			break;
		}
		json_iter(&it, v);
		while (json_next_member(&it, &m))
			if (is_one_of(&m, structural, sizeof(structural) /
			    sizeof(structural[0])) && is_label(m.val))
				keep_label(w, f, m.val);
			else
				content(w, f, m.val, depth + 1);
		break;
	default:
		break;
	}
}

/* "Turn #3: fix the login test": the number may stay. */
static bool
is_turn_name(const char *p, size_t n, size_t *keep)
{
	size_t i = 6;

	if (n < 8 || memcmp(p, "Turn #", 6) != 0)
		return false;
	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	*keep = i;
	return true;
}

/* Names of spans stay, but for the prompt in them. */
static void
shorten_name(struct walk *w, const struct frame *f, struct json_val v)
{
	size_t keep;

	if (v.type == JSON_STRING && is_turn_name(v.p + 1, v.n - 2, &keep) &&
	    keep < v.n - 2)
		splices_add(&w->s, (size_t)(v.p + 1 + keep - f->base),
		    (size_t)(v.p + v.n - 1 - f->base), "", 0);
}

void
walk_content(struct walk *w, const struct frame *f,
    const struct json_member *m, bool own)
{
	struct frame in = { NULL, NULL, f->level + 1 };
	struct json_val inner, v = m->val;
	size_t from = w->s.n, n;
	const char *p, *why;

	if (own && json_key_is(m, "name", 4)) {
		shorten_name(w, f, v);
		return;
	}
	/* The body of a log record is often the name of its event. */
	if (own && is_label(v) && json_key_is(m, "body", 4))
		return;
	if (v.type == JSON_STRING) {
		p = walk_says(w, v, &w->level[f->level], &n);
		if (p == NULL)
			return;
		/* Messages in a string: their shape stays. */
		if (n > 2 && (*p == '{' || *p == '[') &&
		    json_parse(p, n, &inner, &why) && is_known(inner, 0)) {
			in.base = p;
			in.end = p + n;
			content(w, &in, inner, 0);
			splices_merge(&w->s, from);
			if (w->s.n > from)
				splices_spell(&w->s, from, v.p + 1, v.n - 2,
				    (size_t)(v.p + 1 - f->base));
			return;
		}
	}
	content(w, f, v, 0);
}

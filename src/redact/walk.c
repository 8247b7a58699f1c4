#include "redact/walk.h"

#include <stdlib.h>
#include <string.h>

#include "json/write.h"
#include "record/ids.h"
#include "redact/enter.h"

static const char *walk_value(struct walk *w, const struct frame *f,
    const char *p, struct spot at);

void
walk_fini(struct walk *w)
{
	splices_fini(&w->s);
	free(w->found.v);
	plain_fini(&w->plain);
	for (size_t i = 0; i <= WALK_LEVELS; i++)
		buf_fini(&w->level[i]);
	buf_fini(&w->joined);
	buf_fini(&w->mark);
	free(w->part);
	memset(w, 0, sizeof(*w));
}

void
walk_mark(struct walk *w, const struct rule *rule, const char *p, size_t n)
{
	enum rule_mode mode = rule->mode != MODE_DEFAULT ? rule->mode :
	    w->mode;
	char hash[IDS_KEYED_LEN];

	w->hits++;
	buf_reset(&w->mark);
	buf_addf(&w->mark, "[REDACTED:%s", rule->name);
	if (mode == MODE_HASH) {
		ids_keyed(w->key, w->nkey, p, n, hash);
		buf_addc(&w->mark, ':');
		buf_add(&w->mark, hash, sizeof(hash));
	}
	buf_addc(&w->mark, ']');
	if (mode == MODE_DROP)
		w->drop = true;
}

static void
add_found(struct walk *w, const char *p, const uint32_t *from)
{
	for (size_t i = 0; i < w->found.n; i++) {
		const struct match *m = &w->found.v[i];

		walk_mark(w, m->rule, p + m->beg, m->end - m->beg);
		splices_add(&w->s, from != NULL ? from[m->beg] : m->beg,
		    from != NULL ? from[m->end] : m->end, w->mark.p,
		    w->mark.n);
	}
	w->nomem = w->nomem || w->found.nomem;
}

void
walk_text(struct walk *w, const char *p, size_t n, enum match_scope scope)
{
	size_t from = w->s.n;

	w->found.n = 0;
	matcher_find(w->matcher, p, n, scope, &w->found);
	if (w->found.n > 0)
		add_found(w, p, NULL);
	if (plain_make(&w->plain, p, n)) {
		w->found.n = 0;
		matcher_find(w->matcher, w->plain.text.p, w->plain.text.n,
		    scope, &w->found);
		add_found(w, w->plain.text.p, w->plain.from);
	}
	w->nomem = w->nomem || w->plain.nomem;
	splices_merge(&w->s, from);
}

const char *
walk_says(struct walk *w, struct json_val v, struct buf *b, size_t *n)
{
	const char *p;

	buf_reset(b);
	p = json_str(v, b, n);
	if (b->err != 0) {
		w->nomem = true;
		return NULL;
	}
	return p;
}

/* Is all of the text one array or object? */
static bool
holds_json(const char *p, size_t n)
{
	const char *q = json_ws(p, p + n), *why;
	struct json_val v;
	char last;

	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\n' ||
	    p[n - 1] == '\r' || p[n - 1] == '\t'))
		n--;
	if (q >= p + n)
		return false;
	last = p[n - 1];
	return ((*q == '{' && last == '}') || (*q == '[' && last == ']')) &&
	    json_parse(p, n, &v, &why);
}

static void
replace(struct walk *w, const struct frame *f, const char *p, const char *end,
    const char *raw)
{
	splices_add(&w->s, (size_t)(p - f->base), (size_t)(end - f->base), raw,
	    strlen(raw));
}

/* The whole string is secret for its name. Returns whether it was hidden. */
static bool
hide_named(struct walk *w, const struct frame *f, struct json_val v,
    const char *text, size_t n)
{
	if (w->matcher->named == NULL || !names_value(&w->matcher->names,
	    NAMES_YES, text, n))
		return false;
	walk_mark(w, w->matcher->named, text, n);
	splices_add(&w->s, (size_t)(v.p + 1 - f->base),
	    (size_t)(v.p + v.n - 1 - f->base), w->mark.p, w->mark.n);
	return true;
}

static void
walk_string(struct walk *w, const struct frame *f, struct json_val v,
    struct spot at)
{
	struct frame inner = { NULL, NULL, f->level + 1 };
	size_t from = w->s.n, n;
	const char *text;

	if (v.n < 4 && !at.named)
		return;
	text = walk_says(w, v, &w->level[f->level], &n);
	if (text == NULL || (at.named && hide_named(w, f, v, text, n)))
		return;
	if (n > 8 && holds_json(text, n)) {
		if (inner.level > WALK_LEVELS) {
			w->bad = "JSON in strings nested too deeply";
			return;
		}
		inner.base = text;
		inner.end = text + n;
		(void)walk_value(w, &inner, text, (struct spot){ P_VALUE,
		    at.scope, false, false, 0 });
		splices_merge(&w->s, from);
		w->drop = false;	/* a member of its own went */
	} else
		walk_text(w, text, n, at.scope);
	if (w->s.n > from)
		splices_spell(&w->s, from, v.p + 1, v.n - 2,
		    (size_t)(v.p + 1 - f->base));
}

/* A number: only a known value, a card, or what stands under such a name. */
static void
walk_number(struct walk *w, const struct frame *f, struct json_val v,
    struct spot at)
{
	size_t from = w->s.n;

	if (at.scope == MATCH_KEYS || at.place != P_VALUE || (v.n < 8 &&
	    !at.named))
		return;
	if (at.named && w->matcher->named != NULL)
		walk_mark(w, w->matcher->named, v.p, v.n);
	else {
		walk_text(w, v.p, v.n, MATCH_ALL);
		if (w->s.n == from)
			return;
		w->s.n = from;
	}
	buf_addc(&w->mark, '"');
	splices_add(&w->s, (size_t)(v.p - f->base),
	    (size_t)(v.p + v.n - f->base), "\"", 1);
	/* One replacement of two pieces that stand side by side. */
	buf_add(&w->s.text, w->mark.p, w->mark.n);
	w->s.v[w->s.n - 1].n += w->mark.n;
}

static void
note_part(struct walk *w, struct json_val v)
{
	size_t want = w->cap != 0 ? 2 * w->cap : 64;
	struct part *part;

	if (w->nparts == w->cap) {
		part = reallocarray(w->part, want, sizeof(*part));
		if (part == NULL) {
			w->nomem = true;
			return;
		}
		w->part = part;
		w->cap = want;
	}
	w->part[w->nparts++] = (struct part){ v.p + 1, v.n - 2 };
}

static bool
ends(const struct json_member *m, const char *word, size_t n)
{
	return m->klen >= n && memcmp(m->key + m->klen - n, word, n) == 0 &&
	    (m->klen == n || m->key[m->klen - n - 1] == '.');
}

/* Texts of which several make one: {"type":"text","text":"..."}. */
static bool
is_part(const struct json_member *m)
{
	return m->val.type == JSON_STRING && (ends(m, "text", 4) ||
	    ends(m, "content", 7) || ends(m, "delta", 5) ||
	    ends(m, "thinking", 8));
}

static void
walk_name(struct walk *w, const struct frame *f, const struct json_member *m)
{
	struct json_val v = { m->key - 1, m->klen + 2, JSON_STRING };
	bool drop = w->drop;

	if (m->klen >= 8)
		walk_string(w, f, v, (struct spot){ .place = P_VALUE,
		    .scope = MATCH_ALL });
	w->drop = drop;
}

/*
 * A member goes with the comma before it, or, while none stays before it, with
 * the one behind.
 */
static void
drop_member(struct walk *w, const struct frame *f, const char *prev,
    const struct json_member *m, const char *close, bool first)
{
	const char *beg = first ? m->key - 1 : prev;
	const char *end = m->val.p + m->val.n, *q;

	if (first) {
		q = json_ws(end, close);
		if (q < close && *q == ',')
			end = json_ws(q + 1, close);
	}
	w->dropped++;
	replace(w, f, beg, end, "");
}

/* Passes the member's name; p behind its value's first white space. */
static const char *
member_name(const char *p, const char *end, struct json_member *m)
{
	const char *why;

	m->key = p + 1;
	m->kesc = false;
	p = json_string_end(p + 1, end, &m->kesc, &why);
	if (p == NULL)
		return NULL;
	m->klen = (size_t)(p - m->key);
	return json_ws(json_ws(p + 1, end) + 1, end);
}

static enum json_type
type_at(char c)
{
	return c == '"' ? JSON_STRING : c == '{' ? JSON_OBJECT : c == '[' ?
	    JSON_ARRAY : c == 't' ? JSON_TRUE : c == 'f' ? JSON_FALSE :
	    c == 'n' ? JSON_NULL : JSON_NUMBER;
}

/* One member; the end of its value. */
static const char *
walk_member(struct walk *w, const struct frame *f, const char *p,
    struct json_member *m, struct spot at, bool value_named, bool *drop)
{
	struct spot in = { at.place, at.scope, false, false, at.depth + 1 };
	size_t from = w->s.n;
	const char *q, *why;

	/* The end of a short value is needed to judge it. */
	m->val = (struct json_val){ p, 0, type_at(*p) };
	if (*p == '"') {
		q = json_skip(p, f->end, 1, &m->val, &why);
		if (q == NULL)
			return NULL;
	}
	if (at.place == P_LINE || at.place == P_PARTS) {
		if (!enter_record(w, m, p, &in))
			return m->val.n > 0 ? p + m->val.n : json_skip(p,
			    f->end, JSON_MAX_DEPTH, &m->val, &why);
	} else
		enter_value(w, m, &in, drop);
	in.named = in.named || (value_named && m->klen == 5 &&
	    memcmp(m->key, "value", 5) == 0);
	if (*drop || in.content) {
		q = json_skip(p, f->end, JSON_MAX_DEPTH, &m->val, &why);
		if (q != NULL && !*drop)
			walk_content(w, f, m, at.place != P_ATTRS);
		if (q == NULL || *drop || w->s.n > from)
			return q;
	}
	w->drop = false;
	if (m->val.type == JSON_STRING) {
		walk_string(w, f, m->val, in);
		q = p + m->val.n;
	} else
		q = walk_value(w, f, p, in);
	*drop = w->drop;
	w->drop = false;
	if (q != NULL)
		m->val.n = (size_t)(q - p);
	return q;
}

static const char *
walk_object(struct walk *w, const struct frame *f, const char *p,
    struct spot at)
{
	const char *prev = p + 1;
	size_t parts = w->nparts;
	bool first = true, value_named = false;
	struct json_member m;

	p = json_ws(p + 1, f->end);
	while (p != NULL && p < f->end && *p == '"') {
		size_t from = w->s.n;
		bool drop = false;

		p = member_name(p, f->end, &m);
		if (p == NULL)
			return NULL;
		if (at.place != P_LINE && at.place != P_PARTS)
			walk_name(w, f, &m);
		p = walk_member(w, f, p, &m, at, value_named, &drop);
		if (p == NULL || w->nomem || w->bad != NULL)
			return NULL;
		value_named = value_named || enter_names_next(w, &m);
		if (drop) {
			w->s.n = from;
			drop_member(w, f, prev, &m, f->end, first);
		} else {
			first = false;
			if (is_part(&m))
				note_part(w, m.val);
		}
		prev = p;
		p = json_ws(p, f->end);
		if (p < f->end && *p == ',')
			p = json_ws(p + 1, f->end);
	}
	/* Attributes hold their parts side by side, arrays in each element. */
	if (at.place == P_ATTRS) {
		if (w->nparts > parts + 1)
			walk_join(w, f, parts);
		w->nparts = parts;
	}
	return p + 1;
}

static const char *
walk_array(struct walk *w, const struct frame *f, const char *p,
    struct spot at)
{
	size_t parts = w->nparts;

	p = json_ws(p + 1, f->end);
	while (p < f->end && *p != ']') {
		const char *beg = p;
		size_t from = w->s.n;

		w->drop = false;
		p = walk_value(w, f, p, at);
		if (p == NULL || w->nomem || w->bad != NULL)
			return NULL;
		if (*beg == '"')
			note_part(w, (struct json_val){ beg, (size_t)(p - beg),
			    JSON_STRING });
		if (w->drop) {
			w->s.n = from;
			replace(w, f, beg, p, "null");
		}
		w->drop = false;
		p = json_ws(p, f->end);
		if (p < f->end && *p == ',')
			p = json_ws(p + 1, f->end);
	}
	if (w->nparts > parts + 1)
		walk_join(w, f, parts);
	w->nparts = parts;
	return p + 1;
}

/* The position behind the value, or NULL. */
static const char *
walk_value(struct walk *w, const struct frame *f, const char *p,
    struct spot at)
{
	struct json_val v;
	const char *why;

	p = json_ws(p, f->end);
	if (at.depth > JSON_MAX_DEPTH) {
		w->bad = "nested too deeply";
		return NULL;
	}
	if (*p == '{' || *p == '[') {
		at.depth++;
		return *p == '{' ? walk_object(w, f, p, at) :
		    walk_array(w, f, p, at);
	}
	p = json_skip(p, f->end, 1, &v, &why);
	if (p == NULL)
		return NULL;
	if (v.type == JSON_STRING)
		walk_string(w, f, v, at);
	else if (v.type == JSON_NUMBER)
		walk_number(w, f, v, at);
	return p;
}

int
walk_line(struct walk *w, const char *p, size_t n)
{
	struct frame f = { p, p + n, 0 };

	splices_reset(&w->s);
	w->nparts = 0;
	w->bad = NULL;
	w->drop = false;
	if (walk_value(w, &f, p, (struct spot){ .place = P_LINE,
	    .scope = MATCH_ALL }) == NULL && w->bad == NULL && !w->nomem)
		w->bad = "cannot be walked";
	w->nomem = w->nomem || w->s.nomem || w->s.text.err != 0;
	if (w->bad != NULL || w->nomem)
		return -1;
	splices_merge(&w->s, 0);
	return 0;
}

#include "redact/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "json/doc.h"

static const char *const kind_name[] = { "token", "jwt", "basic", "block",
    "named", "url", "email", "ipv4", "ipv6", "card", "phone", "exact", "word",
    "mark" };
static const char *const mode_name[] = { "default", "mask", "hash", "drop" };

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

int
rules_append(struct rules *r, struct rule_list *l, const char *s)
{
	size_t want = l->cap != 0 ? 2 * l->cap : 32;
	const char **v;

	if (l->n == l->cap) {
		v = reallocarray(l->v, want, sizeof(*v));
		if (v == NULL)
			return -1;
		l->v = v;
		l->cap = want;
	}
	s = arena_copy(&r->mem, s, strlen(s) + 1);
	if (s == NULL)
		return -1;
	l->v[l->n++] = s;
	return 0;
}

struct rule *
rules_find(const struct rules *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->rule[i]->name, name) == 0)
			return r->rule[i];
	return NULL;
}

struct rule *
rules_add(struct rules *r, const char *name)
{
	size_t want = r->cap != 0 ? 2 * r->cap : 64;
	struct rule *rule = rules_find(r, name), **v;

	if (rule != NULL) {
		name = rule->name;
		memset(rule, 0, sizeof(*rule));
		rule->name = name;
		return rule;
	}
	if (r->n == r->cap) {
		v = reallocarray(r->rule, want, sizeof(*v));
		if (v == NULL)
			return NULL;
		r->rule = v;
		r->cap = want;
	}
	rule = arena_get(&r->mem, sizeof(*rule));
	if (rule == NULL)
		return NULL;
	rule->name = arena_copy(&r->mem, name, strlen(name) + 1);
	if (rule->name == NULL)
		return NULL;
	r->rule[r->n++] = rule;
	return rule;
}

/* Index of the word, or -1. */
static int
word_of(const char *s, const char *const *word, size_t n)
{
	for (size_t i = 0; s != NULL && i < n; i++)
		if (strcmp(s, word[i]) == 0)
			return (int)i;
	return -1;
}

/* Names go into replacements, which no rule may take for a secret. */
static bool
is_name(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 40 && strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "0123456789-") == n;
}

/* "A-Za-z0-9_-": ranges, a '-' at an end stands for itself. */
static int
read_alphabet(struct rule *rule, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	for (; *p != '\0'; p++) {
		unsigned from = p[0], to = from;

		if (p[1] == '-' && p[2] != '\0') {
			to = p[2];
			p += 2;
		}
		if (to < from)
			return -1;
		for (unsigned c = from; c <= to; c++)
			rule->alphabet[c >> 3] |= (uint8_t)(1U << (c & 7));
	}
	return 0;
}

/* A text or an array of texts. */
static int
read_texts(struct rules *r, const struct doc *d, struct rule_list *l)
{
	if (doc_is_string(d))
		return rules_append(r, l, doc_str(d));
	if (d == NULL)
		return 0;
	if (!doc_is_array(d))
		return -1;
	for (d = doc_first(d); d != NULL; d = doc_next(d))
		if (!doc_is_string(d) ||
		    rules_append(r, l, doc_str(d)) == -1)
			return -1;
	return 0;
}

/* The same for a rule, whose lists live with the texts. */
static int
rule_texts(struct rules *r, const struct doc *d, const char ***v, size_t *n)
{
	struct rule_list l = { 0 };
	int rc = read_texts(r, d, &l);

	if (rc == 0 && l.n > 0) {
		*v = arena_get(&r->mem, l.n * sizeof(**v));
		if (*v != NULL)
			memcpy(*v, l.v, l.n * sizeof(**v));
		rc = *v != NULL ? 0 : -1;
		*n = l.n;
	}
	free(l.v);
	return rc;
}

static int
read_count(const struct doc *d, size_t *out)
{
	int64_t v;

	if (d == NULL)
		return 0;
	if (doc_int(d, &v) != 0 || v < 0 || v > RULES_MAX_TEXT)
		return -1;
	*out = (size_t)v;
	return 0;
}

static const char *const rule_member[] = { "name", "kind", "mode", "off",
    "personal", "keep", "anywhere", "mixed", "alphabet", "min", "max",
    "distinct", "prefix", "except", "example", "comment" };

static int
rule_values(struct rules *r, struct rule *rule, const struct doc *d)
{
	const struct doc *alphabet = doc_get(d, "alphabet");
	const struct doc *example = doc_get(d, "example");
	const char *s;

	if (rule_texts(r, doc_get(d, "prefix"), &rule->prefix,
	    &rule->nprefix) == -1 ||
	    rule_texts(r, doc_get(d, "except"), &rule->except,
	    &rule->nexcept) == -1 ||
	    read_count(doc_get(d, "min"), &rule->min) == -1 ||
	    read_count(doc_get(d, "max"), &rule->max) == -1 ||
	    read_count(doc_get(d, "distinct"), &rule->distinct) == -1)
		return -1;
	if (alphabet != NULL && ((s = doc_str(alphabet)) == NULL ||
	    read_alphabet(rule, s) == -1))
		return -1;
	if (example != NULL) {
		if ((s = doc_str(example)) == NULL)
			return -1;
		rule->example = arena_copy(&r->mem, s, strlen(s) + 1);
		if (rule->example == NULL)
			return -1;
	}
	return 0;
}

/* A token without prefix or alphabet would be everything or nothing. */
static const char *
rule_lacks(const struct rule *rule)
{
	static const uint8_t none[32];
	bool token = rule->kind == RULE_TOKEN || rule->kind == RULE_JWT ||
	    rule->kind == RULE_BASIC;

	if (!token)
		return NULL;
	if (rule->nprefix == 0)
		return "prefix";
	for (size_t i = 0; i < rule->nprefix; i++)
		if (strlen(rule->prefix[i]) < 2 ||
		    strlen(rule->prefix[i]) > RULES_MAX_TEXT)
			return "a prefix of two characters or more";
	return memcmp(rule->alphabet, none, sizeof(none)) == 0 ? "alphabet" :
	    NULL;
}

static int
read_rule(struct rules *r, const char *file, const struct doc *d,
    struct err *e)
{
	const char *name = doc_str(doc_get(d, "name")), *lacks;
	const struct doc *mode = doc_get(d, "mode");
	struct rule *rule;
	int kind, m = 0;

	if (name == NULL || !is_name(name))
		return err_set(e, "%s: a rule without a name of a-z, 0-9 "
		    "and '-'", file);
	for (const struct doc *c = doc_first(d); c != NULL; c = doc_next(c))
		if (word_of(doc_key(c), rule_member, COUNT(rule_member)) == -1)
			return err_set(e, "%s: %s: unknown member \"%s\"",
			    file, name, doc_key(c));
	rule = rules_find(r, name);
	/* {"name":"x","off":true} takes a rule away and needs no more. */
	if (rule != NULL && doc_get(d, "kind") == NULL) {
		rule->off = doc_bool(doc_get(d, "off"), rule->off);
		if (mode != NULL && (m = word_of(doc_str(mode), mode_name,
		    COUNT(mode_name))) >= 0)
			rule->mode = (enum rule_mode)m;
		return m < 0 ? err_set(e, "%s: %s: mode", file, name) : 0;
	}
	kind = word_of(doc_str(doc_get(d, "kind")), kind_name,
	    COUNT(kind_name));
	if (kind == -1 || kind >= RULE_EXACT)
		return err_set(e, "%s: %s: no such kind of rule", file, name);
	if (mode != NULL && (m = word_of(doc_str(mode), mode_name,
	    COUNT(mode_name))) == -1)
		return err_set(e, "%s: %s: mode is mask, hash or drop", file,
		    name);
	rule = rules_add(r, name);
	if (rule == NULL)
		return err_set(e, "out of memory");
	rule->kind = (enum rule_kind)kind;
	rule->mode = (enum rule_mode)m;
	rule->off = doc_bool(doc_get(d, "off"), false);
	rule->personal = doc_bool(doc_get(d, "personal"), false);
	rule->keep = doc_bool(doc_get(d, "keep"), false);
	rule->anywhere = doc_bool(doc_get(d, "anywhere"), false);
	rule->mixed = doc_bool(doc_get(d, "mixed"), false);
	if (rule_values(r, rule, d) == -1)
		return err_set(e, "%s: %s: prefix and except are texts, "
		    "min, max and distinct numbers, alphabet is like "
		    "\"A-Za-z0-9_-\"", file, name);
	lacks = rule_lacks(rule);
	return lacks == NULL ? 0 : err_set(e, "%s: %s: needs %s", file, name,
	    lacks);
}

static int
read_root(struct rules *r, const char *file, const struct doc *root,
    struct err *e)
{
	const struct {
		const char		*name;
		struct rule_list	*list;
	} lists[] = {
		{ "names", &r->names },
		{ "weak_names", &r->weak_names }, { "lines", &r->lines },
		{ "not_names", &r->not_names },
		{ "not_values", &r->not_values }, { "drop", &r->drop },
		{ "keep", &r->keep }, { "content", &r->content },
	};
	const struct doc *d;
	size_t i;

	for (d = doc_first(root); d != NULL; d = doc_next(d)) {
		const char *key = doc_key(d);

		if (strcmp(key, "comment") == 0)
			continue;
		if (strcmp(key, "rules") == 0 && doc_is_array(d)) {
			const struct doc *rule = doc_first(d);

			for (; rule != NULL; rule = doc_next(rule))
				if (read_rule(r, file, rule, e) == -1)
					return -1;
			continue;
		}
		for (i = 0; i < COUNT(lists); i++)
			if (strcmp(key, lists[i].name) == 0)
				break;
		if (i == COUNT(lists))
			return err_set(e, "%s: unknown member \"%s\"", file,
			    key);
		if (read_texts(r, d, lists[i].list) == -1)
			return err_set(e, "%s: %s: texts expected", file,
			    key);
	}
	return 0;
}

int
rules_parse(struct rules *r, const char *name, const char *p, size_t n,
    struct err *e)
{
	struct err why = { "" };
	struct doc *root = doc_parse(p, n, &why);
	int rc;

	if (root == NULL)
		return err_set(e, "%s: %s", name, why.msg);
	if (!doc_is_object(root))
		rc = err_set(e, "%s: no object", name);
	else
		rc = read_root(r, name, root, e);
	doc_free(root);
	return rc;
}

int
rules_read(struct rules *r, const char *path, struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, RULES_MAX_FILE);
	rc = file_read(path, RULES_MAX_FILE, &b, e);
	if (rc == 0)
		rc = rules_parse(r, path, b.p != NULL ? b.p : "", b.n, e);
	buf_fini(&b);
	return rc;
}

void
rules_fini(struct rules *r)
{
	free(r->rule);
	free(r->names.v);
	free(r->weak_names.v);
	free(r->lines.v);
	free(r->not_names.v);
	free(r->not_values.v);
	free(r->drop.v);
	free(r->keep.v);
	free(r->content.v);
	arena_fini(&r->mem);
	memset(r, 0, sizeof(*r));
}

#include "redact/redact.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "redact/secrets.h"
#include "redact/walk.h"

#define KEY_MIN		8	/* bytes of the hash's key */
#define SECRET_FILE_MAX	(16 * RULES_MAX_TEXT)

struct redact {
	struct rules		 rules;
	struct secrets		 secrets;
	struct rule_list	 allow, deny;
	struct policy		 policy;
	struct matcher		 matcher;
	struct walk		 walk;
	struct buf		 key;
};

struct redact *
redact_new(void)
{
	struct redact *x = calloc(1, sizeof(*x));

	if (x != NULL)
		x->walk.mode = MODE_MASK;
	return x;
}

void
redact_free(struct redact *x)
{
	if (x == NULL)
		return;
	walk_fini(&x->walk);
	matcher_fini(&x->matcher);
	policy_fini(&x->policy);
	secrets_fini(&x->secrets);
	free(x->allow.v);
	free(x->deny.v);
	rules_fini(&x->rules);
	if (x->key.p != NULL)
		explicit_bzero(x->key.p, x->key.n);
	buf_fini(&x->key);
	free(x);
}

static const char *
set_in_env(const char *name)
{
	const char *s = getenv(name);

	return s != NULL && *s != '\0' ? s : NULL;
}

int
redact_rules(struct redact *x, const char *path, struct err *e)
{
	const char *dir = set_in_env("AITRACE_DATADIR");
	struct buf b = { 0 };
	int rc;

	if (path == NULL)
		path = set_in_env("AITRACE_RULES");
	if (path == NULL) {
		buf_addf(&b, "%s/redact.json", dir != NULL ? dir :
		    PKGDATADIR);
		path = buf_cstr(&b);
	}
	rc = rules_read(&x->rules, path, e);
	buf_fini(&b);
	return rc;
}

int
redact_rules_text(struct redact *x, const char *name, const char *p, size_t n,
    struct err *e)
{
	return rules_parse(&x->rules, name, p, n, e);
}

int
redact_off(struct redact *x, const char *name, struct err *e)
{
	struct rule *r = rules_find(&x->rules, name);

	if (r == NULL)
		return err_set(e, "no such rule: %s", name);
	r->off = true;
	return 0;
}

/* The rule that a known value's mark names: api_key_1 -> api-key-1. */
static struct rule *
rule_for(struct redact *x, const char *name, enum rule_kind kind,
    struct err *e)
{
	char text[41];
	size_t n = 0;
	struct rule *r;

	for (; *name != '\0' && n < sizeof(text) - 1; name++) {
		char c = *name;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		text[n++] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ?
		    c : '-';
	}
	text[n] = '\0';
	r = rules_find(&x->rules, text);
	if (r != NULL && r->kind == kind)
		return r;
	/* A value may have the name of a rule; it does not replace it. */
	if (r != NULL)
		r = rules_add(&x->rules, "known-value");
	else
		r = rules_add(&x->rules, text);
	if (r == NULL)
		err_set(e, "out of memory");
	else
		r->kind = kind;
	return r;
}

int
redact_secret(struct redact *x, const char *name, const char *p, size_t n,
    struct err *e)
{
	struct rule *r = rule_for(x, name, RULE_EXACT, e);
	size_t first = x->secrets.n;
	struct err why;

	if (r == NULL)
		return -1;
	if (secrets_add(&x->secrets, r, p, n, &why) == -1)
		return err_set(e, "%s: %s", name, why.msg);
	if (r->example == NULL)
		r->example = x->secrets.v[first].p;
	return 0;
}

int
redact_secret_env(struct redact *x, const char *variable, struct err *e)
{
	const char *s = getenv(variable);

	if (s == NULL || *s == '\0')
		return err_set(e, "%s: not set", variable);
	return redact_secret(x, variable, s, strlen(s), e);
}

int
redact_secret_file(struct redact *x, const char *path, struct err *e)
{
	const char *p, *end, *nl;
	struct buf b;
	int rc;

	buf_init(&b, SECRET_FILE_MAX);
	rc = file_read(path, SECRET_FILE_MAX, &b, e);
	if (rc == 0)
		rc = redact_secret(x, "known-value", b.p != NULL ? b.p : "",
		    b.n, e);
	if (rc == -1)
		goto out;
	/* One secret a line is what most such files are. */
	end = b.p + b.n;
	for (p = b.p; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if (p == b.p && nl >= end - 1)
			break;
		if (nl - p >= 6 && memcmp(p, "-----", 5) != 0)
			rc = redact_secret(x, "known-value", p,
			    (size_t)(nl - p), e);
		if (rc == -1)
			break;
	}
out:
	if (b.p != NULL)
		explicit_bzero(b.p, b.n);
	buf_fini(&b);
	return rc;
}

int
redact_user(struct redact *x, const char *name, struct err *e)
{
	static const char *const nobody[] = { "root", "user", "me", "admin",
	    "ubuntu", "debian", "runner", "vscode", "node", "dev", "nobody",
	    "codespace", "agent", "claude", "test", "build", "app" };
	const struct rule *r;

	if (strlen(name) < 3)
		return 0;
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
		if (strcmp(name, nobody[i]) == 0)
			return 0;
	r = rule_for(x, "user-name", RULE_WORD, e);
	if (r == NULL)
		return -1;
	rules_find(&x->rules, "user-name")->personal = true;
	return secrets_add_word(&x->secrets, r, name, strlen(name), e);
}

int
redact_key(struct redact *x, const void *p, size_t n, struct err *e)
{
	const char *s = p;

	while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r'))
		n--;
	if (n < KEY_MIN)
		return err_set(e, "the key of the hash is shorter than %d "
		    "bytes", KEY_MIN);
	buf_add(&x->key, p, n);
	return x->key.err != 0 ? err_set(e, "out of memory") : 0;
}

void
redact_mode(struct redact *x, enum rule_mode mode)
{
	x->walk.mode = mode;
}

void
redact_drop_content(struct redact *x)
{
	x->walk.drop_content = true;
}

int
redact_deny(struct redact *x, const char *name, struct err *e)
{
	return rules_append(&x->rules, &x->deny, name) == 0 ? 0 :
	    err_set(e, "out of memory");
}

int
redact_allow(struct redact *x, const char *name, struct err *e)
{
	return rules_append(&x->rules, &x->allow, name) == 0 ? 0 :
	    err_set(e, "out of memory");
}

int
redact_ready(struct redact *x, struct err *e)
{
	bool hashes = x->walk.mode == MODE_HASH;

	for (size_t i = 0; i < x->rules.n; i++)
		hashes = hashes || x->rules.rule[i]->mode == MODE_HASH;
	if (hashes && x->key.n == 0)
		return err_set(e, "hashes need a key: --key-env or "
		    "--key-file");
	x->walk.key = (const unsigned char *)x->key.p;
	x->walk.nkey = x->key.n;
	if (policy_init(&x->policy, &x->rules, &x->allow, &x->deny) == -1 ||
	    matcher_init(&x->matcher, &x->rules, x->secrets.v,
	    x->secrets.n) == -1)
		return err_set(e, "out of memory, or too many secrets");
	x->walk.policy = &x->policy;
	x->walk.matcher = &x->matcher;
	return 0;
}

enum redact_res
redact_line(struct redact *x, const char *p, size_t n, struct buf *out,
    const char **why)
{
	struct json_val v;

	buf_reset(out);
	if (!json_parse(p, n, &v, why))
		return REDACT_BAD;
	if (v.type != JSON_OBJECT) {
		*why = "no JSON object";
		return REDACT_BAD;
	}
	return redact_record(x, p, n, out, why);
}

enum redact_res
redact_record(struct redact *x, const char *p, size_t n, struct buf *out,
    const char **why)
{
	struct json_val v;

	*why = NULL;
	buf_reset(out);
	if (walk_line(&x->walk, p, n) == -1) {
		*why = x->walk.bad;
		return x->walk.nomem ? REDACT_NOMEM : REDACT_BAD;
	}
	if (x->walk.s.n == 0)
		return REDACT_SAME;
	splices_apply(&x->walk.s, p, n, out);
	if (out->err != 0)
		return REDACT_NOMEM;
	/* What is no record any more goes nowhere. */
	if (!json_parse(out->p, out->n, &v, why) || v.type != JSON_OBJECT) {
		*why = "cannot be redacted without breaking it";
		return REDACT_BAD;
	}
	return REDACT_CHANGED;
}

uint64_t
redact_hits(const struct redact *x)
{
	return x->walk.hits;
}

uint64_t
redact_dropped(const struct redact *x)
{
	return x->walk.dropped;
}

const struct rules *
redact_get_rules(const struct redact *x)
{
	return &x->rules;
}

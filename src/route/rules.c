#include "route/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/opt.h"
#include "net/url.h"
#include "otlp/otlp.h"
#include "record/ids.h"

/* What is being read. */
struct reader {
	struct rules		*x;
	struct rules_dest	*dest;		/* whose settings follow */
	size_t			 line;
	struct err		*e;
};

#define TEXT(m)	offsetof(struct rules_dest, m)

/* Settings that are texts, taken as they are. */
static const struct setting {
	const char	*name;
	size_t		 off;
} texts[] = {
	{ "cacert", TEXT(tls.ca_file) },
	{ "cert", TEXT(tls.cert_file) },
	{ "cert-key", TEXT(tls.key_file) },
	{ "key-command", TEXT(key_command) },
	{ "public-key-env", TEXT(public_env) },
	{ "public-key-file", TEXT(public_file) },
	{ "secret-key-env", TEXT(secret_env) },
	{ "secret-key-file", TEXT(secret_file) },
	{ "token-command", TEXT(token_command) },
	{ "token-env", TEXT(token_env) },
	{ "token-file", TEXT(token_file) },
};

static int
fail(struct reader *r, const char *what, const char *name)
{
	return err_set(r->e, "%s:%zu: %s%s%s", r->x->path, r->line, what,
	    *name != '\0' ? ": " : "", name);
}

static int
no_memory(struct reader *r)
{
	return err_set(r->e, "out of memory");
}

/* The first word of *s, which is cut off; *s is then what follows it. */
static char *
word(char **s)
{
	char *w = *s, *end = w + strcspn(w, " \t");

	*s = end + strspn(end, " \t");
	*end = '\0';
	return w;
}

static bool
good_name(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= RULES_NAME && s[0] != '-' &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static int
find_dest(const struct rules *x, const char *name, size_t n)
{
	for (size_t i = 0; i < x->ndest; i++)
		if (strlen(x->dest[i].name) == n &&
		    memcmp(x->dest[i].name, name, n) == 0)
			return (int)i;
	return -1;
}

/* destination NAME TYPE */
static int
take_dest(struct reader *r, char *rest)
{
	const char *name = word(&rest), *type = word(&rest);
	struct rules *x = r->x;
	struct rules_dest *d;

	if (*type == '\0' || *rest != '\0')
		return fail(r, "destination NAME TYPE", "");
	if (!good_name(name))
		return fail(r, "names are small letters, digits, '-' and '_'",
		    name);
	if (find_dest(x, name, strlen(name)) != -1)
		return fail(r, "there is one of that name already", name);
	if (x->ndest == RULES_DESTS)
		return fail(r, "too many destinations", "");
	d = reallocarray(x->dest, x->ndest + 1, sizeof(*d));
	if (d == NULL)
		return no_memory(r);
	x->dest = d;
	d += x->ndest;
	*d = (struct rules_dest){ .format = -1, .gzip = -1, .timeout = -1,
	    .line = r->line };
	d->sink = sink_find(type);
	if (d->sink == NULL || strcmp(type, SINK_STDOUT) == 0)
		return fail(r, "no such type of destination", type);
	if ((d->name = arena_copy(&x->mem, name, strlen(name) + 1)) == NULL)
		return no_memory(r);
	x->ndest++;
	r->dest = d;
	return 0;
}

static int
take_header(struct reader *r, const char *value)
{
	struct rules_dest *d = r->dest;

	if (strchr(value, ':') == NULL)
		return fail(r, "header NAME: VALUE", "");
	if (d->nheaders == RULES_HEADERS)
		return fail(r, "too many headers", "");
	d->header[d->nheaders++] = value;
	return 0;
}

static int
take_choice(struct reader *r, int *out, const char *name, const char *value,
    const char *no, int no_is, const char *yes, int yes_is)
{
	if (strcmp(value, no) == 0)
		*out = no_is;
	else if (strcmp(value, yes) == 0)
		*out = yes_is;
	else
		return err_set(r->e, "%s:%zu: %s is %s or %s", r->x->path,
		    r->line, name, no, yes);
	return 0;
}

static int
take_url(struct reader *r, const char *value)
{
	struct err why;

	if (url_check(value, &why) == -1)
		return fail(r, why.msg, "");
	r->dest->url = value;
	return 0;
}

/* A setting of r->dest. name is in the reader's copy of the line. */
static int
take_setting(struct reader *r, const char *name, const char *rest)
{
	struct rules_dest *d = r->dest;
	const char *value, **to;

	if (d == NULL)
		return fail(r, "a setting stands below its destination", name);
	if (*rest == '\0')
		return fail(r, "needs a value", name);
	value = arena_copy(&r->x->mem, rest, strlen(rest) + 1);
	if (value == NULL)
		return no_memory(r);
	if (strcmp(name, "url") == 0)
		return take_url(r, value);
	if (strcmp(name, "header") == 0)
		return take_header(r, value);
	if (strcmp(name, "format") == 0)
		return take_choice(r, &d->format, name, value, "protobuf",
		    OTLP_PROTOBUF, "json", OTLP_JSON);
	if (strcmp(name, "compress") == 0)
		return take_choice(r, &d->gzip, name, value, "none", 0,
		    "gzip", 1);
	if (strcmp(name, "timeout") == 0)
		return opt_duration(value, &d->timeout) == 0 &&
		    d->timeout > 0 ? 0 : fail(r, "timeout is a duration, "
		    "such as 30s", "");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(name, texts[i].name) == 0) {
			to = (const char **)(void *)((char *)d +
			    texts[i].off);
			*to = value;
			return 0;
		}
	return fail(r, "no such setting", name);
}

/* send NAME[,NAME...] when EXPRESSION */
static int
take_rule(struct reader *r, char *rest)
{
	const char *names = word(&rest), *when = word(&rest), *text;
	struct rules *x = r->x;
	struct rules_rule *rule;
	struct expr_error why;

	if (strcmp(when, "when") != 0 || *rest == '\0')
		return fail(r, "send NAME when EXPRESSION", "");
	if (x->nrule == RULES_MAX)
		return fail(r, "too many rules", "");
	rule = reallocarray(x->rule, x->nrule + 1, sizeof(*rule));
	if (rule == NULL)
		return no_memory(r);
	x->rule = rule;
	rule += x->nrule++;
	memset(rule, 0, sizeof(*rule));
	rule->line = r->line;
	rule->names = arena_copy(&x->mem, names, strlen(names) + 1);
	text = arena_copy(&x->mem, rest, strlen(rest) + 1);
	if (rule->names == NULL || text == NULL)
		return no_memory(r);
	if (expr_compile(&rule->when, text, strlen(text), &why) == -1)
		return err_set(r->e, "%s:%zu: %s (at byte %zu of the "
		    "expression)", x->path, r->line, why.msg, why.pos + 1);
	r->dest = NULL;
	return 0;
}

/* otherwise park, otherwise send NAME[,NAME...] */
static int
take_otherwise(struct reader *r, char *rest)
{
	const char *what = word(&rest), *names = word(&rest);
	struct rules *x = r->x;
	bool park = strcmp(what, "park") == 0;

	if (*rest != '\0' || (park && *names != '\0') || (!park &&
	    (strcmp(what, "send") != 0 || *names == '\0')))
		return fail(r, "otherwise park, or otherwise send NAME", "");
	if (x->otherwise_line != 0)
		return fail(r, "otherwise is said already", "");
	x->otherwise_line = r->line;
	r->dest = NULL;
	if (park)
		return 0;
	x->otherwise_names = arena_copy(&x->mem, names, strlen(names) + 1);
	return x->otherwise_names != NULL ? 0 : no_memory(r);
}

/* A line without its end, which may be changed. */
static int
take_line(struct reader *r, char *s)
{
	size_t n = strlen(s);
	char *name;

	while (n > 0 && strchr(" \t\r", s[n - 1]) != NULL)
		s[--n] = '\0';
	s += strspn(s, " \t");
	if (*s == '\0' || *s == '#')
		return 0;
	name = word(&s);
	if (strcmp(name, "destination") == 0)
		return take_dest(r, s);
	if (strcmp(name, "send") == 0)
		return take_rule(r, s);
	if (strcmp(name, "otherwise") == 0)
		return take_otherwise(r, s);
	return take_setting(r, name, s);
}

/* "a,b" as a mask. 0 or -1. */
static int
resolve(struct reader *r, const char *names, size_t line, uint64_t *to)
{
	struct buf name = { 0 };
	size_t n;
	int at, rc;

	r->line = line;
	for (const char *p = names; ; p += n + 1) {
		n = strcspn(p, ",");
		if ((at = find_dest(r->x, p, n)) == -1) {
			buf_add(&name, p, n);
			rc = fail(r, "no such destination", buf_cstr(&name));
			buf_fini(&name);
			return rc;
		}
		*to |= UINT64_C(1) << at;
		if (p[n] == '\0')
			return 0;
	}
}

/* Keys that this kind of destination has no use for are a mistake. */
static int
check_dest(struct reader *r, const struct rules_dest *d)
{
	bool pair = d->public_env != NULL || d->public_file != NULL ||
	    d->secret_env != NULL || d->secret_file != NULL ||
	    d->key_command != NULL;
	bool token = d->token_env != NULL || d->token_file != NULL ||
	    d->token_command != NULL;

	r->line = d->line;
	if (d->url == NULL)
		return fail(r, "has no url", d->name);
	if (pair && d->sink->auth != SINK_LANGFUSE)
		return fail(r, "takes a token, no pair of keys", d->name);
	if (token && d->sink->auth == SINK_LANGFUSE)
		return fail(r, "takes a pair of keys, no token", d->name);
	return 0;
}

static int
check_all(struct reader *r)
{
	struct rules *x = r->x;

	r->line = 1;
	if (x->ndest == 0)
		return fail(r, "names no destination", "");
	for (size_t i = 0; i < x->ndest; i++)
		if (check_dest(r, &x->dest[i]) == -1)
			return -1;
	for (size_t i = 0; i < x->nrule; i++)
		if (resolve(r, x->rule[i].names, x->rule[i].line,
		    &x->rule[i].to) == -1)
			return -1;
	return x->otherwise_names == NULL ? 0 : resolve(r,
	    x->otherwise_names, x->otherwise_line, &x->otherwise);
}

int
rules_parse(struct rules *x, const char *path, const char *p, size_t n,
    struct err *e)
{
	struct reader r = { .x = x, .e = e };
	const char *end = p + n, *nl;
	struct buf line = { 0 };
	char *s;
	int rc = 0;

	x->path = path;
	for (; p < end && rc == 0; p = nl + 1) {
		r.line++;
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		buf_add(&line, p, (size_t)(nl - p));
		s = buf_take(&line, NULL);
		if (nl == p)
			rc = 0;
		else if (s == NULL)
			rc = no_memory(&r);
		else if (memchr(p, '\0', (size_t)(nl - p)) != NULL)
			rc = fail(&r, "a NUL byte", "");
		else
			rc = take_line(&r, s);
		free(s);
	}
	return rc == 0 ? check_all(&r) : -1;
}

/* One of rules_all. */
static int
add_bare(struct rules *x, const char *to, struct err *e)
{
	const char *url = strchr(to, '=');
	size_t n = url != NULL ? (size_t)(url - to) : strlen(to);
	struct rules_dest *d = &x->dest[x->ndest];
	char hash[IDS_SHA256_LEN];
	struct buf b = { 0 };
	char *name;

	*d = (struct rules_dest){ .format = -1, .gzip = -1, .timeout = -1,
	    .bare = true };
	buf_add(&b, to, n);
	d->sink = sink_find(buf_cstr(&b));
	if (d->sink == NULL || strcmp(d->sink->name, SINK_STDOUT) == 0) {
		buf_fini(&b);
		return err_set(e, "--to %s: no such server", to);
	}
	if (url != NULL) {
		ids_sha256(url + 1, strlen(url + 1), hash);
		buf_addf(&b, "-%.8s", hash);
		d->url = arena_copy(&x->mem, url + 1, strlen(url));
	}
	name = arena_copy(&x->mem, buf_cstr(&b), b.n + 1);
	if (name != NULL && find_dest(x, name, b.n) != -1) {
		buf_fini(&b);
		return err_set(e, "--to %s: twice", to);
	}
	buf_fini(&b);
	d->name = name;
	x->otherwise |= UINT64_C(1) << x->ndest++;
	return name != NULL && (url == NULL || d->url != NULL) ? 0 :
	    err_set(e, "out of memory");
}

int
rules_all(struct rules *x, const char *const *to, size_t n, struct err *e)
{
	memset(x, 0, sizeof(*x));
	if (n > RULES_DESTS)
		return err_set(e, "more than %d destinations", RULES_DESTS);
	if ((x->dest = calloc(n, sizeof(*x->dest))) == NULL)
		return err_set(e, "out of memory");
	for (size_t i = 0; i < n; i++)
		if (add_bare(x, to[i], e) == -1)
			return -1;
	return 0;
}

int
rules_read(struct rules *x, const char *path, struct err *e)
{
	struct buf b = { 0 };
	int rc = file_read(path, RULES_SIZE, &b, e);

	if (rc == 0)
		rc = rules_parse(x, path, b.p, b.n, e);
	buf_fini(&b);
	return rc;
}

void
rules_fini(struct rules *x)
{
	for (size_t i = 0; i < x->nrule; i++)
		expr_fini(&x->rule[i].when);
	free(x->rule);
	free(x->dest);
	arena_fini(&x->mem);
	memset(x, 0, sizeof(*x));
}

uint64_t
rules_match(struct rules *x, const struct record *r)
{
	for (size_t i = 0; i < x->nrule; i++)
		if (expr_eval(&x->rule[i].when, r) == EXPR_YES)
			return x->rule[i].to;
	return 0;
}

#include "config.h"

#include "recv/auth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/enc.h"
#include "net/cred.h"

#define PAIR_MAX	(2 * CRED_MAX + 2)

struct auth {
	char	*token;		/* or NULL */
	char	*pair;		/* public:secret, or NULL */
};

static char *
join(const struct cred *c)
{
	size_t np = strlen(c->public_key), ns = strlen(c->secret_key);
	char *s = malloc(np + ns + 2);

	if (s == NULL)
		return NULL;
	memcpy(s, c->public_key, np);
	s[np] = ':';
	memcpy(s + np + 1, c->secret_key, ns + 1);
	return s;
}

static int
load_pair(struct auth *a, struct err *e)
{
	const struct cred_from from = { .env = true, .directory = true };
	struct cred c = { 0 };
	int rc = cred_load(&c, &from, e) == 0 ? 0 : -1;

	if (rc == 0 && (a->pair = join(&c)) == NULL)
		rc = err_set(e, "%s", strerror(errno));
	cred_fini(&c);
	return rc;
}

struct auth *
auth_new(const char *token_file, bool langfuse, struct err *e)
{
	struct auth *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		(void)err_set(e, "%s", strerror(errno));
		return NULL;
	}
	if ((token_file != NULL &&
	    cred_file(&a->token, token_file, e) == -1) ||
	    (langfuse && load_pair(a, e) == -1)) {
		auth_free(a);
		return NULL;
	}
	return a;
}

void
auth_free(struct auth *a)
{
	if (a == NULL)
		return;
	cred_wipe(a->token);
	cred_wipe(a->pair);
	free(a);
}

/* Every byte of got is looked at, whatever the first difference. */
static bool
equal(const char *want, const char *got, size_t n)
{
	size_t len = strlen(want);
	unsigned diff = len != n;

	for (size_t i = 0; i < n; i++)
		diff |= (unsigned)(unsigned char)got[i] ^
		    (unsigned)(unsigned char)want[i % (len + 1)];
	return diff == 0;
}

/* Behind "scheme" and spaces, or NULL. */
static const char *
after(const char *header, const char *scheme)
{
	size_t n = strlen(scheme);

	if (strncasecmp(header, scheme, n) != 0 || header[n] != ' ')
		return NULL;
	return header + n + strspn(header + n, " ");
}

static bool
basic_ok(const struct auth *a, bool langfuse_path, const char *text)
{
	size_t n = strcspn(text, " \t");
	struct buf b = { 0 };
	const char *colon;
	bool good = false;

	/* Room for all of it at once: growing would leave copies behind. */
	if (n > 2 * PAIR_MAX || buf_room(&b, n + 4) == NULL)
		return false;
	if (enc_unbase64(&b, text, n) == 0) {
		if (langfuse_path && a->pair != NULL)
			good = equal(a->pair, b.p, b.n);
		colon = b.n > 0 ? memchr(b.p, ':', b.n) : NULL;
		if (colon != NULL && a->token != NULL &&
		    equal(a->token, colon + 1, b.n -
		    (size_t)(colon + 1 - b.p)))
			good = true;
	}
	if (b.p != NULL)
		explicit_bzero(b.p, b.cap);
	buf_fini(&b);
	return good;
}

bool
auth_ok(const struct auth *a, bool langfuse_path, const char *header)
{
	const char *text;

	if (a->token == NULL && (a->pair == NULL || !langfuse_path))
		return true;
	if (header == NULL)
		return false;
	text = after(header, "Basic");
	if (text != NULL)
		return basic_ok(a, langfuse_path, text);
	text = after(header, "Bearer");
	return text != NULL && a->token != NULL &&
	    equal(a->token, text, strcspn(text, " \t"));
}

bool
auth_has_token(const struct auth *a)
{
	return a->token != NULL;
}

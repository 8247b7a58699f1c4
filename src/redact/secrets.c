#include "redact/secrets.h"

#include <stdlib.h>
#include <string.h>

#include "base/enc.h"

#define CODED_MIN	6	/* bytes worth looking for in base64 or hex */
#define LINE_MIN	16	/* a line of a value that stands for itself */
#define SECRETS_MAX	4096

static int
put(struct secrets *s, const struct rule *rule, const char *p, size_t n,
    bool in_base64, struct err *e)
{
	size_t want = s->cap != 0 ? 2 * s->cap : 32;
	struct literal *v;
	char *copy;

	if (s->n == s->cap) {
		v = want > 16 * SECRETS_MAX ? NULL :
		    reallocarray(s->v, want, sizeof(*v));
		if (v == NULL)
			return err_set(e, "too many secrets");
		s->v = v;
		s->cap = want;
	}
	copy = malloc(n + 1);
	if (copy == NULL)
		return err_set(e, "out of memory");
	memcpy(copy, p, n);
	copy[n] = '\0';
	s->v[s->n++] = (struct literal){ copy, n, rule, in_base64 };
	return 0;
}

/* Base64 of the value behind shift other bytes: what is always the same. */
static int
put_base64(struct secrets *s, const struct rule *rule, const char *p, size_t n,
    size_t shift, struct err *e)
{
	struct buf in = { 0 }, out = { 0 };
	size_t beg, len;
	int rc = 0;

	buf_add(&in, "\0\0", shift);
	buf_add(&in, p, n);
	enc_base64(&out, in.p, in.n);
	/* Characters that hold a bit of what stands around do not count. */
	beg = (shift * 8 + 5) / 6;
	len = (shift + n) * 8 / 6 - beg;
	if (in.err != 0 || out.err != 0)
		rc = err_set(e, "out of memory");
	else
		rc = put(s, rule, out.p + beg, len, true, e);
	for (size_t i = 0; rc == 0 && i < out.n; i++)
		out.p[i] = out.p[i] == '+' ? '-' : out.p[i] == '/' ? '_' :
		    out.p[i];
	if (rc == 0 && memcmp(s->v[s->n - 1].p, out.p + beg, len) != 0)
		rc = put(s, rule, out.p + beg, len, true, e);
	if (in.p != NULL)
		explicit_bzero(in.p, in.n);
	if (out.p != NULL)
		explicit_bzero(out.p, out.n);
	buf_fini(&in);
	buf_fini(&out);
	return rc;
}

static int
put_hex(struct secrets *s, const struct rule *rule, const char *p, size_t n,
    struct err *e)
{
	char *hex = malloc(2 * n);
	int rc;

	if (hex == NULL)
		return err_set(e, "out of memory");
	enc_hex(p, n, hex);
	rc = put(s, rule, hex, 2 * n, false, e);
	for (size_t i = 0; i < 2 * n; i++)
		if (hex[i] >= 'a')
			hex[i] = (char)(hex[i] - 'a' + 'A');
	if (rc == 0)
		rc = put(s, rule, hex, 2 * n, false, e);
	explicit_bzero(hex, 2 * n);
	free(hex);
	return rc;
}

static int
put_all(struct secrets *s, const struct rule *rule, const char *p, size_t n,
    struct err *e)
{
	if (put(s, rule, p, n, false, e) == -1)
		return -1;
	if (n < CODED_MIN)
		return 0;
	for (size_t shift = 0; shift < 3; shift++)
		if (put_base64(s, rule, p, n, shift, e) == -1)
			return -1;
	return put_hex(s, rule, p, n, e);
}

int
secrets_add(struct secrets *s, const struct rule *rule, const char *p,
    size_t n, struct err *e)
{
	const char *end = p + n, *nl;

	while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	end = p + n;
	if (n < SECRETS_MIN)
		return err_set(e, "shorter than %d bytes", SECRETS_MIN);
	if (n > 16 * RULES_MAX_TEXT)
		return err_set(e, "longer than %d bytes",
		    16 * RULES_MAX_TEXT);
	if (put_all(s, rule, p, n, e) == -1)
		return -1;
	if (memchr(p, '\n', n) == NULL)
		return 0;
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if (nl - p >= LINE_MIN && memcmp(p, "-----", 5) != 0 &&
		    put_all(s, rule, p, (size_t)(nl - p), e) == -1)
			return -1;
	}
	return 0;
}

int
secrets_add_word(struct secrets *s, const struct rule *rule, const char *p,
    size_t n, struct err *e)
{
	if (n < 2)
		return err_set(e, "shorter than 2 bytes");
	return put(s, rule, p, n, false, e);
}

void
secrets_fini(struct secrets *s)
{
	for (size_t i = 0; i < s->n; i++) {
		char *p = (char *)(uintptr_t)s->v[i].p;

		explicit_bzero(p, s->v[i].n);
		free(p);
	}
	free(s->v);
	memset(s, 0, sizeof(*s));
}

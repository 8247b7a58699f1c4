#include "recv/clean.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "redact/redact.h"

struct clean {
	struct redact	*engine;
	struct buf	 one;		/* a line as it may go */
	struct buf	 all;		/* the request's lines */
};

static int
settings(struct redact *x, const struct recv_conf *conf, struct err *e)
{
	const char *user = getenv("USER");

	if (redact_rules(x, NULL, e) == -1)
		return -1;
	for (size_t i = 0; i < conf->redact_rules.n; i++)
		if (redact_rules(x, conf->redact_rules.v[i], e) == -1)
			return -1;
	for (size_t i = 0; i < conf->redact_env.n; i++)
		if (redact_secret_env(x, conf->redact_env.v[i], e) == -1)
			return -1;
	if (user != NULL && redact_user(x, user, e) == -1)
		return -1;
	redact_mode(x, MODE_MASK);
	return redact_ready(x, e);
}

int
clean_new(struct clean **c, const struct recv_conf *conf, struct err *e)
{
	*c = NULL;
	if (!conf->redact && conf->redact_rules.n == 0 &&
	    conf->redact_env.n == 0)
		return 0;
	*c = calloc(1, sizeof(**c));
	if (*c == NULL)
		return err_set(e, "out of memory");
	(*c)->engine = redact_new();
	if ((*c)->engine == NULL)
		(void)err_set(e, "out of memory");
	else if (settings((*c)->engine, conf, e) == 0)
		return 0;
	clean_free(*c);
	*c = NULL;
	return -1;
}

void
clean_free(struct clean *c)
{
	if (c == NULL)
		return;
	redact_free(c->engine);
	buf_fini(&c->one);
	buf_fini(&c->all);
	free(c);
}

/* One line into c->all. 0, or -1 (memory). */
static int
one_line(struct clean *c, const char *p, size_t n, struct otlp_tally *t)
{
	const char *why = "";

	switch (redact_line(c->engine, p, n, &c->one, &why)) {
	case REDACT_SAME:
		buf_add(&c->all, p, n);
		break;
	case REDACT_CHANGED:
		buf_add(&c->all, c->one.p, c->one.n);
		break;
	case REDACT_BAD:
		/* It was decoded well; it is only too deep to look into. */
		log_warn("a record cannot be redacted and is left out: %s",
		    why);
		if (t->records > 0)
			t->records--;
		t->refused++;
		(void)strlcpy(t->why, why, sizeof(t->why));
		return 0;
	case REDACT_NOMEM:
		return -1;
	}
	buf_addc(&c->all, '\n');
	return c->all.err != 0 ? -1 : 0;
}

int
clean_lines(struct clean *c, struct buf *lines, struct otlp_tally *t)
{
	const char *p = lines->p, *end, *nl;

	if (c == NULL || lines->n == 0)
		return 0;
	end = lines->p + lines->n;
	buf_reset(&c->all);
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if (one_line(c, p, (size_t)(nl - p), t) == -1)
			return -1;
	}
	lines->n = 0;
	buf_add(lines, c->all.p, c->all.n);
	return lines->err != 0 ? -1 : 0;
}

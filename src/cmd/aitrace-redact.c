/*
 * Hides what must not leave: keys, passwords, personal data, known values, and
 * if asked all content. What cannot be looked at does not go on.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "record/stage.h"
#include "redact/canary.h"
#include "redact/redact.h"

#define KEY_FILE_MAX	4096

struct cmd {
	struct opt_list	 allow, deny, off, rules, secret_env, secret_file;
	const char	*key_env, *key_file, *reject;
	int		 mode;
	bool		 drop_content, canary, list;

	struct redact	*engine;
	struct buf	 out;
	struct out	 rejected;	/* lines that must not go on */
	int		 reject_fd;
	uint64_t	 changed, nrejected;
};

static const char *const mode_words[] = { "mask", "hash", "drop", NULL };

static const struct opt opts[] = {
	{ "allow", 'a', OPT_LIST, offsetof(struct cmd, allow), "NAME",
	    "drop all attributes but this one (may be repeated; * at an end)",
	    0, 0, NULL },
	{ "canary", 0, OPT_FLAG, offsetof(struct cmd, canary), NULL,
	    "plant an example of each rule everywhere; exit 1 if one survives",
	    0, 0, NULL },
	{ "deny", 'd', OPT_LIST, offsetof(struct cmd, deny), "NAME",
	    "drop this attribute (may be repeated; * at an end)", 0, 0, NULL },
	{ "drop-content", 'c', OPT_FLAG, offsetof(struct cmd, drop_content),
	    NULL, "prompts, answers, tool inputs and outputs give way to "
	    "their lengths", 0, 0, NULL },
	{ "key-env", 0, OPT_STR, offsetof(struct cmd, key_env), "VARIABLE",
	    "with --mode hash: the key is in this variable", 0, 0, NULL },
	{ "key-file", 0, OPT_STR, offsetof(struct cmd, key_file), "FILE",
	    "with --mode hash: the key is in this file", 0, 0, NULL },
	{ "list", 'l', OPT_FLAG, offsetof(struct cmd, list), NULL,
	    "print the names of the rules in force", 0, 0, NULL },
	{ "mode", 'm', OPT_ENUM, offsetof(struct cmd, mode), "HOW",
	    "what becomes of a secret (default mask)", 0, 0, mode_words },
	{ "off", 'x', OPT_LIST, offsetof(struct cmd, off), "RULE",
	    "without this rule (may be repeated)", 0, 0, NULL },
	{ "reject", 0, OPT_STR, offsetof(struct cmd, reject), "FILE",
	    "append lines that cannot be redacted to this file", 0, 0, NULL },
	{ "rules", 'r', OPT_LIST, offsetof(struct cmd, rules), "FILE",
	    "read these rules over the installed ones (may be repeated)", 0,
	    0, NULL },
	{ "secret-env", 'e', OPT_LIST, offsetof(struct cmd, secret_env),
	    "VARIABLE", "the value of this variable is secret (may be "
	    "repeated)", 0, 0, NULL },
	{ "secret-file", 'f', OPT_LIST, offsetof(struct cmd, secret_file),
	    "FILE", "what this file holds is secret (may be repeated)", 0, 0,
	    NULL },
	{ .name = NULL }
};

static int
read_rules(struct cmd *x, struct err *e)
{
	if (redact_rules(x->engine, NULL, e) == -1)
		return -1;
	for (size_t i = 0; i < x->rules.n; i++)
		if (redact_rules(x->engine, x->rules.v[i], e) == -1)
			return -1;
	for (size_t i = 0; i < x->off.n; i++)
		if (redact_off(x->engine, x->off.v[i], e) == -1)
			return -1;
	return 0;
}

static int
read_secrets(struct cmd *x, struct err *e)
{
	const char *user = getenv("USER"), *login = getenv("LOGNAME");

	for (size_t i = 0; i < x->secret_env.n; i++)
		if (redact_secret_env(x->engine, x->secret_env.v[i], e) == -1)
			return -1;
	for (size_t i = 0; i < x->secret_file.n; i++)
		if (redact_secret_file(x->engine, x->secret_file.v[i],
		    e) == -1)
			return -1;
	if (user != NULL && redact_user(x->engine, user, e) == -1)
		return -1;
	if (login != NULL && (user == NULL || strcmp(user, login) != 0) &&
	    redact_user(x->engine, login, e) == -1)
		return -1;
	return 0;
}

static int
read_key(struct cmd *x, struct err *e)
{
	const char *s = x->key_env != NULL ? getenv(x->key_env) : NULL;
	struct buf b;
	int rc;

	if (x->key_env != NULL)
		return s == NULL ? err_set(e, "%s: not set", x->key_env) :
		    redact_key(x->engine, s, strlen(s), e);
	if (x->key_file == NULL)
		return 0;
	buf_init(&b, KEY_FILE_MAX);
	rc = file_read(x->key_file, KEY_FILE_MAX, &b, e);
	if (rc == 0)
		rc = redact_key(x->engine, b.p != NULL ? b.p : "", b.n, e);
	if (b.p != NULL)
		explicit_bzero(b.p, b.n);
	buf_fini(&b);
	return rc;
}

static int
read_policy(struct cmd *x, struct err *e)
{
	for (size_t i = 0; i < x->deny.n; i++)
		if (redact_deny(x->engine, x->deny.v[i], e) == -1)
			return -1;
	for (size_t i = 0; i < x->allow.n; i++)
		if (redact_allow(x->engine, x->allow.v[i], e) == -1)
			return -1;
	if (x->drop_content)
		redact_drop_content(x->engine);
	redact_mode(x->engine, (enum rule_mode)(MODE_MASK + x->mode));
	return redact_ready(x->engine, e);
}

static int
open_reject(struct cmd *x)
{
	if (x->reject == NULL)
		return 0;
	x->reject_fd = open(x->reject, O_WRONLY | O_CREAT | O_APPEND |
	    O_CLOEXEC, 0600);
	if (x->reject_fd == -1 || out_init(&x->rejected, x->reject_fd, 0) ==
	    -1) {
		log_error("%s: %s", x->reject, strerror(errno));
		return EXIT_CANTCREATE;
	}
	return 0;
}

static int
list(const struct cmd *x, struct stage_io *io)
{
	const struct rules *r = redact_get_rules(x->engine);

	for (size_t i = 0; i < r->n; i++)
		if (!r->rule[i]->off && (out_write(io->out, r->rule[i]->name,
		    strlen(r->rule[i]->name)) == -1 ||
		    out_putc(io->out, '\n') == -1))
			return EXIT_IO;
	return 0;
}

static int
canary(const struct cmd *x, struct stage_io *io)
{
	struct canary c = { .planted = 0 };
	int rc = canary_run(&c, x->engine);

	if (rc == -1) {
		log_error("out of memory");
		rc = EXIT_SOFT;
	} else if (out_write(io->out, c.report.p, c.report.n) == -1)
		rc = EXIT_IO;
	else if (c.survived > 0)
		stage_status(io, EXIT_ANSWER_NO);
	buf_fini(&c.report);
	return rc;
}

static int
redact_open(void *ctx, struct stage_io *io)
{
	struct cmd *x = ctx;
	struct err e;
	int rc;

	x->engine = redact_new();
	if (x->engine == NULL) {
		log_error("out of memory");
		return EXIT_SOFT;
	}
	if (x->key_env != NULL && x->key_file != NULL) {
		log_error("only one of --key-env and --key-file");
		return EXIT_USAGE;
	}
	if (read_rules(x, &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_BADCONF;
	}
	if (read_secrets(x, &e) == -1 || read_key(x, &e) == -1 ||
	    read_policy(x, &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_USAGE;
	}
	if (x->list || x->canary) {
		io->done = true;
		return x->list ? list(x, io) : canary(x, io);
	}
	rc = open_reject(x);
	return rc;
}

/* A line that is not looked at goes nowhere but to --reject. */
static int
reject(struct cmd *x, const char *p, size_t n, bool last)
{
	x->nrejected += last;
	if (x->reject == NULL)
		return 0;
	if (out_write(&x->rejected, p, n) == -1 ||
	    (last && out_putc(&x->rejected, '\n') == -1)) {
		log_error("%s: %s", x->reject, strerror(x->rejected.err));
		return EXIT_IO;
	}
	return 0;
}

static int
redact_bad(void *ctx, struct stage_io *io, const char *p, size_t n, bool last)
{
	(void)io;
	return reject(ctx, p, n, last);
}

static int
hide_record(void *ctx, struct stage_io *io, const struct record *r)
{
	struct cmd *x = ctx;
	const char *why;

	switch (redact_record(x->engine, r->p, r->n, &x->out, &why)) {
	case REDACT_SAME:
		return stage_pass(io, r);
	case REDACT_CHANGED:
		x->changed++;
		return out_write(io->out, x->out.p, x->out.n) == -1 ||
		    out_putc(io->out, '\n') == -1 ? EXIT_IO : 0;
	case REDACT_BAD:
		stage_bad(io, why);
		return reject(x, r->p, r->n, true);
	case REDACT_NOMEM:
		break;
	}
	log_error("out of memory");
	return EXIT_SOFT;
}

static int64_t
redact_idle(void *ctx, struct stage_io *io, int64_t now)
{
	struct cmd *x = ctx;

	(void)now;
	if (x->reject != NULL && out_flush(&x->rejected) == -1)
		stage_status(io, EXIT_IO);
	return -1;
}

static int
redact_close(void *ctx, struct stage_io *io)
{
	struct cmd *x = ctx;

	if (x->reject != NULL && x->rejected.cap > 0 &&
	    (out_flush(&x->rejected) == -1 || fsync(x->reject_fd) == -1) &&
	    errno != EINVAL && errno != EROFS) {
		log_error("%s: %s", x->reject, strerror(errno));
		stage_status(io, EXIT_IO);
	}
	return 0;
}

static void
redact_summarize(void *ctx, struct buf *line)
{
	const struct cmd *x = ctx;

	buf_addf(line, " changed=%" PRIu64 " secrets=%" PRIu64 " dropped=%"
	    PRIu64 " rejected=%" PRIu64, x->changed, x->engine != NULL ?
	    redact_hits(x->engine) : 0, x->engine != NULL ?
	    redact_dropped(x->engine) : 0, x->nrejected);
}

static void
redact_fini(void *ctx)
{
	struct cmd *x = ctx;

	if (x->reject_fd != -1)
		(void)close(x->reject_fd);	/* synced before */
	out_fini(&x->rejected);
	buf_fini(&x->out);
	redact_free(x->engine);
	opt_list_fini(&x->allow);
	opt_list_fini(&x->deny);
	opt_list_fini(&x->off);
	opt_list_fini(&x->rules);
	opt_list_fini(&x->secret_env);
	opt_list_fini(&x->secret_file);
}

static const struct stage stage = {
	.name = "aitrace-redact",
	.summary = "Hides secrets and personal data in records.",
	.opts = opts,
	.open = redact_open,
	.record = hide_record,
	.bad = redact_bad,
	.idle = redact_idle,
	.close = redact_close,
	.summarize = redact_summarize,
	.fini = redact_fini,
};

int
main(int argc, char **argv)
{
	struct cmd x = { .reject_fd = -1 };

	return stage_main(&stage, &x, argc, argv);
}

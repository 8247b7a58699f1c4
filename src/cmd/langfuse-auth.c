/*
 * langfuse-auth: the Authorization value for a Langfuse key pair, in the form
 * asked for. stdout holds the answer and nothing else.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "base/opt.h"
#include "base/sig.h"
#include "cred/form.h"
#include "cred/project.h"
#include "cred/source.h"
#include "net/cred.h"
#include "net/url.h"

struct auth {
	/* form */
	bool		 export, otel, curl, netrc, codex, claude, json;
	/* where from */
	bool		 from_env, from_1password, from_azure, prompt, shell;
	struct opt_list	 command;
	const char	*public_file, *secret_file;
	const char	*public_key, *insecure_secret;
	bool		 any_form;
	/* asking */
	bool		 check, validate;
	const char	*base_url, *ca_file;
	int64_t		 timeout;
};

#define AT(m)	offsetof(struct auth, m)

static const struct opt opts[] = {
	{ "any-form", 0, OPT_FLAG, AT(any_form), NULL,
	    "take keys that do not begin with pk-lf- and sk-lf-", 0, 0, NULL },
	{ "base-url", 0, OPT_STR, AT(base_url), "URL",
	    "server, instead of LANGFUSE_BASE_URL", 0, 0, NULL },
	{ "cacert", 0, OPT_STR, AT(ca_file), "FILE",
	    "certificates to trust (PEM)", 0, 0, NULL },
	{ "check", 0, OPT_FLAG, AT(check), NULL,
	    "ask the server whose keys these are, and say it on stderr",
	    0, 0, NULL },
	{ "claude", 0, OPT_FLAG, AT(claude), NULL,
	    "print settings for Claude Code (JSON)", 0, 0, NULL },
	{ "codex", 0, OPT_FLAG, AT(codex), NULL,
	    "print configuration for Codex (TOML)", 0, 0, NULL },
	{ "curl", 0, OPT_FLAG, AT(curl), NULL,
	    "print configuration for curl -K", 0, 0, NULL },
	{ "export", 0, OPT_FLAG, AT(export), NULL,
	    "print a line for a shell: export NAME=\"value\"", 0, 0, NULL },
	{ "from-1password", 0, OPT_FLAG, AT(from_1password), NULL,
	    "read the keys with op", 0, 0, NULL },
	{ "from-azure", 0, OPT_FLAG, AT(from_azure), NULL,
	    "read the keys with az, from AZURE_KEYVAULT_NAME", 0, 0, NULL },
	{ "from-command", 0, OPT_LIST, AT(command), "COMMAND",
	    "take the keys it prints; may be repeated", 0, 0, NULL },
	{ "from-env", 0, OPT_FLAG, AT(from_env), NULL,
	    "take the keys from the environment only", 0, 0, NULL },
	{ "insecure-secret-key", 0, OPT_STR, AT(insecure_secret), "KEY",
	    "secret key where everybody on this machine can see it", 0, 0,
	    NULL },
	{ "json", 0, OPT_FLAG, AT(json), NULL,
	    "print the headers as JSON", 0, 0, NULL },
	{ "netrc", 0, OPT_FLAG, AT(netrc), NULL,
	    "print a line for .netrc", 0, 0, NULL },
	{ "otel-headers", 0, OPT_FLAG, AT(otel), NULL,
	    "print the value of OTEL_EXPORTER_OTLP_HEADERS", 0, 0, NULL },
	{ "prompt", 0, OPT_FLAG, AT(prompt), NULL,
	    "ask for the keys on the terminal", 0, 0, NULL },
	{ "public-key", 0, OPT_STR, AT(public_key), "KEY",
	    "public key", 0, 0, NULL },
	{ "public-key-file", 0, OPT_STR, AT(public_file), "FILE",
	    "file with the public key", 0, 0, NULL },
	{ "secret-key-file", 0, OPT_STR, AT(secret_file), "FILE",
	    "file with the secret key, closed to others", 0, 0, NULL },
	{ "shell", 0, OPT_FLAG, AT(shell), NULL,
	    "give the commands to /bin/sh", 0, 0, NULL },
	{ "timeout", 0, OPT_DUR, AT(timeout), "TIME",
	    "for the server to answer (default 10s)", 0, 0, NULL },
	{ "validate", 0, OPT_FLAG, AT(validate), NULL,
	    "the same as --check", 0, 0, NULL },
	{ .name = NULL }
};

/* Of those asked for; -1 when they are more than one. */
static int
which_form(const struct auth *a)
{
	const struct { bool on; enum form form; } all[] = {
		{ a->otel, FORM_OTEL_HEADERS }, { a->curl, FORM_CURL },
		{ a->netrc, FORM_NETRC }, { a->codex, FORM_CODEX },
		{ a->claude, FORM_CLAUDE }, { a->json, FORM_JSON },
	};
	int form = FORM_RAW, n = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].on) {
			form = (int)all[i].form;
			n++;
		}
	if (n > 1 || (a->export && form != FORM_RAW &&
	    form != FORM_OTEL_HEADERS))
		return -1;
	return form;
}

static const char *
base_url(const struct auth *a)
{
	const char *from[] = { a->base_url, getenv("LANGFUSE_BASE_URL"),
	    getenv("LANGFUSE_HOST"), getenv("LANGFUSE_ENDPOINT") };

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
		if (from[i] != NULL && *from[i] != '\0')
			return from[i];
	return "https://cloud.langfuse.com";
}

/* 0, or -1 with the cause. */
static int
get_keys(const struct auth *a, struct cred *c, struct err *e)
{
	bool chosen = a->from_env || a->from_1password || a->from_azure ||
	    a->prompt;
	const struct cred_from from = {
		.public_file = a->public_file, .secret_file = a->secret_file,
		.command = a->command.v, .ncommand = a->command.n,
		.shell = a->shell, .env = a->from_env || !chosen,
		.directory = !chosen,
	};
	int rc;

	if (a->from_1password && source_1password(c, e) == -1)
		return -1;
	if (a->from_azure && source_azure(c, e) == -1)
		return -1;
	rc = cred_load(c, &from, e);
	/* Missing, not broken: a person may be there to ask. */
	if (rc == 1 && (a->prompt || (!chosen && isatty(STDIN_FILENO) &&
	    isatty(STDERR_FILENO))))
		rc = source_prompt(c, e);
	return rc == 0 ? 0 : -1;
}

/*
 * Keys that were given as arguments, which leave the list of processes for
 * what that is worth. 0, or -1.
 */
static int
take_arguments(const struct auth *a, struct cred *c, int argc, char **argv,
    struct err *e)
{
	const char *secret = a->insecure_secret;
	int rc = 0;

	if (a->public_key != NULL)
		rc = cred_set_public(c, a->public_key, strlen(a->public_key),
		    e);
	if (secret == NULL)
		return rc;
	if (rc == 0)
		rc = cred_set_secret(c, secret, strlen(secret), e);
	for (int i = 1; i < argc; i++)
		if (secret >= argv[i] && secret <= argv[i] + strlen(argv[i]))
			explicit_bzero(argv[i] + (secret - argv[i]),
			    strlen(secret));
	return rc;
}

static int
ask_server(const struct auth *a, const struct cred *c)
{
	enum project_answer answer;
	struct buf name = { 0 };
	struct err e;

	answer = project_ask(c, base_url(a), a->ca_file, a->timeout, &name,
	    &e);
	if (answer == PROJECT_KNOWN)
		log_always("info: %s", buf_cstr(&name));
	else
		log_error("%s", e.msg);
	buf_fini(&name);
	switch (answer) {
	case PROJECT_KNOWN:
		return EXIT_OK;
	case PROJECT_REFUSED:
		return EXIT_NOCREDS;
	case PROJECT_MISTAKE:
		return EXIT_BADCONF;
	case PROJECT_SILENT:
		break;
	}
	return EXIT_UNAVAIL;
}

static int
print(enum form form, bool export, const struct cred *c, const char *base)
{
	struct buf b;
	int rc = EXIT_OK;

	buf_init(&b, FORM_MAX);
	(void)buf_room(&b, FORM_MAX);	/* checked with the rest */
	form_put(&b, form, export, c, base);
	if (b.err != 0) {
		log_error("%s", strerror(b.err));
		rc = EXIT_SOFT;
	} else if (file_write_all(STDOUT_FILENO, b.p, b.n) == -1 ||
	    close(STDOUT_FILENO) == -1) {
		log_error("stdout: %s", strerror(errno));
		rc = EXIT_IO;
	}
	if (b.p != NULL)
		explicit_bzero(b.p, b.cap);
	buf_fini(&b);
	return rc;
}

static int
run(const struct auth *a, struct cred *c)
{
	int form = which_form(a), rc;
	struct err e;

	if (form == -1) {
		log_error("one form at a time, and --export with none but "
		    "--otel-headers");
		return EXIT_USAGE;
	}
	if (url_check(base_url(a), &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_BADCONF;
	}
	if (get_keys(a, c, &e) == -1 ||
	    (!a->any_form && cred_check_form(c, &e) == -1)) {
		log_error("%s", e.msg);
		return EXIT_NOCREDS;
	}
	if ((a->check || a->validate) && (rc = ask_server(a, c)) != EXIT_OK)
		return rc;
	return print((enum form)form, a->export, c, base_url(a));
}

int
main(int argc, char **argv)
{
	struct auth a = { .timeout = 10 * CLOCK_S };
	const struct opt_program prog = { "langfuse-auth", "",
	    "Print the Authorization header for a Langfuse key pair.",
	    opts, NULL, &a, NULL };
	struct cred c = { 0 };
	struct err e;
	int first, rc;

	switch (opt_parse(&prog, argc, argv, &first)) {
	case OPT_DONE:
		return EXIT_OK;
	case OPT_BAD:
		return EXIT_USAGE;
	case OPT_RUN:
		break;
	}
	if (cred_seal_process(&e) == -1)
		log_warn("%s", e.msg);
	if (first < argc) {
		log_error("keys do not belong on the command line, where all "
		    "can see them: use the environment, --secret-key-file or "
		    "--from-command");
		rc = EXIT_USAGE;
	} else if (take_arguments(&a, &c, argc, argv, &e) == -1) {
		log_error("%s", e.msg);
		rc = EXIT_NOCREDS;
	} else {
		sig_ignore_pipe();
		rc = run(&a, &c);
	}
	cred_fini(&c);
	opt_list_fini(&a.command);
	log_fini();
	return rc;
}

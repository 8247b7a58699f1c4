#include "net/cred.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "net/command.h"

static const char public_var[] = "LANGFUSE_PUBLIC_KEY";
static const char secret_var[] = "LANGFUSE_SECRET_KEY";
static const char space[] = " \t\r\n";

void
cred_wipe(char *s)
{
	if (s == NULL)
		return;
	explicit_bzero(s, strlen(s));
	free(s);
}

void
cred_fini(struct cred *c)
{
	cred_wipe(c->public_key);
	cred_wipe(c->secret_key);
	memset(c, 0, sizeof(*c));
}

/* HTTP Basic cannot carry a colon in the name, and Langfuse splits at all. */
static int
take(char **key, const char *p, size_t n, const char *what, struct err *e)
{
	char *copy;

	while (n > 0 && strchr(space, p[0]) != NULL && p[0] != '\0')
		p++, n--;
	while (n > 0 && strchr(space, p[n - 1]) != NULL && p[n - 1] != '\0')
		n--;
	if (n == 0)
		return err_set(e, "%s: empty", what);
	if (n > CRED_MAX)
		return err_set(e, "%s: longer than %d bytes", what, CRED_MAX);
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~' || p[i] == ':')
			return err_set(e, "%s: holds a character that no key "
			    "has (byte %zu)", what, i + 1);
	if ((copy = malloc(n + 1)) == NULL)
		return err_set(e, "out of memory");
	memcpy(copy, p, n);
	copy[n] = '\0';
	cred_wipe(*key);
	*key = copy;
	return 0;
}

int
cred_set_public(struct cred *c, const char *p, size_t n, struct err *e)
{
	return take(&c->public_key, p, n, "public key", e);
}

int
cred_set_secret(struct cred *c, const char *p, size_t n, struct err *e)
{
	return take(&c->secret_key, p, n, "secret key", e);
}

/* May this file hold a secret? */
static int
check_mode(const struct stat *st, const char *path, struct err *e)
{
	mode_t open_to = st->st_mode & 077;

	if (S_ISFIFO(st->st_mode))
		return 0;
	if (!S_ISREG(st->st_mode))
		return err_set(e, "%s: not a file", path);
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return err_set(e, "%s: belongs to another user", path);
	if (st->st_uid == 0 && geteuid() != 0)
		open_to &= (mode_t)~S_IRGRP;
	if (open_to != 0)
		return err_set(e, "%s: others may read it (mode %03o): "
		    "chmod 600 it", path, (unsigned)st->st_mode & 0777);
	return 0;
}

static int
read_key(int fd, const char *path, char **key, struct err *e)
{
	char text[CRED_MAX + 256];
	size_t n = 0;
	ssize_t got;
	int rc;

	while (n < sizeof(text)) {
		got = read(fd, text + n, sizeof(text) - n);
		if (got == 0)
			break;
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1) {
			explicit_bzero(text, sizeof(text));
			return err_set(e, "%s: %s", path, strerror(errno));
		}
		n += (size_t)got;
	}
	rc = take(key, text, n, path, e);
	explicit_bzero(text, sizeof(text));
	return rc;
}

int
cred_open(const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) == -1)
		(void)err_set(e, "%s: %s", path, strerror(errno));
	else if (check_mode(&st, path, e) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

int
cred_file(char **key, const char *path, struct err *e)
{
	int fd = cred_open(path, e), rc;

	if (fd == -1)
		return -1;
	rc = read_key(fd, path, key, e);
	(void)close(fd);	/* only read */
	return rc;
}

/* Words with the prefixes of Langfuse's keys. */
static int
take_words(struct cred *c, const char *p, size_t n, const char *name,
    struct err *e)
{
	const char *end = p + n, *w;
	bool found = false;
	size_t len;

	while (p < end) {
		for (w = p; p < end && memchr(space, *p, 4) == NULL; )
			p++;
		len = (size_t)(p - w);
		if (len > 6 && memcmp(w, "pk-lf-", 6) == 0) {
			if (cred_set_public(c, w, len, e) == -1)
				return -1;
			found = true;
		} else if (len > 6 && memcmp(w, "sk-lf-", 6) == 0) {
			if (cred_set_secret(c, w, len, e) == -1)
				return -1;
			found = true;
		}
		if (p < end)
			p++;
	}
	if (!found)
		return err_set(e, "%s: printed no key (pk-lf-... or "
		    "sk-lf-...)", name);
	return 0;
}

int
cred_command(struct cred *c, const char *line, bool shell, struct err *e)
{
	char sh[] = "/bin/sh", dash_c[] = "-c", *copy = NULL, out[4096];
	struct command cmd = { 0 };
	char *by_shell[4] = { sh, dash_c, NULL, NULL };
	size_t n;
	int rc;

	if (shell) {
		if ((copy = strdup(line)) == NULL)
			return err_set(e, "out of memory");
		by_shell[2] = copy;
	} else if (command_split(&cmd, line, e) == -1)
		return -1;
	rc = command_run(shell ? by_shell : cmd.word, out, sizeof(out), &n,
	    e);
	if (rc == 0) {
		rc = take_words(c, out, n, shell ? sh : cmd.word[0], e);
		explicit_bzero(out, sizeof(out));
	}
	command_fini(&cmd);
	free(copy);
	return rc;
}

int
cred_program(char **key, char *const argv[], struct err *e)
{
	char out[CRED_MAX + 256];
	size_t n;
	int rc;

	if (command_run(argv, out, sizeof(out), &n, e) == -1)
		return -1;
	rc = take(key, out, n, argv[0], e);
	explicit_bzero(out, sizeof(out));
	return rc;
}

int
cred_env(char **key, const char *var, struct err *e)
{
	const char *v = getenv(var);

	if (v == NULL || *v == '\0')
		return err_set(e, "%s is not set", var);
	return take(key, v, strlen(v), var, e);
}

static int
from_env(char **key, const char *var, struct err *e)
{
	const char *v = getenv(var);
	struct buf name = { 0 };
	int rc = 0;

	if (v != NULL && *v != '\0')
		return take(key, v, strlen(v), var, e);
	buf_addf(&name, "%s_FILE", var);
	v = getenv(buf_cstr(&name));
	buf_fini(&name);
	if (v != NULL && *v != '\0')
		rc = cred_file(key, v, e);
	return rc;
}

/* 0 also when there is no such file. */
static int
from_directory(char **key, const char *file, const char *var, struct err *e)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	const char *name[] = { file, var };
	struct buf path = { 0 };
	int rc = 0;

	if (dir == NULL || *dir == '\0')
		return 0;
	for (size_t i = 0; i < 2 && *key == NULL && rc == 0; i++) {
		buf_reset(&path);
		buf_addf(&path, "%s/%s", dir, name[i]);
		if (access(buf_cstr(&path), F_OK) == 0)
			rc = cred_file(key, buf_cstr(&path), e);
	}
	buf_fini(&path);
	return rc;
}

static int
load_each(struct cred *c, const struct cred_from *f, struct err *e)
{
	char **pub = &c->public_key, **sec = &c->secret_key;

	if (*pub == NULL && f->public_file != NULL &&
	    cred_file(pub, f->public_file, e) == -1)
		return -1;
	if (*sec == NULL && f->secret_file != NULL &&
	    cred_file(sec, f->secret_file, e) == -1)
		return -1;
	for (size_t i = 0; i < f->ncommand; i++)
		if ((*pub == NULL || *sec == NULL) &&
		    cred_command(c, f->command[i], f->shell, e) == -1)
			return -1;
	if (*pub == NULL && f->public_env != NULL &&
	    cred_env(pub, f->public_env, e) == -1)
		return -1;
	if (*sec == NULL && f->secret_env != NULL &&
	    cred_env(sec, f->secret_env, e) == -1)
		return -1;
	if (f->env) {
		if (*pub == NULL && from_env(pub, public_var, e) == -1)
			return -1;
		if (*sec == NULL && from_env(sec, secret_var, e) == -1)
			return -1;
	}
	if (f->directory) {
		if (*pub == NULL && from_directory(pub, "langfuse-public-key",
		    public_var, e) == -1)
			return -1;
		if (*sec == NULL && from_directory(sec, "langfuse-secret-key",
		    secret_var, e) == -1)
			return -1;
	}
	return 0;
}

int
cred_load(struct cred *c, const struct cred_from *from, struct err *e)
{
	if (load_each(c, from, e) == -1)
		return -1;
	if (c->public_key != NULL && c->secret_key != NULL)
		return 0;
	if (c->public_key == NULL && c->secret_key == NULL)
		err_set(e, "no Langfuse keys: %s and %s must be set",
		    public_var, secret_var);
	else if (c->public_key == NULL)
		err_set(e, "no public key: %s must be set", public_var);
	else
		err_set(e, "no secret key: %s must be set", secret_var);
	return 1;
}

int
cred_check_form(const struct cred *c, struct err *e)
{
	if (strncmp(c->public_key, "pk-lf-", 6) != 0)
		return err_set(e, strncmp(c->public_key, "sk-lf-", 6) == 0 ?
		    "a secret key stands where the public key belongs" :
		    "the public key does not begin with pk-lf-");
	if (strncmp(c->secret_key, "sk-lf-", 6) != 0)
		return err_set(e, strncmp(c->secret_key, "pk-lf-", 6) == 0 ?
		    "a public key stands where the secret key belongs" :
		    "the secret key does not begin with sk-lf-");
	return 0;
}

char *
cred_basic(const struct cred *c, const char *prefix)
{
	size_t np = strlen(c->public_key), ns = strlen(c->secret_key);
	char pair[2 * CRED_MAX + 2];
	struct buf b = { 0 };
	char *s = NULL;

	memcpy(pair, c->public_key, np);
	pair[np] = ':';
	memcpy(pair + np + 1, c->secret_key, ns);
	/* All the room at once: growing would leave copies behind. */
	if (buf_room(&b, strlen(prefix) + 2 * (np + ns) + 16) != NULL) {
		buf_adds(&b, prefix);
		buf_adds(&b, "Basic ");
		enc_base64(&b, pair, np + 1 + ns);
		s = buf_take(&b, NULL);
	}
	explicit_bzero(pair, sizeof(pair));
	return s;
}

int
cred_seal_process(struct err *e)
{
	static const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) == -1)
		return err_set(e, "core dumps: %s", strerror(errno));
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return err_set(e, "prctl: %s", strerror(errno));
	return 0;
}

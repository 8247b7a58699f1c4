/* Key pairs: sources, refusals, and that messages never hold a key. */
#include "net/cred.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/command.h"
#include "tests/unit/tap.h"

static char dir[] = "/tmp/t_cred.XXXXXX";

static void
put(const char *name, const char *text, mode_t mode)
{
	int fd;

	(void)unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd == -1 || write(fd, text, strlen(text)) !=
	    (ssize_t)strlen(text) || fchmod(fd, mode) == -1 || close(fd) == -1)
		note("%s: %s", name, strerror(errno));
}

static void
t_basic(void)
{
	struct cred c = { 0 };
	struct err e;
	char *s;

	is_int(cred_set_public(&c, " pk-lf-xxx\n", 11, &e), 0, "public key");
	is_int(cred_set_secret(&c, "sk-lf-yyy", 9, &e), 0, "secret key");
	is_str(c.public_key, "pk-lf-xxx", "white space around is dropped");
	s = cred_basic(&c, "");
	is_str(s, "Basic cGstbGYteHh4OnNrLWxmLXl5eQ==", "the header");
	cred_wipe(s);
	s = cred_basic(&c, "Authorization: ");
	is_str(s, "Authorization: Basic cGstbGYteHh4OnNrLWxmLXl5eQ==",
	    "with its name");
	cred_wipe(s);
	is_int(cred_check_form(&c, &e), 0, "they look like keys");
	is_int(cred_set_secret(&c, "pk-lf-zzz", 9, &e), 0, "mixed up");
	is_int(cred_check_form(&c, &e), -1, "is noticed");
	ok(strstr(e.msg, "zzz") == NULL, "without showing it");
	is_int(cred_set_secret(&c, "sk-lf-a:b", 9, &e), -1, "a colon");
	is_int(cred_set_secret(&c, "sk-lf-a\nb", 9, &e), -1, "a line break");
	is_int(cred_set_secret(&c, "sk-lf-a\0b", 9, &e), -1, "a NUL");
	is_int(cred_set_secret(&c, "\n \n", 3, &e), -1, "nothing");
	ok(strstr(e.msg, "sk-lf") == NULL, "and messages show none");
	cred_fini(&c);
	ok(c.public_key == NULL && c.secret_key == NULL, "forgotten");
}

static void
t_files(void)
{
	struct cred c = { 0 };
	struct err e;
	char long_key[2000];

	put("good", "sk-lf-file\r\n", 0600);
	is_int(cred_file(&c.secret_key, "good", &e), 0, "a file of ours");
	is_str(c.secret_key, "sk-lf-file", "without its line end");
	put("open", "sk-lf-file\n", 0644);
	is_int(cred_file(&c.secret_key, "open", &e), -1, "mode 644");
	ok(strstr(e.msg, "open: others may read it (mode 644)") != NULL,
	    "says which and why: %s", e.msg);
	put("group", "sk-lf-file\n", 0640);
	is_int(cred_file(&c.secret_key, "group", &e), -1, "mode 640");
	is_int(cred_file(&c.secret_key, "none", &e), -1, "no such file");
	is_int(cred_file(&c.secret_key, ".", &e), -1, "a directory");
	memset(long_key, 'a', sizeof(long_key) - 1);
	long_key[sizeof(long_key) - 1] = '\0';
	put("long", long_key, 0600);
	is_int(cred_file(&c.secret_key, "long", &e), -1, "too long");
	long_key[CRED_MAX] = '\0';
	put("long", long_key, 0600);
	is_int(cred_file(&c.secret_key, "long", &e), 0, "just not too long");
	put("two", "sk-lf-1\nsk-lf-2\n", 0600);
	is_int(cred_file(&c.secret_key, "two", &e), -1, "two lines");
	ok(strstr(e.msg, "sk-lf") == NULL, "shows none of them: %s", e.msg);
	cred_fini(&c);
}

static void
t_env(void)
{
	static const struct cred_from from = { .env = true,
	    .directory = true };
	struct cred c = { 0 };
	struct err e;

	(void)unsetenv("LANGFUSE_PUBLIC_KEY");
	(void)unsetenv("LANGFUSE_SECRET_KEY");
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	is_int(cred_load(&c, &from, &e), 1, "nothing set");
	is_str(e.msg, "no Langfuse keys: LANGFUSE_PUBLIC_KEY and "
	    "LANGFUSE_SECRET_KEY must be set", "says what to do");
	(void)setenv("LANGFUSE_PUBLIC_KEY", "pk-lf-env", 1);
	is_int(cred_load(&c, &from, &e), 1, "one set");
	is_str(e.msg, "no secret key: LANGFUSE_SECRET_KEY must be set",
	    "says which is missing");
	(void)setenv("LANGFUSE_SECRET_KEY_FILE", "open", 1);
	is_int(cred_load(&c, &from, &e), -1, "a file open to all");
	(void)setenv("LANGFUSE_SECRET_KEY_FILE", "good", 1);
	is_int(cred_load(&c, &from, &e), 0, "both");
	is_str(c.secret_key, "sk-lf-file", "secret from the file");
	cred_fini(&c);
	(void)setenv("LANGFUSE_SECRET_KEY", "", 1);
	(void)unsetenv("LANGFUSE_SECRET_KEY_FILE");
	(void)setenv("CREDENTIALS_DIRECTORY", ".", 1);
	put("langfuse-secret-key", "sk-lf-dir\n", 0400);
	is_int(cred_load(&c, &from, &e), 0, "credentials directory");
	is_str(c.public_key, "pk-lf-env", "the environment goes first");
	is_str(c.secret_key, "sk-lf-dir", "an empty variable is none");
	cred_fini(&c);
	(void)unlink("langfuse-secret-key");
	put("LANGFUSE_SECRET_KEY", "sk-lf-var\n", 0400);
	is_int(cred_load(&c, &from, &e), 0, "named like the variable");
	is_str(c.secret_key, "sk-lf-var", "is taken too");
	cred_fini(&c);
}

static void
t_commands(void)
{
	struct command cmd;
	struct cred c = { 0 };
	struct err e;

	is_int(command_split(&cmd, "op read 'a b' \"c d\"\\ e \"\" f", &e), 0,
	    "words");
	is_int((intmax_t)cmd.n, 6, "six of them");
	is_str(cmd.word[2], "a b", "single quotes");
	is_str(cmd.word[3], "c d e", "double quotes and a backslash");
	is_str(cmd.word[4], "", "an empty word");
	ok(cmd.word[6] == NULL, "ends with NULL");
	command_fini(&cmd);
	is_int(command_split(&cmd, "op 'read", &e), -1, "open quote");
	is_int(command_split(&cmd, "  ", &e), -1, "empty");

	is_int(cred_command(&c, "printf '%s\\n%s\\n' pk-lf-c sk-lf-c", false,
	    &e), 0, "both from one command");
	is_str(c.public_key, "pk-lf-c", "public by its prefix");
	is_str(c.secret_key, "sk-lf-c", "secret by its prefix");
	is_int(cred_command(&c, "echo sk-lf-$((40+2))", false, &e), 0,
	    "without a shell");
	is_str(c.secret_key, "sk-lf-$((40+2))", "nothing is expanded");
	is_int(cred_command(&c, "echo sk-lf-$((40+2))", true, &e), 0,
	    "with a shell");
	is_str(c.secret_key, "sk-lf-42", "it is");
	is_int(cred_command(&c, "false", false, &e), -1, "a failure");
	is_str(e.msg, "false: exit status 1", "says so");
	is_int(cred_command(&c, "/nonexistent/op read", false, &e), -1,
	    "no such program");
	is_str(e.msg, "/nonexistent/op: no such program", "says so");
	is_int(cred_command(&c, "echo hello secret", false, &e), -1,
	    "no key printed");
	ok(strstr(e.msg, "secret ") == NULL, "the words stay unseen: %s",
	    e.msg);
	is_int(cred_command(&c, "yes sk-lf-x", false, &e), -1,
	    "an endless command is ended");
	is_int(cred_command(&c, "cat", false, &e), -1,
	    "a command that reads sees the end of its input");
	cred_fini(&c);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL || chdir(dir) == -1) {
		note("%s: %s", dir, strerror(errno));
		return 1;
	}
	t_basic();
	t_files();
	t_env();
	t_commands();
	(void)unlink("good");
	(void)unlink("open");
	(void)unlink("group");
	(void)unlink("long");
	(void)unlink("two");
	(void)unlink("LANGFUSE_SECRET_KEY");
	if (chdir("/") == -1 || rmdir(dir) == -1)
		note("%s: %s", dir, strerror(errno));
	return done_testing();
}

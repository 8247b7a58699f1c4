#include "cred/source.h"

#include <errno.h>
#include <readpassphrase.h>
#include <stdlib.h>
#include <string.h>

#include "net/command.h"

static const char *
env_or(const char *name, const char *otherwise)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : otherwise;
}

/* argv wants to be writable; the words are not secret. */
static int
read_one(char **key, const char *const word[], struct err *e)
{
	char *argv[COMMAND_MAX_WORDS + 1] = { 0 };
	int rc = -1;
	size_t n;

	for (n = 0; word[n] != NULL; n++)
		if ((argv[n] = strdup(word[n])) == NULL)
			break;
	if (word[n] != NULL)
		err_set(e, "out of memory");
	else
		rc = cred_program(key, argv, e);
	while (n-- > 0)
		free(argv[n]);
	return rc;
}

int
source_1password(struct cred *c, struct err *e)
{
	const char *pub[] = { "op", "read", env_or(
	    "LANGFUSE_1P_PUBLIC_KEY_REF",
	    "op://Development/Langfuse/public_key"), NULL };
	const char *sec[] = { "op", "read", env_or(
	    "LANGFUSE_1P_SECRET_KEY_REF",
	    "op://Development/Langfuse/secret_key"), NULL };

	if (read_one(&c->public_key, pub, e) == -1)
		return -1;
	return read_one(&c->secret_key, sec, e);
}

int
source_azure(struct cred *c, struct err *e)
{
	const char *vault = env_or("AZURE_KEYVAULT_NAME", NULL);
	const char *word[] = { "az", "keyvault", "secret", "show",
	    "--vault-name", vault, "--name", NULL, "--query", "value", "-o",
	    "tsv", NULL };
	const size_t name = 7;

	if (vault == NULL)
		return err_set(e, "AZURE_KEYVAULT_NAME must be set");
	word[name] = env_or("LANGFUSE_AZURE_PUBLIC_KEY_NAME",
	    "LANGFUSE-PUBLIC-KEY");
	if (read_one(&c->public_key, word, e) == -1)
		return -1;
	word[name] = env_or("LANGFUSE_AZURE_SECRET_KEY_NAME",
	    "LANGFUSE-SECRET-KEY");
	return read_one(&c->secret_key, word, e);
}

int
source_prompt(struct cred *c, struct err *e)
{
	char text[CRED_MAX + 2];
	int rc = 0;

	if (c->public_key == NULL) {
		if (readpassphrase("Langfuse public key: ", text,
		    sizeof(text), RPP_REQUIRE_TTY | RPP_ECHO_ON) == NULL)
			return err_set(e, "/dev/tty: %s", strerror(errno));
		rc = cred_set_public(c, text, strlen(text), e);
	}
	if (rc == 0 && c->secret_key == NULL) {
		if (readpassphrase("Langfuse secret key: ", text,
		    sizeof(text), RPP_REQUIRE_TTY | RPP_ECHO_OFF) == NULL) {
			rc = err_set(e, "/dev/tty: %s", strerror(errno));
		} else
			rc = cred_set_secret(c, text, strlen(text), e);
	}
	explicit_bzero(text, sizeof(text));
	return rc;
}

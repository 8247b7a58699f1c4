/*
 * A Langfuse key pair: where it comes from, how it is kept, the header made
 * of it. Keys never appear in arguments, messages or logs, and are wiped from
 * memory when they are no longer needed.
 */
#ifndef NET_CRED_H
#define NET_CRED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define CRED_MAX	1024	/* longest key */

struct cred {
	char	*public_key;	/* NULL: not known yet */
	char	*secret_key;
};

/*
 * Where to look; NULL and 0 where not. cred_load takes each key from the first
 * of these, in this order, that has it.
 */
struct cred_from {
	const char		*public_file;
	const char		*secret_file;
	const char *const	*command;	/* lines; see cred_command */
	size_t			 ncommand;
	bool			 shell;		/* lines go to /bin/sh -c */
	/*
	 * LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, then the files that
	 * LANGFUSE_PUBLIC_KEY_FILE and LANGFUSE_SECRET_KEY_FILE name.
	 */
	bool			 env;
	const char		*public_env;	/* other variables, NULL: none */
	const char		*secret_env;
	/*
	 * Files langfuse-public-key and langfuse-secret-key, or named like
	 * the variables, in $CREDENTIALS_DIRECTORY (systemd.exec(5)).
	 */
	bool			 directory;
};

/*
 * Fills what is missing in c. 0 when both keys are there; 1 when one is still
 * missing, -1 when a source is wrong, both with the cause (then c may hold one
 * of them).
 */
int cred_load(struct cred *c, const struct cred_from *from, struct err *e);

/* Wipes and frees. */
void cred_fini(struct cred *c);

/* A key from a variable, without white space around it. 0, or -1. */
int cred_env(char **key, const char *var, struct err *e);

/* Takes a copy of n bytes as a key, if it can be one: 0, or -1 with why. */
int cred_set_public(struct cred *c, const char *p, size_t n, struct err *e);
int cred_set_secret(struct cred *c, const char *p, size_t n, struct err *e);

/*
 * A key from a file: white space around it is dropped. A regular file must
 * belong to us or root and be closed to others; its group may read it only
 * if it is root's (a mounted secret). Pipes are as they are.
 */
int cred_file(char **key, const char *path, struct err *e);

/*
 * Opens a file for reading that may hold a secret, by the same rules. The
 * descriptor, or -1 with the cause in e.
 */
int cred_open(const char *path, struct err *e);

/*
 * Runs the line and takes the words it prints that begin with pk-lf- or
 * sk-lf- as the public and the secret key. 0, or -1 when it fails or prints
 * no key.
 */
int cred_command(struct cred *c, const char *line, bool shell,
    struct err *e);

/* The same for a program that prints one key, which goes to *key. */
int cred_program(char **key, char *const argv[], struct err *e);

/* Do the keys look like Langfuse's (pk-lf-..., sk-lf-...)? 0 or -1. */
int cred_check_form(const struct cred *c, struct err *e);

/*
 * "Basic <base64 of pk:sk>" as RFC 7617 has it, behind prefix: the caller
 * passes it to cred_wipe. NULL when out of memory.
 */
char *cred_basic(const struct cred *c, const char *prefix);

/* Wipes and frees a string; NULL is fine. */
void cred_wipe(char *s);

/* No core dumps, and no other process of ours may read this one's memory. */
int cred_seal_process(struct err *e);

#endif

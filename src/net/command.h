/*
 * Runs another program for what it prints: a password manager, for example.
 * What it prints is treated as a secret.
 */
#ifndef NET_COMMAND_H
#define NET_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define COMMAND_MAX_WORDS	64
#define COMMAND_TIMEOUT_S	120	/* somebody may have to unlock a vault */

struct command {
	char	*word[COMMAND_MAX_WORDS + 1];	/* NULL-terminated argv */
	size_t	 n;
	char	*text;				/* where the words stand */
};

/*
 * Splits a line into words as a shell would, with '...', "..." and \, but
 * without expanding anything. 0, or -1 with the cause.
 */
int command_split(struct command *c, const char *line, struct err *e);
void command_fini(struct command *c);

/*
 * Runs argv[0], looked up in PATH, without a shell; stdin is /dev/null and
 * stderr is ours. At most max bytes of what it prints go to out, *n tells how
 * many. 0; -1 with the program's name and the cause when it cannot run, fails,
 * takes longer than COMMAND_TIMEOUT_S (it is killed) or prints more. out is
 * wiped on failure.
 */
int command_run(char *const argv[], char *out, size_t max, size_t *n,
    struct err *e);

#endif

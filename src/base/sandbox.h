/*
 * Less and less a process may do: once it has opened what it needs, it gives
 * up the rest, so that whoever takes it over by a bug has little to work with.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* What was given up; each only where the system can. */
#define SANDBOX_PRIVS	1u	/* no new privileges, no core, no debugger */
#define SANDBOX_FILES	2u	/* no files but those chosen (Landlock) */
#define SANDBOX_CALLS	4u	/* no calls but those of a server (seccomp) */

/*
 * dir: the one folder whose files may be opened, written, made and removed
 * from now on; NULL: none at all. Descriptors that are open stay usable.
 * Programs built with AddressSanitizer only give up privileges: the search
 * for leaks needs the rest.
 * What was achieved, as bits; -1 with the cause in e when something that the
 * system offers failed.
 */
int sandbox_enter(const char *dir, struct err *e);

/* "no new privileges, files, system calls", for a log. */
void sandbox_text(unsigned got, struct buf *b);

#endif

/*
 * Which files are read, and in which order: those named, those below folders,
 * those where the CLIs keep them. The files of one session (a transcript and
 * those of its sub-agents, in the folder of its name) stand together, older
 * sessions before newer ones, so that a fork comes behind what it copied.
 */
#ifndef IMPORT_PLACES_H
#define IMPORT_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct place {
	char		*path;
	size_t		 group;		/* bytes of path that name the session */
	uint64_t	 born;		/* ns: of the group's oldest file */
	uint64_t	 mtime, size, ino, dev;
	bool		 named;		/* by the user, not found in a folder */
};

struct places {
	struct place	*v;
	size_t		 n, cap;
	/* What cannot be read or leads in a circle is told, once each. */
	void		(*trouble)(void *arg, const char *path,
			    const char *why);
	/* Each folder that was looked into; may be NULL. */
	void		(*folder)(void *arg, const char *path);
	void		*arg;
};

void places_fini(struct places *p);

/*
 * Adds a file, or all below a folder. What cannot be read is told and left
 * out. 0, or -1 when out of memory.
 */
int places_add(struct places *p, const char *path);

/*
 * Where the CLIs keep their sessions: $CLAUDE_CONFIG_DIR, $CODEX_HOME, and so
 * on, as far as they exist. 0, or -1 when out of memory.
 */
int places_usual(struct places *p);

/* Puts them in order and leaves out what is there twice. */
void places_sort(struct places *p);

/* Forgets them all. */
void places_reset(struct places *p);

/* How the files of a session, v[from] to v[to - 1], look: never 0. */
uint64_t places_look(const struct places *p, size_t from, size_t to);

/* Do the two belong to one session? */
bool places_together(const struct place *a, const struct place *b);

#endif

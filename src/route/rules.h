/*
 * A route file, aitrace-route(5): destinations with their own keys, and rules
 * that say which records go to which of them. It holds no secret itself: it
 * names variables, files and commands that do.
 */
#ifndef ROUTE_RULES_H
#define ROUTE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "filter/expr.h"
#include "net/client.h"
#include "record/record.h"
#include "sink/sink.h"

#define RULES_DESTS	63	/* destinations in a file: bits of a mask */
#define RULES_MAX	1024	/* rules in it */
#define RULES_SIZE	(1024 * 1024)
#define RULES_NAME	64	/* longest name of a destination */
#define RULES_HEADERS	16	/* of a destination */

struct rules_dest {
	const char		*name;
	const struct sink	*sink;
	const char		*url;
	/* Where its keys are; NULL: not there. */
	const char		*public_env, *public_file;
	const char		*secret_env, *secret_file;
	const char		*key_command;
	const char		*token_env, *token_file, *token_command;
	const char		*header[RULES_HEADERS];	/* "Name: value" */
	size_t			 nheaders;
	int			 format, gzip;		/* or -1 */
	int64_t			 timeout;		/* or -1 */
	struct client_tls	 tls;
	size_t			 line;			/* where it begins */
	bool			 bare;		/* the rest as options say */
};

struct rules_rule {
	struct expr	 when;
	const char	*names;		/* as they stand in the file */
	size_t		 line;
	uint64_t	 to;		/* bit i: destination i */
};

struct rules {
	const char		*path;		/* the caller's; NULL: no file */
	struct arena		 mem;		/* of all strings */
	struct rules_dest	*dest;
	size_t			 ndest;
	struct rules_rule	*rule;
	size_t			 nrule;
	/* Where what matches no rule goes: destinations, or 0: parked. */
	uint64_t		 otherwise;
	const char		*otherwise_names;
	size_t			 otherwise_line;
};

/*
 * Reads a file. 0, or -1 with "path:line: cause"; a zeroed struct is then,
 * too, to be given to rules_fini.
 */
int rules_read(struct rules *x, const char *path, struct err *e);

/* The same for a text; path is for messages. */
int rules_parse(struct rules *x, const char *path, const char *p, size_t n,
    struct err *e);

/*
 * Instead of a file: everything goes to each of these, NAME or NAME=URL as
 * aitrace-ship --to has them, with the keys and headers of the options. The
 * name of one with a URL holds a hash of that, so that it keeps its queue
 * whatever else is named. 0, or -1 with the cause.
 */
int rules_all(struct rules *x, const char *const *to, size_t n,
    struct err *e);

void rules_fini(struct rules *x);

/* Where the first rule that the record fulfils sends it; 0 when none is. */
uint64_t rules_match(struct rules *x, const struct record *r);

#endif

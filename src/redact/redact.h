/*
 * The engine: takes a line of the stream and gives it back without what must
 * not leave. aitrace-redact runs on it; who makes records may use it before
 * anything is written.
 *
 *	x = redact_new();
 *	redact_rules(x, path, &e);	redact_secret(x, ...);
 *	redact_ready(x, &e);
 *	switch (redact_line(x, p, n, &out, &why)) ...
 */
#ifndef REDACT_REDACT_H
#define REDACT_REDACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "redact/rules.h"

struct redact;

enum redact_res {
	REDACT_SAME,	/* nothing to hide: the line may go as it is */
	REDACT_CHANGED,	/* out holds what may go, without newline */
	REDACT_BAD,	/* *why: it must not go */
	REDACT_NOMEM	/* it must not go */
};

/* NULL when out of memory. */
struct redact *redact_new(void);
void redact_free(struct redact *x);

/*
 * Reads rules over those read before; path NULL: the installed ones, from
 * $AITRACE_RULES, or redact.json in $AITRACE_DATADIR or the data directory.
 */
int redact_rules(struct redact *x, const char *path, struct err *e);

/* The same from a text; name is for the message. */
int redact_rules_text(struct redact *x, const char *name, const char *p,
    size_t n, struct err *e);

/* Without the rule of that name. -1 if there is none. */
int redact_off(struct redact *x, const char *name, struct err *e);

/*
 * A value that is secret wherever it stands. name stands in the mark: letters,
 * digits and '_' of it are taken, in lower case.
 */
int redact_secret(struct redact *x, const char *name, const char *p, size_t n,
    struct err *e);

/* The value of a variable of the environment; it must be set. */
int redact_secret_env(struct redact *x, const char *variable, struct err *e);

/* What a file holds: all of it, and each of its longer lines. */
int redact_secret_file(struct redact *x, const char *path, struct err *e);

/* A user's name; those that say nothing (root, user, me, ...) are ignored. */
int redact_user(struct redact *x, const char *name, struct err *e);

/* Key of the hash: required for MODE_HASH. Copied, and wiped at the end. */
int redact_key(struct redact *x, const void *p, size_t n, struct err *e);
void redact_mode(struct redact *x, enum rule_mode mode);
void redact_drop_content(struct redact *x);

/* Attributes by name or pattern: drop, or (once one is given) only these. */
int redact_deny(struct redact *x, const char *name, struct err *e);
int redact_allow(struct redact *x, const char *name, struct err *e);

/* After all of the above. 0, or -1 with the cause. */
int redact_ready(struct redact *x, struct err *e);

/*
 * The line p[0..n), no newline. out is reset first. *why is a constant text.
 * A line that is no JSON object, or deeper than JSON_MAX_DEPTH, is bad.
 */
enum redact_res redact_line(struct redact *x, const char *p, size_t n,
    struct buf *out, const char **why);

/* The same for a line that record_index took: it is not checked again. */
enum redact_res redact_record(struct redact *x, const char *p, size_t n,
    struct buf *out, const char **why);

/* Secrets hidden and members left out so far. */
uint64_t redact_hits(const struct redact *x);
uint64_t redact_dropped(const struct redact *x);

const struct rules *redact_get_rules(const struct redact *x);

#endif

/*
 * Finds secrets in a text, in one pass whose time is linear in its length:
 * pairs of bytes that begin or mark a secret are looked for sixteen bytes at a
 * time, and only where one stands a rule looks closer, never further than it
 * then skips, or a fixed number of bytes.
 */
#ifndef REDACT_MATCH_H
#define REDACT_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redact/names.h"
#include "redact/rules.h"

struct match {
	size_t			 beg, end;
	const struct rule	*rule;
};

struct match_list {
	struct match	*v;
	size_t		 n, cap;
	bool		 nomem;
};

/* A literal that is looked for: of a rule, or an exact value. */
struct literal {
	const char		*p;
	size_t			 n;
	const struct rule	*rule;
	bool			 in_base64;	/* the run around it is meant */
};

struct trigger {
	uint16_t		 pair;
	uint16_t		 off;	/* of the pair in the literal */
	struct literal		 lit;	/* p NULL: the rule's own look */
};

struct matcher {
	const struct rules	*rules;
	struct names		 names;
	const struct rule	*named;		/* the rule of names; or NULL */
	uint8_t			 bit[8192];	/* one for each pair */
	uint16_t		 head[257];	/* triggers by hash of the pair */
	struct trigger		*trigger;
	size_t			 n, cap;
	bool			 every_byte;	/* a pair without a rare byte */
	bool			 nomem;
};

/* Which rules count. */
enum match_scope {
	MATCH_ALL,
	MATCH_KEYS	/* not those about a person, not those by name */
};

/*
 * Makes a zeroed matcher of the rules that are on, and of the n literals. 0,
 * or -1 when out of memory. Rules and literals must outlive it.
 */
int matcher_init(struct matcher *m, const struct rules *r,
    const struct literal *lit, size_t n);
void matcher_fini(struct matcher *m);

/*
 * Appends what is found in p[0..n), in any order, possibly overlapping.
 */
void matcher_find(const struct matcher *m, const char *p, size_t n,
    enum match_scope scope, struct match_list *out);

void match_list_add(struct match_list *l, size_t beg, size_t end,
    const struct rule *rule);

#endif

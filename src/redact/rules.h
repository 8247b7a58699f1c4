/*
 * The rules of redaction as data: what secrets look like, which names mark
 * one, and which attributes are dropped, left alone or content. Read from
 * aitrace-redact(5) files; a later file adds to an earlier one, and a rule of
 * the same name takes the place of the old one.
 */
#ifndef REDACT_RULES_H
#define REDACT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define RULES_MAX_FILE	(4 * 1024 * 1024)
#define RULES_MAX_TEXT	4096	/* longest prefix or exact value, bytes */

enum rule_kind {
	RULE_TOKEN,	/* a prefix, then characters of an alphabet */
	RULE_JWT,	/* eyJ... . eyJ... */
	RULE_BASIC,	/* a prefix, then base64 of user:password */
	RULE_BLOCK,	/* -----BEGIN ... PRIVATE KEY----- to its end */
	RULE_NAMED,	/* name=value, "name":"value", members so named */
	RULE_URL,	/* ://user:password@ */
	RULE_EMAIL, RULE_IPV4, RULE_IPV6, RULE_CARD, RULE_PHONE,
	RULE_EXACT,	/* a value that is known to be secret */
	RULE_WORD,	/* a known word, between things that are no letters */
	RULE_MARK	/* what stands for a secret that is gone */
};

enum rule_mode {
	MODE_DEFAULT, MODE_MASK, MODE_HASH, MODE_DROP
};

struct rule {
	const char	*name;
	enum rule_kind	 kind;
	enum rule_mode	 mode;
	bool		 off;
	bool		 personal;	/* about a person: not in ids, usage */
	bool		 keep;		/* the prefix stays to be seen */
	bool		 anywhere;	/* may follow a letter or digit */
	bool		 mixed;		/* must hold a digit and a letter */
	uint8_t		 alphabet[32];	/* a bit for each byte */
	size_t		 min, max;	/* bytes behind the prefix; max 0: any */
	size_t		 distinct;	/* different bytes at least */
	const char	**prefix;
	size_t		 nprefix;
	const char	**except;	/* values that are no secrets */
	size_t		 nexcept;
	const char	*example;	/* one, for the self-test */
};

/* A list of texts: names, or patterns with '*' at their ends. */
struct rule_list {
	const char	**v;
	size_t		  n, cap;
};

struct rules {
	struct arena	 mem;		/* holds every text */
	struct rule	**rule;
	size_t		 n, cap;
	struct rule_list names;		/* last words of names of secrets */
	struct rule_list weak_names;	/* of strong values only */
	struct rule_list lines;		/* of which a whole line is secret */
	struct rule_list not_names;	/* whole names that only sound so */
	struct rule_list not_values;	/* values that are placeholders */
	struct rule_list drop;		/* attributes that always go */
	struct rule_list keep;		/* ids, usage, cost, times */
	struct rule_list content;	/* prompts, answers, tools */
};

/* A zeroed struct rules is empty. 0, or -1 with path and cause in e. */
int rules_read(struct rules *r, const char *path, struct err *e);

/* The same from text; name is for the message. */
int rules_parse(struct rules *r, const char *name, const char *p, size_t n,
    struct err *e);

/*
 * A rule of that name, made if there is none; NULL when out of memory. The
 * name is copied.
 */
struct rule *rules_add(struct rules *r, const char *name);
struct rule *rules_find(const struct rules *r, const char *name);

/* Appends a copy of the text. 0, or -1 when out of memory. */
int rules_append(struct rules *r, struct rule_list *l, const char *s);

/* Does the rule's alphabet hold the byte? */
static inline bool
rule_has(const struct rule *r, unsigned char c)
{
	return (r->alphabet[c >> 3] >> (c & 7) & 1) != 0;
}

void rules_fini(struct rules *r);

#endif

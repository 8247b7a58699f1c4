/*
 * Walks a record, and the JSON that its strings hold, and collects what must
 * be replaced.
 */
#ifndef REDACT_WALK_H
#define REDACT_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "json/scan.h"
#include "record/record.h"
#include "redact/match.h"
#include "redact/plain.h"
#include "redact/policy.h"
#include "redact/splice.h"

#define WALK_LEVELS	8	/* JSON in a string in JSON in a string ... */
#define WALK_JOIN	4096	/* of a part, to either side of its border */

/* Spelling of a text: a JSON string without its quotes. */
struct part {
	const char	*p;
	size_t		 n;
};

struct walk {
	const struct matcher	*matcher;
	const struct policy	*policy;
	enum rule_mode		 mode;
	const unsigned char	*key;		/* of the hash */
	size_t			 nkey;
	bool			 drop_content;

	struct splices		 s;
	struct match_list	 found;
	struct plain		 plain;
	struct buf		 level[WALK_LEVELS + 1];
	struct buf		 joined, mark;
	struct part		*part;
	size_t			 nparts, cap;
	bool			 drop;		/* the member must go */
	bool			 nomem;
	const char		*bad;		/* why the line cannot pass */
	uint64_t		 hits;		/* secrets, ever */
	uint64_t		 dropped;	/* members, ever */
};

/* A text that is known to be valid JSON, or is to be searched as it is. */
struct frame {
	const char	*base, *end;
	int		 level;
};

/*
 * Collects in w->s (merged) the replacements of a line that record_index took.
 * 0, or -1 with w->bad or w->nomem set.
 */
int walk_line(struct walk *w, const char *p, size_t n);

/* What stands in place of p[0..n), found by the rule; in w->mark. */
void walk_mark(struct walk *w, const struct rule *rule, const char *p,
    size_t n);

/* Appends what is found in a text (no JSON) to w->s, in its own places. */
void walk_text(struct walk *w, const char *p, size_t n,
    enum match_scope scope);

/* What a JSON string says: a slice of it, or of buf. NULL: no memory. */
const char *walk_says(struct walk *w, struct json_val v, struct buf *b,
    size_t *n);

/* Texts that follow one another, from part number from on, as if one. */
void walk_join(struct walk *w, const struct frame *f, size_t from);

/*
 * The member's value is content: its texts give way to their length. own: it
 * is a member of the record, no attribute.
 */
void walk_content(struct walk *w, const struct frame *f,
    const struct json_member *m, bool own);

void walk_fini(struct walk *w);

#endif

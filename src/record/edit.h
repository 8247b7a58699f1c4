/*
 * Changes to a record that leave every byte alone which they do not name:
 * members and attributes are added or replaced in place. The edited line is
 * the old bytes with pieces spliced in; numbers, order, spelling and unknown
 * members stay.
 *
 * Values are raw JSON and must be valid. Setting a value to the bytes it has
 * already changes nothing. Setting a name twice: the later wins. New
 * attributes go behind the existing ones in the order they were set; new
 * members go where aitrace-record(5) wants them.
 */
#ifndef RECORD_EDIT_H
#define RECORD_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/out.h"
#include "record/record.h"

struct edit_change;

struct edit {
	const struct record	*r;
	struct buf		 text;		/* bytes of the new values */
	struct buf		 scratch;	/* one value being made */
	struct edit_change	*attr;		/* changes to attributes */
	size_t			 nattr, capattr;
	uint64_t		 tags;		/* bits of their names' tags */
	struct edit_change	*top;		/* changes to members */
	size_t			 ntop, captop;
	struct edit_piece	*piece;		/* splices, while writing */
	size_t			 npiece, cappiece;
	int			 err;		/* sticky: ENOMEM */
};

/* A zeroed struct edit may begin. edit_fini frees what it kept. */
void edit_begin(struct edit *e, const struct record *r);
void edit_fini(struct edit *e);

/*
 * An attribute. Keys are plain ASCII without escapes, and outlive the edit
 * (constants). edit_attr_named: there is what the record has of that name.
 */
void edit_attr_named(struct edit *e, const char *key, size_t klen,
    const struct json_member *there, const char *raw, size_t n);
static inline void
edit_attr(struct edit *e, const char *key, const char *raw, size_t n)
{
	size_t klen = strlen(key);

	edit_attr_named(e, key, klen, record_attr_member(e->r, key, klen), raw,
	    n);
}
/*
 * Several at once that neither the record has nor the edit names otherwise:
 * text is ,"key":value for each, one behind the other.
 */
void edit_attrs_new(struct edit *e, const char *text, size_t n);
void edit_attr_str(struct edit *e, const char *key, const char *s, size_t n);
void edit_attr_int(struct edit *e, const char *key, int64_t v);
void edit_attr_bool(struct edit *e, const char *key, bool v);
void edit_attr_drop(struct edit *e, const char *key);

/* A top-level member (not "attributes"). */
void edit_member(struct edit *e, enum record_field f, const char *raw,
    size_t n);
void edit_member_str(struct edit *e, enum record_field f, const char *s,
    size_t n);
void edit_member_drop(struct edit *e, enum record_field f);

/* Does the edit change anything? */
bool edit_changes(const struct edit *e);

/* Writes the edited line and a newline. 0, or -1 (o->err or e->err). */
int edit_write(struct edit *e, struct out *o);
/*
 * The same, but what stays of the line is not copied: it must stay in memory
 * until out_settle or out_flush (of a stage: the record it was given).
 * newline: one stands in memory behind the line.
 */
int edit_pass(struct edit *e, struct out *o, bool newline);
/* Appends the edited line without a newline. 0, or -1. */
int edit_append(struct edit *e, struct buf *b);

#endif

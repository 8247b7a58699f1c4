/*
 * What a name in an expression stands for. The short names are one table,
 * which aitrace-filter(1) repeats.
 */
#ifndef FILTER_FIELD_H
#define FILTER_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "filter/value.h"
#include "record/record.h"

enum field_kind {
	FIELD_SHORT,		/* a row of the table */
	FIELD_MEMBER,		/* a member of the record */
	FIELD_STATUS,		/* a member of status */
	FIELD_RESOURCE, FIELD_SCOPE, FIELD_SCOPE_ATTRIBUTE, FIELD_ATTRIBUTE
};

struct field {
	enum field_kind		 kind;
	const struct field_row	*row;	/* FIELD_SHORT */
	enum record_field	 top;	/* FIELD_MEMBER; F_COUNT_: by name */
	const char		*name;	/* with NUL, in the arena */
	unsigned		 types;	/* what it can be */
};

/*
 * Finds what the name stands for: a short name, "resource.x", "scope.x", a
 * member, "status.code", else an attribute. 0, or -1 when out of memory.
 */
int field_resolve(struct field *f, const char *name, size_t n,
    struct arena *mem);

/* An attribute, whatever its name. what: FIELD_RESOURCE, ... */
int field_named(struct field *f, enum field_kind what, const char *name,
    size_t n, struct arena *mem);

/* The field's value in the record; texts may be in mem. */
struct value field_get(const struct field *f, const struct record *r,
    struct arena *mem);

/* Is it there, whatever it is? An empty text is. */
bool field_exists(const struct field *f, const struct record *r,
    struct arena *mem);

/* Short names in order, for the manual's test; NULL behind the last. */
const char *field_short_name(size_t i);

#endif

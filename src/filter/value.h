/*
 * Values that expressions compute with. Strings and lists are slices of the
 * record, of the expression, or of the arena of one evaluation.
 */
#ifndef FILTER_VALUE_H
#define FILTER_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "filter/num.h"
#include "json/scan.h"

/* A set of these is what a part of an expression may be. */
enum value_type {
	VALUE_UNKNOWN = 0,	/* missing, or of no type that fits */
	VALUE_BOOL = 1, VALUE_NUM = 2, VALUE_STR = 4, VALUE_TIME = 8,
	VALUE_DURATION = 16, VALUE_LIST = 32
};
#define VALUE_ATTRIBUTE	(VALUE_BOOL | VALUE_NUM | VALUE_STR | VALUE_TIME | \
    VALUE_LIST)		/* what an attribute can turn out to be */

struct value {
	enum value_type	 type;
	bool		 yes;
	struct num	 num;		/* duration: nanoseconds */
	const char	*p;		/* string, or raw JSON of a list */
	size_t		 n;
	uint64_t	 time;		/* nanoseconds since the epoch */
};

enum value_cmp { VALUE_LESS, VALUE_EQUAL, VALUE_MORE, VALUE_APART };

struct value value_bool(bool yes);
struct value value_str(const char *p, size_t n);

/* Of a JSON value; unknown for null, absent and objects. */
struct value value_json(struct json_val v, struct arena *mem);

/*
 * Compares two values of one type. A string compares with a number as the
 * number it spells, with a time as the time it spells. VALUE_APART: they
 * cannot be compared. Strings compare by bytes, which is the order of code
 * points. Lists are not compared here, see value_any.
 */
enum value_cmp value_cmp(const struct value *a, const struct value *b);

/* Elements of a list, one after the other; begin with *at = 0. */
bool value_next(const struct value *list, size_t *at, struct value *elem,
    struct arena *mem);

/* Appends the value as text; nothing when unknown. */
void value_put(struct buf *b, const struct value *v);

/* "a number", "a text or a time" for a set of types. */
void value_describe(struct buf *b, unsigned types);

#endif

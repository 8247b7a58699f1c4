/*
 * What the two encoders share: reading a record's members by the tables. A
 * record was indexed, so its JSON is valid and at most JSON_MAX_DEPTH deep,
 * which bounds every recursion here.
 */
#ifndef OTLP_ENCODE_H
#define OTLP_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "json/scan.h"
#include "otlp/schema.h"

struct encode {
	const struct record	*r;
	struct buf		*out;
	struct err		*e;

	/*
	 * Writes the row's field with the value v, which is not null, into a
	 * message that is open in out. 0, or -1 with the cause in e.
	 */
	int	(*row)(struct encode *c, const struct schema_row *r,
		    struct json_val v);
};

/* Values of a message's rows; type JSON_NONE where there is none. */
struct encode_vals {
	const struct schema_msg	*m;
	struct json_val		 v[SCHEMA_MAX_ROWS];
};

/* Members of a record that belong to its group. */
struct encode_group {
	struct json_val	resource, resource_info, scope;
	struct json_val	type;		/* of a metric */
};

void encode_vals_init(struct encode_vals *v, const struct schema_msg *m);

/*
 * Finds the members of object, of the record itself when it is JSON_NONE.
 * They may be shared out to n messages, and those of the group go to g if it
 * is not NULL. Unknown ones are passed over.
 * 0, or -1 with the cause.
 */
int encode_collect(struct encode *c, struct json_val object,
    struct encode_vals *v, size_t n, struct encode_group *g);

/* Writes the fields of one message. 0 or -1. */
int encode_rows(struct encode *c, const struct encode_vals *v);

/* Notes "member: why" and returns -1. */
int encode_fail(struct encode *c, const struct schema_row *r,
    const char *why);

/* Is the row's value one of the numbers? Then v as a slot has it. */
bool encode_is_number(const struct schema_row *r);
int encode_number(struct encode *c, const struct schema_row *r,
    struct json_val v, uint64_t *out);

/* Must the number be written? */
bool encode_wanted(const struct schema_row *r, uint64_t v);

/* 16 or 8 bytes, not all zero. */
int encode_id(struct encode *c, const struct schema_row *r,
    struct json_val v, unsigned char *out);

/* The type of value that a row must have. */
int encode_check(struct encode *c, const struct schema_row *r,
    struct json_val v);

/* What an attribute's value is in OTLP. */
enum encode_type {
	V_EMPTY, V_STRING, V_BOOL, V_INT, V_DOUBLE, V_ARRAY, V_KVLIST, V_BYTES
};

/*
 * Classifies the value v; *inner is what a wrapping holds, else v. Integers
 * beyond 64 bits are doubles.
 */
enum encode_type encode_type(struct json_val v, struct json_val *inner);

/* A double from what encode_type found to be one, or from a number. */
int encode_double(struct json_val v, double *out);

/*
 * Walks the members of object v; of the record itself when v is JSON_NONE.
 * What the record's index has already found is not scanned again.
 */
struct encode_walk {
	const struct json_member	*m;
	size_t				 left;
	bool				 indexed;
	struct json_iter		 it;
};
void encode_walk(const struct encode *c, struct encode_walk *w,
    struct json_val v);
bool encode_next(struct encode_walk *w, struct json_member *m);

#endif

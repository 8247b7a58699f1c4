/*
 * A record: one line of the stream, aitrace-record(5), indexed in one pass and
 * never copied. Lookups return slices of the line.
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "json/scan.h"

enum record_kind {
	RECORD_OTHER,		/* a JSON object of a kind we do not know */
	RECORD_SPAN, RECORD_LOG, RECORD_METRIC, RECORD_SCORE
};

/* Top-level members, in the order the format asks for. */
enum record_field {
	F_RECORD, F_TIME, F_OBSERVED_TIME, F_SEVERITY_NUMBER, F_SEVERITY,
	F_EVENT_NAME, F_TRACE_ID, F_SPAN_ID, F_PARENT_SPAN_ID, F_TRACE_STATE,
	F_FLAGS, F_NAME, F_DESCRIPTION, F_UNIT, F_TYPE, F_TEMPORALITY,
	F_MONOTONIC, F_KIND, F_START_TIME, F_END_TIME, F_VALUE, F_STATUS,
	F_RESOURCE, F_SCOPE, F_LINKS, F_EVENTS, F_DROPPED, F_BODY,
	F_ATTRIBUTES, F_COUNT_
};

struct record {
	const char		*p;	/* the line, without newline */
	size_t			 n;
	enum record_kind	 kind;
	struct json_val		 field[F_COUNT_];	/* JSON_NONE if absent */
	const char		*close;	/* the object's closing brace */
	struct json_member	*top;	/* all members, as they stand */
	size_t			 ntop, captop;
	struct json_member	*attr;	/* members of "attributes" */
	unsigned char		*tag;	/* of the name of each; see below */
	size_t			 nattr, capattr;
	uint32_t		 last[256];	/* by tag: in attr, if it has it */
	bool			 escaped;	/* a name of attr has escapes */
};

/*
 * Most attributes that are asked for are not there, and a few bytes of the
 * name rule out nearly all of them: its tag.
 */
static inline unsigned char
record_name_tag(const char *key, size_t n)
{
	uint32_t h = (uint32_t)n * UINT32_C(0xc2b2ae35);

	if (n > 0)
		h += (unsigned char)key[n - 1] * UINT32_C(0x01000193) ^
		    (unsigned char)key[n / 2] * UINT32_C(0x85ebca6b);
	return (unsigned char)(h >> 24);
}

/*
 * The last attribute of that name, or NULL. Constant names cost least. The
 * entry of a tag may be of an earlier line: it counts if that attribute is
 * there and has the tag.
 */
const struct json_member *record_attr_tagged(const struct record *r,
    const char *key, size_t n, unsigned char tag);
static inline const struct json_member *
record_attr_member(const struct record *r, const char *key, size_t n)
{
	unsigned char tag = record_name_tag(key, n);
	uint32_t i = r->last[tag];
	const struct json_member *m;

	if (r->escaped)
		return record_attr_tagged(r, key, n, tag);
	if (i >= r->nattr || r->tag[i] != tag)
		return NULL;
	m = &r->attr[i];
	if (m->klen == n && memcmp(m->key, key, n) == 0)
		return m;
	return record_attr_tagged(r, key, n, tag);
}

/* A zeroed struct record may be indexed; record_fini frees its arrays. */
void record_fini(struct record *r);

/*
 * Indexes the line p[0..n) into r, which may have held another. 0, or -1 with
 * a constant text in *why when it is no JSON object, is deeper than
 * JSON_MAX_DEPTH, or memory ran out. The line must outlive the index.
 * Duplicate names: the last counts. A null member counts as absent.
 */
int record_index(struct record *r, const char *p, size_t n, const char **why);

/* The attribute's value, type JSON_NONE when absent or null. */
static inline struct json_val
record_attr(const struct record *r, const char *key)
{
	const struct json_member *m = record_attr_member(r, key, strlen(key));

	if (m == NULL || m->val.type == JSON_NULL)
		return (struct json_val){ NULL, 0, JSON_NONE };
	return m->val;
}

/* Members of "resource" and "scope" (walks them each time). */
struct json_val record_resource(const struct record *r, const char *key);
struct json_val record_scope(const struct record *r, const char *key);

/* The last top-level member of that name, or NULL. */
const struct json_member *record_top(const struct record *r, const char *name,
    size_t n);

/* A top-level member that has no field of its own; JSON_NONE if absent. */
struct json_val record_member(const struct record *r, const char *name);

/* The member's name for a field. */
const char *record_field_name(enum record_field f);

/* The field of a member, F_COUNT_ when it has none. */
enum record_field record_field_of(const struct json_member *m);

#endif

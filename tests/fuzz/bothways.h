/*
 * A line is indexed with or without knowing where its strings begin
 * (record/quick.h), and comes out the same. White space in front of a record
 * is taken in order.
 */
#ifndef FUZZ_BOTHWAYS_H
#define FUZZ_BOTHWAYS_H

#include <stdlib.h>
#include <string.h>

#include "record/record.h"

static inline bool
same_val(const struct record *a, struct json_val v, const struct record *b,
    struct json_val w)
{
	return v.type == w.type && (v.type == JSON_NONE ||
	    (v.n == w.n && v.p - a->p == w.p - b->p - 1));
}

static inline bool
same_members(const struct record *a, const struct json_member *m,
    const struct record *b, const struct json_member *k, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (m[i].klen != k[i].klen || m[i].kesc != k[i].kesc ||
		    m[i].key - a->p != k[i].key - b->p - 1 ||
		    !same_val(a, m[i].val, b, k[i].val))
			return false;
	}
	return true;
}

/* Each name of an attribute is found, and the same one. */
static inline bool
same_found(const struct record *a, const struct record *b)
{
	for (size_t i = 0; i < a->nattr; i++) {
		const struct json_member *m = record_attr_member(a,
		    a->attr[i].key, a->attr[i].klen);
		const struct json_member *k = record_attr_member(b,
		    a->attr[i].key, a->attr[i].klen);

		if ((m == NULL) != (k == NULL) ||
		    (m != NULL && m - a->attr != k - b->attr))
			return false;
		if (m == NULL && !a->attr[i].kesc)
			return false;
	}
	return true;
}

/* What differs, or NULL. a and b may have held other lines. */
static inline const char *
both_ways(struct record *a, struct record *b, const char *p, size_t n)
{
	char *copy = malloc(n + 1);
	const char *why, *bad = NULL;
	int rc;

	if (copy == NULL)
		return "out of memory";
	copy[0] = ' ';
	if (n > 0)
		memcpy(copy + 1, p, n);
	rc = record_index(a, p, n, &why);
	if (rc != record_index(b, copy, n + 1, &why))
		bad = "whether it is a record";
	else if (rc == 0) {
		if (a->kind != b->kind || a->ntop != b->ntop ||
		    a->nattr != b->nattr || a->escaped != b->escaped ||
		    a->close - a->p != b->close - b->p - 1)
			bad = "kind or counts";
		else if (!same_members(a, a->top, b, b->top, a->ntop) ||
		    !same_members(a, a->attr, b, b->attr, a->nattr))
			bad = "members";
		else if (!same_found(a, b) || !same_found(b, a))
			bad = "look-ups";
		for (int f = 0; f < F_COUNT_; f++)
			if (!same_val(a, a->field[f], b, b->field[f]))
				bad = "fields";
	}
	free(copy);
	return bad;
}

#endif

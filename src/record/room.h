/* What both ways of indexing a line (record.c, quick.c) put into a record. */
#ifndef RECORD_ROOM_H
#define RECORD_ROOM_H

#include <string.h>

#include "record/record.h"

/*
 * Fields by their name's second letter, its last and its length. Names have
 * fifteen bytes at most and so zeros behind them.
 */
#define ROOM_PLACES	64
#define ROOM_PLACE(second, last, n) \
	(((last) * 33 + (second) * 3 + (n) * 7) % ROOM_PLACES)

struct room_place {
	char		name[16];
	unsigned char	n, field;
};
extern const struct room_place room_place[ROOM_PLACES];

/* Where the name of m, which has no escapes, would be; NULL: no field's. */
static inline const struct room_place *
room_place_of(const struct json_member *m)
{
	const unsigned char *p = (const unsigned char *)m->key;
	const struct room_place *at;

	if (m->klen < 2 || m->klen > 15)
		return NULL;
	at = &room_place[ROOM_PLACE(p[1], p[m->klen - 1], (int)m->klen)];
	return at->n == m->klen ? at : NULL;
}

/* Twice the room for members; false when out of memory. */
bool room_for_top(struct record *r);
bool room_for_attrs(struct record *r);

/*
 * Part by part: a struct that was just written in parts and is read as a whole
 * waits until the parts have left the processor's store buffer.
 */
static inline void
room_put(struct json_val *to, struct json_val v)
{
	to->p = v.p;
	to->n = v.n;
	to->type = v.type;
}

/* The member f, if it is one we know, has the value v. */
static inline void
room_field(struct record *r, enum record_field f, struct json_val v)
{
	if (f == F_COUNT_)
		return;
	if (v.type == JSON_NULL)
		v.type = JSON_NONE;
	room_put(&r->field[f], v);
}

/* The name of the attribute m, the i-th, is known. */
static inline void
room_name(struct record *r, const struct json_member *m, size_t i)
{
	unsigned char tag = record_name_tag(m->key, m->klen);

	r->tag[i] = tag;
	r->last[tag] = (uint32_t)i;
	if (m->kesc)	/* it may be any name */
		r->escaped = true;
}

/* No attributes so far. */
static inline void
room_clear_attrs(struct record *r)
{
	r->nattr = 0;
	r->escaped = false;
}

/* Nothing of the line that was there before. */
static inline void
room_clear(struct record *r, const char *p, size_t n)
{
	for (int f = 0; f < F_COUNT_; f++)
		r->field[f].type = JSON_NONE;
	room_clear_attrs(r);
	r->ntop = 0;
	r->p = p;
	r->n = n;
}

#endif

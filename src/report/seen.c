#include "report/seen.h"

#include <stdlib.h>
#include <string.h>

#include "record/ids.h"

#define FIRST_CAP	1024

void
seen_init(struct seen *s, size_t keep)
{
	memset(s, 0, sizeof(*s));
	s->keep = keep;
}

void
seen_fini(struct seen *s)
{
	free(s->cell[0]);
	free(s->cell[1]);
	memset(s, 0, sizeof(*s));
}

static uint64_t
mix(uint64_t h, const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	h = (h ^ w) * UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 32;
}

/* Ids are random, or hashes: eight digits at a time will do. */
static uint64_t
hash_of(const char *trace, const char *span)
{
	uint64_t h = 0;

	for (size_t i = 0; i < TRACE_ID_LEN; i += 8)
		h = mix(h, trace + i);
	for (size_t i = 0; i < SPAN_ID_LEN; i += 8)
		h = mix(h, span + i);
	return h != 0 ? h : 1;
}

static bool
find(const uint64_t *cell, size_t cap, uint64_t h, size_t *at)
{
	size_t i;

	if (cap == 0)
		return false;
	for (i = h & (cap - 1); cell[i] != 0; i = (i + 1) & (cap - 1))
		if (cell[i] == h)
			return true;
	*at = i;
	return false;
}

static int
grow(struct seen *s)
{
	size_t cap = s->cap[0] != 0 ? 2 * s->cap[0] : FIRST_CAP, at = 0;
	uint64_t *cell = calloc(cap, sizeof(*cell));

	if (cell == NULL)
		return -1;
	for (size_t i = 0; i < s->cap[0]; i++)
		if (s->cell[0][i] != 0 && !find(cell, cap, s->cell[0][i], &at))
			cell[at] = s->cell[0][i];
	free(s->cell[0]);
	s->cell[0] = cell;
	s->cap[0] = cap;
	return 0;
}

int
seen_span(struct seen *s, const struct record *r)
{
	struct json_val trace = r->field[F_TRACE_ID];
	struct json_val span = r->field[F_SPAN_ID];

	if (trace.type != JSON_STRING || trace.n != TRACE_ID_LEN + 2 ||
	    span.type != JSON_STRING || span.n != SPAN_ID_LEN + 2)
		return 0;
	return seen_hash(s, hash_of(trace.p + 1, span.p + 1));
}

int
seen_hash(struct seen *s, uint64_t h)
{
	size_t at = 0;

	if (s->keep == 0)
		return 0;
	if (find(s->cell[0], s->cap[0], h, &at))
		return 1;
	if (find(s->cell[1], s->cap[1], h, &at))
		return 1;
	if (s->n[0] == s->keep) {	/* the young become the old */
		free(s->cell[1]);
		s->cell[1] = s->cell[0];
		s->cap[1] = s->cap[0];
		s->n[1] = s->n[0];
		s->cell[0] = NULL;
		s->cap[0] = s->n[0] = 0;
	}
	if (2 * (s->n[0] + 1) > s->cap[0] && grow(s) == -1)
		return -1;
	if (!find(s->cell[0], s->cap[0], h, &at)) {
		s->cell[0][at] = h;
		s->n[0]++;
	}
	return 0;
}

#include "agent/held.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "record/rtime.h"

/* The slice of r's line, moved to the copy. */
static struct json_val
moved(struct json_val v, const struct record *r, char *line)
{
	if (v.type != JSON_NONE)
		v.p = line + (v.p - r->p);
	return v;
}

/*
 * The time of a log: its own, else when it was seen. A time of whole
 * milliseconds is made exact by the one at which the client's exporter saw it.
 */
static uint64_t
log_time(const struct record *r)
{
	uint64_t t, seen, gap;

	if (rtime_get(r->field[F_TIME], &t) == 0)
		return t;
	if (rtime_get(r->field[F_OBSERVED_TIME], &seen) == -1)
		seen = 0;
	if (rtime_get(record_attr(r, "event.timestamp"), &t) == -1)
		return seen;
	gap = seen > t ? seen - t : t - seen;
	return gap < 5 * CLOCK_MS ? seen : t;
}

_Static_assert(FACT_COUNT_ <= UINT8_MAX, "facts fit a byte");

void
facts_find(struct held_facts *f, const struct record *r,
    const struct fact_map *map, size_t nmap)
{
	f->n = 0;
	f->nattr = r->nattr < ATTRS_MAX ? r->nattr : ATTRS_MAX;
	for (size_t i = 0; i < f->nattr; i++) {
		const struct json_member *m = &r->attr[i];

		f->id[i] = FACT_NONE;
		if (m->val.type != JSON_NULL && m->val.n <= UINT32_MAX)
			f->id[i] = (uint8_t)fact_lookup(map, nmap, m->key,
			    m->klen);
		f->n += f->id[i] != FACT_NONE;
	}
}

static void
take_facts(struct held *h, const struct record *r, const struct held_facts *f)
{
	for (size_t i = 0; i < f->nattr; i++) {
		if (f->id[i] == FACT_NONE)
			continue;
		h->fact[h->nfact++] = fact_make((enum fact_id)f->id[i],
		    moved(r->attr[i].val, r, h->line));
	}
}

static void
take_fields(struct held *h, const struct record *r)
{
	h->trace = moved(r->field[F_TRACE_ID], r, h->line);
	h->span = moved(r->field[F_SPAN_ID], r, h->line);
	h->parent = moved(r->field[F_PARENT_SPAN_ID], r, h->line);
	h->resource = moved(r->field[F_RESOURCE], r, h->line);
	h->events = moved(r->field[F_EVENTS], r, h->line);
	h->status_message = moved(json_get(r->field[F_STATUS], "message"), r,
	    h->line);
	h->failed = json_str_is(json_get(r->field[F_STATUS], "code"), "ERROR");
	if (r->kind != RECORD_SPAN) {
		h->start = h->end = log_time(r);
		return;
	}
	if (rtime_get(r->field[F_START_TIME], &h->start) == -1)
		h->start = 0;
	if (rtime_get(r->field[F_END_TIME], &h->end) == -1)
		h->end = h->start;
}

struct held *
held_new(const struct record *r, int event, const struct held_facts *f, int64_t now)
{
	struct json_val seq;
	struct held *h;
	size_t head;

	head = sizeof(struct held) + f->n * sizeof(struct fact);
	h = malloc(head + r->n);
	if (h == NULL)
		return NULL;
	memset(h, 0, sizeof(*h));
	h->line = (char *)h + head;
	memcpy(h->line, r->p, r->n);
	h->n = r->n;
	h->size = head + r->n;
	h->kind = r->kind;
	h->event = event;
	h->arrived = now;
	take_fields(h, r);
	take_facts(h, r, f);
	seq = held_fact(h, FACT_SEQUENCE);
	if (json_int(seq, &h->seq) == -1)
		h->seq = 0;
	return h;
}

void
held_free(struct held *h)
{
	free(h);
}

struct json_val
held_fact(const struct held *h, enum fact_id id)
{
	static const struct json_val none = { NULL, 0, JSON_NONE };

	for (size_t i = h->nfact; i-- > 0;)
		if (h->fact[i].id == id)
			return fact_val(&h->fact[i]);
	return none;
}

int
held_compare(const struct held *a, const struct held *b)
{
	int c;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	if (a->event != b->event)
		return a->event < b->event ? -1 : 1;
	/* Equal in all that matters; the bytes make the order total. */
	c = memcmp(a->line, b->line, a->n < b->n ? a->n : b->n);
	return c != 0 ? c : (a->n > b->n) - (a->n < b->n);
}

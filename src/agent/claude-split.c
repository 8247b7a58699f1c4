#include "agent/claude-split.h"

#include <stdlib.h>
#include <string.h>

#include "agent/claude-build.h"

#define CLIMB_MAX	100	/* spans between a tool and its turn */

static const struct json_val none = { NULL, 0, JSON_NONE };

static struct split_part *
by_span(struct split *s, struct json_val span)
{
	for (size_t i = 0; i < s->n; i++)
		if (json_equal(s->part[i].span, span))
			return &s->part[i];
	return NULL;
}

static struct split_part *
by_prompt(struct split *s, struct json_val id)
{
	for (size_t i = 0; i < s->n; i++)
		if (json_equal(s->part[i].ident, id))
			return &s->part[i];
	return NULL;
}

static struct split_part *
add_part(struct split *s, struct json_val ident, const struct held *h)
{
	struct split_part *p = &s->part[s->n++];

	p->ident = ident;
	p->span = none;
	p->begun = h->start;
	return p;
}

/*
 * The part whose logs were written inside that root, which none of them began:
 * the prompt's log is lost. NULL if there is none.
 */
static struct split_part *
by_logs(const struct model *m, struct split *s, struct json_val root)
{
	for (size_t i = 0; i < m->nrec; i++) {
		struct split_part *p;

		if (m->rec[i]->kind != RECORD_LOG ||
		    !json_equal(m->rec[i]->span, root))
			continue;
		p = by_prompt(s, held_fact(m->rec[i], FACT_TURN));
		if (p != NULL && p->span.type == JSON_NONE)
			return p;
	}
	return NULL;
}

/*
 * A turn is known by the prompt id of its logs, by its own span, or both: the
 * prompt's log carries the id of that span, and so do most of the others.
 */
static void
find_parts(struct model *m, struct split *s)
{
	for (size_t i = 0; i < m->nrec; i++) {
		const struct held *h = m->rec[i];
		struct json_val id = held_fact(h, FACT_TURN);
		struct split_part *p;

		if (id.type != JSON_STRING)
			continue;
		p = by_prompt(s, id);
		if (p == NULL)
			p = add_part(s, id, h);
		if (h->event == CLAUDE_PROMPT && p->span.type == JSON_NONE)
			p->span = h->span;
	}
	for (size_t i = 0; i < m->nrec; i++) {
		const struct held *h = m->rec[i];
		struct split_part *p;

		if (h->event != CLAUDE_ROOT)
			continue;
		p = by_span(s, h->span);
		if (p == NULL)
			p = by_logs(m, s, h->span);
		if (p == NULL)
			p = add_part(s, h->span, h);
		p->span = h->span;
		if (h->start < p->begun)
			p->begun = h->start;
	}
}

static int
by_begin(const void *a, const void *b)
{
	const struct split_part *x = a, *y = b;

	return x->begun < y->begun ? -1 : x->begun > y->begun;
}

static const struct held *
span_of(const struct model *m, struct json_val id)
{
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->kind == RECORD_SPAN &&
		    json_equal(m->rec[i]->span, id))
			return m->rec[i];
	return NULL;
}

/* The part whose root the span hangs below; NULL when that is not told. */
static struct split_part *
climb(const struct model *m, struct split *s, const struct held *h)
{
	struct split_part *p = NULL;

	for (int i = 0; i < CLIMB_MAX && h != NULL && p == NULL; i++) {
		p = by_span(s, h->span);
		if (p == NULL)
			p = by_span(s, h->parent);
		if (p == NULL)
			h = span_of(m, h->parent);
	}
	return p;
}

/* The latest part that had begun. */
static struct split_part *
by_time(struct split *s, const struct held *h)
{
	struct split_part *p = &s->part[0];

	for (size_t i = 1; i < s->n; i++)
		if (s->part[i].begun <= h->start)
			p = &s->part[i];
	return p;
}

static struct split_part *
part_of(const struct model *m, struct split *s, const struct held *h)
{
	struct split_part *p = NULL;

	if (h->kind == RECORD_LOG)
		p = by_prompt(s, held_fact(h, FACT_TURN));
	else
		p = climb(m, s, h);
	return p != NULL ? p : by_time(s, h);
}

int
claude_split(struct model *m, struct split *s)
{
	struct split_part *p;

	s->n = 0;
	s->part = arena_get(m->arena, (m->nrec + 1) * sizeof(*s->part));
	if (s->part == NULL)
		return -1;
	find_parts(m, s);
	if (s->n <= 1) {
		s->n = 1;
		s->part[0].rec = m->rec;
		s->part[0].n = m->nrec;
		return 0;
	}
	qsort(s->part, s->n, sizeof(*s->part), by_begin);
	for (size_t i = 0; i < s->n; i++) {
		s->part[i].rec = arena_get(m->arena, m->nrec *
		    sizeof(struct held *));
		if (s->part[i].rec == NULL)
			return -1;
	}
	for (size_t i = 0; i < m->nrec; i++) {
		p = part_of(m, s, m->rec[i]);
		p->rec[p->n++] = m->rec[i];
	}
	return 0;
}

#include "filter/hold.h"

#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/exitcode.h"

/* A line that waits. */
struct held {
	RB_ENTRY(held)		 by_id;
	TAILQ_ENTRY(held)	 by_order;
	uint64_t		 id, parent;	/* 0: none */
	uint64_t		 order;
	bool			 matched;
	size_t			 n;
	char			 p[];
};
RB_HEAD(held_lines, held);
TAILQ_HEAD(held_order, held);

/* A span that is above one that was written. */
struct held_want {
	RB_ENTRY(held_want)	 by_id;
	uint64_t		 id;
};
RB_HEAD(held_wants, held_want);

struct held_trace {
	RB_ENTRY(held_trace)	 by_id;
	TAILQ_ENTRY(held_trace)	 by_age;
	char			 id[TRACE_ID_LEN];
	bool			 sampled, error;
	bool			 wanted;	/* matches, as a whole */
	bool			 asked, refused;	/* by admit */
	bool			 rooted;
	int64_t			 last;
	uint64_t		 order;
	size_t			 bytes;
	struct held_lines	 lines;		/* by id */
	struct held_order	 queue;		/* the same, as they came */
	struct held_wants	 wants;
};

static int
line_cmp(const struct held *a, const struct held *b)
{
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int
want_cmp(const struct held_want *a, const struct held_want *b)
{
	return a->id < b->id ? -1 : a->id > b->id;
}

static int
trace_cmp(const struct held_trace *a, const struct held_trace *b)
{
	return memcmp(a->id, b->id, TRACE_ID_LEN);
}

RB_PROTOTYPE(held_lines, held, by_id, line_cmp)
RB_GENERATE(held_lines, held, by_id, line_cmp)
RB_PROTOTYPE(held_wants, held_want, by_id, want_cmp)
RB_GENERATE(held_wants, held_want, by_id, want_cmp)
RB_PROTOTYPE(held_map, held_trace, by_id, trace_cmp)
RB_GENERATE(held_map, held_trace, by_id, trace_cmp)

void
hold_init(struct hold *h)
{
	RB_INIT(&h->map);
	TAILQ_INIT(&h->age);
	h->bytes = 0;
	h->cut = h->refused = 0;
}

static void
account(struct hold *h, struct held_trace *t, size_t add, size_t drop)
{
	t->bytes += add;
	t->bytes -= drop;
	h->bytes += add;
	h->bytes -= drop;
}

static void
unlink_line(struct hold *h, struct held_trace *t, struct held *l)
{
	RB_REMOVE(held_lines, &t->lines, l);
	TAILQ_REMOVE(&t->queue, l, by_order);
	account(h, t, 0, sizeof(*l) + l->n);
}

static void
drop_line(struct hold *h, struct held_trace *t, struct held *l)
{
	unlink_line(h, t, l);
	free(l);
}

static void
forget(struct hold *h, struct held_trace *t)
{
	struct held_want *w, *next;
	struct held *l;

	while ((l = TAILQ_FIRST(&t->queue)) != NULL)
		drop_line(h, t, l);
	for (w = RB_MIN(held_wants, &t->wants); w != NULL; w = next) {
		next = RB_NEXT(held_wants, &t->wants, w);
		RB_REMOVE(held_wants, &t->wants, w);
		free(w);
	}
	h->bytes -= t->bytes;
	RB_REMOVE(held_map, &h->map, t);
	TAILQ_REMOVE(&h->age, t, by_age);
	free(t);
}

void
hold_fini(struct hold *h)
{
	struct held_trace *t;

	while ((t = TAILQ_FIRST(&h->age)) != NULL)
		forget(h, t);
}

static struct held_trace *
trace_get(struct hold *h, struct json_val id)
{
	struct held_trace key, *t;

	memcpy(key.id, id.p + 1, TRACE_ID_LEN);
	t = RB_FIND(held_map, &h->map, &key);
	if (t != NULL) {
		TAILQ_REMOVE(&h->age, t, by_age);
		TAILQ_INSERT_TAIL(&h->age, t, by_age);
		return t;
	}
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	memcpy(t->id, key.id, TRACE_ID_LEN);
	RB_INIT(&t->lines);
	TAILQ_INIT(&t->queue);
	RB_INIT(&t->wants);
	RB_INSERT(held_map, &h->map, t);
	TAILQ_INSERT_TAIL(&h->age, t, by_age);
	account(h, t, sizeof(*t), 0);
	return t;
}

static uint64_t
id_of(struct json_val v)
{
	unsigned char raw[SPAN_ID_LEN / 2];
	uint64_t id = 0;

	if (!ids_is_span(v) || !enc_unhex(v.p + 1, SPAN_ID_LEN, raw))
		return 0;
	for (size_t i = 0; i < sizeof(raw); i++)
		id = id << 8 | raw[i];
	return id;
}

/* A log stands below its span. */
static void
place(const struct record *r, uint64_t *id, uint64_t *parent)
{
	*id = *parent = 0;
	if (r->kind == RECORD_SPAN) {
		*id = id_of(r->field[F_SPAN_ID]);
		*parent = id_of(r->field[F_PARENT_SPAN_ID]);
	} else
		*parent = id_of(r->field[F_SPAN_ID]);
}

/* May this trace be written at all? Asked once, unless an error comes. */
static bool
let_through(struct hold *h, struct held_trace *t)
{
	if (h->keep_errors && t->error)
		return true;
	if (!t->sampled)
		return false;
	if (!t->asked) {
		t->asked = true;
		t->refused = h->admit != NULL && !h->admit(h->arg);
		h->refused += t->refused;
	}
	return !t->refused;
}

static bool
is_wanted(struct held_trace *t, uint64_t id)
{
	struct held_want key = { .id = id };

	return id != 0 && RB_FIND(held_wants, &t->wants, &key) != NULL;
}

static struct held *
line_with(struct held_trace *t, uint64_t id)
{
	struct held key = { .id = id }, *l;

	l = RB_NFIND(held_lines, &t->lines, &key);
	return l != NULL && l->id == id ? l : NULL;
}

/* Writes the spans above, as far as they have come; the others are wanted. */
static int
climb(struct hold *h, struct held_trace *t, uint64_t id)
{
	struct held_want *w;
	struct held *l;
	uint64_t up;
	int code;

	while (id != 0 && !is_wanted(t, id)) {
		w = calloc(1, sizeof(*w));
		if (w == NULL)
			return EXIT_SOFT;
		w->id = id;
		RB_INSERT(held_wants, &t->wants, w);
		account(h, t, sizeof(*w), 0);
		for (up = 0; (l = line_with(t, id)) != NULL;) {
			up = l->parent;
			code = h->emit(h->arg, l->p, l->n);
			drop_line(h, t, l);
			if (code != 0)
				return code;
		}
		id = up;
	}
	return 0;
}

static int
hold_line(struct hold *h, struct held_trace *t, const struct record *r,
    uint64_t id, uint64_t parent, bool matched)
{
	struct held *l = malloc(sizeof(*l) + r->n);

	if (l == NULL)
		return EXIT_SOFT;
	l->id = id;
	l->parent = parent;
	l->order = t->order++;
	l->matched = matched;
	l->n = r->n;
	memcpy(l->p, r->p, r->n);
	RB_INSERT(held_lines, &t->lines, l);
	TAILQ_INSERT_TAIL(&t->queue, l, by_order);
	account(h, t, sizeof(*l) + l->n, 0);
	return 0;
}

/* Is a line of this trace to be written for itself? */
static bool
chosen(const struct hold *h, const struct held_trace *t, bool matched)
{
	return h->scope == HOLD_RECORDS || h->scope == HOLD_PARENTS ? matched :
	    t->wanted;
}

/*
 * Something was learnt of the trace: writes what that decides. The lines are
 * taken out first, since climbing takes others out.
 */
static int
release(struct hold *h, struct held_trace *t)
{
	struct held_order todo = TAILQ_HEAD_INITIALIZER(todo);
	struct held *l, *next;
	int code = 0;

	for (l = TAILQ_FIRST(&t->queue); l != NULL; l = next) {
		next = TAILQ_NEXT(l, by_order);
		if (!chosen(h, t, l->matched))
			continue;
		if (!let_through(h, t))
			return 0;
		unlink_line(h, t, l);
		TAILQ_INSERT_TAIL(&todo, l, by_order);
	}
	while ((l = TAILQ_FIRST(&todo)) != NULL) {
		TAILQ_REMOVE(&todo, l, by_order);
		if (code == 0)
			code = h->emit(h->arg, l->p, l->n);
		if (code == 0 && h->scope == HOLD_PARENTS)
			code = climb(h, t, l->parent);
		free(l);
	}
	return code;
}

/* Can it still be asked for later? */
static bool
worth_holding(const struct hold *h, const struct held_trace *t,
    const struct record *r, bool matched)
{
	if (!t->sampled && !h->keep_errors)
		return false;
	if (t->refused && !h->keep_errors)
		return false;
	switch (h->scope) {
	case HOLD_RECORDS:
		return matched;
	case HOLD_PARENTS:
		return matched || r->kind == RECORD_SPAN;
	default:
		return true;
	}
}

static int
decide(struct hold *h, struct held_trace *t, const struct record *r,
    bool matched)
{
	uint64_t id, parent;
	int code;

	place(r, &id, &parent);
	if ((chosen(h, t, matched) || is_wanted(t, id)) && let_through(h, t)) {
		code = h->emit(h->arg, r->p, r->n);
		if (code == 0 && h->scope == HOLD_PARENTS)
			code = climb(h, t, parent);
		return code;
	}
	if (!worth_holding(h, t, r, matched))
		return 0;
	return hold_line(h, t, r, id, parent, matched);
}

static void
make_room(struct hold *h)
{
	struct held_trace *t;

	while (h->bytes > h->max && (t = TAILQ_FIRST(&h->age)) != NULL) {
		h->cut += !TAILQ_EMPTY(&t->queue);
		forget(h, t);
	}
}

int
hold_take(struct hold *h, const struct record *r, const struct hold_facts *f,
    int64_t now)
{
	struct held_trace *t = trace_get(h, r->field[F_TRACE_ID]);
	bool root, news;
	int code = 0;

	if (t == NULL)
		return EXIT_SOFT;
	root = r->kind == RECORD_SPAN &&
	    r->field[F_PARENT_SPAN_ID].type == JSON_NONE;
	t->last = now;
	t->rooted |= root;
	t->sampled |= f->sampled;
	news = f->error && !t->error;
	t->error |= f->error;
	if (f->matched && !t->wanted && (h->scope == HOLD_TRACES ||
	    (h->scope == HOLD_ROOTS && root)))
		t->wanted = news = true;
	if (news)
		code = release(h, t);
	if (code == 0)
		code = decide(h, t, r, f->matched);
	make_room(h);
	return code;
}

/*
 * No trace is due before its last news are `rooted` old, so that looking at
 * them all once in that time is enough.
 */
int64_t
hold_forget(struct hold *h, int64_t now, int64_t rooted, int64_t rootless)
{
	struct held_trace *t, *next;
	int64_t end;

	if (TAILQ_EMPTY(&h->age))
		return -1;
	if (now < h->look)
		return h->look;
	h->look = now + rooted;
	for (t = TAILQ_FIRST(&h->age); t != NULL; t = next) {
		/* Whoever spoke later cannot be due either. */
		if (now < t->last + rooted) {
			h->look = t->last + rooted;
			break;
		}
		next = TAILQ_NEXT(t, by_age);
		end = t->last + (t->rooted ? rooted : rootless);
		if (now >= end)
			forget(h, t);
	}
	return h->look;
}

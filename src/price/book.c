#include "price/book.h"

#include <stdlib.h>
#include <string.h>

/* One name in the hash: open addressing, a power of two, at most 3/4 full. */
struct book_slot {
	struct book_text	name;	/* p NULL: free */
	size_t			model;
};

#define NAMED(s)	{ s, sizeof(s) - 1 }
static const struct {
	const char	*s;
	size_t		 n;
} price_name[PRICE_COUNT_] = {
	[PRICE_INPUT] = NAMED("input"),
	[PRICE_OUTPUT] = NAMED("output"),
	[PRICE_CACHE_READ] = NAMED("cache_read"),
	[PRICE_CACHE_WRITE_5M] = NAMED("cache_write_5m"),
	[PRICE_CACHE_WRITE_1H] = NAMED("cache_write_1h"),
	[PRICE_REASONING] = NAMED("reasoning"),
	[PRICE_INPUT_AUDIO] = NAMED("input_audio"),
	[PRICE_OUTPUT_AUDIO] = NAMED("output_audio"),
	[PRICE_CACHE_READ_AUDIO] = NAMED("cache_read_audio"),
	[PRICE_INPUT_IMAGE] = NAMED("input_image"),
	[PRICE_OUTPUT_IMAGE] = NAMED("output_image"),
};

const char *
book_price_name(enum book_price k)
{
	return price_name[k].s;
}

enum book_price
book_price_named(const char *p, size_t n)
{
	for (int k = 0; k < PRICE_COUNT_; k++) {
		if (price_name[k].n == n && memcmp(price_name[k].s, p, n) == 0)
			return (enum book_price)k;
	}
	return PRICE_COUNT_;
}

const char *
book_service_name(enum book_service s)
{
	static const char *const name[] = {
		[SERVICE_ANY] = "", [SERVICE_FLEX] = "flex",
		[SERVICE_PRIORITY] = "priority", [SERVICE_BATCH] = "batch"
	};

	return name[s];
}

void
book_prices_init(struct book_prices *p)
{
	for (int k = 0; k < PRICE_COUNT_; k++)
		p->v[k] = -1;
}

struct book *
book_new(void)
{
	return calloc(1, sizeof(struct book));
}

void
book_free(struct book *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->nfile; i++)
		buf_fini(&b->file[i]);
	free(b->file);
	free(b->model);
	free(b->row);
	free(b->tier);
	free(b->slot);
	free(b->lazy);
	free(b);
}

/*
 * Eight bytes at a time, each mixed into all bits above it. Names are short and
 * not hostile enough to matter: the file is ours.
 */
static size_t
hash(const char *p, size_t n)
{
	uint64_t h = n, w;

	for (; n >= sizeof(w); n -= sizeof(w), p += sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, p, n);
	h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h ^ h >> 32);
}

/* The slot of the name, or the free one where it belongs. */
static struct book_slot *
slot_of(struct book_slot *slot, size_t cap, const char *p, size_t n)
{
	size_t i = hash(p, n) & (cap - 1);

	while (slot[i].name.p != NULL && (slot[i].name.n != n ||
	    memcmp(slot[i].name.p, p, n) != 0))
		i = (i + 1) & (cap - 1);
	return &slot[i];
}

static int
grow_slots(struct book *b)
{
	size_t cap = b->capslot == 0 ? 8192 : b->capslot * 2;
	struct book_slot *s = calloc(cap, sizeof(*s));

	if (s == NULL)
		return -1;
	for (size_t i = 0; i < b->capslot; i++) {
		const struct book_slot *o = &b->slot[i];

		if (o->name.p != NULL)
			*slot_of(s, cap, o->name.p, o->name.n) = *o;
	}
	free(b->slot);
	b->slot = s;
	b->capslot = cap;
	return 0;
}

int
book_add_alias(struct book *b, struct book_text name,
    const struct book_model *m)
{
	struct book_slot *s;

	if (b->nslot + 1 > b->capslot / 4 * 3 && grow_slots(b) != 0)
		return -1;
	s = slot_of(b->slot, b->capslot, name.p, name.n);
	if (s->name.p == NULL)
		b->nslot++;
	s->name = name;
	s->model = (size_t)(m - b->model);
	return 0;
}

/* Makes room for one more of size; 0, or -1. */
static int
grow(void **p, size_t n, size_t *cap, size_t size)
{
	/* Room for the shipped book at once; untouched pages cost nothing. */
	size_t want = *cap == 0 ? 4096 : *cap * 2;
	void *q;

	if (n < *cap)
		return 0;
	if (n >= BOOK_MAX_MODELS || (q = realloc(*p, want * size)) == NULL)
		return -1;
	*p = q;
	*cap = want;
	return 0;
}

struct book_model *
book_add_model(struct book *b, struct book_text name)
{
	struct book_model *m;
	void *p = b->model;

	if (grow(&p, b->nmodel, &b->capmodel, sizeof(*m)) != 0)
		return NULL;
	b->model = p;
	m = &b->model[b->nmodel];
	m->name = name;
	m->row = BOOK_NONE;
	m->unread = (struct book_text){ NULL, 0 };
	if (book_add_alias(b, name, m) != 0)
		return NULL;
	b->nmodel++;
	return m;
}

struct book_row *
book_add_row(struct book *b)
{
	struct book_row *r;
	void *p = b->row;

	if (grow(&p, b->nrow, &b->caprow, sizeof(*r)) != 0)
		return NULL;
	b->row = p;
	r = &b->row[b->nrow++];
	memset(r, 0, sizeof(*r));
	book_prices_init(&r->prices);
	r->next = BOOK_NONE;
	return r;
}

struct book_tier *
book_add_tier(struct book *b)
{
	struct book_tier *t;
	void *p = b->tier;

	if (grow(&p, b->ntier, &b->captier, sizeof(*t)) != 0)
		return NULL;
	b->tier = p;
	t = &b->tier[b->ntier++];
	memset(t, 0, sizeof(*t));
	t->above = -1;
	book_prices_init(&t->prices);
	return t;
}

int
book_link_row(struct book *b, struct book_model *m, size_t row, size_t older)
{
	size_t *at = &m->row;

	while (*at != older && b->row[*at].from > b->row[row].from)
		at = &b->row[*at].next;
	if (*at != older && b->row[*at].from == b->row[row].from)
		return -1;
	b->row[row].next = *at;
	*at = row;
	return 0;
}

const struct book_model *
book_find(const struct book *b, const char *name, size_t n)
{
	const struct book_slot *s;

	if (b->capslot == 0)
		return NULL;
	s = slot_of(b->slot, b->capslot, name, n);
	return s->name.p == NULL ? NULL : &b->model[s->model];
}

const struct book_row *
book_row_at(const struct book *b, const struct book_model *m, uint64_t time)
{
	for (size_t i = m->row; i != BOOK_NONE; i = b->row[i].next) {
		if (b->row[i].from <= time)
			return &b->row[i];
	}
	return NULL;
}

const struct book_row *
book_first_row(const struct book *b, const struct book_model *m)
{
	const struct book_row *first = NULL;

	for (size_t i = m->row; i != BOOK_NONE; i = b->row[i].next) {
		if (first == NULL || b->row[i].from < first->from)
			first = &b->row[i];
	}
	return first;
}

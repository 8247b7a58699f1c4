/*
 * A secret that is cut into several texts: the ends of those that follow one
 * another are looked at as one text. Part of walk.h.
 */
#include "redact/walk.h"

#include <stdlib.h>
#include <string.h>

/* A piece of the joined text and where it comes from. */
struct piece {
	size_t	 part;		/* number */
	size_t	 beg, end;	/* in the joined text */
	size_t	 off;		/* of beg in what the part says */
};

struct pieces {
	struct piece	*v;
	size_t		 n, cap;
};

static int
add(struct pieces *x, struct piece piece)
{
	size_t want = x->cap != 0 ? 2 * x->cap : 32;
	struct piece *v;

	if (x->n == x->cap) {
		v = reallocarray(x->v, want, sizeof(*v));
		if (v == NULL)
			return -1;
		x->v = v;
		x->cap = want;
	}
	x->v[x->n++] = piece;
	return 0;
}

/*
 * Of a long part only its ends count, with something between them that is in
 * no secret.
 */
static int
gather(struct walk *w, struct pieces *x, size_t from, struct buf *says)
{
	for (size_t i = from; i < w->nparts; i++) {
		struct part *part = &w->part[i];
		struct json_val v = { part->p - 1, part->n + 2, JSON_STRING };
		size_t n, cut, at = w->joined.n;
		const char *p = walk_says(w, v, says, &n);

		if (p == NULL)
			return -1;
		if (n <= 2 * WALK_JOIN) {
			buf_add(&w->joined, p, n);
			if (add(x, (struct piece){ i, at, at + n, 0 }) == -1)
				return -1;
			continue;
		}
		cut = n - WALK_JOIN;
		buf_add(&w->joined, p, WALK_JOIN);
		buf_adds(&w->joined, "\n\n");
		buf_add(&w->joined, p + cut, WALK_JOIN);
		if (add(x, (struct piece){ i, at, at + WALK_JOIN, 0 }) == -1 ||
		    add(x, (struct piece){ i, at + WALK_JOIN + 2,
		    at + 2 * WALK_JOIN + 2, cut }) == -1)
			return -1;
	}
	return w->joined.err != 0 ? -1 : 0;
}

/* The first piece takes the mark, the others lose what is theirs. */
static void
spread(struct walk *w, const struct frame *f, const struct pieces *x,
    const struct splice *m)
{
	bool marked = false;
	char mark[64];

	if (m->n > sizeof(mark) || m->n == 0)
		return;
	memcpy(mark, w->s.text.p + m->at, m->n);
	for (size_t i = 0; i < x->n; i++) {
		const struct piece *c = &x->v[i];
		const struct part *part = &w->part[c->part];
		size_t from = w->s.n, beg = m->beg, end = m->end;

		if (c->end <= beg || c->beg >= end)
			continue;
		beg = beg > c->beg ? beg - c->beg : 0;
		end = (end < c->end ? end : c->end) - c->beg;
		splices_add(&w->s, c->off + beg, c->off + end, mark,
		    marked ? 0 : m->n);
		splices_spell(&w->s, from, part->p, part->n,
		    (size_t)(part->p - f->base));
		marked = true;
	}
}

/* Does it reach over a border of two parts? */
static bool
crosses(const struct pieces *x, const struct splice *m)
{
	for (size_t i = 0; i + 1 < x->n; i++)
		if (x->v[i].part != x->v[i + 1].part &&
		    m->beg < x->v[i].end && m->end > x->v[i].end)
			return true;
	return false;
}

void
walk_join(struct walk *w, const struct frame *f, size_t from)
{
	struct splices all = { 0 }, mine = w->s;
	struct buf says = { 0 };
	struct pieces x = { 0 };
	uint64_t hits = w->hits;
	bool drop = w->drop;

	buf_reset(&w->joined);
	if (gather(w, &x, from, &says) == -1)
		w->nomem = true;
	else {
		/* What is found goes to a list of its own first. */
		w->s = all;
		walk_text(w, w->joined.p != NULL ? w->joined.p : "",
		    w->joined.n, MATCH_ALL);
		all = w->s;
		w->s = mine;
		w->hits = hits;
		w->nomem = w->nomem || all.nomem;
		for (size_t i = 0; i < all.n; i++) {
			struct splice m = all.v[i];

			if (!crosses(&x, &m))
				continue;
			w->hits++;
			/* spread copies the mark out of the walk's text. */
			m.at = w->s.text.n;
			buf_add(&w->s.text, all.text.p + all.v[i].at, m.n);
			spread(w, f, &x, &m);
		}
	}
	w->drop = drop;
	splices_fini(&all);
	free(x.v);
	buf_fini(&says);
}

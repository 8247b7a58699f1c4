#include "sink/parcel.h"

#include <stdlib.h>

#include "sink/score.h"
#include "sink/sink.h"

struct parcel *
parcel_new(struct outbox *owner, enum otlp_signal sig,
    enum otlp_format format, int64_t now)
{
	struct parcel *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	if ((p->batch = otlp_batch_new(sig, format)) == NULL) {
		free(p);
		return NULL;
	}
	p->owner = owner;
	p->sig = (int)sig;
	p->born = now;
	return p;
}

int
parcel_score(struct parcel **out, struct outbox *owner,
    const struct record *r, int64_t now, struct err *e)
{
	struct parcel *p = calloc(1, sizeof(*p));
	int rc = -1;

	if (p == NULL)
		return -1;
	p->owner = owner;
	p->sig = SINK_SCORES;
	p->born = now;
	rc = score_body(r, &p->body, e);
	if (rc == 0)
		rc = parcel_keep(p, r->p, r->n);
	if (rc == 0)
		*out = p;
	else
		parcel_free(p);
	return rc;
}

void
parcel_free(struct parcel *p)
{
	if (p == NULL)
		return;
	otlp_batch_free(p->batch);
	buf_fini(&p->lines);
	buf_fini(&p->body);
	free(p->end);
	free(p);
}

int
parcel_keep(struct parcel *p, const char *line, size_t n)
{
	size_t *end, cap = p->cap != 0 ? p->cap * 2 : 64;

	if (p->n == p->cap) {
		end = reallocarray(p->end, cap, sizeof(*end));
		if (end == NULL)
			return -1;
		p->end = end;
		p->cap = cap;
	}
	buf_add(&p->lines, line, n);
	if (p->lines.err != 0)
		return -1;
	p->end[p->n++] = p->lines.n;
	return 0;
}

const char *
parcel_line(const struct parcel *p, size_t i, size_t *n)
{
	size_t from = i > 0 ? p->end[i - 1] : 0;

	*n = p->end[i] - from;
	return p->lines.p + from;
}

size_t
parcel_count(const struct parcel_list *l)
{
	const struct parcel *p;
	size_t n = 0;

	TAILQ_FOREACH(p, l, link)
		n += p->n;
	return n;
}

int
parcel_each(const struct parcel *p,
    int (*fn)(void *arg, const char *line, size_t n), void *arg)
{
	const char *line;
	size_t n;

	for (size_t i = 0; p != NULL && i < p->n; i++) {
		line = parcel_line(p, i, &n);
		if (fn(arg, line, n) == -1)
			return -1;
	}
	return 0;
}

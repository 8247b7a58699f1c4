#include "sink/parcel.h"

#include <stdlib.h>

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
	p->sig = sig;
	p->born = now;
	return p;
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

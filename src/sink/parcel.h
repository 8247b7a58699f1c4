/* One request on its way: the lines it holds and the body made of them. */
#ifndef SINK_PARCEL_H
#define SINK_PARCEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/err.h"
#include "otlp/otlp.h"
#include "record/record.h"

struct outbox;

struct parcel {
	TAILQ_ENTRY(parcel)	 link;
	struct outbox		*owner;
	int			 sig;		/* or SINK_SCORES */
	struct otlp_batch	*batch;		/* while it is gathered */
	int64_t			 born;		/* mono, of its first record */
	struct buf		 lines;		/* without newlines between */
	size_t			*end;		/* of each line in lines */
	size_t			 n, cap;
	struct buf		 body;		/* as it is sent */
	unsigned		 attempts;
	int			 status;	/* of its refusal */
	char			 why[300];
};

TAILQ_HEAD(parcel_list, parcel);

/* NULL when out of memory. */
struct parcel *parcel_new(struct outbox *owner, enum otlp_signal sig,
    enum otlp_format format, int64_t now);
void parcel_free(struct parcel *p);

/*
 * The parcel of a score: one line, and the body. 0; 1 when it cannot be sent,
 * with the cause; -1 when out of memory.
 */
int parcel_score(struct parcel **out, struct outbox *owner,
    const struct record *r, int64_t now, struct err *e);

/* Keeps a copy of the line. 0, or -1 when out of memory. */
int parcel_keep(struct parcel *p, const char *line, size_t n);

/* Line i. */
const char *parcel_line(const struct parcel *p, size_t i, size_t *n);

/* Records in all of them. */
size_t parcel_count(const struct parcel_list *l);

/* Hands out the lines of p, which may be NULL; -1 as soon as fn returns it. */
int parcel_each(const struct parcel *p,
    int (*fn)(void *arg, const char *line, size_t n), void *arg);

#endif

/*
 * A record that waits for others of its turn: a copy of its line with the
 * facts it carries. Facts are slices of that copy.
 */
#ifndef AGENT_HELD_H
#define AGENT_HELD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "agent/fact.h"

struct node;

/* Which attribute of a record is which fact, looked up once. */
#define ATTRS_MAX	256	/* further ones are not facts of any CLI */

struct held_facts {
	size_t	n;			/* how many facts there are */
	size_t	nattr;			/* attributes looked at */
	uint8_t	id[ATTRS_MAX];
};

struct held {
	TAILQ_ENTRY(held)	 link;		/* in its turn */
	enum record_kind	 kind;
	int			 event;		/* the agent's own number */
	size_t			 n;
	char			*line;		/* NULL once it was written */
	size_t			 size;		/* bytes this costs */
	uint64_t		 start, end;	/* logs: the same */
	int64_t			 seq;		/* event.sequence, or 0 */
	int64_t			 arrived;	/* mono */
	bool			 written;	/* passed on, or stood for */
	bool			 failed;	/* a span of status ERROR */
	bool			 done;		/* may be freed */
	struct json_val		 trace, span, parent, resource, events;
	struct json_val		 status_message;
	struct node		*node;		/* during a build */
	struct held		*twin;		/* the same record, seen before */
	size_t			 nfact;
	struct fact		 fact[];
};

TAILQ_HEAD(held_list, held);

/* Finds the record's facts. */
void facts_find(struct held_facts *f, const struct record *r,
    const struct fact_map *map, size_t nmap);

/*
 * Copies the record, whose facts are f. NULL when out of memory. The caller
 * owns it (held_free, or a list).
 */
struct held *held_new(const struct record *r, int event,
    const struct held_facts *f, int64_t now);
void held_free(struct held *h);

/* The fact, type JSON_NONE when the record does not carry it. */
struct json_val held_fact(const struct held *h, enum fact_id id);

/* Order in which things happened: time, then the client's own sequence. */
int held_compare(const struct held *a, const struct held *b);

#endif

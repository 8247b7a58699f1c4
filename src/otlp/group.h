/*
 * The groups of a request under construction: resource, in it scope, in it
 * (metrics) metric. A group is known by the very bytes of the record's
 * members that make it. For otlp_batch.
 */
#ifndef OTLP_GROUP_H
#define OTLP_GROUP_H

#include "otlp/encode.h"

#define GROUP_NONE	SIZE_MAX
#define GROUP_BUCKETS	256

enum group_level { RESOURCE, SCOPE, METRIC, GROUP_LEVELS };

struct group {
	uint64_t			 hash;
	struct buf			 key;
	struct buf			 head;	/* fields before the items */
	struct buf			 tail;	/* fields behind them */
	struct buf			 items;	/* encoded records */
	const struct schema_metric	*type;	/* level METRIC */
	enum group_level		 level;
	size_t				 chain;	/* of equal bucket */
	size_t				 child, last_child, next;
	size_t				 size;	/* for otlp_batch_finish */
};

struct groups {
	struct group	*v;		/* they name each other by index */
	size_t		 n, cap;
	size_t		 first, last;	/* of level RESOURCE */
	size_t		 bucket[GROUP_BUCKETS];
	size_t		 bytes;		/* of all heads and tails */
	bool		 json;
	struct buf	 key, head, tail;	/* of the record at hand */
};

/* A record's place and its members. */
struct group_place {
	struct encode_group		 of;
	const struct schema_metric	*type;
	struct encode_vals		 val[3];  /* item; metric's head, data */
	size_t				 nval;
	size_t				 end[GROUP_LEVELS]; /* of the key */
};

void groups_init(struct groups *g, bool json);
void groups_clear(struct groups *g);	/* forgets all, may be used again */
void groups_fini(struct groups *g);

/* Makes the key of the record at hand. */
void groups_key(struct groups *g, struct group_place *at);

/* Is the record at hand of group i, which is of that level? */
bool groups_same(const struct groups *g, size_t i, enum group_level level,
    const struct group_place *at);

/*
 * The group of that level for the record at hand, made if there is none.
 * GROUP_NONE with the cause in c->e when its fields cannot be encoded; then
 * nothing is made.
 */
size_t groups_get(struct groups *g, struct encode *c,
    const struct group_place *at, enum group_level leaf);

#endif

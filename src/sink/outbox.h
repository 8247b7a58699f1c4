/*
 * Delivers records to one destination: gathers them into requests, keeps
 * several in flight, tries again, takes refused requests apart until the bad
 * record stands alone. Nothing is forgotten before the server has accepted or
 * finally refused it.
 *
 * The lines are kept as they came, and encoding them again gives the same
 * bytes: ids and times are the same on every attempt.
 */
#ifndef SINK_OUTBOX_H
#define SINK_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/err.h"
#include "net/client.h"
#include "net/deflate.h"
#include "net/retry.h"
#include "record/record.h"
#include "sink/check.h"
#include "sink/dest.h"
#include "sink/parcel.h"
#include "sink/proof.h"

struct outbox_conf {
	size_t			 max_bytes;	/* of a request, unpacked */
	size_t			 max_count;	/* records in it */
	int64_t			 max_age;	/* of its oldest record */
	unsigned		 in_flight;	/* requests at a time */
	int64_t			 pace;		/* from one to the next; 0 */
	struct retry_policy	 retry;
	const struct clock	*clock;
	uint32_t		(*random)(void);

	/*
	 * A record that will not be delivered: refused by the server (status)
	 * or not to be encoded (0). line is what came in.
	 */
	void			(*refused)(void *arg, const struct record *r,
				    int status, const char *why);
	struct proof		*proof;		/* NULL: none is kept */
	/*
	 * Gets each request instead of a server, unpacked. 0, or -1 to stop.
	 * NULL: they are sent.
	 */
	int			(*emit)(void *arg, int way,
				    size_t count, const char *p, size_t n);
	void			*arg;
};

struct outbox_tally {
	uint64_t	taken;		/* records added */
	uint64_t	delivered;
	uint64_t	refused;	/* told one by one */
	uint64_t	rejected;	/* thrown away by the server, untold */
	uint64_t	foreign;	/* not for this destination */
	uint64_t	scores;		/* of these */
	uint64_t	skipped;	/* known to be there */
	uint64_t	requests, again;
	uint64_t	bytes;		/* sent, packed */
};

struct outbox {
	const struct outbox_conf	*conf;
	struct dest			*dest;
	struct client			*client;
	struct deflate			*deflate;
	struct check			 check;
	struct buf			 fixed;		/* of check */
	struct record			 rec;		/* of fixed */
	struct record			 again;		/* of a kept line */
	struct parcel			*open[SINK_SIGNALS];
	struct parcel_list		 waiting, sending;
	struct parcel_list		 suspects;	/* see verdict.h */
	size_t				 nwaiting, nsending;
	unsigned			 failures;	/* in a row */
	int64_t				 not_before;
	int64_t				 paced;		/* nor before this */
	struct outbox_tally		 tally;
	unsigned			 refusals;	/* before any success */
	int				 stop;		/* exit code, 0: none */
	char				 why[640];	/* of stop or failure */
};

/* client may be NULL when conf has emit. 0, or -1 when out of memory. */
int outbox_init(struct outbox *o, const struct outbox_conf *conf,
    struct dest *dest, struct client *client);
void outbox_fini(struct outbox *o);

/*
 * Takes a record, whatever its kind. 0; -1 when memory has run out or emit
 * has failed.
 */
int outbox_add(struct outbox *o, const struct record *r);

/* So much is waiting that no more should be added for now. */
bool outbox_full(const struct outbox *o);

/* Closes the requests that are being gathered. 0, or -1 as outbox_add. */
int outbox_flush(struct outbox *o);

/*
 * Sends what is due. The time (mono) at which to come again, -1 for when
 * something happens; *failed is set when memory has run out.
 */
int64_t outbox_tick(struct outbox *o, int64_t now, bool *failed);

/* Records neither delivered nor refused. */
size_t outbox_left(const struct outbox *o);

/* Hands out their lines, oldest first; -1 as soon as fn returns it. */
int outbox_each(const struct outbox *o,
    int (*fn)(void *arg, const char *line, size_t n), void *arg);

/*
 * For verdict.c. Lines from..to of p as a request of their own, in front of
 * the others; 0, or -1 when out of memory.
 */
int outbox_part(struct outbox *o, const struct parcel *p, size_t from,
    size_t to);

/* Tells and counts a record that will not be delivered. */
void outbox_refuse(struct outbox *o, const struct record *r, int status,
    const char *why);

/* Sends nothing more, and says why: "url: what: why". */
void outbox_stop(struct outbox *o, int code, const char *url,
    const char *what, const char *why);

#endif

/*
 * What the two decoders share: one decode call, the fields of one message as
 * they were found, and the writing of a record from them.
 */
#ifndef OTLP_DECODE_H
#define OTLP_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "otlp/otlp.h"
#include "otlp/schema.h"

/* A field as found: v for numbers (doubles as bits), p..end for the rest. */
struct slot {
	uint64_t	 v;
	const char	*p, *end;
};

struct slots {
	uint32_t	seen;		/* bit i: row i */
	struct slot	slot[SCHEMA_MAX_ROWS];
};

struct decode {
	const struct schema_signal	*sig;
	struct buf			*out;
	struct otlp_tally		 tally;		/* of this call */
	const char			*base;		/* first byte */
	const char			*why, *at;	/* the error */

	/* Text repeated in each record, rendered once. */
	struct buf			 resource;
	struct buf			 resource_info;
	struct buf			 scope;
	struct buf			 metric;
	struct buf			 attrs;		/* of one record */

	/*
	 * Writes the value of a row that is no number: 0; 1 when there is
	 * nothing to say, what it wrote is then taken back; -1 on error.
	 * depth: how many objects and arrays are open around it.
	 */
	int	(*put)(struct decode *d, const struct schema_row *r,
		    const struct slot *s, int depth);
};

void decode_init(struct decode *d, enum otlp_signal sig, struct buf *out,
    const char *base);

/*
 * Ends the call: on success (rc 0) adds to t, else (-1) puts the cause into e
 * and cuts out back to mark. Returns 0 or -1.
 */
int decode_fini(struct decode *d, int rc, size_t mark, struct otlp_tally *t,
    struct err *e);

/* Notes the error and returns -1. */
int decode_fail(struct decode *d, const char *why, const void *at);

/* -1 when nothing more may be opened inside depth levels. */
int decode_depth(struct decode *d, int depth, const void *at);

/* Marks the row as seen and hands its slot; clears its twin of a oneof. */
struct slot *decode_slot(const struct schema_msg *m, struct slots *s,
    const struct schema_row *r);

/* A record cannot be made: counts it and keeps the first cause. */
void decode_refuse(struct decode *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends the row's ,"name": without the comma behind '{'. */
void decode_key(struct buf *b, const struct schema_row *r);

/*
 * Writes the members that the slots hold, in the order of the rows, into an
 * object that is open in d->out. 0 or -1.
 */
int decode_rows(struct decode *d, const struct schema_msg *m,
    const struct slots *s, int depth);

/* Writes a record of message m, its rows' slots found. 0 or -1. */
int decode_record(struct decode *d, const struct schema_msg *m,
    const struct slots *s, const char *at);

/* Are all rows there without which there is no record? Else refuses it. */
bool decode_complete(struct decode *d, const struct schema_msg *m,
    const struct slots *s);

/*
 * An id of a wrong length (in bytes): false when the record must be refused,
 * which is done; else the id is counted as bad and left out.
 */
bool decode_bad_id(struct decode *d, const struct schema_row *r, size_t n);

/*
 * The texts of a group from what was found of its resource and scope.
 * Present tells whether there was such a message at all; url is "" or, with
 * its quotes, the schema URL as a JSON string.
 */
int decode_resource(struct decode *d, const struct slots *s,
    const struct buf *url);
int decode_scope(struct decode *d, const struct slots *s,
    const struct buf *url);

/* The text of a metric: its head, type and data. 0 or -1. */
int decode_metric(struct decode *d, const struct slots *head,
    const struct schema_metric *type, const struct slots *data);

/* "@bytes", "@double", "@kvlist": the names that need wrapping. */
bool decode_is_wrapper(const char *key, size_t n);

#endif

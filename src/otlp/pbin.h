/*
 * Protobuf in: the fields of a message, and the values that a record holds.
 * For otlp_decode_pb.
 */
#ifndef OTLP_PBIN_H
#define OTLP_PBIN_H

#include "otlp/decode.h"
#include "otlp/wire.h"

/*
 * Finds the rows of m in the message p..end. 1; 0 when the record must be
 * refused (which is done), -1 on error.
 */
int pbin_collect(struct decode *d, const struct schema_msg *m, const char *p,
    const char *end, struct slots *s);

/* The put of struct decode. */
int pbin_put(struct decode *d, const struct schema_row *r,
    const struct slot *s, int depth);

/* Appends a protobuf string to b as a JSON string. */
void pbin_string(struct decode *d, struct buf *b, const char *p,
    const char *end);

/* Like wire_next, with the error noted in d. */
static inline int
pbin_next(struct decode *d, struct wire *w, struct wire_field *f)
{
	const char *why;
	int rc = wire_next(w, f, &why);

	return rc == -1 ? decode_fail(d, why, w->p) : rc;
}

#endif

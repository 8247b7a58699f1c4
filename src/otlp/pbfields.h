/* Protobuf in: the fields of a message. */
#ifndef OTLP_PBFIELDS_H
#define OTLP_PBFIELDS_H

#include "otlp/decode.h"
#include "otlp/wire.h"

/* Like wire_next, with the error noted in d. */
static inline int
pbfields_next(struct decode *d, struct wire *w, struct wire_field *f)
{
	const char *why;
	int rc = wire_next(w, f, &why);

	return rc == -1 ? decode_fail(d, why, w->p) : rc;
}

/*
 * Finds the rows of m in the message p..end. 1; 0 when the record must be
 * refused (which is done), -1 on error.
 */
int pbfields_collect(struct decode *d, const struct schema_msg *m, const char *p,
    const char *end, struct slots *s);

#endif

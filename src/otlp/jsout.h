/*
 * OTLP/JSON out: members of a message from values of a record. int64 are
 * strings, enums numbers, ids hex, as the JSON mapping of OTLP wants it; an
 * attribute always has a value, if an empty one, since receivers fall over
 * one that is missing. For otlp_batch.
 */
#ifndef OTLP_JSOUT_H
#define OTLP_JSOUT_H

#include "otlp/encode.h"

/* The row of struct encode. */
int jsout_row(struct encode *c, const struct schema_row *r,
    struct json_val v);

/* "name": with a comma before it, unless an object or array begins here. */
void jsout_key(struct buf *b, const char *name, size_t n);

#endif

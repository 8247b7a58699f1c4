/*
 * Protobuf in: the values that a record holds. For otlp_decode_pb.
 */
#ifndef OTLP_PBIN_H
#define OTLP_PBIN_H

#include "otlp/decode.h"

/* The put of struct decode. */
int pbin_put(struct decode *d, const struct schema_row *r,
    const struct slot *s, int depth);

/* Appends a protobuf string to b as a JSON string. */
void pbin_string(struct decode *d, struct buf *b, const char *p,
    const char *end);

#endif

/*
 * Protobuf out: fields of a message from values of a record, and the framing
 * of messages. For otlp_batch.
 */
#ifndef OTLP_PBOUT_H
#define OTLP_PBOUT_H

#include "otlp/encode.h"

/* The row of struct encode. */
int pbout_row(struct encode *c, const struct schema_row *r,
    struct json_val v);

void pbout_varint(struct buf *b, uint64_t v);

/* Tag and length of a field of n bytes, which the caller appends. */
void pbout_len(struct buf *b, unsigned number, size_t n);

/* Bytes that pbout_len takes. */
size_t pbout_len_size(unsigned number, size_t n);

/*
 * A field whose length is not known yet: begin returns a mark, end puts the
 * length where it belongs.
 */
size_t pbout_begin(struct buf *b, unsigned number);
void pbout_end(struct buf *b, size_t mark);

#endif

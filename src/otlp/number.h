/*
 * Numbers as JSON from anywhere has them: also as strings, also 5.0 or 1e3
 * for an integer. 0, or -1 when v is no such number or out of the range.
 */
#ifndef OTLP_NUMBER_H
#define OTLP_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "json/scan.h"

int number_u64(struct json_val v, uint64_t *out);
int number_i64(struct json_val v, int64_t *out);

/* Also the strings NaN, Infinity and -Infinity. */
int number_double(struct json_val v, double *out);

/*
 * Appends the number as a double, in the digits it came with, but always with
 * a '.' or an exponent. What JSON has no number for becomes a string, or for
 * a record the format's wrapping.
 */
int number_put(struct buf *b, struct json_val v, bool record);

#endif

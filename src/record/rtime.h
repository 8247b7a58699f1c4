/*
 * Times of the record format: RFC 3339 UTC with exactly nine fractional
 * digits, "2026-11-21T00:03:42.431000000Z". As numbers: nanoseconds since the
 * Unix epoch in uint64_t (as OTLP counts, until the year 2554).
 */
#ifndef RECORD_RTIME_H
#define RECORD_RTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "json/scan.h"

#define RTIME_LEN	30

/* Writes the 30 characters, no NUL. */
void rtime_format(uint64_t ns, char out[RTIME_LEN]);

/* Appends the JSON string (with quotes). */
void rtime_put(struct buf *b, uint64_t ns);

/*
 * Parses RFC 3339 with any number (0..9) of fractional digits and any offset
 * ("Z", "+02:00"); 0, or -1 when it is no time or before 1970 or after 2554.
 */
int rtime_parse(const char *p, size_t n, uint64_t *ns);

/* The same from a JSON string value. */
int rtime_get(struct json_val v, uint64_t *ns);

#endif

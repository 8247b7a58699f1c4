/*
 * Identity that does not change between runs: ids are SHA-256 over the parts
 * that identify a thing, each with its length, so that no two lists of parts
 * give the same bytes.
 */
#ifndef RECORD_IDS_H
#define RECORD_IDS_H

#include <stdbool.h>
#include <stddef.h>

#include "json/scan.h"

#define TRACE_ID_LEN	32
#define SPAN_ID_LEN	16

struct id_part {
	const char	*p;
	size_t		 n;
};

/* Lower-case hex without NUL; never all zeros. */
void ids_trace(const struct id_part *part, size_t n, char out[TRACE_ID_LEN]);
void ids_span(const struct id_part *part, size_t n, char out[SPAN_ID_LEN]);

/*
 * The first 64 bits of HMAC-SHA-256 (RFC 2104) of p[0..n), as lower-case hex:
 * the same text gives the same, and who lacks the key cannot guess texts.
 */
#define IDS_KEYED_LEN	16
void ids_keyed(const void *key, size_t nkey, const void *p, size_t n,
    char out[IDS_KEYED_LEN]);

/* SHA-256 of p[0..n) as lower-case hex, without NUL. */
#define IDS_SHA256_LEN	64
void ids_sha256(const void *p, size_t n, char out[IDS_SHA256_LEN]);

/* The value is a JSON string of lower-case hex of that length, not all 0. */
bool ids_is_trace(struct json_val v);
bool ids_is_span(struct json_val v);

#endif

/*
 * JSON documents that are read whole: configuration, price book, replies. The
 * one door to cJSON. Names are case-sensitive; text behind the value and a
 * byte-order mark are errors; numbers that matter are written as strings in
 * our documents, and integers are exact only up to 2^53.
 */
#ifndef JSON_DOC_H
#define JSON_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct doc;			/* one value inside a document */

/*
 * Parses p[0..n). NULL with line and column in e. The caller frees the root
 * with doc_free; inner values live as long as the root.
 */
struct doc *doc_parse(const char *p, size_t n, struct err *e);
void doc_free(struct doc *root);

bool doc_is_object(const struct doc *d);	/* NULL is none of these */
bool doc_is_array(const struct doc *d);
bool doc_is_string(const struct doc *d);
bool doc_is_number(const struct doc *d);
bool doc_is_bool(const struct doc *d);
bool doc_is_null(const struct doc *d);

const struct doc *doc_get(const struct doc *object, const char *name);
/* NULL-safe: NULL when d is no string. Lives with the root. */
const char *doc_str(const struct doc *d);
bool doc_bool(const struct doc *d, bool dflt);
/* An integer of at most 2^53; 0, or -1. */
int doc_int(const struct doc *d, int64_t *out);
double doc_double(const struct doc *d);

/* Walk: first child of an object or array, then the next. key: its name. */
const struct doc *doc_first(const struct doc *d);
const struct doc *doc_next(const struct doc *d);
const char *doc_key(const struct doc *d);

#endif

/* JSON strings from foreign JSON, made fit for a record or a request. */
#ifndef OTLP_TEXT_H
#define OTLP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Appends the string whose raw characters (between the quotes, valid JSON)
 * are p..end, with quotes: escapes that need not be are resolved, bytes that
 * are not UTF-8 and halves of surrogate pairs become U+FFFD. Returns how many
 * did. esc: whether there may be escapes.
 */
size_t text_string(struct buf *b, const char *p, const char *end, bool esc);

#endif

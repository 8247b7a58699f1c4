/* Strings from foreign JSON, made fit for a record or a request. */
#ifndef OTLP_TEXT_H
#define OTLP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "json/scan.h"

/*
 * Appends the string whose raw characters (between the quotes, valid JSON)
 * are p..end, with quotes: escapes that need not be are resolved, bytes that
 * are not UTF-8 and halves of surrogate pairs become U+FFFD. Returns how many
 * did. esc: whether there may be escapes.
 */
size_t text_string(struct buf *b, const char *p, const char *end, bool esc);

/*
 * The same for the string that begins behind the quote at p, wherever it ends:
 * read, checked and written in one pass. The place of its closing quote, and
 * *bad grown by how many; or NULL, and nothing has happened, when it is broken
 * (json_string_end tells why) or memory is.
 */
const char *text_take(struct buf *b, const char *p, const char *end,
    uint64_t *bad);

/*
 * Appends the characters that the JSON string v stands for, in valid UTF-8:
 * what is not becomes U+FFFD.
 */
void text_chars(struct buf *b, struct json_val v);

#endif

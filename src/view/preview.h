/* A line of what went in or came out of a call, for people. */
#ifndef VIEW_PREVIEW_H
#define VIEW_PREVIEW_H

#include <stddef.h>

#include "base/buf.h"
#include "json/scan.h"

/*
 * Appends at most max bytes (and an ellipsis) of the text in a content
 * attribute, in one line: of messages the last one, of a message its text and
 * the tools it calls, of a tool what is in its "input" or "output"; what has
 * no such shape stands as JSON. Nothing when v is absent. scratch is working
 * memory.
 */
void preview_put(struct buf *b, struct json_val v, size_t max,
    struct buf *scratch);

#endif

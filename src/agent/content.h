/*
 * What was said: messages of model calls and arguments and results of tools,
 * as JSON text in the shape in which Langfuse finds tool calls (Anthropic's),
 * or in OpenTelemetry's parts.
 */
#ifndef AGENT_CONTENT_H
#define AGENT_CONTENT_H

#include <stdbool.h>

#include "agent/model.h"
#include "base/buf.h"

/*
 * Appends JSON text; false (and nothing appended) when nothing is known.
 * Input: an array of messages, the thread's prompt first, then what was said
 * since; a long history loses its oldest exchanges but never the last one.
 * Output: the assistant's message.
 */
bool content_call_input(struct model *m, const struct node *n, struct buf *b);
bool content_call_output(struct model *m, const struct node *n,
    struct buf *b);

/* {"input":…} and {"output":…,"is_error":true}. */
bool content_tool_input(struct model *m, const struct node *n, struct buf *b);
bool content_tool_output(struct model *m, const struct node *n,
    struct buf *b);

/*
 * Anthropic messages (array, or one message) as OpenTelemetry's
 * gen_ai.*.messages; appends, -1 when text is no such JSON.
 */
int content_parts(const char *text, size_t n, const char *finish,
    struct buf *b);

/*
 * Every string in the JSON text longer than max bytes is cut on a character
 * boundary and says so; the text stays valid JSON. max 0: copied.
 */
void content_cut(const char *text, size_t n, size_t max, struct buf *b);

/* The same for one plain text. */
void content_cut_text(const char *text, size_t n, size_t max, struct buf *b);

#endif

/* What rollout*.c share; private to them. */
#ifndef IMPORT_ROLLOUT_PARTS_H
#define IMPORT_ROLLOUT_PARTS_H

#include "import/rollout.h"

void *rollout_get(struct rollout *x, size_t n);
int64_t rollout_number(struct json_val v);		/* 0: none, or negative */
bool rollout_has_prefix(struct json_val v, const char *s);
/* A JSON string made of text; in the arena. */
struct json_val rollout_quoted(struct rollout *x, const char *p, size_t n);
/* The texts of a list of parts, a line each, as a JSON string. */
struct json_val rollout_texts(struct rollout *x, struct json_val list);
/* The object that stands as text inside a JSON string. */
struct json_val rollout_object(struct rollout *x, struct json_val s);

/* The answer that is being given: what comes after results is a new one. */
struct rollout_call *rollout_call(struct rollout *x);
/* Input holds what was cached, output the reasoning. */
void rollout_count(struct rollout_call *c, struct json_val usage);
/* Milliseconds since 1970 in an id of version 7 (RFC 9562); 0: it is none. */
uint64_t rollout_uuid_ms(struct json_val v);
/* Last words of a sub-agent, as its parent was told them. */
void rollout_told(struct rollout *x, struct json_val thread,
    struct json_val status);

void rollout_tool_call(struct rollout *x, struct json_val v,
    struct json_val type);
void rollout_tool_output(struct rollout *x, struct json_val v);
/* What became of the tool of that id: an item, or an older version's event. */
void rollout_tool_done(struct rollout *x, struct json_val v,
    struct json_val id, uint64_t began, uint64_t end);

#endif

/* The attributes of a span, group by group; private to emit*.c. */
#ifndef AGENT_EMIT_PARTS_H
#define AGENT_EMIT_PARTS_H

#include "agent/emit.h"

/* The name for people, appended; a turn's without its prompt unless said. */
void emit_name(struct buf *b, struct model *m, const struct node *n,
    bool said);

/* langfuse.trace.tags as a JSON array, into e->t.tags. */
void emit_tags(struct emit *e, struct model *m);

/* Renames what backends misread, drops what must not be said. */
void emit_renamed(struct emit *e, const struct model *m, const struct node *n);

/* What stands on every span of the turn. */
void emit_common(struct emit *e, struct model *m, const struct node *n);

/* What is particular to turns, calls, tools, agents. */
void emit_kind(struct emit *e, const struct node *n);

void emit_content(struct emit *e, struct model *m, struct node *n);

/* --set key=value. */
void emit_set(struct emit *e);

/*
 * Setting attributes: put_* replaces, give_* leaves what the client set
 * (unless --force). A JSON_NONE value sets nothing.
 */
void emit_put(struct emit *e, const char *key, struct json_val v);
void emit_put_text(struct emit *e, const char *key, const char *s);
void emit_give(struct emit *e, const char *key, struct json_val v);
void emit_give_text(struct emit *e, const char *key, const char *s);

#endif

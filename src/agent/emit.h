/*
 * Writes the nodes of a group as records: a native span is edited in place, a
 * made one is written from its facts. All agents' spans get their attributes
 * here, so they all look alike.
 */
#ifndef AGENT_EMIT_H
#define AGENT_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/model.h"
#include "base/buf.h"
#include "base/out.h"
#include "record/edit.h"

enum content_mode { CONTENT_LANGFUSE, CONTENT_OPENINFERENCE, CONTENT_GENAI,
    CONTENT_ALL, CONTENT_NONE };

struct emit_pair {
	const char	*key, *value;
};

struct emit_opts {
	int		 content;	/* enum content_mode */
	int64_t		 max_chars;	/* 0: no limit */
	int		 names;		/* 1: keep the CLI's names */
	int		 hierarchy;	/* 1: keep the CLI's parents */
	bool		 force;		/* ours over what the client set */
	const char	*user;		/* LANGFUSE_USER_ID ... NULL: not set */
	const char	*session;
	const char	*environment;
	const char	*release;
	const char	*tags;		/* JSON array or comma list */
	const struct emit_pair	*set;	/* attributes to put on every span */
	size_t		 nset;
};

/* user to tags from the environment: LANGFUSE_USER_ID ...; empty is unset. */
void emit_opts_env(struct emit_opts *o);

/* What all spans of a group have in common; filled by emit_group. */
struct emit_common {
	struct json_val	session, user, version, project, environment;
	struct buf	tags;		/* JSON array */
	struct buf	name;		/* JSON string: langfuse.trace.name */
};

struct emit {
	const struct emit_opts	*o;
	struct record		 rec;
	struct edit		 edit;
	struct buf		 line;		/* a made span's first form */
	struct buf		 text, cut;	/* values under construction */
	struct emit_common	 t;
	uint64_t		 spans;
};

void emit_fini(struct emit *e);

/*
 * Settles the ids of all nodes and what the group's spans have in common.
 * 0, or -1 (memory).
 */
int emit_group(struct emit *e, struct model *m);

/* Writes the node. 0, or -1 (out's error or memory). */
int emit_node(struct emit *e, struct model *m, struct node *n,
    struct out *out);

/*
 * Writes a log that a span was made from: it carries the span's ids and is
 * marked as used. 0, or -1.
 */
int emit_log(struct emit *e, const struct held *h, const struct node *n,
    struct out *out);

/*
 * Writes a native span that is a part of the node, as a span of its own with
 * what all spans share (--hierarchy native). 0, or -1.
 */
int emit_part(struct emit *e, struct model *m, struct node *n,
    const struct held *h, struct out *out);

/* Writes the record as it came. 0, or -1. */
int emit_held(const struct held *h, struct out *out);

#endif

/*
 * What the tree keeps of a span: one block of memory each, made from a record
 * and independent of it.
 */
#ifndef VIEW_NODE_H
#define VIEW_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/tree.h>

#include "base/buf.h"
#include "record/record.h"
#include "view/spend.h"
#include "view/text.h"

enum node_type {
	NODE_SPAN, NODE_CHAIN, NODE_LLM, NODE_TOOL, NODE_AGENT, NODE_EMBEDDING,
	NODE_RETRIEVER, NODE_RERANKER, NODE_GUARDRAIL, NODE_EVALUATOR,
	NODE_EVENT, NODE_TYPES_
};

enum node_level { NODE_FINE, NODE_WARNING, NODE_ERROR };

/* Why a node stands where it stands. */
enum node_place {
	NODE_CHILD,		/* or a root */
	NODE_ORPHAN,		/* its parent did not come */
	NODE_LATER,		/* its parent was printed before */
	NODE_CYCLE		/* it is its own ancestor */
};

struct node {
	RB_ENTRY(node)	 by_id;
	uint64_t	 id;
	uint64_t	 parent;	/* 0: a root */
	uint64_t	 start, end;	/* 0: unknown */
	enum node_type	 type;
	enum node_level	 level;
	struct spend	 spend;
	uint64_t	 attempts;	/* 0: not said */
	bool		 incomplete;	/* the turn ended abruptly */
	struct text	 name;
	struct text	 detail;	/* the model, or the tool's name */
	struct text	 message, input, output;
	size_t		 bytes;		/* of memory */

	/* Its place in the tree, see view/plan. */
	struct node	*up, *child, *last, *next;
	struct node	*trail;		/* while looking for cycles */
	uint64_t	 depth;
	uint64_t	 below;		/* descendants */
	bool		 spent_below;	/* one of them has usage or cost */
	bool		 seen;
	enum node_place	 place;
};

/* Why a record made no node. */
enum node_res { NODE_OK, NODE_NO_ID, NODE_NO_MEMORY };

/*
 * Makes a node from a span record; content: with previews of input and
 * output. scratch is working memory.
 */
enum node_res node_make(struct node **out, const struct record *r,
    bool content, struct buf *scratch);

/* "llm", "tool", ...: at most 9 columns. */
const char *node_type_name(enum node_type t);

/* 16 lower-case hex digits as a number (the caller checked them). */
uint64_t node_id(struct json_val v);

#endif

/*
 * An agent is what is known about one CLI: a table of its attribute names, a
 * table of its events, and a few functions for what tables cannot say. Adding
 * a CLI is one file with a struct agent and one line in registry.c.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/fact.h"
#include "record/record.h"

struct buf;
struct group;
struct held;
struct json_val;
struct key_part;
struct model;
struct node;
struct store;

/* What a record is to its turn. */
enum event_class {
	EVENT_PASS,	/* belongs to no turn: goes on as it came */
	EVENT_NOTE,	/* as PASS, and its turn may want to know it */
	EVENT_OPEN,	/* belongs to its turn and may be its first record */
	EVENT_PROMPT,	/* as OPEN, and ends earlier turns of its session */
	EVENT_END,	/* as OPEN, and the turn's own end mark */
	EVENT_NOISE	/* says nothing: dropped, unless --keep-native */
};

struct event_row {
	enum record_kind	 kind;
	const char		*name;	/* of a log: event.name; a span: name */
	int			 event;	/* the agent's own number, > 0 */
	enum event_class	 class;
};

struct agent_rename {
	const char	*from, *to;
};

struct agent {
	const char		*name;		/* aitrace.agent */
	const char		*title;		/* "Claude Code" */
	const char		*provider;	/* gen_ai.provider.name */
	int			 other_span;	/* event of unlisted spans */
	bool			 noise;		/* unlisted spans say nothing */
	bool			 made;		/* no span of its own is kept:
						 * all ids are known before */
	const struct event_row	*event;
	size_t			 nevent;
	const struct fact_map	*map;		/* sorted by key */
	size_t			 nmap;

	/*
	 * What else its events carry that is no fact, sorted by strcmp; a name
	 * that ends in * stands for all that begin so. Others are reported.
	 */
	const char *const	*known;
	size_t			 nknown;

	/* Names on its spans that backends misread; ends with NULL. */
	const struct agent_rename *rename;
	/* Attributes that hold content, dropped by --content none. */
	const char *const	*content;
	/*
	 * Resource attributes that tell what the CLI was told not to log;
	 * removed from all its records. NULL: none; ends with NULL.
	 */
	const char *const	*leaks;
	bool			 no_version;	/* service.version is not its */

	/* Is the record from this CLI? Decides by resource and scope. */
	bool	(*is_mine)(const struct record *r);

	/* The name in the event table; returns its length. */
	size_t	(*event_name)(const struct record *r, const char **name);

	/*
	 * Which group the record belongs to: fills at most KEY_MAX keys and
	 * the session (a JSON string); 0: to none, it passes on.
	 */
	size_t	(*keys)(const struct held *h, struct json_val *session,
		    struct key_part *key);

	/*
	 * A record has come into its group: what concerns others (links
	 * between turns, more keys) is noted here. May be NULL.
	 */
	void	(*arrive)(struct store *st, struct group *g,
		    const struct held *h);

	/*
	 * Builds the group's nodes from its records, which are sorted. Must
	 * depend on nothing but them and the session's links. 0, or -1 when
	 * out of memory.
	 */
	int	(*build)(struct model *m);

	/*
	 * What a call was sent and what it answered, as content.h wants it,
	 * where the agent's records hold more than the facts tell. False: no
	 * more than them. May be NULL.
	 */
	bool	(*call_input)(struct model *m, const struct node *n,
		    struct buf *b);
	bool	(*call_output)(struct model *m, const struct node *n,
		    struct buf *b);
};

/* The agent that sent the record; NULL: none we know. */
const struct agent *agent_of(const struct record *r);

/* The record's row in the agent's event table; NULL when it has none. */
const struct event_row *agent_event(const struct agent *a,
    const struct record *r);

#endif

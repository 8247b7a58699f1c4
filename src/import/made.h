/*
 * Turns made from what a CLI keeps, written as aitrace-enrich writes those it
 * makes from telemetry: a model of the turn, and agent/emit for every span.
 */
#ifndef IMPORT_MADE_H
#define IMPORT_MADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/emit.h"
#include "agent/model.h"
#include "base/arena.h"
#include "base/out.h"

struct pick_rules;

struct made {
	struct emit	 emit;
	struct out	*out;
	struct model	 m;		/* of the turn in the making */
	struct group	 group;
	struct session	 session;
	bool		 failed;	/* the output cannot be written */
	struct pick_rules	*pick;		/* what goes out; NULL: all */
};

/* o and out are kept by reference. */
void made_init(struct made *d, const struct emit_opts *o, struct out *out);
void made_fini(struct made *d);

/*
 * Begins a turn of at most n nodes in a session, a JSON string. Everything
 * lives in the arena. 0, or -1 (memory).
 */
int made_begin(struct made *d, struct arena *a, const struct agent *agent,
    struct json_val session, size_t n);

/* The node stands for a span of another file, which is not written here. */
void made_elsewhere(struct node *n);

/* A prompt of the turn, in order of time; the first is what began it. */
void made_prompt(struct made *d, struct node *root, struct json_val text,
    uint64_t when);

/*
 * Writes the spans. A tool that has not answered is closed with its turn. 0,
 * or -1 (memory; output: failed is set).
 */
int made_end(struct made *d);

/* The agents as whose work the turns are written. */
extern const struct agent made_claude, made_codex, made_gemini,
    made_opencode;

#endif

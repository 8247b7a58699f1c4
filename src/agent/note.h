/*
 * The note by which Claude Code tells its model that a background sub-agent
 * has ended: a prompt that holds <task-notification>…, with the sub-agent's
 * id, the tool call that started it, and its last words.
 */
#ifndef AGENT_NOTE_H
#define AGENT_NOTE_H

#include <stdbool.h>

#include "agent/store.h"
#include "json/scan.h"

struct note {
	struct json_val	prompt;		/* the JSON string it stands in */
	struct json_val	task;		/* slices: raw text between the tags */
	struct json_val	tool;
	struct json_val	status, summary, result;
};

/*
 * Is the prompt such a note? The slices are of type JSON_STRING without
 * quotes' meaning: p..p+n is raw (escaped) text, JSON_NONE when absent.
 */
bool note_parse(struct json_val prompt, struct note *note);

/* Tells the session what the note says. Out of memory: the link is missing. */
void note_link(struct session *s, const struct note *note);

#endif

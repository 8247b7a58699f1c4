/*
 * Builds the turns of a Gemini CLI session; private to gemini*.c. The order
 * of the steps is that of gemini_build().
 */
#ifndef AGENT_GEMINI_BUILD_H
#define AGENT_GEMINI_BUILD_H

#include "agent/model.h"

enum gemini_event {
	GEMINI_OTHER = 1,
	GEMINI_PROMPT, GEMINI_REQUEST, GEMINI_RESPONSE, GEMINI_ERROR,
	GEMINI_DETAILS, GEMINI_TOOL, GEMINI_AGENT, GEMINI_END, GEMINI_EXIT,
	GEMINI_ROOT, GEMINI_LLM, GEMINI_SCHEDULE, GEMINI_TOOL_SPAN,
	GEMINI_AGENT_SPAN, GEMINI_PART
};

/* Whose work a prompt id says a record is. */
enum gemini_scope {
	SCOPE_NONE,		/* no prompt id */
	SCOPE_HEADLESS,		/* the session id itself */
	SCOPE_PROMPT,		/* <session>########<n> */
	SCOPE_THREAD,		/* <sub-agent>#<n> */
	SCOPE_ITSELF		/* the CLI's own: summaries and the like */
};

/* One part of an answer: a thought, text, or a call of a tool. */
struct gemini_part {
	enum { PART_THOUGHT, PART_TEXT, PART_CALL } kind;
	struct json_val		 text;		/* JSON string */
	struct json_val		 id, name, args;
};

/* What is known of a model call beside its node (node->priv). */
struct gemini_call {
	struct node		*n;
	struct held		*request, *answer;	/* logs */
	struct held		*details;		/* of the answer */
	struct json_val		 prompt, thread;
	enum gemini_scope	 scope;
	struct gemini_part	*part;
	size_t			 npart;
	bool			 router;
};

/* What is known of a turn beside its node (node->priv). */
struct gemini_turn {
	struct node		*n;
	struct json_val		 trace;		/* of a turn that has one */
	struct json_val		 pid;
	struct json_val		 number;	/* of its prompt; JSON_NONE */
	bool			 headless;
	uint64_t		 mark;		/* time of an end mark */
};

/* What is known of a tool beside its node (node->priv). */
struct gemini_tool {
	struct json_val	schedule;	/* id of the span above it */
	struct json_val	owner;		/* response id of the call that asked */
	struct json_val	result;		/* what its span says of its end */
	struct json_val	thread;
	struct json_val	display;	/* name for people */
};

struct gemini {
	struct model		*m;
	struct gemini_call	**call;		/* in order of their start */
	size_t			 ncall;
	struct gemini_turn	**turn;		/* in order of their start */
	size_t			 nturn;
};

/* gemini-calls.c: joins and finishes model calls. 0, or -1 (memory). */
int gemini_calls(struct gemini *g);
/* A record of the call, the one nearest its beginning. */
const struct held *gemini_call_record(const struct gemini_call *c);
/* Attempts of one request share a call id; after the calls are sorted. */
void gemini_attempts(struct gemini *g);

/* gemini-turns.c */
int gemini_turns(struct gemini *g);
void gemini_finish_turns(struct gemini *g);
/* The turn a record belongs to, by its prompt, trace or time; NULL: none. */
struct node *gemini_turn_of(const struct gemini *g, const struct held *h);

/* gemini-tools.c, gemini-threads.c: 0, or -1 (memory). */
int gemini_tools(struct gemini *g);
/* gemini-tool-end.c */
void gemini_finish_tool(struct gemini *g, struct node *n);
int gemini_threads(struct gemini *g);

/* gemini-ids.c: what ids are made from, when all else is known. */
void gemini_idents(struct gemini *g);

/* gemini-content.c */
void gemini_parse_answer(struct model *m, struct gemini_call *c,
    struct json_val text);
/* All that an answer says, as a JSON string; JSON_NONE: nothing. */
struct json_val gemini_answer_text(struct model *m,
    const struct gemini_call *c);
/* The last thing the user said in what was sent; JSON_NONE. */
struct json_val gemini_last_prompt(struct model *m, const struct node *n);
/* Results of tools in what was sent, each given to its node. */
void gemini_take_results(struct model *m, const struct node *n);
bool gemini_call_input(struct model *m, const struct node *n, struct buf *b);
bool gemini_call_output(struct model *m, const struct node *n,
    struct buf *b);

/* gemini-text.c: small things about JSON. */
extern const struct json_val gemini_none;
/* The same sub-agent, or none both. */
bool gemini_same_thread(struct json_val a, struct json_val b);
/* Sets what is not known yet. */
void gemini_keep(struct json_val *v, struct json_val said);
/* The value inside a JSON string; JSON_NONE when it is cut or no JSON. */
struct json_val gemini_inside(struct model *m, struct json_val s);
/* A JSON string that holds the value's text. */
struct json_val gemini_outside(struct model *m, struct json_val v);
/* The same JSON but for white space? */
bool gemini_same_json(const char *a, size_t an, const char *b, size_t bn);
/* Whose work it is; thread: the sub-agent's id. */
enum gemini_scope gemini_scope(struct model *m, struct json_val prompt,
    struct json_val *thread);

#endif

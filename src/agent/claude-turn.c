/* The root of a Claude Code turn: what it was asked, how it ended. */
#include "agent/claude-turn.h"

#include "agent/note.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

struct json_val
claude_said(struct json_val v)
{
	return json_str_is(v, "<REDACTED>") ? none : v;
}

static struct node *
last_main_call(const struct model *m)
{
	struct node *n, *best = NULL;

	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->kind == NODE_CALL && n->agent == NULL &&
		    (best == NULL || n->start >= best->start))
			best = n;
	return best;
}

/* Earliest start and latest end of everything in the turn. */
static void
turn_times(struct model *m)
{
	struct node *root = m->root, *n;

	if (root->native != NULL) {
		root->start = root->native->start;
		root->end = root->native->end;
		return;
	}
	if (root->log != NULL)
		root->start = root->end = root->log->start;
	TAILQ_FOREACH(n, &m->nodes, link) {
		if (n == root || n->start == 0)
			continue;
		if (root->start == 0 || n->start < root->start)
			root->start = n->start;
		if (n->end > root->end)
			root->end = n->end;
	}
}

/*
 * A turn that was cut off: its own span was promised and did not come, a tool
 * never answered, or the model wanted tools and was not asked again.
 */
static bool
turn_incomplete(const struct model *m, const struct node *last)
{
	const struct node *n;

	if (m->root->native == NULL && m->group->has_trace)
		return true;
	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->outcome == OUTCOME_PENDING)
			return true;
	if (last == NULL)
		return m->root->native == NULL;
	return m->root->native == NULL && json_str_is(last->val[FACT_STOP], "tool_use");
}

/* A slash command, as far as one can tell. */
static bool
is_command(const struct node *root)
{
	struct json_val prompt = root->val[FACT_PROMPT];

	if (root->val[FACT_COMMAND].type != JSON_NONE)
		return true;
	if (prompt.type != JSON_STRING)
		return root->log == NULL;
	return prompt.n > 2 && prompt.p[1] == '/';
}

/* The CLI's own id of the turn, else its trace. */
static struct json_val
turn_ident(const struct model *m)
{
	struct json_val v;

	for (size_t i = 0; i < m->nrec; i++) {
		v = held_fact(m->rec[i], FACT_TURN);
		if (v.type == JSON_STRING)
			return v;
	}
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->trace.type == JSON_STRING)
			return m->rec[i]->trace;
	return none;
}

void
claude_turn(struct model *m)
{
	struct node *root = m->root, *last = last_main_call(m), *n;
	struct note note;
	bool work = false;

	TAILQ_FOREACH(n, &m->nodes, link)
		work = work || (n != root && n->kind != NODE_OTHER);
	root->val[FACT_PROMPT] = claude_said(root->val[FACT_PROMPT]);
	root->client = note_parse(root->val[FACT_PROMPT], &note);
	root->command = !work && m->group->nwritten == 0 && is_command(root);
	root->ident = turn_ident(m);
	root->ended = root->native != NULL || m->group->ended;
	turn_times(m);
	if (last != NULL) {
		root->val[FACT_TEXT] = last->val[FACT_TEXT];
		if (last->outcome == OUTCOME_ERROR) {
			root->outcome = OUTCOME_ERROR;
			root->message = last->message;
			root->error_type = last->error_type;
			root->status_code = last->status_code;
		}
	}
	root->incomplete = !root->command && turn_incomplete(m, last);
	root->complete = (root->native != NULL || !m->group->has_trace) &&
	    (root->log != NULL || m->session->no_logs);
}

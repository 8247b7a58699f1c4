/*
 * Tool calls. Success says that the tool worked; how its command ended stands
 * in the head of the output. In code mode the model calls `exec` with a
 * script, and what the script calls has ids of its own (exec-…), told before
 * the script's end.
 */
#include "agent/codex-build.h"

#include <string.h>

#include "base/clock.h"
#include "json/write.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

/* Clocks are read apart; a nested call lies in its script but for this. */
#define SLACK	(5 * CLOCK_MS)

void
codex_tool(struct codex *x, struct codex_conv *c, struct held *h)
{
	struct json_val id = held_fact(h, FACT_TOOL_ID);
	struct codex_turn *t = codex_turn_of(x, c, h->trace);
	struct node *asker = NULL;
	struct codex_item *i;

	if (id.type != JSON_STRING)
		return;
	if (t == NULL)
		t = codex_new_turn(x, c, h);
	if (t == NULL)
		return;
	if (t == c->asked) {
		asker = codex_asker(x, c);
		c->tools = true;
	}
	i = codex_item(x, t, NODE_TOOL, codex_key(x, t->key, '/', id, 0));
	if (i == NULL)
		return;
	model_take(i->node, h, h->event == CODEX_RESULT ? TAKE_OVER :
	    TAKE_NEW);
	if (i->node->log == NULL || h->event == CODEX_RESULT) {
		i->node->log = h;
		i->asker = asker;
	}
	if (h->event == CODEX_RESULT)
		codex_spawned(x, h);
}

/* ---- names ------------------------------------------------------------------------ */

static bool
starts(const char *p, size_t n, const char *with)
{
	size_t k = strlen(with);

	return n >= k && memcmp(p, with, k) == 0;
}

/* add of mcp__demo is mcp__demo__add; functions and the like are no part. */
void
codex_tool_name(struct codex *x, struct node *n)
{
	struct json_val *v = n->val;
	size_t ns, bn, sn;
	const char *space = model_text(x->m, v[FACT_NAMESPACE], &ns);
	const char *bare = model_text(x->m, v[FACT_TOOL_BARE], &bn);
	const char *server = model_text(x->m, v[FACT_MCP_SERVER], &sn);
	struct buf b = { 0 };

	if (sn == 0)
		v[FACT_MCP_SERVER] = none;
	v[FACT_TOOL_NAME] = v[FACT_TOOL_BARE];
	if (!starts(space, ns, "mcp__") && sn == 0)
		return;
	if (sn == 0)
		v[FACT_MCP_SERVER] = model_string(x->m, space + 5, ns - 5);
	v[FACT_MCP_TOOL] = v[FACT_TOOL_BARE];
	buf_adds(&b, "mcp__");
	if (sn > 0)
		buf_add(&b, server, sn);
	else
		buf_add(&b, space + 5, ns - 5);
	buf_adds(&b, "__");
	buf_add(&b, bare, bn);
	if (!starts(bare, bn, "mcp__"))
		v[FACT_TOOL_NAME] = model_string(x->m, b.p, b.n);
	if (b.err != 0)
		x->m->oom = true;
	buf_fini(&b);
}

/* ---- outcome ------------------------------------------------------------------------ */

/*
 * "Process exited with code 3" in the lines before "Output:"; what follows is
 * the command's own words.
 */
static int64_t
exit_code(const char *p, size_t n)
{
	static const char *const lead[] = { "Process exited with code ",
	    "Exit code: " };
	const char *end = p + n;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl != NULL ? nl : end) - p);

		if (starts(p, len, "Output:"))
			break;
		for (size_t i = 0; i < 2; i++) {
			size_t k = strlen(lead[i]);
			int64_t code;

			if (starts(p, len, lead[i]) && len > k &&
			    json_int((struct json_val){ p + k, len - k,
			    JSON_NUMBER }, &code) == 0)
				return code;
		}
		p += nl != NULL ? len + 1 : len;
	}
	return -1;
}

/* Someone said no: a person, a rule, or the sandbox. */
static bool
was_rejected(const struct node *n, const char *out, size_t len)
{
	struct json_val d = n->val[FACT_DECISION];

	if (json_str_is(d, "denied") || json_str_is(d, "abort") ||
	    json_str_is(d, "timed_out"))
		return true;
	if (n->val[FACT_MCP_SERVER].type != JSON_NONE)
		return false;
	if (len > 1024)
		len = 1024;
	return memmem(out, len, "Rejected(", 9) != NULL ||
	    memmem(out, len, "rejected by ", 12) != NULL ||
	    memmem(out, len, "rejected: ", 10) != NULL;
}

static void
rejected(struct codex *x, struct node *n)
{
	struct json_val by = n->val[FACT_DECIDER];
	struct buf b = { 0 };
	const char *p;
	size_t len;

	n->outcome = OUTCOME_WARNING;
	buf_adds(&b, "rejected");
	p = model_text(x->m, by, &len);
	if (len > 0) {
		buf_adds(&b, " by ");
		buf_add(&b, p, len);
	}
	n->message = model_string(x->m, b.p != NULL ? b.p : "", b.n);
	buf_fini(&b);
}

void
codex_tool_outcome(struct codex *x, struct node *n)
{
	struct json_val *v = n->val;
	size_t len;
	const char *out = model_text(x->m, v[FACT_OUTPUT], &len);
	struct buf b = { 0 };
	bool ok;

	if (json_bool(v[FACT_SUCCESS], &ok) == -1) {
		if (was_rejected(n, "", 0))
			rejected(x, n);
		else
			n->outcome = n->log == NULL ? OUTCOME_OK :
			    OUTCOME_PENDING;
		return;
	}
	if (v[FACT_MCP_SERVER].type == JSON_NONE)
		n->exit_code = exit_code(out, len);
	if (!ok || starts(out, len, "unsupported ")) {
		n->outcome = OUTCOME_ERROR;
		n->message = v[FACT_OUTPUT];
		n->error_type = "tool_error";
		if (was_rejected(n, out, len)) {
			n->error_type = NULL;
			rejected(x, n);
		}
	} else if (n->exit_code > 0) {
		n->outcome = OUTCOME_WARNING;
		buf_addf(&b, "exit code %lld", (long long)n->exit_code);
		n->message = model_string(x->m, b.p != NULL ? b.p : "", b.n);
		buf_fini(&b);
	} else
		n->outcome = OUTCOME_OK;
}

static void
times(struct node *n)
{
	int64_t ms;

	if (n->log == NULL)
		return;
	n->start = n->end = n->log->end;
	if (n->log->event == CODEX_RESULT &&
	    json_int(held_fact(n->log, FACT_DURATION_MS), &ms) == 0 && ms > 0)
		n->start = n->end - (uint64_t)ms * CLOCK_MS;
}

/* ---- code mode ------------------------------------------------------------------------- */

static bool
is_nested(struct codex *x, const struct node *n)
{
	size_t len;
	const char *p = model_text(x->m, n->val[FACT_TOOL_ID], &len);

	return starts(p, len, "exec-");
}

/* The script it was called from: of those that ran then, the latest begun. */
static void
nest(struct codex *x, struct codex_item *in)
{
	struct node *n = in->node, *best = NULL;
	struct codex_item *i;

	STAILQ_FOREACH(i, &x->items, next) {
		struct node *s = i->node;

		if (s->kind != NODE_TOOL || i->turn != in->turn || s == n ||
		    !json_str_is(s->val[FACT_TOOL_BARE], "exec") ||
		    s->outcome == OUTCOME_PENDING || is_nested(x, s))
			continue;
		if (s->start <= n->start + SLACK && n->end <= s->end + SLACK &&
		    (best == NULL || s->start > best->start))
			best = s;
	}
	n->inferred = true;
	n->waits = best == NULL;
	if (best != NULL)
		in->asker = best;
}

void
codex_finish_tools(struct codex *x)
{
	struct codex_item *i;

	STAILQ_FOREACH(i, &x->items, next) {
		struct node *n = i->node;

		if (n->kind != NODE_TOOL && n->kind != NODE_AGENT)
			continue;
		codex_tool_name(x, n);
		codex_tool_outcome(x, n);
		times(n);
		n->complete = n->outcome != OUTCOME_PENDING;
	}
	STAILQ_FOREACH(i, &x->items, next)
		if (i->node->kind == NODE_TOOL && is_nested(x, i->node))
			nest(x, i);
}

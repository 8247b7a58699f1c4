/*
 * How tools of Gemini CLI ended: names, outcomes, times, and the call that
 * asked. What a span tells of a result is the same object as in the logs.
 */
#include <string.h>

#include "agent/gemini-build.h"
#include "base/clock.h"
#include "base/buf.h"

/*
 * "mcp_<server>_<tool>" is shown as "mcp__<server>__<tool>". Spans name the
 * server only for people: "add (demo MCP Server)".
 */
static void
mcp_name(struct model *m, struct node *n)
{
	static const char tail[] = " MCP Server)";
	const struct gemini_tool *t = n->priv;
	struct json_val *v = n->val;
	size_t len, sn, dn, k = sizeof(tail) - 1;
	const char *name = model_text(m, v[FACT_TOOL_NAME], &len);
	const char *server = model_text(m, v[FACT_MCP_SERVER], &sn), *p;
	const char *display = model_text(m, t->display, &dn);
	struct buf b = { 0 };

	if (sn == 0 && dn > k && memcmp(display + dn - k, tail, k) == 0 &&
	    (p = memrchr(display, '(', dn)) != NULL) {
		server = p + 1;
		sn = (size_t)(display + dn - k - server);
	}
	if (sn == 0 || len < sn + 6 || memcmp(name, "mcp_", 4) != 0 ||
	    memcmp(name + 4, server, sn) != 0 || name[4 + sn] != '_')
		return;
	v[FACT_MCP_SERVER] = model_string(m, server, sn);
	v[FACT_MCP_TOOL] = model_string(m, name + 5 + sn, len - 5 - sn);
	buf_adds(&b, "mcp__");
	buf_add(&b, server, sn);
	buf_adds(&b, "__");
	buf_add(&b, name + 5 + sn, len - 5 - sn);
	v[FACT_TOOL_NAME] = model_string(m, b.p != NULL ? b.p : "", b.n);
	buf_fini(&b);
}

/* Told to the model: {"output":…} or {"error":…}; error: was it that? */
static struct json_val
told(struct model *m, struct json_val response, bool *error)
{
	struct json_val v = json_get(response, "error");

	*error = v.type == JSON_STRING;
	if (*error)
		return v;
	v = json_get(response, "output");
	if (v.type == JSON_STRING)
		return v;
	return gemini_outside(m, response);
}

static void
read_result(struct model *m, struct node *n)
{
	const struct gemini_tool *t = n->priv;
	struct json_val response = json_get(t->result, "response"), part, v;
	struct json_iter it;
	bool error;

	if (response.type != JSON_OBJECT)
		return;
	json_iter(&it, json_get(response, "responseParts"));
	while (n->val[FACT_OUTPUT].type == JSON_NONE &&
	    json_next_elem(&it, &part)) {
		v = json_path(part, "functionResponse", "response", NULL);
		if (v.type != JSON_OBJECT)
			continue;
		n->val[FACT_OUTPUT] = told(m, v, &error);
		if (error)
			gemini_keep(&n->val[FACT_ERROR], n->val[FACT_OUTPUT]);
	}
	gemini_keep(&n->val[FACT_ERROR_TYPE], json_get(response, "errorType"));
	if (n->val[FACT_METADATA].type == JSON_NONE)
		n->val[FACT_METADATA] = gemini_outside(m,
		    json_get(response, "data"));
}

/* Policy or the user said no; that is no failure of the tool. */
static bool
refused(const struct node *n)
{
	static const char *const why[] = { "policy_violation",
	    "execution_denied", "cancelled", "user_cancelled" };
	const struct gemini_tool *t = n->priv;

	for (size_t i = 0; i < sizeof(why) / sizeof(why[0]); i++)
		if (json_str_is(n->val[FACT_ERROR_TYPE], why[i]))
			return true;
	return json_str_is(n->val[FACT_DECISION], "reject") ||
	    json_str_is(json_get(t->result, "status"), "cancelled");
}

static void
outcome(struct model *m, struct node *n)
{
	const struct gemini_tool *t = n->priv;
	struct json_val data = gemini_inside(m, n->val[FACT_METADATA]);
	bool ok, bad;

	if (json_bool(n->val[FACT_SUCCESS], &ok) == -1) {
		if (t->result.type == JSON_NONE && n->native == NULL) {
			n->outcome = OUTCOME_PENDING;
			return;
		}
		ok = !json_str_is(json_get(t->result, "status"), "error") &&
		    !json_str_is(json_get(t->result, "status"), "cancelled");
	}
	if (json_int(json_get(data, "exitCode"), &n->exit_code) == -1)
		n->exit_code = -1;
	if (!ok) {
		n->message = n->val[FACT_ERROR];
		n->error_type = "tool_error";
		n->outcome = refused(n) ? OUTCOME_WARNING : OUTCOME_ERROR;
	} else if (n->exit_code > 0 ||
	    (json_bool(json_get(data, "isError"), &bad) == 0 && bad)) {
		/* The tool worked; the command it ran did not. */
		n->outcome = OUTCOME_WARNING;
		n->error_type = "tool_error";
	}
}

static void
times(struct node *n)
{
	int64_t ms;

	if (n->native != NULL) {
		n->start = n->native->start;
		n->end = n->native->end;
	} else if (n->log != NULL) {
		n->start = n->end = n->log->end;
		if (json_int(n->val[FACT_DURATION_MS], &ms) == 0 && ms > 0)
			n->start -= (uint64_t)ms * CLOCK_MS;
	}
}

/* By the answer that asked, its id, or the latest call before it. */
static void
place_tool(struct gemini *g, struct node *n)
{
	const struct gemini_tool *t = n->priv;
	struct gemini_call *best = NULL;

	for (size_t i = 0; n->parent == NULL && i < g->ncall; i++) {
		struct gemini_call *c = g->call[i];

		if (c->n->start > n->start)
			break;
		if (json_equal(c->n->val[FACT_RESPONSE_ID], t->owner))
			best = c;
	}
	for (size_t i = 0; n->parent == NULL && best == NULL &&
	    i < g->ncall; i++) {
		struct gemini_call *c = g->call[g->ncall - 1 - i];

		if (c->n->start <= n->start && c->n->purpose == NULL &&
		    c->n->outcome != OUTCOME_ERROR &&
		    gemini_same_thread(c->thread, t->thread)) {
			best = c;
			n->inferred = true;
		}
	}
	if (best != NULL)
		n->parent = best->n;
	if (n->parent == NULL) {
		n->parent = gemini_turn_of(g, n->native != NULL ? n->native :
		    n->log);
		n->inferred = true;
	}
}

void
gemini_finish_tool(struct gemini *g, struct node *n)
{
	const struct gemini_tool *t = n->priv;

	mcp_name(g->m, n);
	read_result(g->m, n);
	outcome(g->m, n);
	times(n);
	if (n->parent == NULL && (n->native != NULL || n->log != NULL))
		place_tool(g, n);
	n->val[FACT_THREAD] = t->thread;
	/* Without content only the log tells how it ended. */
	n->complete = n->outcome != OUTCOME_PENDING && n->log != NULL &&
	    (n->native != NULL || !g->m->group->has_trace);
}


#include "import/pick.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/opt.h"
#include "record/rtime.h"

static bool
project_is(const struct model *m, const char *name)
{
	const struct node *n;
	struct json_val v;

	TAILQ_FOREACH(n, &m->nodes, link) {
		v = json_get(n->resource, "project.name");
		if (v.type == JSON_STRING)
			return json_str_is(v, name);
	}
	return false;
}

bool
pick_turn(const struct pick_rules *p, const struct model *m)
{
	const struct node *n;
	uint64_t begun = 0;

	if (p->project != NULL && !project_is(m, p->project))
		return false;
	if (p->since == 0 && p->until == 0)
		return true;
	TAILQ_FOREACH(n, &m->nodes, link)
		if (n->kind == NODE_TURN && n->start != 0)
			begun = n->start;
	return begun >= p->since && (p->until == 0 || begun < p->until);
}

/* All that may still change in a span once it was written. */
static uint64_t
print_of(const struct node *n)
{
	const struct usage *u = &n->usage;
	int64_t number[] = { (int64_t)n->start, (int64_t)n->end, u->input,
	    u->output, u->cache_read, u->write, u->write_1h, u->reasoning,
	    (int64_t)n->outcome, n->incomplete,
	    (int64_t)n->val[FACT_OUTPUT].n, (int64_t)n->val[FACT_TEXT].n,
	    (int64_t)n->nprompt, n->attempts };
	uint64_t h = once_hash(0, n->root->trace, TRACE_ID_LEN);

	h = once_hash(h, n->span, SPAN_ID_LEN);
	return once_hash(h, number, sizeof(number));
}

/* More of it is still to come. */
static bool
may_change(const struct node *n)
{
	if (n->waits)
		return true;
	if (n->kind == NODE_CALL)
		return n->outcome == OUTCOME_OK && n->root->incomplete &&
		    n == n->root->last_call &&
		    n->val[FACT_STOP].type == JSON_NONE;
	return n->incomplete;
}

int
pick_span(struct pick_rules *p, const struct node *n)
{
	uint64_t print;
	int res;

	if (p->young && may_change(n)) {
		p->waits = true;
		return 0;
	}
	if (p->written != NULL) {
		print = print_of(n);
		res = once_put(p->written, print, 0);
		if (res == -1)
			return -1;
		if (res != 0) {
			p->known++;
			return 0;
		}
		if (p->news != NULL)
			buf_add(p->news, &print, sizeof(print));
		if (p->news != NULL && p->news->err != 0)
			return -1;
	}
	p->spans++;
	return 1;
}

/* ---- times as people write them ----------------------------------------------------- */

static int
local_time(const char *s, bool end, uint64_t *ns)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *rest = strptime(s, "%Y-%m-%d", &tm);
	bool day;
	time_t t;

	if (rest == NULL)
		return -1;
	day = *rest == '\0';
	if (!day) {
		if (*rest != ' ' && *rest != 'T')
			return -1;
		s = rest + 1;
		rest = strptime(s, "%H:%M:%S", &tm);
		if (rest == NULL)
			rest = strptime(s, "%H:%M", &tm);
		if (rest == NULL || *rest != '\0')
			return -1;
	}
	tm.tm_isdst = -1;
	tm.tm_mday += day && end;
	t = mktime(&tm);
	if (t < 0)
		return -1;
	*ns = (uint64_t)t * CLOCK_S;
	return 0;
}

/* Midnight, so many days from today. */
static uint64_t
midnight(uint64_t now, int days)
{
	time_t t = (time_t)(now / CLOCK_S);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return now;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	tm.tm_isdst = -1;
	t = mktime(&tm);
	return t < 0 ? now : (uint64_t)t * CLOCK_S;
}

int
pick_time(const char *s, bool end, uint64_t now, uint64_t *ns, struct err *e)
{
	int64_t ago;

	if (strcmp(s, "today") == 0)
		*ns = midnight(now, end);
	else if (strcmp(s, "yesterday") == 0)
		*ns = midnight(now, end ? 0 : -1);
	else if (rtime_parse(s, strlen(s), ns) == 0 ||
	    local_time(s, end, ns) == 0)
		return 0;
	else if (opt_duration(s, &ago) == 0 && (uint64_t)ago < now)
		*ns = now - (uint64_t)ago;
	else
		return err_set(e, "no time: '%s'", s);
	return 0;
}

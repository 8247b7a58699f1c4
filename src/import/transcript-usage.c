/*
 * Tokens of Claude Code. An answer's lines repeat its whole usage; those that
 * `claude -p` prints do so before the answer has ended, so that of its output
 * only the beginning is counted: the totals that are printed last tell the
 * rest.
 */
#include <string.h>

#include "import/import.h"
#include "import/transcript.h"

enum { U_INPUT, U_READ, U_WRITE, U_OUTPUT, U_LIVES, U_SPEED, U_TIER,
    U_COUNT_ };

static const struct json_name names[] = {
	[U_INPUT] = JSON_NAME("input_tokens"),
	[U_READ] = JSON_NAME("cache_read_input_tokens"),
	[U_WRITE] = JSON_NAME("cache_creation_input_tokens"),
	[U_OUTPUT] = JSON_NAME("output_tokens"),
	[U_LIVES] = JSON_NAME("cache_creation"),
	[U_SPEED] = JSON_NAME("speed"),
	[U_TIER] = JSON_NAME("service_tier"),
};

static int64_t
number(struct json_val v)
{
	int64_t n;

	return json_int(v, &n) == 0 && n >= 0 ? n : 0;
}

void
transcript_lives(struct usage *u, const struct tr_counts *c)
{
	/* They count only if they are all that was written. */
	u->split = (c->five.type != JSON_NONE || c->hour.type != JSON_NONE) &&
	    u->write_5m + u->write_1h == u->write;
}

void
transcript_counts(struct tr_counts *c, struct json_val v)
{
	static const struct json_name life[] = {
	    JSON_NAME("ephemeral_5m_input_tokens"),
	    JSON_NAME("ephemeral_1h_input_tokens") };
	struct json_val got[U_COUNT_], part[2];

	json_get_all(v, names, got, U_COUNT_);
	json_get_all(got[U_LIVES], life, part, 2);
	*c = (struct tr_counts){ .input = got[U_INPUT], .read = got[U_READ],
	    .write = got[U_WRITE], .five = part[0], .hour = part[1],
	    .output = got[U_OUTPUT], .speed = got[U_SPEED],
	    .tier = got[U_TIER] };
}

static void
read_counts(struct usage *u, const struct tr_counts *c)
{
	memset(u, 0, sizeof(*u));
	u->known = true;
	u->fold = true;		/* thinking is part of Claude's output */
	u->input = number(c->input);
	u->cache_read = number(c->read);
	u->write = number(c->write);
	u->write_5m = number(c->five);
	u->write_1h = number(c->hour);
	u->output = number(c->output);
	transcript_lives(u, c);
}

void
transcript_usage(struct tr_usage *to, struct json_val v)
{
	struct tr_counts c;

	transcript_counts(&c, v);
	read_counts(&to->count, &c);
	to->speed = c.speed;
	to->tier = c.tier;
}

static void
total_of(struct usage *u, struct json_val v)
{
	const struct tr_counts c = {
	    .input = json_get(v, "inputTokens"),
	    .read = json_get(v, "cacheReadInputTokens"),
	    .write = json_get(v, "cacheCreationInputTokens"),
	    .five = json_get(v, "cacheCreationEphemeral5mInputTokens"),
	    .hour = json_get(v, "cacheCreationEphemeral1hInputTokens"),
	    .output = json_get(v, "outputTokens") };

	read_counts(u, &c);
}

static int64_t
less(int64_t a, int64_t b)
{
	return a > b ? a - b : 0;
}

static bool
same_model(struct json_val a, const struct json_member *m)
{
	return a.type == JSON_STRING && a.n == m->klen + 2 &&
	    memcmp(a.p + 1, m->key, m->klen) == 0;
}

/* What the calls of the model leave of its total; the last of them. */
static struct tr_call *
take_away(struct tr_session *s, const struct json_member *m,
    struct usage *rest)
{
	struct tr_call *c, *last = NULL;

	STAILQ_FOREACH(c, &s->calls, next) {
		const struct usage *u = &c->usage;

		if (!u->known || !same_model(c->model, m))
			continue;
		rest->input = less(rest->input, u->input);
		rest->cache_read = less(rest->cache_read, u->cache_read);
		rest->write = less(rest->write, u->write);
		rest->write_5m = less(rest->write_5m, u->write_5m);
		rest->write_1h = less(rest->write_1h, u->write_1h);
		rest->output = less(rest->output, u->output);
		if (c->partial)
			last = c;
	}
	return last;
}

static void
rest_call(struct tr_session *s, const struct json_member *m,
    const struct usage *rest)
{
	struct tr_call *c = transcript_get(s, sizeof(*c));

	if (c == NULL)
		return;
	STAILQ_INIT(&c->texts);
	c->thread = &s->main;
	c->turn = s->main.turn;
	/* The name, with the quotes around it. */
	c->model = (struct json_val){ m->key - 1, m->klen + 2, JSON_STRING };
	c->id = c->model;
	c->usage = *rest;
	c->end = s->when;
	c->began = s->when > s->took ? s->when - s->took : s->when;
	c->guess = "calls";
	if (STAILQ_EMPTY(&s->calls))
		c->cost = json_get(m->val, "costUSD");
	STAILQ_INSERT_TAIL(&s->calls, c, next);
}

void
transcript_rest(struct tr_session *s)
{
	struct json_member m;
	struct json_iter it;
	struct usage rest;
	struct tr_call *c;

	if (s->models.type != JSON_OBJECT || s->main.turn == NULL)
		return;
	json_iter(&it, s->models);
	while (json_next_member(&it, &m)) {
		total_of(&rest, m.val);
		c = take_away(s, &m, &rest);
		if (c != NULL && rest.output > 0) {
			c->usage.output += rest.output;
			rest.output = 0;
		}
		rest.split = rest.split && rest.write_5m + rest.write_1h ==
		    rest.write;
		if (usage_total(&rest) > 0)
			rest_call(s, &m, &rest);
	}
	STAILQ_FOREACH(c, &s->calls, next)
		if (c->partial && c->guess == NULL)
			c->guess = "output_tokens";
}

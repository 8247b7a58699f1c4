/* Groups: found by any key, merged, remembered; and the arithmetic of usage. */
#include "agent/store.h"

#include <stdlib.h>

#include "agent/claude.h"
#include "agent/codex.h"
#include "agent/gemini.h"
#include "agent/opencode.h"
#include "agent/usage.h"
#include "tests/unit/tap.h"

static const struct agent agent_a = { .name = "a" };
static const struct agent agent_b = { .name = "b" };

static struct json_val
str(const char *s)
{
	return (struct json_val){ s, strlen(s), JSON_STRING };
}

static struct group *
group(struct store *st, struct session *s, const char *turn,
    const char *trace)
{
	struct key_part key[2];
	size_t n = 0;

	if (turn != NULL)
		key[n++] = (struct key_part){ 'p', str(turn) };
	if (trace != NULL)
		key[n++] = (struct key_part){ 'T', str(trace) };
	return store_group(st, s, key, n);
}

static void
test_groups(void)
{
	struct store st;
	struct session *s, *s2;
	struct group *p, *t;

	store_init(&st);
	s = store_session(&st, &agent_a, str("\"s\""));
	s2 = store_session(&st, &agent_a, str("\"s2\""));
	ok(s == store_session(&st, &agent_a, str("\"s\"")), "one session");
	ok(s != store_session(&st, &agent_b, str("\"s\"")),
	    "of each agent");
	p = group(&st, s, "\"p\"", NULL);
	ok(p == group(&st, s, "\"p\"", NULL), "found by its turn");
	ok(p != group(&st, s2, "\"p\"", NULL),
	    "the same turn id in another session is another turn");
	t = group(&st, s, NULL, "\"t\"");
	ok(t != p, "a trace of its own");
	is_int((intmax_t)st.nopen, 3, "three are open");
	p->begun = 7;
	t->begun = 3;
	t->has_trace = true;
	is_int(store_written(t, 42, "0123456789abcdef"), 0, "one has written");
	p = group(&st, s, "\"p\"", "\"t\"");
	is_int((intmax_t)st.nopen, 2, "until a record carries both keys");
	ok(p == group(&st, s, NULL, "\"t\""), "then they are one");
	ok(store_find_written(p, 42) != NULL, "what was written stays so");
	ok(p->begun == 3 && p->has_trace, "and what was known");
	store_finish(&st, p, 10);
	is_int((intmax_t)st.nopen, 1, "finished");
	ok(p == group(&st, s, "\"p\"", NULL) && p->done, "but remembered");
	/* The session goes with its last group. */
	store_finish(&st, p, 0);
	s = store_session(&st, &agent_a, str("\"s\""));
	ok(group(&st, s, "\"p\"", NULL)->nwritten == 0,
	    "until there are too many");
	store_fini(&st);
}

static void
test_links(void)
{
	struct store st;
	struct session *s;
	struct json_val none = { NULL, 0, JSON_NONE };

	store_init(&st);
	s = store_session(&st, &agent_a, str("\"s\""));
	is_int(store_link(s, str("\"th\""), str("\"tool\""), none, false), 0,
	    "a link");
	is_int(store_link(s, str("\"th\""), str("\"other\""), none, true), 0,
	    "told again");
	is_mem(store_find_link(s, str("\"th\""))->tool.p, 6, "\"tool\"", 6,
	    "the first counts");
	ok(store_find_link(s, str("\"t\"")) == NULL, "no other thread");
	store_fini(&st);
}

/* Numbers of a recorded call: 12 + 8192 + 2048 in, 87 out. */
static void
test_usage(void)
{
	struct usage u = { .known = true, .fold = true, .split = true,
	    .input = 12, .cache_read = 8192, .write = 2048, .write_5m = 1024,
	    .write_1h = 1024, .output = 80, .reasoning = 7 };
	struct buf b = { 0 };

	is_int(usage_input(&u), 10252, "input includes what was cached");
	is_int(usage_output(&u), 87, "output includes reasoning");
	is_int(usage_total(&u), 10339, "total");
	usage_details(&b, &u);
	is_str(buf_cstr(&b), "{\"input\":12,\"input_cached_tokens\":8192,"
	    "\"input_cache_creation_5m\":1024,"
	    "\"input_cache_creation_1h\":1024,\"output\":87,"
	    "\"total\":10339}", "disjoint buckets, reasoning folded");
	u.fold = u.split = false;
	u.tool = 5;
	buf_reset(&b);
	usage_details(&b, &u);
	is_str(buf_cstr(&b), "{\"input\":12,\"input_cached_tokens\":8192,"
	    "\"input_cache_creation\":2048,\"input_tool_tokens\":5,"
	    "\"output\":80,\"output_reasoning_tokens\":7,\"total\":10344}",
	    "and apart");
	buf_fini(&b);
}

/* Tables are searched by halves, so they must be sorted. */
static void
test_tables(void)
{
	const struct agent *const all[] = { &agent_claude, &agent_codex,
	    &agent_gemini, &agent_opencode };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct agent *a = all[i];
		const char *bad = NULL;

		for (size_t j = 1; j < a->nmap; j++)
			if (strcmp(a->map[j - 1].key, a->map[j].key) >= 0)
				bad = a->map[j].key;
		ok(bad == NULL, "%s: facts are sorted: %s", a->name,
		    bad != NULL ? bad : "yes");
		bad = NULL;
		for (size_t j = 1; j < a->nknown; j++)
			if (strcmp(a->known[j - 1], a->known[j]) >= 0)
				bad = a->known[j];
		ok(bad == NULL, "%s: known names are sorted: %s", a->name,
		    bad != NULL ? bad : "yes");
	}
}

int
main(void)
{
	test_tables();
	test_groups();
	test_links();
	test_usage();
	return done_testing();
}

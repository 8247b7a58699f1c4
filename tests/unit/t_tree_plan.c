/* view/store and view/plan: the tree of awkward traces. */
#include "tap.h"

#include <stdlib.h>

#include "view/plan.h"

#define T1	"11111111111111111111111111111111"
#define T2	"22222222222222222222222222222222"

static struct store store;
static struct record rec;

static void
take(int64_t now, const char *line)
{
	const char *why;

	if (record_index(&rec, line, strlen(line), &why) == -1)
		ok(false, "%s: %s", line, why);
	if (store_put(&store, &rec, now) == -1)
		ok(false, "memory");
}

/* A span of a second; a parent of 0 is none. */
static void
span(const char *trace, unsigned id, unsigned parent, unsigned second,
    const char *attributes)
{
	char line[600], up[64] = "";

	if (parent != 0)
		snprintf(up, sizeof(up), "\"parent_span_id\":\"%016x\",",
		    parent);
	snprintf(line, sizeof(line), "{\"record\":\"span\",\"trace_id\":\"%s\","
	    "\"span_id\":\"%016x\",%s\"name\":\"s%u\","
	    "\"start_time\":\"2026-11-21T00:00:%02u.000000000Z\","
	    "\"end_time\":\"2026-11-21T00:00:%02u.000000000Z\","
	    "\"attributes\":{%s}}", trace, id, up, id, second, second + 1,
	    attributes);
	take(second, line);
}

/* The order as "id/depth" words, with o orphan, l late, c cycle. */
static void
order(struct trace *t, const char *want, const char *name)
{
	static const char mark[] = { [NODE_CHILD] = 0, [NODE_ORPHAN] = 'o',
	    [NODE_LATER] = 'l', [NODE_CYCLE] = 'c' };
	struct buf b = { 0 };
	struct plan p;

	if (!ok(plan_make(&p, t) == 0, "%s: planned", name))
		return;
	for (size_t i = 0; i < p.n; i++) {
		const struct node *n = p.seq[i];

		buf_addf(&b, "%s%x/%d", i > 0 ? " " : "", (unsigned)n->id,
		    (int)n->depth);
		if (mark[n->place] != 0)
			buf_addc(&b, mark[n->place]);
	}
	is_str(buf_cstr(&b), want, name);
	buf_fini(&b);
	plan_fini(&p);
}

static struct trace *
only(void)
{
	return store_oldest(&store);
}

static void
fresh(void)
{
	store_fini(&store);
	store_init(&store, 1 << 20, false);
}

static void
shapes(void)
{
	span(T1, 4, 1, 4, "");
	span(T1, 3, 2, 3, "");
	span(T1, 2, 1, 2, "");
	span(T1, 1, 0, 1, "");
	order(only(), "1/0 2/1 3/2 4/1", "children by start, below parents");
	fresh();
	span(T1, 2, 9, 1, "");
	span(T1, 3, 2, 2, "");
	span(T1, 1, 0, 3, "");
	order(only(), "1/0 2/0o 3/1", "an orphan comes behind the root");
	fresh();
	span(T1, 5, 5, 1, "");
	order(only(), "5/0c", "its own parent");
	fresh();
	span(T1, 1, 3, 3, "");
	span(T1, 2, 1, 1, "");
	span(T1, 3, 2, 2, "");
	span(T1, 7, 1, 4, "");
	order(only(), "2/0c 3/1 1/2 7/3", "a cycle is cut at its first");
	fresh();
	span(T1, 8, 7, 9, "");
	span(T1, 7, 6, 8, "");
	span(T1, 6, 7, 7, "");
	span(T1, 1, 0, 1, "");
	order(only(), "1/0 6/0c 7/1 8/2", "a tail that hangs on a cycle");
	fresh();
	span(T1, 2, 1, 2, "");
	span(T1, 1, 0, 1, "");
	span(T1, 2, 0, 0, "");
	order(only(), "2/0 1/0", "the last of two with one id counts");
	is_int((intmax_t)store.twins, 1, "and the other is counted");
}

static void
sums(void)
{
	static const char call[] = "\"langfuse.observation.type\":"
	    "\"generation\",\"gen_ai.usage.input_tokens\":10,"
	    "\"gen_ai.usage.output_tokens\":1,\"gen_ai.usage.cost\":0.1";
	static const char agent[] = "\"langfuse.observation.type\":\"agent\","
	    "\"gen_ai.usage.input_tokens\":20,"
	    "\"gen_ai.usage.output_tokens\":2,\"gen_ai.usage.cost\":0.2";
	struct buf b = { 0 };
	struct plan p;

	fresh();
	span(T1, 1, 0, 1, agent);
	span(T1, 2, 1, 2, call);
	span(T1, 3, 2, 3, call);
	span(T1, 4, 3, 4, "\"langfuse.observation.type\":\"generation\","
	    "\"langfuse.observation.usage_details\":\"{\\\"input\\\":5,"
	    "\\\"input_cached_tokens\\\":7,\\\"output\\\":1,"
	    "\\\"output_reasoning_tokens\\\":2,\\\"total\\\":15}\"");
	if (!ok(plan_make(&p, only()) == 0, "planned"))
		return;
	is_int((intmax_t)p.tally.sum.in, 32, "roll-ups are not counted");
	is_int((intmax_t)p.tally.sum.cached, 7, "cached tokens");
	is_int((intmax_t)p.tally.sum.out, 5, "output tokens");
	is_int((intmax_t)p.tally.sum.unpriced, 1, "one has no price");
	money_put(&b, p.tally.sum.cost, false);
	is_str(buf_cstr(&b), "0.2", "0.1 + 0.1 is 0.2");
	buf_fini(&b);
	plan_fini(&p);
}

/* Ten times a tenth, which doubles do not add up to 1. */
static void
exact(void)
{
	struct buf b = { 0 };
	struct plan p;

	fresh();
	for (unsigned i = 1; i <= 10; i++)
		span(T1, i, 0, i, "\"langfuse.observation.type\":"
		    "\"generation\",\"langfuse.observation.cost_details\":"
		    "\"{\\\"total\\\":1e-1}\"");
	if (!ok(plan_make(&p, only()) == 0, "planned"))
		return;
	money_put(&b, p.tally.sum.cost, false);
	is_str(buf_cstr(&b), "1", "ten times 0.1 is 1");
	buf_fini(&b);
	plan_fini(&p);
}

static void
waiting(void)
{
	struct text name = { "first", 5 };
	struct trace *t;
	int64_t next;

	fresh();
	span(T1, 2, 1, 1, "");
	span(T2, 1, 0, 5, "");
	ok(store_due(&store, 9, 10, 100, &next) == NULL, "none is due yet");
	is_int(next, 15, "the rooted one will be first");
	ok(store_due(&store, 15, 10, 100, &next) != NULL &&
	    store_due(&store, 15, 10, 100, &next)->rooted, "the rooted one");
	t = store_due(&store, 15, 10, 100, &next);
	store_printed(&store, t, &name);
	ok(store_due(&store, 100, 10, 100, &next) == NULL, "the other waits");
	is_int(next, 101, "longer");
	span(T2, 1, 0, 20, "");
	is_int((intmax_t)store.twins, 1, "a span printed before is a twin");
	is_int((intmax_t)store.ntraces, 1, "and makes no trace");
	span(T2, 3, 1, 21, "");
	t = store_due(&store, 31, 10, 100, &next);
	if (ok(t != NULL && t->past != NULL, "a late one is a continuation"))
		order(t, "3/0l", "below a span that was printed");
	fresh();
	span(T1, 1, 0, 1, "");
	ok(!store_full(&store), "a span is not too much");
	store.max = 100;
	ok(store_full(&store), "unless the ceiling is very low");
	take(1, "{\"record\":\"span\",\"name\":\"x\"}");
	is_int((intmax_t)store.no_id, 1, "a span without ids is counted");
}

int
main(void)
{
	store_init(&store, 1 << 20, false);
	shapes();
	sums();
	exact();
	waiting();
	store_fini(&store);
	record_fini(&rec);
	return done_testing();
}

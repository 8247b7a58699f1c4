#include "agent/usage.h"

#include "json/write.h"

/* Counts are what clients say: what does not fit stops at the largest. */
static int64_t
plus(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t
usage_input(const struct usage *u)
{
	return plus(plus(u->input, u->cache_read), plus(u->write, u->tool));
}

int64_t
usage_output(const struct usage *u)
{
	return plus(u->output, u->reasoning);
}

int64_t
usage_total(const struct usage *u)
{
	return plus(usage_input(u), usage_output(u));
}

static void
part(struct usage_part *out, size_t *n, const char *name, int64_t count)
{
	out[(*n)++] = (struct usage_part){ name, count };
}

static void
maybe(struct usage_part *out, size_t *n, const char *name, int64_t count)
{
	if (count > 0)
		part(out, n, name, count);
}

size_t
usage_parts(const struct usage *u, struct usage_part out[USAGE_PARTS])
{
	size_t n = 0;

	part(out, &n, "input", u->input);
	maybe(out, &n, "input_cached_tokens", u->cache_read);
	if (u->split) {
		maybe(out, &n, "input_cache_creation_5m", u->write_5m);
		maybe(out, &n, "input_cache_creation_1h", u->write_1h);
	} else
		maybe(out, &n, "input_cache_creation", u->write);
	maybe(out, &n, "input_tool_tokens", u->tool);
	part(out, &n, "output", u->fold ? usage_output(u) : u->output);
	if (!u->fold)
		maybe(out, &n, "output_reasoning_tokens", u->reasoning);
	return n;
}

void
usage_details(struct buf *b, const struct usage *u)
{
	struct usage_part p[USAGE_PARTS];
	size_t n = usage_parts(u, p);

	buf_addc(b, '{');
	for (size_t i = 0; i < n; i++) {
		json_put_key(b, p[i].name);
		json_put_int(b, p[i].count);
	}
	json_put_key(b, "total");
	json_put_int(b, usage_total(u));
	buf_addc(b, '}');
}

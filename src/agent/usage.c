#include "agent/usage.h"

#include "json/write.h"

int64_t
usage_input(const struct usage *u)
{
	return u->input + u->cache_read + u->write + u->tool;
}

int64_t
usage_output(const struct usage *u)
{
	return u->output + u->reasoning;
}

int64_t
usage_total(const struct usage *u)
{
	return usage_input(u) + usage_output(u);
}

static void
bucket(struct buf *b, const char *name, int64_t n)
{
	json_put_key(b, name);
	json_put_int(b, n);
}

static void
maybe(struct buf *b, const char *name, int64_t n)
{
	if (n > 0)
		bucket(b, name, n);
}

void
usage_details(struct buf *b, const struct usage *u)
{
	buf_addc(b, '{');
	bucket(b, "input", u->input);
	maybe(b, "input_cached_tokens", u->cache_read);
	if (u->split) {
		maybe(b, "input_cache_creation_5m", u->write_5m);
		maybe(b, "input_cache_creation_1h", u->write_1h);
	} else
		maybe(b, "input_cache_creation", u->write);
	maybe(b, "input_tool_tokens", u->tool);
	bucket(b, "output", u->fold ? usage_output(u) : u->output);
	if (!u->fold)
		maybe(b, "output_reasoning_tokens", u->reasoning);
	bucket(b, "total", usage_total(u));
	buf_addc(b, '}');
}

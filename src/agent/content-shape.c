/* Other shapes of content: cut to a length, OpenTelemetry's parts. */
#include <string.h>

#include "agent/content.h"
#include "base/utf8.h"
#include "json/write.h"

/* ---- cutting ------------------------------------------------------------------------ */

void
content_cut_text(const char *text, size_t n, size_t max, struct buf *b)
{
	size_t keep;

	if (max == 0 || n <= max) {
		buf_add(b, text, n);
		return;
	}
	keep = utf8_cut(text, n, max);
	buf_add(b, text, keep);
	buf_addf(b, "... [%zu of %zu bytes]", keep, n);
}

static void
cut_string(struct json_val v, size_t max, struct buf *b, struct buf *scratch)
{
	struct buf cut = { 0 };
	const char *p;
	size_t n;

	if (v.n - 2 <= max) {
		buf_add(b, v.p, v.n);
		return;
	}
	buf_reset(scratch);
	p = json_str(v, scratch, &n);
	if (p == NULL)
		p = "";
	content_cut_text(p, n, max, &cut);
	(void)json_put_str(b, cut.p != NULL ? cut.p : "", cut.n);
	if (cut.err != 0)
		b->err = cut.err;
	buf_fini(&cut);
}

/*
 * Strings that are values are cut, names never. A string is a name when a
 * colon follows it.
 */
void
content_cut(const char *text, size_t n, size_t max, struct buf *b)
{
	const char *p = text, *end = text + n, *q, *why;
	struct buf scratch = { 0 };
	bool esc = false;

	if (max == 0) {
		buf_add(b, text, n);
		return;
	}
	while (p < end) {
		q = memchr(p, '"', (size_t)(end - p));
		if (q == NULL)
			break;
		buf_add(b, p, (size_t)(q - p));
		p = json_string_end(q + 1, end, &esc, &why);
		if (p == NULL) {	/* no JSON: leave it */
			p = q;
			break;
		}
		p++;
		if (json_ws(p, end) < end && *json_ws(p, end) == ':')
			buf_add(b, q, (size_t)(p - q));
		else
			cut_string((struct json_val){ q, (size_t)(p - q),
			    JSON_STRING }, max, b, &scratch);
	}
	buf_add(b, p, (size_t)(end - p));
	buf_fini(&scratch);
}

/* ---- OpenTelemetry's parts ----------------------------------------------------------- */

static void
member(struct buf *b, const char *name, struct json_val v)
{
	if (v.type == JSON_NONE)
		return;
	json_put_key(b, name);
	buf_add(b, v.p, v.n);
}

/* One block of Anthropic content as a part. */
static void
put_part(struct json_val block, struct buf *b)
{
	struct json_val type = json_get(block, "type");

	buf_addc(b, '{');
	if (json_str_is(type, "text")) {
		buf_adds(b, "\"type\":\"text\"");
		member(b, "content", json_get(block, "text"));
	} else if (json_str_is(type, "thinking")) {
		buf_adds(b, "\"type\":\"reasoning\"");
		member(b, "content", json_get(block, "thinking"));
	} else if (json_str_is(type, "tool_use")) {
		buf_adds(b, "\"type\":\"tool_call\"");
		member(b, "id", json_get(block, "id"));
		member(b, "name", json_get(block, "name"));
		member(b, "arguments", json_get(block, "input"));
	} else if (json_str_is(type, "tool_result")) {
		buf_adds(b, "\"type\":\"tool_call_response\"");
		member(b, "id", json_get(block, "tool_use_id"));
		member(b, "response", json_get(block, "content"));
	} else
		member(b, "type", type);
	buf_addc(b, '}');
}

static void
put_message(struct json_val message, const char *finish, struct buf *b)
{
	struct json_val content = json_get(message, "content"), block;
	struct json_iter it;
	bool first = true;

	buf_addc(b, '{');
	member(b, "role", json_get(message, "role"));
	json_put_key(b, "parts");
	buf_addc(b, '[');
	if (content.type == JSON_STRING) {
		buf_adds(b, "{\"type\":\"text\",\"content\":");
		buf_add(b, content.p, content.n);
		buf_addc(b, '}');
	}
	json_iter(&it, content);
	while (content.type == JSON_ARRAY && json_next_elem(&it, &block)) {
		if (!first)
			buf_addc(b, ',');
		first = false;
		put_part(block, b);
	}
	buf_addc(b, ']');
	if (finish != NULL) {
		json_put_key(b, "finish_reason");
		(void)json_put_cstr(b, finish);
	}
	buf_addc(b, '}');
}

int
content_parts(const char *text, size_t n, const char *finish, struct buf *b)
{
	struct json_val v, message;
	struct json_iter it;
	const char *why;
	bool first = true;

	if (!json_parse(text, n, &v, &why))
		return -1;
	buf_addc(b, '[');
	if (v.type == JSON_OBJECT)
		put_message(v, finish, b);
	json_iter(&it, v);
	while (v.type == JSON_ARRAY && json_next_elem(&it, &message)) {
		if (!first)
			buf_addc(b, ',');
		first = false;
		put_message(message, finish, b);
	}
	buf_addc(b, ']');
	return 0;
}

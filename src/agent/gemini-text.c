/* Small things about the JSON in Gemini CLI's strings, and its prompt ids. */
#include <string.h>

#include "agent/gemini-build.h"

const struct json_val gemini_none = { NULL, 0, JSON_NONE };

bool
gemini_same_thread(struct json_val a, struct json_val b)
{
	return json_equal(a, b) ||
	    (a.type == JSON_NONE && b.type == JSON_NONE);
}

void
gemini_keep(struct json_val *v, struct json_val said)
{
	if (v->type == JSON_NONE && said.type != JSON_NULL)
		*v = said;
}

struct json_val
gemini_inside(struct model *m, struct json_val s)
{
	struct json_val v = gemini_none;
	const char *why, *text;
	size_t n;

	text = model_text(m, s, &n);
	if (n == 0 || !json_parse(text, n, &v, &why))
		return gemini_none;
	return v;
}

struct json_val
gemini_outside(struct model *m, struct json_val v)
{
	if (v.type == JSON_NONE)
		return v;
	return model_string(m, v.p, v.n);
}

static const char *
skip(const char *p, const char *end, bool string)
{
	while (!string && p < end &&
	    (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

bool
gemini_same_json(const char *a, size_t an, const char *b, size_t bn)
{
	const char *aend = a + an, *bend = b + bn;
	bool string = false;

	for (;;) {
		a = skip(a, aend, string);
		b = skip(b, bend, string);
		if (a == aend || b == bend)
			return a == aend && b == bend;
		if (*a != *b)
			return false;
		if (*a == '"')
			string = !string;
		else if (string && *a == '\\') {
			if (++a == aend || ++b == bend || *a != *b)
				return false;
		}
		a++;
		b++;
	}
}

/*
 * A prompt of the user is "<session>########<n>", with -p the bare session;
 * a sub-agent's is "<its id>#<n>"; anything else names work of the CLI's own.
 */
enum gemini_scope
gemini_scope(struct model *m, struct json_val prompt, struct json_val *thread)
{
	static const char mark[] = "########";
	const struct session *s = m->session;
	const char *hash;

	*thread = gemini_none;
	if (prompt.type != JSON_STRING || prompt.n < 3)
		return SCOPE_NONE;
	if (prompt.n == s->n && memcmp(prompt.p, s->id, s->n) == 0)
		return SCOPE_HEADLESS;
	if (memmem(prompt.p, prompt.n, mark, sizeof(mark) - 1) != NULL)
		return SCOPE_PROMPT;
	hash = memchr(prompt.p, '#', prompt.n);
	if (hash == NULL || hash == prompt.p + 1)
		return SCOPE_ITSELF;
	*thread = model_string(m, prompt.p + 1,
	    (size_t)(hash - prompt.p) - 1);
	return SCOPE_THREAD;
}

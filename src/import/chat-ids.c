/*
 * What the ids of a chat's turns and calls are made from: the tokens of its
 * answers, or how much was asked in vain, as agent/gemini does it.
 */
#include "import/chat.h"

#include <string.h>

#include "agent/ident.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

static bool
tokens(const struct chat_message *m, int64_t *in, int64_t *out)
{
	struct json_val v = json_get(m->v, "tokens");

	return json_int(json_get(v, "input"), in) == 0 &&
	    json_int(json_get(v, "output"), out) == 0;
}

struct json_val
chat_call_ident(struct model *m, const struct chat_message *answer,
    struct json_val base)
{
	int64_t in, out;

	return tokens(answer, &in, &out) ? ident_answer(m, base, in, out, 1) :
	    none;
}

static bool
is_free(const struct chat *x, struct json_val ident)
{
	const struct chat_ident *i;

	STAILQ_FOREACH(i, &x->idents, next)
		if (json_equal(i->v, ident))
			return false;
	return true;
}

static bool
is_answer(const struct chat_message *m)
{
	return json_str_is(json_get(m->v, "type"), "gemini");
}

/* An answer whose tokens are not told leaves the turn the id of what was said. */
struct json_val
chat_turn_ident(struct chat *x, struct model *m,
    const struct chat_message *from, const struct chat_message *to)
{
	const struct chat_message *answer = from;
	struct json_val prompt = chat_prompt(x, from);
	struct chat_ident *i;
	bool any = false;
	int64_t in, out;
	unsigned number = 1;

	for (; answer != to && !tokens(answer, &in, &out);
	    answer = TAILQ_NEXT(answer, next))
		any |= is_answer(answer);
	if (answer == to && (any || prompt.type != JSON_STRING))
		return from->id;
	i = arena_get(&x->arena, sizeof(*i));
	if (i == NULL) {
		x->oom = true;
		return none;
	}
	do
		i->v = answer == to ? ident_prompt(m, x->id, prompt, number++) :
		    ident_answer(m, x->id, in, out, number++);
	while (!m->oom && !is_free(x, i->v));
	i->v.p = m->oom ? NULL : arena_copy(&x->arena, i->v.p, i->v.n);
	if (i->v.p == NULL) {
		x->oom = true;
		return none;
	}
	STAILQ_INSERT_TAIL(&x->idents, i, next);
	return i->v;
}

#include "agent/ident.h"

#include <string.h>

/* The text of base, the tail, which is freed, and the number. */
static struct json_val
made(struct model *m, struct json_val base, struct buf *tail, unsigned number)
{
	struct json_val v;
	struct buf s = { 0 };
	const char *p;
	size_t n;

	p = model_text(m, base, &n);
	buf_add(&s, p, n);
	buf_add(&s, tail->p != NULL ? tail->p : "", tail->n);
	if (number > 1)
		buf_addf(&s, " %u", number);
	v = model_string(m, s.p != NULL ? s.p : "", s.n);
	if (s.err != 0 || tail->err != 0)
		m->oom = true;
	buf_fini(&s);
	buf_fini(tail);
	return v;
}

struct json_val
ident_answer(struct model *m, struct json_val base, int64_t input,
    int64_t output, unsigned number)
{
	struct buf s = { 0 };

	buf_addf(&s, "#%lld>%lld", (long long)input, (long long)output);
	return made(m, base, &s, number);
}

/* Its length, not its hash: that would let ids tell whether a guess is right. */
struct json_val
ident_prompt(struct model *m, struct json_val base, struct json_val prompt,
    unsigned number)
{
	struct buf s = { 0 };
	size_t n;

	(void)model_text(m, prompt, &n);
	buf_addf(&s, "?%zu", n);
	return made(m, base, &s, number);
}

struct json_val
ident_of_written(const struct model *m, struct json_val key)
{
	const struct written_root *r = store_find_root(m->group,
	    model_hash(NODE_TURN, key) ^ m->salt);

	return r != NULL ? r->ident :
	    (struct json_val){ NULL, 0, JSON_NONE };
}

bool
ident_is_written(const struct model *m, struct json_val key,
    struct json_val ident)
{
	const struct group *g = m->group;
	uint64_t mine = model_hash(NODE_TURN, key) ^ m->salt;

	for (size_t i = 0; i < g->nroot; i++)
		if (g->root[i].key != mine &&
		    json_equal(g->root[i].ident, ident))
			return true;
	return false;
}

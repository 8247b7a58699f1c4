#include "redact/enter.h"

#include <string.h>

#include "record/ids.h"

/* Ids and times of the record itself: hex, or digits of a time. */
static bool
is_plain_id(const struct json_member *m)
{
	const char *p = m->val.p, *name = m->key + m->klen;
	size_t n = m->val.n;

	if (m->klen < 4 || (memcmp(name - 3, "_id", 3) != 0 &&
	    memcmp(name - 4, "time", 4) != 0))
		return false;
	for (size_t i = 1; i + 1 < n; i++)
		if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' &&
		    p[i] <= 'f') || p[i] == 'T' || p[i] == 'Z' ||
		    p[i] == ':' || p[i] == '-' || p[i] == '.'))
			return false;
	return n <= TRACE_ID_LEN + 2;
}

/* Is the member named like a secret? */
static void
judge_name(const struct walk *w, const struct json_member *m,
    const char *name, size_t n, struct spot *at)
{
	enum names_verdict verdict;

	if (at->scope != MATCH_ALL || w->matcher->named == NULL)
		return;
	verdict = names_look(&w->matcher->names, name, n);
	/* "token": as the text "token=value" would be judged. */
	at->named = verdict == NAMES_WEAK ? m->val.type == JSON_STRING &&
	    names_value(&w->matcher->names, NAMES_WEAK, m->val.p + 1,
	    m->val.n - 2) : verdict != NAMES_NO;
}

bool
enter_record(struct walk *w, const struct json_member *m, const char *p,
    struct spot *at)
{
	static const struct {
		const char	*name;
		size_t		 n;
		enum place	 place;
	} inside[] = {
		{ "attributes", 10, P_ATTRS }, { "resource", 8, P_ATTRS },
		{ "events", 6, P_PARTS }, { "links", 5, P_PARTS },
		{ "exemplars", 9, P_PARTS }, { "scope", 5, P_PARTS },
		{ "status", 6, P_PARTS }, { "dropped", 7, P_PARTS },
	};

	at->place = P_VALUE;
	/* "record" ends like "password", and stands in every line. */
	if (m->klen != 6 || memcmp(m->key, "record", 6) != 0)
		judge_name(w, m, m->key, m->klen, at);
	if (*p == '"') {
		if (is_plain_id(m))
			return false;
		at->content = w->drop_content && ((m->klen == 4 &&
		    (memcmp(m->key, "body", 4) == 0 || memcmp(m->key, "name",
		    4) == 0)) || (m->klen == 7 && memcmp(m->key, "message",
		    7) == 0));
		return true;
	}
	if (*p != '{' && *p != '[')
		return at->named;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (m->klen == inside[i].n && memcmp(m->key, inside[i].name,
		    inside[i].n) == 0)
			at->place = inside[i].place;
	at->content = w->drop_content && m->klen == 4 &&
	    memcmp(m->key, "body", 4) == 0;
	return true;
}

void
enter_value(struct walk *w, const struct json_member *m, struct spot *at,
    bool *drop)
{
	const char *name = m->key;
	size_t n = m->klen;
	unsigned bits;

	if (m->kesc) {
		struct json_val v = { m->key - 1, m->klen + 2, JSON_STRING };

		name = walk_says(w, v, &w->joined, &n);
		if (name == NULL)
			return;
	}
	if (at->place == P_ATTRS) {
		bits = policy_of(w->policy, name, n);
		*drop = (bits & POLICY_DROP) != 0;
		if ((bits & POLICY_KEEP) != 0) {
			at->scope = MATCH_KEYS;
			at->place = P_VALUE;
			return;
		}
		at->content = w->drop_content && (bits & POLICY_CONTENT) != 0;
	}
	at->place = P_VALUE;
	judge_name(w, m, name, n, at);
}

bool
enter_names_next(const struct walk *w, const struct json_member *m)
{
	return w->matcher->named != NULL && m->val.type == JSON_STRING &&
	    ((m->klen == 4 && memcmp(m->key, "name", 4) == 0) ||
	    (m->klen == 3 && memcmp(m->key, "key", 3) == 0)) &&
	    names_look(&w->matcher->names, m->val.p + 1, m->val.n - 2) >=
	    NAMES_YES;
}

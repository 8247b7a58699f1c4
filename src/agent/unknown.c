#include "agent/unknown.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

/* Counts the name; true when it is the first time. */
static bool
is_new(struct unknown *u, const char *name)
{
	size_t i;

	for (i = 0; i < u->n; i++)
		if (strcmp(u->row[i].name, name) == 0) {
			u->row[i].count++;
			return false;
		}
	if (i == UNKNOWN_MAX)
		return false;
	(void)strlcpy(u->row[i].name, name, sizeof(u->row[i].name));
	u->row[i].count = 1;
	u->n++;
	return true;
}

static void
count(struct unknown *u, const struct agent *a, const char *what,
    const char *name, size_t n)
{
	char key[sizeof(u->row[0].name)];

	(void)snprintf(key, sizeof(key), "%s: unknown %s '%.*s'", a->name,
	    what, (int)(n < 80 ? n : 80), name);
	if (is_new(u, key))
		log_warn("%s; passed on", key);
}

void
unknown_record(struct unknown *u, const struct agent *a,
    const struct record *r)
{
	const char *name = "";
	size_t n = a->event_name(r, &name);

	u->records++;
	count(u, a, r->kind == RECORD_SPAN ? "span" : "event", name, n);
}

/* Sorted names; one that ends in * stands for all that begin so. */
static bool
is_known(const struct agent *a, const char *key, size_t n)
{
	size_t lo = 0, hi = a->nknown;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2, len;
		const char *row = a->known[mid];
		bool prefix;
		int c;

		len = strlen(row);
		prefix = len > 0 && row[len - 1] == '*';
		len -= prefix;
		c = memcmp(key, row, n < len ? n : len);
		if (c == 0 && (n == len || (prefix && n > len)))
			return true;
		if (c < 0 || (c == 0 && n < len))
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

static bool
is_the_users(const struct record *r, const struct json_member *m)
{
	struct json_iter it;
	struct json_member own;

	if (r->field[F_RESOURCE].type != JSON_OBJECT)
		return false;
	json_iter(&it, r->field[F_RESOURCE]);
	while (json_next_member(&it, &own))
		if (own.klen == m->klen &&
		    memcmp(own.key, m->key, m->klen) == 0)
			return true;
	return false;
}

void
unknown_attrs(struct unknown *u, const struct agent *a,
    const struct record *r, const struct held_facts *f)
{
	for (size_t i = 0; i < f->nattr; i++) {
		const struct json_member *m = &r->attr[i];

		if (f->id[i] != FACT_NONE || m->val.type == JSON_NULL ||
		    is_known(a, m->key, m->klen) || is_the_users(r, m))
			continue;
		u->attrs++;
		count(u, a, "attribute", m->key, m->klen);
	}
}

void
unknown_tell(const struct unknown *u)
{
	uint64_t named = 0;

	for (size_t i = 0; i < u->n; i++) {
		named += u->row[i].count;
		log_info("%s: %llu", u->row[i].name,
		    (unsigned long long)u->row[i].count);
	}
	if (u->records + u->attrs > named)
		log_warn("%llu more of other unknown names passed on",
		    (unsigned long long)(u->records + u->attrs - named));
	else if (u->records > u->n)
		log_warn("%llu records of unknown kinds passed on",
		    (unsigned long long)u->records);
}

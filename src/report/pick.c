#include "report/pick.h"

#include <string.h>

void
pick_init(struct pick *p)
{
	memset(p, 0, sizeof(*p));
	memset(p->first, -1, sizeof(p->first));
}

int
pick_name(struct pick *p, const char *name)
{
	size_t n = strlen(name);
	unsigned char tag = record_name_tag(name, n);
	int k;

	for (k = p->first[tag]; k >= 0; k = p->next[k])
		if (p->name[k].n == n && memcmp(p->name[k].s, name, n) == 0)
			return k;
	if (p->n == PICK_MAX)
		return -1;
	k = (int)p->n++;
	p->name[k].s = name;
	p->name[k].n = n;
	p->next[k] = p->first[tag];
	p->first[tag] = (signed char)k;
	return k;
}

/* The place of the attribute's name, which has no escapes; -1: none. */
static inline int
place_of(const struct pick *p, const struct record *r, size_t i)
{
	int k = p->first[r->tag[i]];

	while (k >= 0 && (r->attr[i].klen != p->name[k].n ||
	    memcmp(r->attr[i].key, p->name[k].s, p->name[k].n) != 0))
		k = p->next[k];
	return k;
}

static int
place_of_escaped(const struct pick *p, const struct json_member *m)
{
	for (size_t k = 0; k < p->n; k++)
		if (json_key_is(m, p->name[k].s, p->name[k].n))
			return (int)k;
	return -1;
}

void
pick_walk(struct pick *p, const struct record *r)
{
	memset(p->v, 0, p->n * sizeof(p->v[0]));
	for (size_t i = 0; i < r->nattr; i++) {
		int k = r->escaped && r->attr[i].kesc ?
		    place_of_escaped(p, &r->attr[i]) : place_of(p, r, i);

		if (k < 0)
			continue;
		p->v[k] = r->attr[i].val;
		if (p->v[k].type == JSON_NULL)
			p->v[k].type = JSON_NONE;
	}
}

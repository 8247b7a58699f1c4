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

void
pick_walk(struct pick *p, const struct record *r)
{
	memset(p->v, 0, p->n * sizeof(p->v[0]));
	for (size_t i = 0; i < r->nattr; i++) {
		const struct json_member *m = &r->attr[i];
		int k = -1;

		if (m->kesc) {
			while (++k < (int)p->n && !json_key_is(m,
			    p->name[k].s, p->name[k].n))
				;
			if (k == (int)p->n)
				continue;
		} else {
			k = p->first[r->tag[i]];
			while (k >= 0 && (m->klen != p->name[k].n ||
			    memcmp(m->key, p->name[k].s, m->klen) != 0))
				k = p->next[k];
		}
		if (k < 0)
			continue;
		p->v[k] = m->val;
		if (p->v[k].type == JSON_NULL)
			p->v[k].type = JSON_NONE;
	}
}

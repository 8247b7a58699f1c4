#include "redact/policy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct policy_name {
	const char	*name;
	size_t		 n;
	unsigned	 bits;
	bool		 ends;	/* a glob: names that end so */
};

/* Names differ in their length, their first and their last bytes. */
static size_t
hash(const char *p, size_t n)
{
	uint64_t a = 0, b = 0, h;

	memcpy(&a, p, n < 8 ? n : 8);
	if (n > 8)
		memcpy(&b, p + n - 8, 8);
	h = (a ^ (b << 13 | b >> 51) ^ n) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h ^ h >> 32);
}

static void
put(struct policy *p, const char *name, unsigned bit)
{
	size_t n = strlen(name), i;

	if (n > 0 && (name[n - 1] == '*' || name[0] == '*')) {
		bool ends = name[0] == '*' && n > 1;

		p->glob[p->nglob++] = (struct policy_name){ name + ends,
		    n - 1, bit, ends };
		return;
	}
	for (i = hash(name, n) & p->mask; p->table[i].name != NULL &&
	    (p->table[i].n != n || memcmp(p->table[i].name, name, n) != 0);
	    i = (i + 1) & p->mask)
		continue;
	p->table[i].name = name;
	p->table[i].n = n;
	p->table[i].bits |= bit;
}

int
policy_init(struct policy *p, const struct rules *r,
    const struct rule_list *allow, const struct rule_list *deny)
{
	const struct {
		const struct rule_list	*l;
		unsigned		 bit;
	} lists[] = {
		{ &r->drop, POLICY_DROP }, { &r->keep, POLICY_KEEP },
		{ &r->content, POLICY_CONTENT }, { allow, POLICY_ALLOW },
		{ deny, POLICY_DROP },
	};
	size_t total = 0, size = 64;

	memset(p, 0, sizeof(*p));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		total += lists[i].l->n;
	while (size < 4 * total)
		size *= 2;
	p->table = calloc(size, sizeof(*p->table));
	p->glob = calloc(total + 1, sizeof(*p->glob));
	if (p->table == NULL || p->glob == NULL) {
		policy_fini(p);
		return -1;
	}
	p->mask = size - 1;
	p->has_allow = allow->n > 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t k = 0; k < lists[i].l->n; k++)
			put(p, lists[i].l->v[k], lists[i].bit);
	return 0;
}

void
policy_fini(struct policy *p)
{
	free(p->table);
	free(p->glob);
	memset(p, 0, sizeof(*p));
}

unsigned
policy_of(const struct policy *p, const char *name, size_t n)
{
	unsigned bits = 0;

	for (size_t i = hash(name, n) & p->mask; p->table[i].name != NULL;
	    i = (i + 1) & p->mask)
		if (p->table[i].n == n &&
		    memcmp(p->table[i].name, name, n) == 0) {
			bits = p->table[i].bits;
			break;
		}
	for (size_t i = 0; i < p->nglob; i++) {
		const struct policy_name *g = &p->glob[i];

		if (g->n <= n && (g->n == 0 || g->ends ||
		    g->name[0] == name[0]) && memcmp(g->ends ?
		    name + n - g->n : name, g->name, g->n) == 0)
			bits |= g->bits;
	}
	if (p->has_allow && (bits & (POLICY_ALLOW | POLICY_KEEP)) == 0)
		bits |= POLICY_DROP;
	return bits;
}

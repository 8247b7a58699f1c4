#include "view/tally.h"

void
tally_span(struct tally *t, const struct node *n, bool spends)
{
	t->spans++;
	t->type[n->type]++;
	t->errors += n->level == NODE_ERROR;
	t->warnings += n->level == NODE_WARNING;
	if (spends)
		spend_add(&t->sum, &n->spend);
}

void
tally_merge(struct tally *t, const struct tally *other)
{
	t->traces += other->traces;
	t->spans += other->spans;
	for (int i = 0; i < NODE_TYPES_; i++)
		t->type[i] += other->type[i];
	t->errors += other->errors;
	t->warnings += other->warnings;
	spend_merge(&t->sum, &other->sum);
}

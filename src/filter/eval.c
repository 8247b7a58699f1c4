/* Values and verdicts. See filter/node.h. */
#include <string.h>

#include "filter/node.h"

static const struct value unknown = { .type = VALUE_UNKNOWN };

static bool
decides(enum token_kind how, enum value_cmp c)
{
	switch (how) {
	case TOKEN_EQ:
		return c == VALUE_EQUAL;
	case TOKEN_NE:
		return c != VALUE_EQUAL;
	case TOKEN_LT:
		return c == VALUE_LESS;
	case TOKEN_LE:
		return c != VALUE_MORE;
	case TOKEN_GT:
		return c == VALUE_MORE;
	default:
		return c != VALUE_LESS;
	}
}

/*
 * A list compares as "one of its elements does"; != is the opposite of ==, so
 * that none of them may be equal.
 */
static struct value
compare_list(struct expr *x, enum token_kind how, const struct value *list,
    const struct value *one, bool swapped)
{
	enum token_kind ask = how == TOKEN_NE ? TOKEN_EQ : how;
	struct value elem;
	bool any = false;
	size_t at = 0;

	while (!any && value_next(list, &at, &elem, &x->work)) {
		enum value_cmp c = swapped ? value_cmp(one, &elem) :
		    value_cmp(&elem, one);

		any = c != VALUE_APART && decides(ask, c);
	}
	return value_bool(how == TOKEN_NE ? !any : any);
}

static struct value
compare(struct expr *x, enum token_kind how, const struct value *a,
    const struct value *b)
{
	enum value_cmp c;

	if (a->type == VALUE_UNKNOWN || b->type == VALUE_UNKNOWN)
		return unknown;
	if (a->type == VALUE_LIST && b->type != VALUE_LIST)
		return compare_list(x, how, a, b, false);
	if (b->type == VALUE_LIST && a->type != VALUE_LIST)
		return compare_list(x, how, b, a, true);
	c = value_cmp(a, b);
	return c == VALUE_APART ? unknown : value_bool(decides(how, c));
}

static struct value
match_text(struct expr *x, const struct regex *re, const struct value *v)
{
	switch (regex_match(re, v->p, v->n)) {
	case REGEX_YES:
		return value_bool(true);
	case REGEX_NO:
		return value_bool(false);
	default:
		x->gave_up++;
		return unknown;
	}
}

/* Of a list one element must match. */
static struct value
match(struct expr *x, const struct expr_node *n, const struct record *r)
{
	struct value v = eval_node(x, n->a, r), yes = unknown, elem;
	size_t at = 0;

	if (v.type == VALUE_STR)
		yes = match_text(x, n->re, &v);
	else if (v.type == VALUE_LIST) {
		yes = value_bool(false);
		while (!yes.yes && value_next(&v, &at, &elem, &x->work))
			if (elem.type == VALUE_STR)
				yes = match_text(x, n->re, &elem);
	}
	if (yes.type == VALUE_BOOL && n->tok == TOKEN_NO_MATCH)
		yes.yes = !yes.yes;
	return yes;
}

static struct value
in(struct expr *x, const struct expr_node *n, const struct record *r)
{
	struct value v = eval_node(x, n->a, r), c, out = value_bool(false);

	if (v.type == VALUE_UNKNOWN)
		return unknown;
	for (const struct expr_node *e = n->b; e != NULL; e = e->next) {
		c = compare(x, TOKEN_EQ, &v, &e->value);
		if (c.type == VALUE_BOOL && c.yes)
			return c;
	}
	return out;
}

static struct value
contains(struct expr *x, const struct expr_node *n, const struct record *r)
{
	struct value v = eval_node(x, n->a, r), w = eval_node(x, n->b, r);

	if (v.type == VALUE_UNKNOWN || w.type == VALUE_UNKNOWN)
		return unknown;
	if (v.type == VALUE_LIST)
		return compare_list(x, TOKEN_EQ, &v, &w, false);
	if (v.type != VALUE_STR || w.type != VALUE_STR)
		return unknown;
	return value_bool(w.n == 0 || (v.n >= w.n &&
	    memmem(v.p, v.n, w.p, w.n) != NULL));
}

/* A number where one is needed; a text may spell it. */
static bool
number(struct value *v)
{
	if (v->type == VALUE_STR && num_parse(v->p, v->n, &v->num) == 0)
		v->type = VALUE_NUM;
	v->p = NULL;
	v->n = 0;
	return v->type == VALUE_NUM || v->type == VALUE_DURATION;
}

static struct value
time_sum(enum token_kind op, const struct value *a, const struct value *b)
{
	struct value out = { .type = VALUE_TIME };
	int64_t ns;

	if (op == TOKEN_MINUS && b->type == VALUE_TIME) {
		out.type = VALUE_DURATION;
		out.num.exact = true;
		out.num.fix = ((num_fixed)a->time - (num_fixed)b->time) *
		    NUM_ONE;
		return out;
	}
	if (b->type != VALUE_DURATION || !num_to_int(&b->num, &ns))
		return unknown;
	out.time = op == TOKEN_PLUS ? a->time + (uint64_t)ns :
	    a->time - (uint64_t)ns;
	return out;
}

static struct value
arith(struct expr *x, const struct expr_node *n, const struct record *r)
{
	struct value a = eval_node(x, n->a, r), b = eval_node(x, n->b, r);
	struct value out = { .type = VALUE_NUM };
	bool good = false, da, db;

	if (a.type == VALUE_TIME)
		return time_sum(n->tok, &a, &b);
	if (!number(&a) || !number(&b))
		return unknown;
	da = a.type == VALUE_DURATION;
	db = b.type == VALUE_DURATION;
	switch (n->tok) {
	case TOKEN_PLUS:
		good = da == db && num_add(&a.num, &b.num, &out.num);
		break;
	case TOKEN_MINUS:
		good = da == db && num_sub(&a.num, &b.num, &out.num);
		break;
	case TOKEN_TIMES:
		good = !(da && db) && num_mul(&a.num, &b.num, &out.num);
		break;
	case TOKEN_DIVIDE:
		good = (da || !db) && num_div(&a.num, &b.num, &out.num);
		break;
	default:
		good = !da && !db && num_mod(&a.num, &b.num, &out.num);
		break;
	}
	if ((da || db) && !(da && db && n->tok == TOKEN_DIVIDE))
		out.type = VALUE_DURATION;
	return good ? out : unknown;
}

/*
 * Three-valued: false && unknown is false, true || unknown is true. The chain
 * of equal operators hangs to the right.
 */
static struct value
logic(struct expr *x, const struct expr_node *n, const struct record *r)
{
	bool decisive = n->op == OP_OR, doubt = false, last = false;
	const struct expr_node *k = n, *part;
	struct value v;

	while (!last) {
		last = k->op != n->op;
		part = last ? k : k->a;
		v = eval_node(x, part, r);
		if (v.type == VALUE_BOOL && v.yes == decisive)
			return v;
		doubt |= v.type != VALUE_BOOL;
		k = k->b;
	}
	return doubt ? unknown : value_bool(!decisive);
}

static struct value
negate(struct value v)
{
	struct num zero = num_int(0);

	if (!number(&v) || !num_sub(&zero, &v.num, &v.num))
		return unknown;
	return v;
}

struct value
eval_node(struct expr *x, const struct expr_node *n, const struct record *r)
{
	struct value v, w;

	switch (n->op) {
	case OP_VALUE:
		return n->value;
	case OP_FIELD:
		return field_get(&n->field, r, &x->work);
	case OP_EXISTS:
		return value_bool(field_exists(&n->a->field, r, &x->work));
	case OP_NOT:
		v = eval_node(x, n->a, r);
		return v.type == VALUE_BOOL ? value_bool(!v.yes) : unknown;
	case OP_NEGATE:
		return negate(eval_node(x, n->a, r));
	case OP_AND:
	case OP_OR:
		return logic(x, n, r);
	case OP_COMPARE:
		v = eval_node(x, n->a, r);
		w = eval_node(x, n->b, r);
		return compare(x, n->tok, &v, &w);
	case OP_MATCH:
		return match(x, n, r);
	case OP_IN:
		return in(x, n, r);
	case OP_CONTAINS:
		return contains(x, n, r);
	default:
		return arith(x, n, r);
	}
}

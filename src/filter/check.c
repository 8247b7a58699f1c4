/* What each part of an expression can be. See filter/node.h. */
#include <string.h>

#include "filter/node.h"

#define NUMERIC		(VALUE_NUM | VALUE_DURATION)

static int check(struct expr_node *n, struct expr_error *e);

static int
mismatch(struct expr_error *e, size_t pos, unsigned a, unsigned b)
{
	struct buf x = { 0 }, y = { 0 };
	int res;

	value_describe(&x, a);
	value_describe(&y, b);
	if (((a | b) & VALUE_DURATION) != 0 && ((a | b) & VALUE_NUM) != 0)
		res = expr_fail(e, pos, "%s does not compare with %s; "
		    "durations have a unit, like 2s", buf_cstr(&x),
		    buf_cstr(&y));
	else
		res = expr_fail(e, pos, "%s does not compare with %s",
		    buf_cstr(&x), buf_cstr(&y));
	buf_fini(&x);
	buf_fini(&y);
	return res;
}

static int
wants(struct expr_error *e, const struct expr_node *n, const char *what)
{
	struct buf is = { 0 };
	int res;

	value_describe(&is, n->types);
	res = expr_fail(e, n->pos, "%s expected, this is %s", what,
	    buf_cstr(&is));
	buf_fini(&is);
	return res;
}

/* A literal text where a time is needed becomes one. */
static void
to_time(struct expr_node *n, unsigned other)
{
	struct value t = { .type = VALUE_TIME };
	struct lexer l = { .p = n->value.p, .n = n->value.n };
	struct token tok;

	if (n->op != OP_VALUE || n->types != VALUE_STR || other != VALUE_TIME)
		return;
	if (token_next(&l, &tok) == -1 || tok.kind != TOKEN_VALUE ||
	    tok.value.type != VALUE_TIME || l.at != l.n)
		return;
	t.time = tok.value.time;
	n->value = t;
	n->types = VALUE_TIME;
}

/* Types that can be compared with these. */
static unsigned
partners(unsigned types)
{
	unsigned p = types;

	if ((types & VALUE_LIST) != 0)
		p |= VALUE_BOOL | VALUE_NUM | VALUE_STR;
	return p;
}

static int
check_compare(struct expr_node *n, struct expr_error *e)
{
	bool order = n->tok != TOKEN_EQ && n->tok != TOKEN_NE;

	to_time(n->a, n->b->types);
	to_time(n->b, n->a->types);
	if ((partners(n->a->types) & partners(n->b->types)) == 0)
		return mismatch(e, n->pos, n->a->types, n->b->types);
	if (order && (n->a->types == VALUE_BOOL || n->b->types == VALUE_BOOL))
		return expr_fail(e, n->pos, "true and false have no order");
	n->types = VALUE_BOOL;
	return 0;
}

static int
check_match(struct expr_node *n, struct expr_error *e)
{
	char why[160];
	size_t at;

	if ((n->a->types & (VALUE_STR | VALUE_LIST)) == 0)
		return wants(e, n->a, "a text");
	if (n->b->op != OP_VALUE || n->b->types != VALUE_STR)
		return expr_fail(e, n->b->pos,
		    "a regular expression in quotes expected");
	n->re = regex_new(n->b->value.p, n->b->value.n, why, sizeof(why), &at);
	if (n->re == NULL)
		return expr_fail(e, n->b->pos + 1 + at, "%s", why);
	n->types = VALUE_BOOL;
	return 0;
}

static int
check_in(struct expr_node *n, struct expr_error *e)
{
	for (struct expr_node *v = n->b; v != NULL; v = v->next) {
		v->types = v->value.type;
		to_time(v, n->a->types);
		if ((partners(n->a->types) & v->types) == 0)
			return mismatch(e, v->pos, n->a->types, v->types);
	}
	n->types = VALUE_BOOL;
	return 0;
}

static int
check_contains(struct expr_node *n, struct expr_error *e)
{
	if ((n->a->types & (VALUE_STR | VALUE_LIST)) == 0)
		return wants(e, n->a, "a text or a list");
	if ((n->b->types & (VALUE_STR | VALUE_NUM | VALUE_BOOL)) == 0)
		return wants(e, n->b, "a text, a number, true or false");
	n->types = VALUE_BOOL;
	return 0;
}

/* What comes of an operation on such types; 0 if it has no meaning. */
static unsigned
result(enum token_kind op, unsigned a, unsigned b)
{
	unsigned out = 0;

	if ((a & VALUE_NUM) != 0 && (b & VALUE_NUM) != 0)
		out |= VALUE_NUM;
	switch (op) {
	case TOKEN_PLUS:
	case TOKEN_MINUS:
		if ((a & b & VALUE_DURATION) != 0)
			out |= VALUE_DURATION;
		if ((a & VALUE_TIME) != 0 && (b & VALUE_DURATION) != 0)
			out |= VALUE_TIME;
		if ((a & b & VALUE_TIME) != 0 && op == TOKEN_MINUS &&
		    out == 0)
			out |= VALUE_DURATION;
		break;
	case TOKEN_TIMES:
		if (((a & VALUE_DURATION) != 0 && (b & VALUE_NUM) != 0) ||
		    ((b & VALUE_DURATION) != 0 && (a & VALUE_NUM) != 0))
			out |= VALUE_DURATION;
		break;
	case TOKEN_DIVIDE:
		if ((a & VALUE_DURATION) != 0 && (b & VALUE_NUM) != 0)
			out |= VALUE_DURATION;
		if ((a & b & VALUE_DURATION) != 0)
			out |= VALUE_NUM;
		break;
	default:
		break;
	}
	return out;
}

static int
check_arith(struct expr_node *n, struct expr_error *e)
{
	struct buf x = { 0 }, y = { 0 };
	static const char *const doing[] = { [TOKEN_PLUS] = "added",
	    [TOKEN_MINUS] = "subtracted", [TOKEN_TIMES] = "multiplied",
	    [TOKEN_DIVIDE] = "divided", [TOKEN_REST] = "divided" };

	n->types = result(n->tok, n->a->types, n->b->types);
	if (n->types != 0)
		return 0;
	value_describe(&x, n->a->types);
	value_describe(&y, n->b->types);
	(void)expr_fail(e, n->pos, "%s and %s cannot be %s", buf_cstr(&x),
	    buf_cstr(&y), doing[n->tok]);
	buf_fini(&x);
	buf_fini(&y);
	return -1;
}

static int
check_logic(struct expr_node *n, struct expr_error *e)
{
	struct expr_node *last;

	/* The chain of a && b && c hangs to the right. */
	for (last = n; last->b != NULL && last->b->op == n->op; last = last->b)
		;
	for (struct expr_node *k = n;; k = k->b) {
		k->types = VALUE_BOOL;
		if (check(k->a, e) == -1)
			return -1;
		if ((k->a->types & VALUE_BOOL) == 0)
			return wants(e, k->a, "true or false");
		if (k == last)
			break;
	}
	if (check(last->b, e) == -1)
		return -1;
	if ((last->b->types & VALUE_BOOL) == 0)
		return wants(e, last->b, "true or false");
	return 0;
}

static int
check(struct expr_node *n, struct expr_error *e)
{
	switch (n->op) {
	case OP_VALUE:
		n->types = n->value.type;
		return 0;
	case OP_FIELD:
		n->types = n->field.types;
		return 0;
	case OP_EXISTS:
		n->types = VALUE_BOOL;
		return check(n->a, e);
	case OP_AND:
	case OP_OR:
		return check_logic(n, e);
	default:
		break;
	}
	if (check(n->a, e) == -1 || (n->b != NULL && n->op != OP_IN &&
	    check(n->b, e) == -1))
		return -1;
	switch (n->op) {
	case OP_NOT:
		n->types = VALUE_BOOL;
		return (n->a->types & VALUE_BOOL) != 0 ? 0 :
		    wants(e, n->a, "true or false");
	case OP_NEGATE:
		n->types = n->a->types & NUMERIC;
		return n->types != 0 ? 0 : wants(e, n->a, "a number");
	case OP_COMPARE:
		return check_compare(n, e);
	case OP_MATCH:
		return check_match(n, e);
	case OP_IN:
		return check_in(n, e);
	case OP_CONTAINS:
		return check_contains(n, e);
	default:
		return check_arith(n, e);
	}
}

int
check_expr(struct expr *x, struct expr_error *e)
{
	return check(x->root, e);
}

/* Texts to trees, by recursive descent with a limit. See filter/node.h. */
#include <string.h>

#include "filter/node.h"

struct parser {
	struct expr		*x;
	struct lexer		*l;
	struct token		 tok;		/* the one to look at */
	struct expr_error	*e;
	int			 depth;
};

static struct expr_node *parse_or(struct parser *p);

static int
advance(struct parser *p)
{
	if (token_next(p->l, &p->tok) == -1)
		return expr_fail(p->e, p->tok.pos, "%s", p->l->why);
	return 0;
}

static struct expr_node *
node(struct parser *p, enum node_op op, size_t pos)
{
	struct expr_node *n = arena_get(&p->x->mem, sizeof(*n));

	if (n == NULL) {
		(void)expr_fail(p->e, pos, "out of memory");
		return NULL;
	}
	n->op = op;
	n->pos = pos;
	n->tok = p->tok.kind;
	n->older = p->x->all;
	p->x->all = n;
	return n;
}

static int
depth_of(const struct expr_node *n)
{
	return n != NULL ? n->depth : 0;
}

/* The operands are there: how deep is it now? NULL when too deep. */
static struct expr_node *
grown(struct parser *p, struct expr_node *n)
{
	int a = depth_of(n->a), b = depth_of(n->b);

	n->depth = (a > b ? a : b) + 1;
	if (n->depth <= EXPR_DEPTH)
		return n;
	(void)expr_fail(p->e, n->pos, "nested too deeply");
	return NULL;
}

/* The left operand is there, the operator is the current token. */
static struct expr_node *
binary(struct parser *p, enum node_op op, struct expr_node *a,
    struct expr_node *(*right)(struct parser *))
{
	struct expr_node *n = node(p, op, p->tok.pos);

	if (n == NULL || advance(p) == -1)
		return NULL;
	n->a = a;
	n->b = right(p);
	return n->b != NULL ? grown(p, n) : NULL;
}

/* Every way down into the grammar passes here. */
static struct expr_node *
deeper(struct parser *p, struct expr_node *(*what)(struct parser *))
{
	struct expr_node *n;

	if (p->depth == EXPR_DEPTH) {
		(void)expr_fail(p->e, p->tok.pos, "nested too deeply");
		return NULL;
	}
	p->depth++;
	n = what(p);
	p->depth--;
	return n;
}

static int
expect(struct parser *p, enum token_kind kind, const char *what)
{
	if (p->tok.kind != kind)
		return expr_fail(p->e, p->tok.pos, "%s expected", what);
	return advance(p);
}

/* Is the current token this name, with "(" behind it? */
static bool
is_call(const struct parser *p, const char *name)
{
	size_t n = strlen(name), at = p->l->at;

	if (p->tok.kind != TOKEN_NAME || p->tok.n != n ||
	    memcmp(p->l->p + p->tok.pos, name, n) != 0)
		return false;
	while (at < p->l->n && p->l->p[at] == ' ')
		at++;
	return at < p->l->n && p->l->p[at] == '(';
}

/* attr("any name") and its like, behind their name. */
static struct expr_node *
named(struct parser *p, enum field_kind kind)
{
	struct expr_node *n = node(p, OP_FIELD, p->tok.pos);

	if (n == NULL || advance(p) == -1 ||
	    expect(p, TOKEN_OPEN, "'('") == -1)
		return NULL;
	if (p->tok.kind != TOKEN_VALUE || p->tok.value.type != VALUE_STR) {
		(void)expr_fail(p->e, p->tok.pos, "a name in quotes expected");
		return NULL;
	}
	if (field_named(&n->field, kind, p->tok.value.p, p->tok.value.n,
	    &p->x->mem) == -1) {
		(void)expr_fail(p->e, n->pos, "out of memory");
		return NULL;
	}
	if (advance(p) == -1 || expect(p, TOKEN_CLOSE, "')'") == -1)
		return NULL;
	return n;
}

static struct expr_node *
field(struct parser *p)
{
	static const struct {
		const char	*name;
		enum field_kind	 kind;
	} call[] = { { "attr", FIELD_ATTRIBUTE },
	    { "resource", FIELD_RESOURCE }, { "scope", FIELD_SCOPE } };
	struct expr_node *n;

	for (size_t i = 0; i < sizeof(call) / sizeof(call[0]); i++)
		if (is_call(p, call[i].name))
			return named(p, call[i].kind);
	if (p->tok.kind != TOKEN_NAME) {
		(void)expr_fail(p->e, p->tok.pos, "a field expected");
		return NULL;
	}
	n = node(p, OP_FIELD, p->tok.pos);
	if (n == NULL)
		return NULL;
	if (field_resolve(&n->field, p->l->p + p->tok.pos, p->tok.n,
	    &p->x->mem) == -1) {
		(void)expr_fail(p->e, n->pos, "out of memory");
		return NULL;
	}
	return advance(p) == 0 ? n : NULL;
}

/* exists(field) */
static struct expr_node *
exists(struct parser *p)
{
	struct expr_node *n = node(p, OP_EXISTS, p->tok.pos);

	if (n == NULL || advance(p) == -1 ||
	    expect(p, TOKEN_OPEN, "'('") == -1)
		return NULL;
	n->a = field(p);
	if (n->a == NULL || expect(p, TOKEN_CLOSE, "')'") == -1)
		return NULL;
	return n;
}

static struct expr_node *
literal(struct parser *p)
{
	struct expr_node *n = node(p, OP_VALUE, p->tok.pos);

	if (n == NULL)
		return NULL;
	n->value = p->tok.value;
	return advance(p) == 0 ? n : NULL;
}

static struct expr_node *
primary(struct parser *p)
{
	struct expr_node *n;

	switch (p->tok.kind) {
	case TOKEN_VALUE:
		return literal(p);
	case TOKEN_NAME:
		return is_call(p, "exists") ? exists(p) : field(p);
	case TOKEN_OPEN:
		if (advance(p) == -1)
			return NULL;
		n = deeper(p, parse_or);
		if (n == NULL || expect(p, TOKEN_CLOSE, "')'") == -1)
			return NULL;
		return n;
	default:
		(void)expr_fail(p->e, p->tok.pos, p->tok.kind == TOKEN_END ?
		    "the expression ends too early" :
		    "a field, a value or '(' expected");
		return NULL;
	}
}

static struct expr_node *
unary(struct parser *p)
{
	struct expr_node *n;

	if (p->tok.kind != TOKEN_MINUS)
		return primary(p);
	n = node(p, OP_NEGATE, p->tok.pos);
	if (n == NULL || advance(p) == -1)
		return NULL;
	n->a = deeper(p, unary);
	return n->a != NULL ? grown(p, n) : NULL;
}

static struct expr_node *
product(struct parser *p)
{
	struct expr_node *n = unary(p);

	while (n != NULL && (p->tok.kind == TOKEN_TIMES ||
	    p->tok.kind == TOKEN_DIVIDE || p->tok.kind == TOKEN_REST))
		n = binary(p, OP_ARITH, n, unary);
	return n;
}

static struct expr_node *
sum(struct parser *p)
{
	struct expr_node *n = product(p);

	while (n != NULL && (p->tok.kind == TOKEN_PLUS ||
	    p->tok.kind == TOKEN_MINUS))
		n = binary(p, OP_ARITH, n, product);
	return n;
}

/* value, value ...) behind "in (" */
static int
list(struct parser *p, struct expr_node *in)
{
	struct expr_node **to = &in->b;

	if (expect(p, TOKEN_OPEN, "'(' with the values") == -1)
		return -1;
	for (;;) {
		if (p->tok.kind != TOKEN_VALUE)
			return expr_fail(p->e, p->tok.pos,
			    "a value expected");
		*to = literal(p);
		if (*to == NULL)
			return -1;
		to = &(*to)->next;
		if (p->tok.kind != TOKEN_COMMA)
			return expect(p, TOKEN_CLOSE, "',' or ')'");
		if (advance(p) == -1)
			return -1;
	}
}

static struct expr_node *
in_list(struct parser *p, struct expr_node *a)
{
	struct expr_node *n = node(p, OP_IN, p->tok.pos);

	if (n == NULL || advance(p) == -1)
		return NULL;
	n->a = a;
	if (list(p, n) == -1)
		return NULL;
	return grown(p, n);
}

static struct expr_node *
comparison(struct parser *p)
{
	struct expr_node *n = sum(p), *not;

	if (n == NULL)
		return NULL;
	switch (p->tok.kind) {
	case TOKEN_EQ:
	case TOKEN_NE:
	case TOKEN_LT:
	case TOKEN_LE:
	case TOKEN_GT:
	case TOKEN_GE:
		return binary(p, OP_COMPARE, n, sum);
	case TOKEN_MATCH:
	case TOKEN_NO_MATCH:
		return binary(p, OP_MATCH, n, sum);
	case TOKEN_CONTAINS:
		return binary(p, OP_CONTAINS, n, sum);
	case TOKEN_IN:
		return in_list(p, n);
	case TOKEN_NOT:
		not = node(p, OP_NOT, p->tok.pos);
		if (not == NULL || advance(p) == -1)
			return NULL;
		if (p->tok.kind != TOKEN_IN) {
			(void)expr_fail(p->e, not->pos, "'&&', '||', a "
			    "comparison or the end expected");
			return NULL;
		}
		not->a = in_list(p, n);
		return not->a != NULL ? grown(p, not) : NULL;
	default:
		return n;
	}
}

static struct expr_node *
negation(struct parser *p)
{
	struct expr_node *n;

	if (p->tok.kind != TOKEN_NOT)
		return comparison(p);
	n = node(p, OP_NOT, p->tok.pos);
	if (n == NULL || advance(p) == -1)
		return NULL;
	n->a = deeper(p, negation);
	return n->a != NULL ? grown(p, n) : NULL;
}

/*
 * a op b op c ... hangs to the right: check and eval walk it in a loop, so
 * that only the operands count for the depth.
 */
static struct expr_node *
chain(struct parser *p, enum node_op op, enum token_kind tok,
    struct expr_node *(*operand)(struct parser *))
{
	struct expr_node *n = operand(p), *last;

	if (n == NULL || p->tok.kind != tok)
		return n;
	last = n = binary(p, op, n, operand);
	while (last != NULL && p->tok.kind == tok) {
		last->b = binary(p, op, last->b, operand);
		last = last->b;
		if (last != NULL && last->depth > n->depth)
			n->depth = last->depth;
	}
	return last != NULL ? n : NULL;
}

static struct expr_node *
parse_and(struct parser *p)
{
	return chain(p, OP_AND, TOKEN_AND, negation);
}

static struct expr_node *
parse_or(struct parser *p)
{
	return chain(p, OP_OR, TOKEN_OR, parse_and);
}

int
parse_expr(struct expr *x, struct lexer *l, bool part, struct expr_error *e)
{
	struct parser p = { .x = x, .l = l, .e = e };

	if (advance(&p) == -1)
		return -1;
	if (p.tok.kind == TOKEN_END)
		return expr_fail(e, p.tok.pos, "the expression is empty");
	x->root = parse_or(&p);
	if (x->root == NULL)
		return -1;
	if (part)
		l->at = p.tok.pos;
	else if (p.tok.kind != TOKEN_END)
		return expr_fail(e, p.tok.pos, "'&&', '||', a comparison or "
		    "the end expected");
	return 0;
}

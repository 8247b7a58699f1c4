/* The compiled form of an expression, shared by parse, check and eval. */
#ifndef FILTER_NODE_H
#define FILTER_NODE_H

#include "filter/expr.h"
#include "filter/field.h"
#include "filter/regex.h"
#include "filter/token.h"

enum node_op {
	OP_VALUE, OP_FIELD, OP_EXISTS, OP_NOT, OP_NEGATE, OP_AND, OP_OR,
	OP_COMPARE,		/* tok says how */
	OP_MATCH,		/* tok: TOKEN_MATCH or TOKEN_NO_MATCH */
	OP_IN, OP_CONTAINS,
	OP_ARITH		/* tok says which */
};

struct expr_node {
	enum node_op		 op;
	enum token_kind		 tok;
	size_t			 pos;		/* of the operator or operand */
	struct expr_node	*a, *b;
	struct expr_node	*next;		/* in the list of OP_IN */
	struct expr_node	*older;		/* in expr.all */
	struct value		 value;
	struct field		 field;
	struct regex		*re;
	unsigned		 types;		/* what it can be */
	int			 depth;		/* levels below, for the limit */
};

/* -1 with the message and the place. */
int expr_fail(struct expr_error *e, size_t pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Parses an expression from l into x->root. With part, what follows it is
 * left, else it is an error.
 */
int parse_expr(struct expr *x, struct lexer *l, bool part,
    struct expr_error *e);

/*
 * Works out what each part can be and compiles the regular expressions.
 * 0, or -1 with what does not fit.
 */
int check_expr(struct expr *x, struct expr_error *e);

/* Evaluates a node. No node is deeper than EXPR_DEPTH: see parse. */
struct value eval_node(struct expr *x, const struct expr_node *n,
    const struct record *r);

#endif

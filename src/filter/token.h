/* The words of an expression. */
#ifndef FILTER_TOKEN_H
#define FILTER_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "filter/value.h"

enum token_kind {
	TOKEN_END, TOKEN_NAME, TOKEN_VALUE,
	TOKEN_OPEN, TOKEN_CLOSE, TOKEN_COMMA, TOKEN_BRACE,
	TOKEN_OR, TOKEN_AND, TOKEN_NOT,
	TOKEN_EQ, TOKEN_NE, TOKEN_LT, TOKEN_LE, TOKEN_GT, TOKEN_GE,
	TOKEN_MATCH, TOKEN_NO_MATCH, TOKEN_IN, TOKEN_CONTAINS,
	TOKEN_PLUS, TOKEN_MINUS, TOKEN_TIMES, TOKEN_DIVIDE, TOKEN_REST
};

struct token {
	enum token_kind	 kind;
	size_t		 pos;		/* in the expression, in bytes */
	size_t		 n;
	struct value	 value;		/* of TOKEN_VALUE */
};

struct lexer {
	const char	*p;		/* the whole expression */
	size_t		 n;
	size_t		 at;
	struct arena	*mem;		/* for texts with escapes */
	const char	*why;		/* what is wrong, if token_next fails */
};

/* 0, or -1 with why and the place in t->pos. */
int token_next(struct lexer *l, struct token *t);

#endif

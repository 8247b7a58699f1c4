/*
 * Expressions over records, as aitrace-filter(1) describes them: compiled and
 * checked once, evaluated for each record. What is missing is unknown, and so
 * is what is computed from it, unless the rest decides: the logic has three
 * values.
 */
#ifndef FILTER_EXPR_H
#define FILTER_EXPR_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "filter/value.h"
#include "record/record.h"

#define EXPR_DEPTH	100	/* levels of parentheses and operators */
#define EXPR_MAX	65536	/* bytes of text */

enum expr_verdict { EXPR_NO, EXPR_YES, EXPR_UNKNOWN };

struct expr_node;

struct expr {
	struct expr_node	*root;
	struct expr_node	*all;		/* every node, for the end */
	struct arena		 mem;		/* of the expression */
	struct arena		 work;		/* of one evaluation */
	uint64_t		 gave_up;	/* matches over their limit */
};

struct expr_error {
	char	msg[256];
	size_t	pos;		/* in the text, in bytes */
};

/*
 * Compiles p[0..n). 0, or -1 with e filled. A zeroed struct expr may be
 * compiled into; expr_fini frees it in both cases. The text must outlive the
 * expression.
 */
int expr_compile(struct expr *x, const char *p, size_t n,
    struct expr_error *e);

/*
 * The same for a part of a text that goes on: from *at, and *at is then where
 * the expression ended, at a ',' or '}' or the end. It may be of any type.
 */
int expr_compile_part(struct expr *x, const char *p, size_t n, size_t *at,
    struct expr_error *e);

void expr_fini(struct expr *x);

enum expr_verdict expr_eval(struct expr *x, const struct record *r);

/* The value itself; it lives until the next evaluation. */
struct value expr_value(struct expr *x, const struct record *r);

/*
 * Appends to b the line of the text around pos, and to mark the blanks and
 * the caret that stand below it. Foreign bytes are escaped.
 */
void expr_point(struct buf *b, struct buf *mark, const char *p, size_t n,
    size_t pos);

#endif

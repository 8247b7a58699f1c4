#include "filter/expr.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "filter/node.h"

#define AROUND	60	/* bytes shown before and behind the place */

int
expr_fail(struct expr_error *e, size_t pos, const char *fmt, ...)
{
	va_list ap;

	e->pos = pos;
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return -1;
}

static int
compile(struct expr *x, struct lexer *l, bool part, struct expr_error *e)
{
	if (l->n > EXPR_MAX)
		return expr_fail(e, 0, "longer than %d bytes", EXPR_MAX);
	l->mem = &x->mem;
	if (parse_expr(x, l, part, e) == -1)
		return -1;
	return check_expr(x, e);
}

int
expr_compile(struct expr *x, const char *p, size_t n, struct expr_error *e)
{
	struct lexer l = { .p = p, .n = n };
	struct buf is = { 0 };

	if (compile(x, &l, false, e) == -1)
		return -1;
	if ((x->root->types & VALUE_BOOL) != 0)
		return 0;
	value_describe(&is, x->root->types);
	(void)expr_fail(e, x->root->pos, "this is %s, neither true nor false",
	    buf_cstr(&is));
	buf_fini(&is);
	return -1;
}

int
expr_compile_part(struct expr *x, const char *p, size_t n, size_t *at,
    struct expr_error *e)
{
	struct lexer l = { .p = p, .n = n, .at = *at };

	if (compile(x, &l, true, e) == -1)
		return -1;
	*at = l.at;
	return 0;
}

void
expr_fini(struct expr *x)
{
	for (struct expr_node *n = x->all; n != NULL; n = n->older)
		regex_free(n->re);
	arena_fini(&x->mem);
	arena_fini(&x->work);
	memset(x, 0, sizeof(*x));
}

struct value
expr_value(struct expr *x, const struct record *r)
{
	arena_reset(&x->work);
	return eval_node(x, x->root, r);
}

enum expr_verdict
expr_eval(struct expr *x, const struct record *r)
{
	struct value v = expr_value(x, r);

	return v.type != VALUE_BOOL ? EXPR_UNKNOWN : v.yes ? EXPR_YES :
	    EXPR_NO;
}

static size_t
columns(const char *p, size_t n)
{
	const char *end = p + n;
	struct buf b = { 0 };
	size_t cols = 0;

	while (p < end) {
		size_t len = utf8_len(p, end), take = len != 0 ? len : 1;

		buf_reset(&b);
		utf8_vis(&b, p, take, false);
		cols += len != 0 && b.n == len ? (size_t)utf8_width(
		    utf8_decode(p, len)) : b.n;
		p += take;
	}
	buf_fini(&b);
	return cols;
}

void
expr_point(struct buf *b, struct buf *mark, const char *p, size_t n,
    size_t pos)
{
	size_t from, to;

	if (pos > n)
		pos = n;
	from = pos > AROUND ? utf8_cut(p, n, pos - AROUND) : 0;
	to = utf8_cut(p, n, n - pos > AROUND ? pos + AROUND : n);
	utf8_vis(b, p + from, to - from, false);
	for (size_t i = columns(p + from, pos - from); i > 0; i--)
		buf_addc(mark, ' ');
	buf_addc(mark, '^');
}

#include "filter/format.h"

#include <string.h>

#include "filter/node.h"

static int
add(struct format *f, const char *s, size_t n, size_t *at,
    struct expr_error *e)
{
	if (f->n == FORMAT_MAX)
		return expr_fail(e, *at, "more than %d expressions",
		    FORMAT_MAX);
	return expr_compile_part(&f->expr[f->n++], s, n, at, e);
}

static int
compile_list(struct format *f, const char *s, size_t at, struct expr_error *e)
{
	size_t n = strlen(s);

	for (;;) {
		if (add(f, s, n, &at, e) == -1)
			return -1;
		if (at == n)
			return 0;
		if (s[at] != ',')
			return expr_fail(e, at, "',' or the end expected");
		at++;
	}
}

/* Text and {expression}. */
static int
compile_free(struct format *f, const char *s, struct expr_error *e)
{
	size_t n = strlen(s), at = 0, from = 0;

	for (;;) {
		while (at < n && s[at] != '{')
			at++;
		f->before[f->n].p = s + from;
		f->before[f->n].n = at - from;
		if (at == n)
			return 0;
		at++;
		if (add(f, s, n, &at, e) == -1)
			return -1;
		if (at == n || s[at] != '}')
			return expr_fail(e, at, "'}' expected");
		from = ++at;
	}
}

int
format_compile(struct format *f, const char *s, struct expr_error *e)
{
	memset(f, 0, sizeof(*f));
	if (strncmp(s, "tsv:", 4) == 0 || strncmp(s, "csv:", 4) == 0) {
		f->kind = s[0] == 't' ? FORMAT_TSV : FORMAT_CSV;
		return compile_list(f, s, 4, e);
	}
	return compile_free(f, s, e);
}

void
format_fini(struct format *f)
{
	for (size_t i = 0; i < f->n; i++)
		expr_fini(&f->expr[i]);
	f->n = 0;
}

/* The template's own text: \t and \n are what they look like. */
static void
put_text(struct buf *b, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char next = p[i] == '\\' && i + 1 < n ? p[i + 1] : '\0';

		if (next == 't' || next == 'n' || next == '\\') {
			buf_addc(b, next == 't' ? '\t' : next == 'n' ? '\n' :
			    '\\');
			i++;
		} else
			buf_addc(b, p[i]);
	}
}

static void
put_escaped(struct buf *b, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '\t')
			buf_adds(b, "\\t");
		else if (c == '\n')
			buf_adds(b, "\\n");
		else if (c == '\r')
			buf_adds(b, "\\r");
		else if (c == '\\')
			buf_adds(b, "\\\\");
		else if (c < 0x20 || c == 0x7f)
			buf_addf(b, "\\x%02x", c);
		else
			buf_addc(b, p[i]);
	}
}

static void
put_csv(struct buf *b, const char *p, size_t n)
{
	bool quote = false;

	for (size_t i = 0; i < n && !quote; i++)
		quote = strchr(",\"\r\n", p[i]) != NULL;
	if (!quote) {
		buf_add(b, p, n);
		return;
	}
	buf_addc(b, '"');
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			buf_addc(b, '"');
		buf_addc(b, p[i]);
	}
	buf_addc(b, '"');
}

void
format_put(struct buf *b, struct format *f, const struct record *r)
{
	struct buf text = { 0 };
	struct value v;

	for (size_t i = 0; i < f->n; i++) {
		if (f->kind == FORMAT_FREE)
			put_text(b, f->before[i].p, f->before[i].n);
		else if (i > 0)
			buf_addc(b, f->kind == FORMAT_TSV ? '\t' : ',');
		v = expr_value(&f->expr[i], r);
		buf_reset(&text);
		value_put(&text, &v);
		if (text.n == 0)
			continue;
		if (f->kind == FORMAT_CSV)
			put_csv(b, text.p, text.n);
		else
			put_escaped(b, text.p, text.n);
	}
	if (f->kind == FORMAT_FREE)
		put_text(b, f->before[f->n].p, f->before[f->n].n);
	buf_addc(b, '\n');
	if (text.err != 0)
		b->err = text.err;
	buf_fini(&text);
}

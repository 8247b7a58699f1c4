#include "view/text.h"

#include <string.h>

#include "base/utf8.h"

/* The next character as it is shown: bytes taken, columns in *cols. */
static size_t
one_char(struct buf *b, const char *p, const char *end, size_t *cols)
{
	size_t len = utf8_len(p, end), before = b->n;
	size_t take = len != 0 ? len : 1;

	utf8_vis(b, p, take, false);
	if (len != 0 && b->n - before == len && memcmp(b->p + before, p,
	    len) == 0)
		*cols = (size_t)utf8_width(utf8_decode(p, len));
	else
		*cols = b->n - before;	/* an escape, all ASCII */
	return take;
}

size_t
text_width(const char *p, size_t n)
{
	const char *end;
	struct buf b = { 0 };
	size_t total = 0, cols;

	if (n == 0)
		return 0;
	end = p + n;
	while (p < end) {
		p += one_char(&b, p, end, &cols);
		total += cols;
		buf_reset(&b);
	}
	buf_fini(&b);
	return total;
}

size_t
text_put(struct buf *b, const char *p, size_t n, size_t cols, bool ascii)
{
	const char *dots = ascii ? "..." : "\xe2\x80\xa6";
	size_t dotcols = ascii ? 3 : 1;
	const char *end;
	size_t used = 0, cut, cut_used = 0, w;

	if (n == 0)
		return 0;
	end = p + n;
	if (cols < dotcols) {
		dots = "";
		dotcols = 0;
	}
	cut = b->n;
	while (p < end) {
		p += one_char(b, p, end, &w);
		if (b->err != 0)
			return used;
		used += w;
		if (used > cols) {
			b->n = cut;
			buf_adds(b, dots);
			return cut_used + dotcols;
		}
		if (used <= cols - dotcols) {
			cut = b->n;
			cut_used = used;
		}
	}
	return used;
}

void
text_pad(struct buf *b, size_t n)
{
	char *p = buf_room(b, n);

	if (p == NULL || n == 0)
		return;
	memset(p, ' ', n);
	b->n += n;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' ||
	    c == '\v';
}

void
text_squeeze(struct buf *b, const char *p, size_t n, size_t max)
{
	const char *end = p + utf8_cut(p, n, max);
	bool gap = false, begun = false;

	for (; p < end; p++) {
		if (is_space(*p)) {
			gap = begun;
			continue;
		}
		if (gap)
			buf_addc(b, ' ');
		buf_addc(b, *p);
		gap = false;
		begun = true;
	}
}

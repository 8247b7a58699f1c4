#include "config.h"

#include "recv/docs.h"

#include <string.h>

/* No document over many lines begins one of its lines like this. */
static const char opening[] = "{\"resource";

static const char too_long[] = "the document is over the limit (--max-body)";

void
docs_init(struct docs *d, size_t max)
{
	memset(d, 0, sizeof(*d));
	d->max = max;
	d->line = 1;
}

void
docs_fini(struct docs *d)
{
	buf_fini(&d->own);
}

/* Moves behind the n bytes at pos. */
static void
take(struct docs *d, size_t n)
{
	const char *p, *end;

	d->walking = false;
	d->seen = d->pos;
	if (n == 0)
		return;
	p = d->text + d->pos;
	end = p + n;
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		d->line++;
		p++;
	}
	d->pos += n;
	d->seen = d->pos;
}

int
docs_feed(struct docs *d, const char *p, size_t n, bool last)
{
	size_t seen = d->seen;

	if (last && d->own.n == 0) {
		d->text = p;
		d->n = n;
		return 0;
	}
	if (d->skipping) {		/* what was passed over can go */
		take(d, d->seen - d->pos);
		d->walking = true;
	}
	buf_drop(&d->own, d->pos);
	d->seen = seen - d->pos;
	d->pos = 0;
	d->guess = 0;
	buf_add(&d->own, p, n);
	d->text = d->own.p;
	d->n = d->own.n;
	return d->own.err != 0 ? -1 : 0;
}

static void
skip_space(struct docs *d)
{
	static const char bom[] = "\xef\xbb\xbf";
	size_t i;

	if (!d->begun && d->n - d->pos >= 3) {
		if (memcmp(d->text + d->pos, bom, 3) == 0)
			d->pos += 3;
		d->begun = true;
	}
	for (i = d->pos; i < d->n; i++)
		if (strchr(" \t\r\n", d->text[i]) == NULL ||
		    d->text[i] == '\0')
			break;
	take(d, i - d->pos);
}

static enum docs_res
bad(struct docs *d, const char *why)
{
	d->why = why;
	return DOCS_BAD;
}

/* A line that is no document: passed over. */
static enum docs_res
bad_line(struct docs *d, bool eof, uint64_t *line, const char *why)
{
	const char *from = d->text + d->pos;
	size_t left = d->n - d->pos;
	const char *nl = memchr(from, '\n', left);

	if (nl == NULL && !eof && left <= d->max)
		return DOCS_MORE;
	*line = d->line;
	take(d, nl != NULL ? (size_t)(nl - from) + 1 : left);
	return bad(d, why);
}

/* Does the text at i begin another document? */
static bool
opens(const struct docs *d, size_t i)
{
	size_t k = sizeof(opening) - 1;

	return d->n - i >= k && memcmp(d->text + i, opening, k) == 0;
}

/*
 * One character of a document whose braces are counted. 1: it is complete, -1:
 * broken, 0: go on.
 */
static int
walk_char(struct docs *d, char c)
{
	if (d->in_string) {
		if (c == '\n')
			return -1;
		if (d->escaped)
			d->escaped = false;
		else if (c == '\\')
			d->escaped = true;
		else if (c == '"')
			d->in_string = false;
		return 0;
	}
	if (c == '"')
		d->in_string = true;
	else if (c == '{' || c == '[')
		d->depth++;
	else if ((c == '}' || c == ']') && --d->depth == 0)
		return 1;
	return 0;
}

/* A document came to a bad end; one that was too long is told of already. */
static enum docs_res
ended(struct docs *d, const char *why, bool eof, const char **p, size_t *n,
    uint64_t *line)
{
	if (!d->skipping)
		return bad(d, why);
	d->skipping = false;
	return docs_next(d, eof, p, n, line);
}

/* Counts braces to the document's end. */
static enum docs_res
walk(struct docs *d, bool eof, const char **p, size_t *n, uint64_t *line)
{
	size_t i, from = d->pos;
	int res = 0;

	*line = d->line;
	for (i = d->seen; i < d->n && res == 0; i++) {
		char c = d->text[i];

		/* Enough must be there to tell what begins behind it. */
		if (c == '\n' && !eof && d->n - i < sizeof(opening))
			break;
		if (c == '\n' && opens(d, i + 1) && i + 1 > from) {
			take(d, i + 1 - d->pos);
			return ended(d, "the document ends early", eof, p, n,
			    line);
		}
		res = walk_char(d, c);
	}
	d->seen = i;
	if (res == -1) {
		take(d, i - d->pos);
		return ended(d, "line break inside a string", eof, p, n, line);
	}
	if (res == 1) {
		take(d, i - d->pos);
		if (d->skipping)
			return ended(d, NULL, eof, p, n, line);
		*p = d->text + from;
		*n = i - from;
		return *n <= d->max ? DOCS_OK : bad(d, too_long);
	}
	if (eof && i == d->n) {
		take(d, i - d->pos);
		return ended(d, i - from > d->max ? too_long :
		    "the document ends early", eof, p, n, line);
	}
	return DOCS_MORE;
}

static void
start_walk(struct docs *d)
{
	d->walking = true;
	d->seen = d->pos;
	d->depth = 0;
	d->in_string = d->escaped = false;
}

/* A line that ends in a brace is taken for a document. */
static bool
whole_line(struct docs *d, bool eof, const char **p, size_t *n, bool *more)
{
	const char *from = d->text + d->pos, *nl;
	size_t k;

	nl = memchr(d->text + d->seen, '\n', d->n - d->seen);
	*more = nl == NULL && !eof && d->n - d->pos <= d->max;
	if (*more) {
		d->seen = d->n;
		return false;
	}
	if (nl == NULL && !eof)
		return false;
	k = nl != NULL ? (size_t)(nl - from) : d->n - d->pos;
	while (k > 0 && strchr(" \t\r", from[k - 1]) != NULL &&
	    from[k - 1] != '\0')
		k--;
	if (k == 0 || k > d->max || from[k - 1] != '}')
		return false;
	*p = from;
	*n = k;
	return true;
}

enum docs_res
docs_next(struct docs *d, bool eof, const char **p, size_t *n, uint64_t *line)
{
	enum docs_res res;
	bool more;

	d->guess = 0;
	if (!d->walking) {
		skip_space(d);
		if (d->pos == d->n)
			return DOCS_MORE;
		if (d->text[d->pos] != '{')
			return bad_line(d, eof, line, "not a JSON object");
		*line = d->line;
		if (whole_line(d, eof, p, n, &more)) {
			d->guess = *n;
			d->guess_line = d->line;
			take(d, *n);
			return DOCS_OK;
		}
		if (more)
			return DOCS_MORE;
		start_walk(d);
	}
	res = walk(d, eof, p, n, line);
	if (res == DOCS_MORE && d->n - d->pos > d->max && !d->skipping) {
		d->skipping = true;
		return bad(d, too_long);
	}
	return res;
}

bool
docs_retry(struct docs *d)
{
	if (d->guess == 0)
		return false;
	d->pos -= d->guess;
	d->line = d->guess_line;
	d->guess = 0;
	start_walk(d);
	return true;
}

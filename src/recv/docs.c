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
	buf_fini(&d->text);
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
	p = d->text.p + d->pos;
	end = p + n;
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		d->line++;
		p++;
	}
	d->pos += n;
	d->seen = d->pos;
}

int
docs_feed(struct docs *d, const char *p, size_t n)
{
	size_t seen = d->seen;

	if (d->skipping) {		/* what was passed over can go */
		take(d, d->seen - d->pos);
		d->walking = true;
	}
	buf_drop(&d->text, d->pos);
	d->seen = seen - d->pos;
	d->pos = 0;
	d->guess = 0;
	buf_add(&d->text, p, n);
	return d->text.err != 0 ? -1 : 0;
}

static void
skip_space(struct docs *d)
{
	static const char bom[] = "\xef\xbb\xbf";
	size_t i;

	if (!d->begun && d->text.n - d->pos >= 3) {
		if (memcmp(d->text.p + d->pos, bom, 3) == 0)
			d->pos += 3;
		d->begun = true;
	}
	for (i = d->pos; i < d->text.n; i++)
		if (strchr(" \t\r\n", d->text.p[i]) == NULL ||
		    d->text.p[i] == '\0')
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
	const char *from = d->text.p + d->pos;
	size_t left = d->text.n - d->pos;
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

	return d->text.n - i >= k && memcmp(d->text.p + i, opening, k) == 0;
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
	for (i = d->seen; i < d->text.n && res == 0; i++) {
		char c = d->text.p[i];

		/* Enough must be there to tell what begins behind it. */
		if (c == '\n' && !eof && d->text.n - i < sizeof(opening))
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
		*p = d->text.p + from;
		*n = i - from;
		return *n <= d->max ? DOCS_OK : bad(d, too_long);
	}
	if (eof && i == d->text.n) {
		take(d, i - d->pos);
		return ended(d, "the document ends early", eof, p, n, line);
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
	const char *from = d->text.p + d->pos, *nl;
	size_t k;

	nl = memchr(d->text.p + d->seen, '\n', d->text.n - d->seen);
	*more = nl == NULL && !eof && d->text.n - d->pos <= d->max;
	if (*more) {
		d->seen = d->text.n;
		return false;
	}
	if (nl == NULL && !eof)
		return false;
	k = nl != NULL ? (size_t)(nl - from) : d->text.n - d->pos;
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
		if (d->pos == d->text.n)
			return DOCS_MORE;
		if (d->text.p[d->pos] != '{')
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
	if (res == DOCS_MORE && d->text.n - d->pos > d->max && !d->skipping) {
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

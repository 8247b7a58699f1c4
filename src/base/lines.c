#include "base/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_BLOCK	(256 * 1024)

void
lines_init(struct lines *l, int fd, size_t max_line)
{
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->max = max_line;
}

void
lines_fini(struct lines *l)
{
	free(l->p);
	l->p = NULL;
	l->cap = l->beg = l->end = l->seen = 0;
}

/* Hands out what is buffered of a line that is over the ceiling. */
static enum lines_res
lines_part(struct lines *l, const char **p, size_t *n)
{
	const char *nl;

	if (l->beg == l->end)
		nl = NULL;
	else
		nl = memchr(l->p + l->beg, '\n', l->end - l->beg);
	*p = l->p + l->beg;
	if (nl != NULL) {
		*n = (size_t)(nl - *p);
		l->beg += *n + 1;
		l->seen = l->beg;
		l->in_long = false;
		return LINES_PART_END;
	}
	*n = l->end - l->beg;
	l->beg = l->seen = l->end;
	if (l->eof) {
		l->in_long = false;
		return LINES_PART_END;
	}
	return *n != 0 ? LINES_PART : LINES_MORE;
}

enum lines_res
lines_next(struct lines *l, const char **p, size_t *n)
{
	const char *nl = NULL;

	if (l->error != 0)
		return LINES_ERROR;
	if (l->in_long)
		return lines_part(l, p, n);
	if (l->seen < l->end)
		nl = memchr(l->p + l->seen, '\n', l->end - l->seen);
	if (nl == NULL) {
		l->seen = l->end;
		if (l->end - l->beg > l->max) {
			l->in_long = true;
			l->lineno++;
			return lines_part(l, p, n);
		}
		if (!l->eof)
			return LINES_MORE;
		if (l->beg == l->end)
			return LINES_EOF;
		*p = l->p + l->beg;
		*n = l->end - l->beg;
		l->beg = l->end;
		l->lineno++;
		return LINES_OK;
	}
	*p = l->p + l->beg;
	*n = (size_t)(nl - *p);
	if (*n > l->max) {
		l->in_long = true;
		l->lineno++;
		return lines_part(l, p, n);
	}
	l->beg += *n + 1;
	l->seen = l->beg;
	l->lineno++;
	return LINES_OK;
}

/* Makes room behind end for at least a byte. */
static int
lines_room(struct lines *l)
{
	size_t have = l->end - l->beg;
	size_t cap;
	char *p;

	if (l->beg > 0 && (have == 0 || l->cap - l->end < l->cap / 4)) {
		memmove(l->p, l->p + l->beg, have);
		l->seen -= l->beg;
		l->beg = 0;
		l->end = have;
	}
	if (l->cap - l->end > 0 && l->cap - l->end >= l->cap / 4)
		return 0;
	cap = l->cap == 0 ? LINES_BLOCK : l->cap + l->cap / 2;
	p = realloc(l->p, cap);
	if (p == NULL) {
		l->error = ENOMEM;
		return -1;
	}
	l->p = p;
	l->cap = cap;
	return 0;
}

enum lines_res
lines_fill(struct lines *l)
{
	ssize_t n;

	if (l->error != 0)
		return LINES_ERROR;
	if (l->eof)
		return LINES_EOF;
	if (lines_room(l) == -1)
		return LINES_ERROR;
	n = read(l->fd, l->p + l->end, l->cap - l->end);
	if (n == -1) {
		if (errno == EINTR || errno == EAGAIN)
			return LINES_OK;
		l->error = errno;
		return LINES_ERROR;
	}
	if (n == 0) {
		l->eof = true;
		return LINES_EOF;
	}
	l->end += (size_t)n;
	l->bytes += (uint64_t)n;
	return LINES_OK;
}

#include "import/import.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "import/import-line.h"

#define HEAD		64	/* bytes that tell what is no text */

void
import_init(struct import *im, const struct emit_opts *o, struct out *out)
{
	memset(im, 0, sizeof(*im));
	made_init(&im->made, o, out);
	im->made.pick = &im->pick;
	im->pick.written = &im->seen;
	spawned_init(&im->spawned);
	im->content = o->content != CONTENT_NONE;
	im->max_line = 64 << 20;
	im->max_memory = (size_t)1 << 30;
	im->last = true;
}

static void
close_reader(struct import *im, size_t i)
{
	if (im->reader[i].x == NULL)
		return;
	sources[i]->close(im->reader[i].x);
	im->reader[i].x = NULL;
}

void
import_fini(struct import *im)
{
	for (size_t i = 0; sources[i] != NULL; i++)
		close_reader(im, i);
	made_fini(&im->made);
	spawned_fini(&im->spawned);
	once_fini(&im->once);
	once_fini(&im->seen);
	buf_fini(&im->text);
	buf_fini(&im->clean);
	buf_fini(&im->utf8);
}

void
import_bad(struct import *im, const char *why)
{
	if (im->bad != NULL)
		im->bad(im->bad_arg, im->name, im->lineno, why);
}

/* ---- files --------------------------------------------------------------------------- */

/* 1 when it is a file of a source that reads it itself. */
static int
whole_file(struct import *im, int fd)
{
	char head[HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; n > 0 && sources[i] != NULL; i++) {
		if (sources[i]->is_file == NULL ||
		    !sources[i]->is_file(head, (size_t)n))
			continue;
		if (sources[i]->file(im, fd, im->name) == -1) {
			im->failed = true;
			return -1;
		}
		return 1;
	}
	return 0;
}

static int
end_file(struct import *im)
{
	int res = 0;

	for (size_t i = 0; sources[i] != NULL && res != -1; i++) {
		const struct source *s = sources[i];
		void *x = im->reader[i].x;

		if (x == NULL || s->session)
			continue;
		if (!im->last && s->waits != NULL && s->waits(x))
			res = 1;
		else if (s->end(x) == -1)
			res = -1;
		close_reader(im, i);
	}
	im->failed = im->failed || res == -1;
	return res;
}

/* size: of the file at first; 0: not known. */
static bool
is_shorter(const struct lines *l, off_t size)
{
	return (off_t)l->bytes < size;
}

/* The end of what is left of a file that shrank is no line of its writer's. */
static bool
is_cut(const struct lines *l, const char *end, off_t size)
{
	return end == l->p + l->end && is_shorter(l, size);
}

/* What some shells make of all that is written to a file. */
static bool
is_utf16(const char *p, size_t n)
{
	return n >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 ||
	    memcmp(p, "\xfe\xff", 2) == 0);
}

/* 0; 1: it was given up, and told; -1. */
static int
read_lines(struct reading *r, struct lines *l, off_t size)
{
	struct import *im = r->im;
	enum lines_res res;
	bool was_long;
	const char *p;
	size_t n;

	for (;;) {
		was_long = l->in_long;
		res = lines_next(l, &p, &n);
		im->lineno = l->lineno;
		if (res == LINES_OK && im->lineno == 1 && is_utf16(p, n)) {
			im->lineno = 0;
			import_bad(im, "UTF-16, not UTF-8: not read");
			return 1;
		}
		if (res == LINES_MORE)
			res = lines_fill(l);
		else if (res == LINES_OK && !is_cut(l, p + n, size) &&
		    import_line(r, p, n) == -1)
			return -1;
		else if ((res == LINES_PART || res == LINES_PART_END) &&
		    !was_long)
			import_bad(im, "line longer than --max-line");
		if (res == LINES_ERROR) {
			import_bad(im, strerror(l->error));
			return 0;
		}
		/* A fill that found the end leaves a last line to hand out. */
		if (res == LINES_EOF && l->beg == l->end)
			return 0;
	}
}

int
import_fd(struct import *im, int fd, const char *name)
{
	struct reading r = { .im = im };
	struct lines l;
	struct stat st;
	off_t size;
	int res;

	im->name = name;
	im->lineno = 0;
	im->when = im->mtime = 0;
	buf_init(&im->text, im->max_line);
	if (fstat(fd, &st) == -1)
		memset(&st, 0, sizeof(st));
	if (S_ISREG(st.st_mode)) {
		im->mtime = (uint64_t)st.st_mtim.tv_sec * CLOCK_S +
		    (uint64_t)st.st_mtim.tv_nsec;
		res = whole_file(im, fd);
		if (res != 0)
			return res == 1 ? 0 : -1;
	}
	size = S_ISREG(st.st_mode) ? st.st_size : 0;
	lines_init(&l, fd, im->max_line);
	res = read_lines(&r, &l, size);
	if (res == 0 && is_shorter(&l, size)) {
		im->lineno = 0;
		import_bad(im, "it shrank while it was read");
	}
	if (res == 0 && (r.doc > 1 || r.torn || (r.doc == 1 &&
	    im->text.n > 2)))
		import_bad(im, "an object that is not whole");
	lines_fini(&l);
	buf_fini(&im->text);
	return res != -1 ? end_file(im) : -1;
}

int
import_session_end(struct import *im)
{
	int res = 0;

	for (size_t i = 0; sources[i] != NULL && res == 0; i++) {
		void *x = im->reader[i].x;

		if (x == NULL || !sources[i]->session)
			continue;
		res = sources[i]->end(x);
		close_reader(im, i);
	}
	im->failed = im->failed || res == -1;
	return res;
}

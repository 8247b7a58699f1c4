#include "import/import.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "import/logline.h"

#define HEAD		64	/* bytes that tell what is no text */
#define TRIES		16	/* places in a line where no object began */

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

/* ---- objects ---------------------------------------------------------------------- */

struct reading {
	struct import		*im;
	const struct source	*hint;	/* of the object before */
	bool			 log;	/* lines have something around them */
	size_t			 doc;	/* what stands before its lines, + 1 */
	bool			 torn;	/* text is the beginning of a line */
	off_t			 size;	/* of the file at first; 0: not known */
};

/* The source's reader; NULL when out of memory. */
static void *
reader_of(struct import *im, const struct source *s)
{
	size_t i = 0;

	while (sources[i] != s)
		i++;
	if (im->reader[i].x == NULL)
		im->reader[i].x = s->open(im);
	im->failed = im->failed || im->reader[i].x == NULL;
	return im->reader[i].x;
}

static int
give_object(struct reading *r, struct json_val v)
{
	struct import *im = r->im;
	const struct source *s = source_of(v, r->hint);
	void *x;

	if (s == NULL) {
		im->others++;
		return 0;
	}
	r->hint = s;
	im->objects++;
	x = reader_of(im, s);
	if (x == NULL)
		return -1;
	if (s->line(x, v) == -1) {
		im->failed = true;
		return -1;
	}
	return 0;
}

/* As give_object, where calls are all that is asked for; or IMPORT_PASS. */
static int
glance(struct reading *r, const char *p, size_t n)
{
	struct import *im = r->im;
	const struct source *s = r->hint;
	int res;
	void *x;

	if (s == NULL || s->glance == NULL || r->torn || r->doc != 0)
		return IMPORT_PASS;
	x = reader_of(im, s);
	if (x == NULL)
		return -1;
	im->when = 0;
	res = s->glance(x, p, n);
	im->objects += res == 0;
	im->glanced += res == 0;
	im->failed = im->failed || res == -1;
	return res;
}

/* An object, or a list of them. */
static int
give(struct reading *r, struct json_val v)
{
	struct json_iter it;
	struct json_val e;

	if (v.type == JSON_OBJECT)
		return give_object(r, v);
	if (v.type != JSON_ARRAY)
		return 0;
	json_iter(&it, v);
	while (json_next_elem(&it, &e))
		if (e.type == JSON_OBJECT && give_object(r, e) == -1)
			return -1;
	return 0;
}

/* ---- lines ------------------------------------------------------------------------- */

/* A brace and a name, most likely. */
static const char *
find_object(const char *p, const char *end)
{
	const char *name;

	while (p < end && (p = memchr(p, '{', (size_t)(end - p))) != NULL) {
		name = json_ws(p + 1, end);
		if (name < end && *name == '"')
			return p;
		p++;
	}
	return NULL;
}

/* All that is left of the line is objects and white space. */
static bool
rest_is_good(const char *p, const char *end)
{
	p = json_ws(p, end);
	return p == end || *p == '{';
}

/* Passes over the object at p and remembers its members. */
static const char *
index_object(struct import *im, const char *p, const char *end,
    struct json_val *v, const char **why)
{
	const char *q = json_index(p, end, im->member, IMPORT_MEMBERS,
	    &im->nmember, why);

	im->indexed = q != NULL && im->nmember <= IMPORT_MEMBERS ? p : NULL;
	if (q != NULL)
		*v = (struct json_val){ p, (size_t)(q - p), JSON_OBJECT };
	return q;
}

/*
 * Objects in a line: the whole, several behind one another, what a prefix
 * stands before, or one that another writer has written into the middle of a
 * line. *why is set when something was there that could not be read.
 */
static int
line_objects(struct reading *r, const char *p, size_t n, const char **why)
{
	const char *end = p + n, *at = p, *q, *cause = NULL;
	bool torn = false;
	struct json_val v;

	for (int tries = 0; tries < TRIES;) {
		at = find_object(at, end);
		if (at == NULL)
			break;
		q = index_object(r->im, at, end, &v, &cause);
		if (q == NULL || (torn && source_of(v, r->hint) == NULL) ||
		    (!torn && !rest_is_good(q, end))) {
			/* In prose a brace means nothing. */
			if (!torn && logline_is_prefix(p, (size_t)(at - p)) &&
			    q == NULL)
				*why = cause;
			torn = torn || *why != NULL;
			at++;
			tries++;
			continue;
		}
		r->im->when = logline_time(p, (size_t)(at - p));
		if (give(r, v) == -1)
			return -1;
		at = q;
	}
	return 0;
}

static const char *
trimmed(const char *p, size_t *n)
{
	while (*n > 0 && (p[*n - 1] == ' ' || p[*n - 1] == '\t'))
		(*n)--;
	return p;
}

/* A document printed over many lines begins with a bare brace. */
static bool
doc_begins(struct reading *r, const char *p, size_t n)
{
	if (n == 0 || (p[n - 1] != '{' && p[n - 1] != '[') ||
	    !logline_is_prefix(p, n - 1))
		return false;
	buf_reset(&r->im->text);
	buf_addc(&r->im->text, p[n - 1]);
	r->doc = n;
	r->im->when = logline_time(p, n - 1);
	return true;
}

/* 1: the line is none of the document, which is given up. */
static int
doc_line(struct reading *r, const char *p, size_t n)
{
	struct import *im = r->im;
	const size_t pre = r->doc - 1;
	struct json_val v;
	const char *why;

	if (n <= pre)
		return 0;
	p += pre;
	n -= pre;
	if (n > 1 && p[0] == '{' && p[1] == '"') {
		r->doc = 0;
		return 1;
	}
	buf_addc(&im->text, '\n');
	buf_add(&im->text, p, n);
	if (n != 1 || (p[0] != '}' && p[0] != ']'))
		return 0;
	r->doc = 0;
	if (!json_parse(im->text.p, im->text.n, &v, &why)) {
		if (pre == 0)
			import_bad(im, why);
		return 0;
	}
	return give(r, v);
}

/* Bytes that mean nothing in JSON but stand in logs. */
static bool
has_controls(const char *p, size_t n)
{
	return memchr(p, '\033', n) != NULL || memchr(p, '\r', n) != NULL;
}

static int
one_line(struct reading *r, const char *p, size_t n)
{
	struct import *im = r->im;
	const char *why = NULL, *q;
	size_t go;

	if (im->call != NULL) {
		int res = glance(r, p, n);

		if (res != IMPORT_PASS)
			return res;
	}
	im->indexed = NULL;
	if (has_controls(p, n)) {
		buf_reset(&im->clean);
		logline_plain(&im->clean, p, n);
		p = im->clean.p != NULL ? im->clean.p : "";
		n = im->clean.n;
	}
	q = utf8_valid_until(p, p + n);
	if (q != p + n) {
		buf_reset(&im->utf8);
		logline_utf8(&im->utf8, p, n);
		p = im->utf8.p;
		n = im->utf8.n;
		if (find_object(p, p + n) != NULL)
			import_bad(im, "invalid UTF-8, replaced");
	}
	p = trimmed(p, &n);
	if (n == 0)
		return 0;
	go = r->torn ? logline_goes_on(p, n) : 0;
	if (go != 0) {
		buf_add(&im->text, p + go, n - go);
		p = im->text.p;
		n = im->text.n;
	} else if (r->torn) {
		r->torn = false;
		import_bad(im, "an object that is not whole");
	}
	if (r->doc != 0) {
		int res = doc_line(r, p, n);

		if (res != 1)
			return res;
	}
	if (!r->torn && doc_begins(r, p, n))
		return 0;
	if (p[0] == '[' && n > 2 && p[n - 1] == ']') {
		struct json_val v;

		if (json_parse(p, n, &v, &why))
			return give(r, v);
	}
	why = NULL;
	if (line_objects(r, p, n, &why) == -1)
		return -1;
	if (why == NULL) {
		r->torn = false;
		return 0;
	}
	/* The service may have broken it: then the next line goes on. */
	if (!r->torn && p[0] != '{') {
		buf_reset(&im->text);
		buf_add(&im->text, p, n);
		r->torn = im->text.err == 0;
	} else if (!r->torn)
		import_bad(im, why);
	return 0;
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

static bool
is_shorter(const struct reading *r, const struct lines *l)
{
	return (off_t)l->bytes < r->size;
}

/* The end of what is left of a file that shrank is no line of its writer's. */
static bool
is_cut(const struct reading *r, const struct lines *l, const char *end)
{
	return end == l->p + l->end && is_shorter(r, l);
}

/* What some shells make of all that is written to a file. */
static bool
is_utf16(const char *p, size_t n)
{
	return n >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 ||
	    memcmp(p, "\xfe\xff", 2) == 0);
}

static int
read_lines(struct reading *r, struct lines *l)
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
			return 0;
		}
		if (res == LINES_MORE)
			res = lines_fill(l);
		else if (res == LINES_OK && !is_cut(r, l, p + n) &&
		    one_line(r, p, n) == -1)
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
	r.size = S_ISREG(st.st_mode) ? st.st_size : 0;
	lines_init(&l, fd, im->max_line);
	res = read_lines(&r, &l);
	if (res == 0 && is_shorter(&r, &l)) {
		im->lineno = 0;
		import_bad(im, "it shrank while it was read");
	}
	if (res == 0 && (r.doc > 1 || r.torn || (r.doc == 1 &&
	    im->text.n > 2)))
		import_bad(im, "an object that is not whole");
	lines_fini(&l);
	buf_fini(&im->text);
	return res == 0 ? end_file(im) : -1;
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

#include "import/import-line.h"

#include <string.h>

#include "base/utf8.h"
#include "import/logline.h"

#define TRIES		16	/* places in a line where no object began */

/* ---- objects ---------------------------------------------------------------------- */

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

int
import_line(struct reading *r, const char *p, size_t n)
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

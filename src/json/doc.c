#include "json/doc.h"

#include <cjson/cJSON.h>
#include <string.h>

#define DOC_INT_MAX	9007199254740992.0	/* 2^53 */

/* struct doc is cJSON's node under another name; only this file knows. */
static const cJSON *
node(const struct doc *d)
{
	return (const cJSON *)d;
}

static const struct doc *
wrap(const cJSON *j)
{
	return (const struct doc *)j;
}

static void
locate(const char *p, const char *at, size_t *line, size_t *col)
{
	*line = *col = 1;
	for (; p < at; p++) {
		if (*p == '\n') {
			++*line;
			*col = 1;
		} else
			++*col;
	}
}

struct doc *
doc_parse(const char *p, size_t n, struct err *e)
{
	const char *end = p;
	size_t line, col;
	cJSON *j;

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		(void)err_set(e, "line 1 column 1: byte-order mark");
		return NULL;
	}
	j = cJSON_ParseWithLengthOpts(p, n, &end, 0);
	if (j != NULL) {
		/* cJSON stops behind the value; only white space may follow. */
		while (end < p + n && memchr(" \t\r\n", *end, 4) != NULL)
			end++;
		if (end == p + n)
			return (struct doc *)j;
		cJSON_Delete(j);
		locate(p, end, &line, &col);
		(void)err_set(e, "line %zu column %zu: text behind the value",
		    line, col);
		return NULL;
	}
	if (end < p || end > p + n)
		end = p;
	locate(p, end, &line, &col);
	(void)err_set(e, "line %zu column %zu: not valid JSON", line, col);
	return NULL;
}

void
doc_free(struct doc *root)
{
	cJSON_Delete((cJSON *)root);
}

bool
doc_is_object(const struct doc *d)
{
	return cJSON_IsObject(node(d)) != 0;
}

bool
doc_is_array(const struct doc *d)
{
	return cJSON_IsArray(node(d)) != 0;
}

bool
doc_is_string(const struct doc *d)
{
	return cJSON_IsString(node(d)) != 0;
}

bool
doc_is_number(const struct doc *d)
{
	return cJSON_IsNumber(node(d)) != 0;
}

bool
doc_is_bool(const struct doc *d)
{
	return cJSON_IsBool(node(d)) != 0;
}

bool
doc_is_null(const struct doc *d)
{
	return cJSON_IsNull(node(d)) != 0;
}

const struct doc *
doc_get(const struct doc *object, const char *name)
{
	return wrap(cJSON_GetObjectItemCaseSensitive(node(object), name));
}

const char *
doc_str(const struct doc *d)
{
	return cJSON_GetStringValue(node(d));
}

bool
doc_bool(const struct doc *d, bool dflt)
{
	return doc_is_bool(d) ? cJSON_IsTrue(node(d)) != 0 : dflt;
}

int
doc_int(const struct doc *d, int64_t *out)
{
	double v;

	if (!doc_is_number(d))
		return -1;
	v = node(d)->valuedouble;
	if (!(v >= -DOC_INT_MAX && v <= DOC_INT_MAX))
		return -1;
	*out = (int64_t)v;
	/* Exact compare is meant: a fraction is no integer. */
	return (double)*out < v || (double)*out > v ? -1 : 0;
}

double
doc_double(const struct doc *d)
{
	return doc_is_number(d) ? node(d)->valuedouble : 0.0;
}

const struct doc *
doc_first(const struct doc *d)
{
	return d != NULL ? wrap(node(d)->child) : NULL;
}

const struct doc *
doc_next(const struct doc *d)
{
	return d != NULL ? wrap(node(d)->next) : NULL;
}

const char *
doc_key(const struct doc *d)
{
	return d != NULL ? node(d)->string : NULL;
}

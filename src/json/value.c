/* What a scanned value means: names, strings, numbers. See scan.h. */
#include "json/scan.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static uint32_t
hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		v <<= 4;
		if (c >= '0' && c <= '9')
			v |= (uint32_t)(c - '0');
		else
			v |= (uint32_t)((c | 0x20) - 'a' + 10);
	}
	return v;
}

/* \uXXXX at p, with its low half if it is a pair; how many bytes it took. */
static size_t
unicode(const char *p, const char *end, uint32_t *c)
{
	*c = hex4(p + 2);
	if (*c < 0xd800 || *c > 0xdfff)
		return 6;
	if (*c < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
		uint32_t low = hex4(p + 8);

		if (low >= 0xdc00 && low <= 0xdfff) {
			*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
			return 12;
		}
	}
	*c = 0xfffd;		/* half a pair stands for nothing */
	return 6;
}

/* Characters up to the next escape or the end, short runs without a call. */
static const char *
plain(struct buf *b, const char *p, const char *end)
{
	const char *q = p;

	while (q < end && q - p < 16 && *q != '\\')
		q++;
	if (q < end && *q != '\\') {
		q = memchr(q, '\\', (size_t)(end - q));
		if (q == NULL)
			q = end;
	}
	buf_add(b, p, (size_t)(q - p));
	return q;
}

static void
unescape(struct buf *b, const char *p, const char *end)
{
	static const char meaning[128] = { ['"'] = '"', ['\\'] = '\\',
	    ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n',
	    ['r'] = '\r', ['t'] = '\t' };
	uint32_t c;

	while (p < end) {
		/* Escapes often come close behind one another. */
		if (*p != '\\') {
			p = plain(b, p, end);
		} else if (p[1] == 'u') {
			p += unicode(p, end, &c);
			utf8_put(b, c);
		} else {
			buf_addc(b, meaning[p[1] & 0x7f]);
			p += 2;
		}
	}
}

int
json_unescape(struct buf *b, struct json_val v)
{
	if (v.type != JSON_STRING)
		return -1;
	unescape(b, v.p + 1, v.p + v.n - 1);
	return 0;
}

const char *
json_str(struct json_val v, struct buf *scratch, size_t *n)
{
	size_t start;

	*n = 0;
	if (v.type != JSON_STRING)
		return NULL;
	if (memchr(v.p, '\\', v.n) == NULL) {
		*n = v.n - 2;
		return v.p + 1;
	}
	start = scratch->n;
	unescape(scratch, v.p + 1, v.p + v.n - 1);
	if (scratch->err != 0)
		return NULL;
	*n = scratch->n - start;
	return buf_cstr(scratch) + start;
}

static bool
text_is(const char *p, size_t n, bool esc, const char *s, size_t len)
{
	struct buf b;
	bool same;

	if (!esc)
		return n == len && memcmp(p, s, n) == 0;
	buf_init(&b, 0);
	unescape(&b, p, p + n);
	same = b.err == 0 && b.n == len && (len == 0 ||
	    memcmp(b.p, s, len) == 0);
	buf_fini(&b);
	return same;
}

bool
json_key_is(const struct json_member *m, const char *name, size_t n)
{
	return text_is(m->key, m->klen, m->kesc, name, n);
}

bool
json_str_is(struct json_val v, const char *s)
{
	if (v.type != JSON_STRING)
		return false;
	return text_is(v.p + 1, v.n - 2,
	    memchr(v.p, '\\', v.n) != NULL, s, strlen(s));
}

bool
json_same(struct json_val a, struct json_val b)
{
	return a.type == b.type && a.n == b.n &&
	    (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
json_equal(struct json_val a, struct json_val b)
{
	return a.type != JSON_NONE && a.type != JSON_NULL && json_same(a, b);
}

struct json_val
json_get(struct json_val object, const char *name)
{
	struct json_val found = { NULL, 0, JSON_NONE };
	struct json_iter it;
	struct json_member m;
	size_t n = strlen(name);

	if (object.type != JSON_OBJECT)
		return found;
	json_iter(&it, object);
	while (json_next_member(&it, &m))
		if (json_key_is(&m, name, n))
			found = m.val;
	return found;
}

static void
take_named(const struct json_member *m, const struct json_name *name,
    struct json_val *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (m->kesc ? json_key_is(m, name[i].s, name[i].n) :
		    m->klen == name[i].n &&
		    memcmp(m->key, name[i].s, m->klen) == 0)
			out[i] = m->val;
}

void
json_get_all(struct json_val object, const struct json_name *name,
    struct json_val *out, size_t n)
{
	struct json_iter it;
	struct json_member m;

	memset(out, 0, n * sizeof(*out));
	if (object.type != JSON_OBJECT)
		return;
	json_iter(&it, object);
	while (json_next_member(&it, &m))
		take_named(&m, name, out, n);
}

bool
json_next_elem_all(struct json_iter *it, const struct json_name *name,
    struct json_val *out, size_t n)
{
	struct json_iter in;
	struct json_member m;
	struct json_val v;
	const char *p;

	if (it->p == NULL)
		return false;
	p = json_ws(it->p, it->end);
	memset(out, 0, n * sizeof(*out));
	if (p >= it->end || *p != '{')
		return json_next_elem(it, &v);	/* it has no members */
	in.p = p + 1;
	in.end = it->end;
	while (json_next_member(&in, &m))
		take_named(&m, name, out, n);
	/* The walk has stopped at the brace that closes the object. */
	it->p = json_ws(in.p, it->end);
	if (it->p < it->end && *it->p == '}')
		it->p = json_ws(it->p + 1, it->end);
	if (it->p < it->end && *it->p == ',')
		it->p++;
	return true;
}

struct json_val
json_path(struct json_val object, ...)
{
	va_list ap;
	const char *name;

	va_start(ap, object);
	while ((name = va_arg(ap, const char *)) != NULL)
		object = json_get(object, name);
	va_end(ap);
	return object;
}

/* -?[0-9]+ in the range of int64_t, the whole of p[0..n). */
static int
integer(const char *p, size_t n, int64_t *out)
{
	bool neg = n > 0 && *p == '-';
	uint64_t v = 0, max = neg ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
	size_t i = neg ? 1 : 0;

	if (i == n)
		return -1;
	/* Up to 18 digits always fit; a division a digit is dear. */
	for (size_t safe = n - i < 18 ? n : i + 18; i < safe; i++) {
		unsigned d = (unsigned)(p[i] - '0');

		if (d > 9)
			return -1;
		v = v * 10 + d;
	}
	for (; i < n; i++) {
		unsigned d = (unsigned)(p[i] - '0');

		if (d > 9 || v > (max - d) / 10)
			return -1;
		v = v * 10 + d;
	}
	*out = neg ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

int
json_int(struct json_val v, int64_t *out)
{
	if (v.type == JSON_NUMBER)
		return integer(v.p, v.n, out);
	if (v.type == JSON_STRING)
		return integer(v.p + 1, v.n - 2, out);
	return -1;
}

int
json_double(struct json_val v, double *out)
{
	const char *p = v.p, *why;
	struct json_val inner;
	char s[64], *end;
	size_t n = v.n;

	if (v.type == JSON_STRING) {
		p++;
		n -= 2;
		if (!json_parse(p, n, &inner, &why) ||
		    inner.type != JSON_NUMBER)
			return -1;
	} else if (v.type != JSON_NUMBER)
		return -1;
	if (n >= sizeof(s))
		return -1;
	memcpy(s, p, n);
	s[n] = '\0';
	errno = 0;
	*out = strtod(s, &end);
	return *end == '\0' && errno == 0 ? 0 : -1;
}

int
json_bool(struct json_val v, bool *out)
{
	if (v.type == JSON_TRUE || json_str_is(v, "true"))
		*out = true;
	else if (v.type == JSON_FALSE || json_str_is(v, "false"))
		*out = false;
	else
		return -1;
	return 0;
}

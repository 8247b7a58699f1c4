#include "report/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/utf8.h"
#include "report/sums.h"

#define HEAD	"aitrace-report-cache 1"

void
cache_fini(struct cache *c)
{
	free(c->session);
	memset(c, 0, sizeof(*c));
}

static money
larger(const struct cache_session *s)
{
	return s->spent > s->records ? s->spent : s->records;
}

static void
forget_oldest(struct cache *c)
{
	c->others = sums_money(c->others, larger(&c->session[0]));
	c->nsession--;
	memmove(c->session, c->session + 1,
	    c->nsession * sizeof(c->session[0]));
}

/* A new one at the end; NULL when out of memory. */
static struct cache_session *
append(struct cache *c, const char *id, size_t n)
{
	struct cache_session *s;

	if (c->session == NULL)
		c->session = calloc(CACHE_SESSIONS, sizeof(*s));
	if (c->session == NULL)
		return NULL;
	if (c->nsession == CACHE_SESSIONS)
		forget_oldest(c);
	s = &c->session[c->nsession++];
	memset(s, 0, sizeof(*s));
	n = utf8_cut(id, n, CACHE_ID_MAX);
	memcpy(s->id, id, n);
	return s;
}

static size_t
index_of(const struct cache *c, const char *id, size_t n)
{
	size_t i = 0;

	n = utf8_cut(id, n, CACHE_ID_MAX);
	while (i < c->nsession && (strlen(c->session[i].id) != n ||
	    memcmp(c->session[i].id, id, n) != 0))
		i++;
	return i;
}

const struct cache_session *
cache_find(const struct cache *c, const char *id, size_t n)
{
	size_t i = n != 0 ? index_of(c, id, n) : c->nsession;

	return i < c->nsession ? &c->session[i] : NULL;
}

/* The session, as the one seen last. */
static struct cache_session *
touch(struct cache *c, const char *id, size_t n)
{
	struct cache_session s;
	size_t i;

	/* An id with a NUL in it would not be found again. */
	n = strnlen(id, n);
	if (n == 0)
		return append(c, "-", 1);
	i = index_of(c, id, n);
	if (i == c->nsession)
		return append(c, id, n);
	s = c->session[i];
	memmove(c->session + i, c->session + i + 1,
	    (c->nsession - i - 1) * sizeof(s));
	c->session[c->nsession - 1] = s;
	return &c->session[c->nsession - 1];
}

int
cache_said(struct cache *c, const char *id, size_t n, money total)
{
	struct cache_session *s = touch(c, id, n);

	if (s == NULL)
		return -1;
	s->spent = sums_money(s->spent, total >= s->last ? total - s->last :
	    total);
	s->last = total;
	return 0;
}

int
cache_record(struct cache *c, const char *id, size_t n, money cost)
{
	struct cache_session *s = touch(c, id, n);

	if (s == NULL)
		return -1;
	s->records = sums_money(s->records, cost);
	return 0;
}

void
cache_forget_records(struct cache *c)
{
	for (size_t i = 0; i < c->nsession; i++)
		c->session[i].records = 0;
	c->nfile = 0;
}

void
cache_day(struct cache *c, const char *day, size_t n)
{
	if (strlen(c->day) == n && memcmp(c->day, day, n) == 0)
		return;
	if (n >= sizeof(c->day))
		n = sizeof(c->day) - 1;
	memcpy(c->day, day, n);
	c->day[n] = '\0';
	c->others = 0;
	for (size_t i = 0; i < c->nsession; i++)
		c->session[i].spent = c->session[i].records = 0;
}

struct cache_file *
cache_at(struct cache *c, uint64_t dev, uint64_t ino)
{
	struct cache_file f = { dev, ino, 0 };
	size_t i = 0;

	while (i < c->nfile && (c->file[i].dev != dev ||
	    c->file[i].ino != ino))
		i++;
	if (i < c->nfile)
		f = c->file[i];
	else if (c->nfile == CACHE_FILES)
		i = 0;	/* in place of the one read longest ago */
	else
		c->nfile++;
	memmove(c->file + i, c->file + i + 1,
	    (c->nfile - i - 1) * sizeof(f));
	c->file[c->nfile - 1] = f;
	return &c->file[c->nfile - 1];
}

money
cache_today(const struct cache *c)
{
	money m = c->others;

	for (size_t i = 0; i < c->nsession; i++)
		m = sums_money(m, larger(&c->session[i]));
	return m;
}

void
cache_put(struct buf *b, const struct cache *c)
{
	buf_addf(b, "%s\nday %s\nothers ", HEAD, c->day);
	money_put(b, c->others, false);
	buf_addc(b, '\n');
	for (size_t i = 0; i < c->nfile; i++)
		buf_addf(b, "file %llu %llu %llu\n",
		    (unsigned long long)c->file[i].dev,
		    (unsigned long long)c->file[i].ino,
		    (unsigned long long)c->file[i].offset);
	for (size_t i = 0; i < c->nsession; i++) {
		const struct cache_session *s = &c->session[i];

		buf_adds(b, "session ");
		enc_percent(b, s->id, strlen(s->id));
		buf_addc(b, ' ');
		money_put(b, s->last, false);
		buf_addc(b, ' ');
		money_put(b, s->spent, false);
		buf_addc(b, ' ');
		money_put(b, s->records, false);
		buf_addc(b, '\n');
	}
	/* Without it the file was cut off. */
	buf_adds(b, "end\n");
}

/* The next word of a line. */
static bool
word(const char **at, const char *end, const char **p, size_t *n)
{
	const char *q = *at;

	while (q < end && *q != ' ')
		q++;
	*p = *at;
	*n = (size_t)(q - *at);
	*at = q < end ? q + 1 : end;
	return *n != 0;
}

static bool
amount(const char **at, const char *end, money *m)
{
	const char *p;
	size_t n;

	return word(at, end, &p, &n) && money_parse(p, n, m) == 0;
}

static bool
number(const char **at, const char *end, uint64_t *v)
{
	const char *p;
	size_t n;

	if (!word(at, end, &p, &n) || n > 20)
		return false;
	*v = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t d = (uint64_t)(unsigned char)p[i] - '0';

		if (d > 9 || *v > (UINT64_MAX - d) / 10)
			return false;
		*v = *v * 10 + d;
	}
	return true;
}

static bool
session_line(struct cache *c, const char *at, const char *end)
{
	struct cache_session s = { .last = 0 }, *to;
	struct buf id = { 0 };
	const char *p;
	size_t n;
	bool good;

	good = word(&at, end, &p, &n) && enc_unpercent(&id, p, n) == 0 &&
	    id.n != 0 && id.n <= CACHE_ID_MAX &&
	    memchr(id.p, '\0', id.n) == NULL && amount(&at, end, &s.last) &&
	    amount(&at, end, &s.spent) && amount(&at, end, &s.records) &&
	    c->nsession < CACHE_SESSIONS;
	if (good) {
		to = append(c, id.p, id.n);
		good = to != NULL;
		if (good) {
			to->last = s.last;
			to->spent = s.spent;
			to->records = s.records;
		}
	}
	buf_fini(&id);
	return good;
}

static bool
file_line(struct cache *c, const char *at, const char *end)
{
	struct cache_file f;

	if (c->nfile == CACHE_FILES || !number(&at, end, &f.dev) ||
	    !number(&at, end, &f.ino) || !number(&at, end, &f.offset) ||
	    f.offset > INT64_MAX)
		return false;
	c->file[c->nfile++] = f;
	return true;
}

static bool
is(const char *p, size_t n, const char *s)
{
	return strlen(s) == n && memcmp(p, s, n) == 0;
}

/* One line; *done after the last. */
static bool
line(struct cache *c, const char *at, const char *end, bool *done)
{
	const char *p;
	size_t n;

	if (!word(&at, end, &p, &n))
		return false;
	if (is(p, n, "end"))
		return *done = true;
	if (is(p, n, "others"))
		return amount(&at, end, &c->others);
	if (is(p, n, "file"))
		return file_line(c, at, end);
	if (is(p, n, "session"))
		return session_line(c, at, end);
	if (!is(p, n, "day") || !word(&at, end, &p, &n) ||
	    n >= sizeof(c->day) || memchr(p, '\0', n) != NULL)
		return false;
	memcpy(c->day, p, n);
	c->day[n] = '\0';
	return true;
}

void
cache_parse(struct cache *c, const char *p, size_t n)
{
	const char *end = p + n, *nl;
	bool good, done = false;

	cache_fini(c);
	nl = n != 0 ? memchr(p, '\n', n) : NULL;
	good = nl != NULL && is(p, (size_t)(nl - p), HEAD);
	while (good && !done) {
		p = nl + 1;
		nl = memchr(p, '\n', (size_t)(end - p));
		good = nl != NULL && line(c, p, nl, &done);
	}
	if (!good)
		cache_fini(c);
}

/*
 * Usages of one version of the CLI are the same text but for their numbers.
 * One that is written as the last was is valid as that was, and what its
 * numbers count is known: neither is found out again.
 */
#include <stddef.h>
#include <string.h>

#include "import/transcript.h"

#define TEXT_MAX	4096	/* bytes of what is learned */
#define DIGITS_MAX	18	/* no more fit for certain */

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* White space, and what may stand around a number. */
static bool
is_around(char c)
{
	return strchr(" \t,:[]}", c) != NULL;
}

/* ---- learning ------------------------------------------------------------------------ */

/* Behind the string at p of a valid text. */
static const char *
behind_string(const char *p)
{
	for (p++; *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p + 1;
}

/* The numbers of digits alone; others are text like any. False: too many. */
static bool
find_numbers(struct tr_shape *x, struct json_val v)
{
	const char *p = v.p, *end = v.p + v.n, *from;

	x->nnum = 0;
	while (p < end) {
		if (*p == '"') {
			p = behind_string(p);
			continue;
		}
		if (!is_digit(*p)) {
			p++;
			continue;
		}
		for (from = p; is_digit(*p); p++)
			;	/* the object's brace is behind it */
		if (!is_around(from[-1]) || !is_around(*p))
			continue;
		if (x->nnum == TR_NUMBERS)
			return false;
		x->num[x->nnum++] = (struct tr_number){ (size_t)(from - v.p),
		    (size_t)(p - from), -1 };
	}
	return true;
}

/* The number at val counts what is at that offset. False: it is none. */
static bool
name_number(struct tr_shape *x, struct json_val v, struct json_val val,
    size_t to)
{
	if (val.type == JSON_NONE)
		return true;
	for (size_t i = 0; i < x->nnum; i++)
		if (v.p + x->num[i].at == val.p && x->num[i].n == val.n) {
			x->num[i].to = (int)to;
			return true;
		}
	return false;
}

static bool
name_numbers(struct tr_shape *x, struct json_val v, const struct tr_counts *c)
{
	return name_number(x, v, c->input, offsetof(struct usage, input)) &&
	    name_number(x, v, c->read, offsetof(struct usage, cache_read)) &&
	    name_number(x, v, c->write, offsetof(struct usage, write)) &&
	    name_number(x, v, c->five, offsetof(struct usage, write_5m)) &&
	    name_number(x, v, c->hour, offsetof(struct usage, write_1h)) &&
	    name_number(x, v, c->output, offsetof(struct usage, output));
}

static struct json_val
moved(struct json_val v, const char *from, const char *to)
{
	if (v.type != JSON_NONE)
		v.p = to + (v.p - from);
	return v;
}

void
transcript_shape_learn(struct tr_shape *x, struct json_val v)
{
	struct tr_counts c;

	buf_reset(&x->text);
	if (v.type != JSON_OBJECT || v.n > TEXT_MAX)
		return;
	transcript_counts(&c, v);
	if (!find_numbers(x, v) || !name_numbers(x, v, &c))
		return;
	buf_add(&x->text, v.p, v.n);
	if (x->text.err != 0) {
		x->text.n = 0;
		return;
	}
	x->counts = c;
	x->counts.speed = moved(c.speed, v.p, x->text.p);
	x->counts.tier = moved(c.tier, v.p, x->text.p);
}

void
transcript_shape_fini(struct tr_shape *x)
{
	buf_fini(&x->text);
}

/* ---- knowing it again ------------------------------------------------------------------ */

/* Behind the number at p, as JSON has them; or NULL. */
static inline const char *
digits(const char *p, const char *end, int64_t *to)
{
	const char *from = p;
	int64_t n = 0;

	for (; p < end && is_digit(*p); p++) {
		if (p - from == DIGITS_MAX)
			return NULL;
		n = n * 10 + (*p - '0');
	}
	*to = n;
	return p == from || (*from == '0' && p - from > 1) ? NULL : p;
}

const char *
transcript_shape_match(const struct tr_shape *x, const char *p,
    const char *end, struct tr_usage *to)
{
	const char *old = x->text.p, *from = old;
	const struct tr_counts *c = &x->counts;
	struct usage *u = &to->count;
	int64_t count;

	if (x->text.n == 0)
		return NULL;
	*to = (struct tr_usage){ .speed = c->speed, .tier = c->tier,
	    .count = { .known = true, .fold = true } };
	for (size_t i = 0;; i++) {
		const char *at = i < x->nnum ? old + x->num[i].at :
		    old + x->text.n;
		size_t n = (size_t)(at - from);

		if ((size_t)(end - p) < n || memcmp(p, from, n) != 0)
			return NULL;
		if (c->speed.p >= from && c->speed.p < at)
			to->speed.p = p + (c->speed.p - from);
		if (c->tier.p >= from && c->tier.p < at)
			to->tier.p = p + (c->tier.p - from);
		p += n;
		if (i == x->nnum)
			break;
		p = digits(p, end, &count);
		if (p == NULL)
			return NULL;
		if (x->num[i].to != -1)
			memcpy((char *)u + x->num[i].to, &count,
			    sizeof(count));
		from = at + x->num[i].n;
	}
	transcript_lives(u, c);
	return p;
}

#include "filter/value.h"

#include <string.h>

#include "record/rtime.h"

#define NS	INT64_C(1000000000)

struct value
value_bool(bool yes)
{
	return (struct value){ .type = VALUE_BOOL, .yes = yes };
}

struct value
value_str(const char *p, size_t n)
{
	return (struct value){ .type = VALUE_STR, .p = p, .n = n };
}

static struct value
text_of(struct json_val v, struct arena *mem)
{
	const char *s = v.p + 1;
	size_t n = v.n - 2;
	struct buf b = { 0 };

	if (n != 0 && memchr(s, '\\', n) != NULL) {
		(void)json_unescape(&b, v);	/* it is a string */
		s = b.err == 0 ? arena_copy(mem, b.p, b.n) : NULL;
		n = b.n;
		buf_fini(&b);
		if (s == NULL)
			return (struct value){ .type = VALUE_UNKNOWN };
	}
	return value_str(s, n);
}

struct value
value_json(struct json_val v, struct arena *mem)
{
	struct value out = { .type = VALUE_UNKNOWN };

	switch (v.type) {
	case JSON_TRUE:
	case JSON_FALSE:
		return value_bool(v.type == JSON_TRUE);
	case JSON_STRING:
		return text_of(v, mem);
	case JSON_ARRAY:
		out.type = VALUE_LIST;
		break;
	case JSON_NUMBER:
		if (num_parse(v.p, v.n, &out.num) == -1)
			return out;
		out.type = VALUE_NUM;
		break;
	default:
		return out;
	}
	out.p = v.p;
	out.n = v.n;
	return out;
}

static enum value_cmp
from_int(int c)
{
	return c < 0 ? VALUE_LESS : c > 0 ? VALUE_MORE : VALUE_EQUAL;
}

static enum value_cmp
cmp_text(const struct value *a, const struct value *b)
{
	size_t n = a->n < b->n ? a->n : b->n;
	int c = n != 0 ? memcmp(a->p, b->p, n) : 0;

	if (c != 0)
		return from_int(c);
	return a->n < b->n ? VALUE_LESS : a->n > b->n ? VALUE_MORE :
	    VALUE_EQUAL;
}

/* A text turned into what it is compared with; unknown if it does not fit. */
static struct value
as(const struct value *v, enum value_type want)
{
	struct value out = { .type = VALUE_UNKNOWN };

	if (v->type == want || v->type != VALUE_STR)
		return v->type == want ? *v : out;
	if (want == VALUE_NUM && num_parse(v->p, v->n, &out.num) == 0)
		out.type = want;
	if (want == VALUE_TIME && rtime_parse(v->p, v->n, &out.time) == 0)
		out.type = want;
	return out;
}

enum value_cmp
value_cmp(const struct value *a, const struct value *b)
{
	struct value x = as(a, b->type), y = as(b, a->type);

	if (x.type != VALUE_UNKNOWN)
		y = *b;
	else if (y.type != VALUE_UNKNOWN)
		x = *a;
	else
		return VALUE_APART;
	switch (x.type) {
	case VALUE_BOOL:
		return from_int((int)x.yes - (int)y.yes);
	case VALUE_NUM:
	case VALUE_DURATION:
		return from_int(num_cmp(&x.num, &y.num));
	case VALUE_STR:
		return cmp_text(&x, &y);
	case VALUE_TIME:
		return from_int(x.time < y.time ? -1 : x.time > y.time);
	default:
		return VALUE_APART;
	}
}

bool
value_next(const struct value *list, size_t *at, struct value *elem,
    struct arena *mem)
{
	struct json_val v = { list->p, list->n, JSON_ARRAY };
	struct json_iter it;

	json_iter(&it, v);
	if (*at != 0)
		it.p = list->p + *at;
	if (!json_next_elem(&it, &v))
		return false;
	*at = (size_t)(it.p - list->p);
	*elem = value_json(v, mem);
	return true;
}

/* Seconds with as many decimals as needed. */
static void
put_duration(struct buf *b, const struct num *ns)
{
	struct num s, billion = num_int(NS);

	if (num_div(ns, &billion, &s))
		num_put(b, &s);
}

void
value_put(struct buf *b, const struct value *v)
{
	char when[RTIME_LEN];

	switch (v->type) {
	case VALUE_BOOL:
		buf_adds(b, v->yes ? "true" : "false");
		break;
	case VALUE_NUM:
		/* As it was written, if it was. */
		if (v->p != NULL)
			buf_add(b, v->p, v->n);
		else
			num_put(b, &v->num);
		break;
	case VALUE_STR:
	case VALUE_LIST:
		buf_add(b, v->p, v->n);
		break;
	case VALUE_TIME:
		rtime_format(v->time, when);
		buf_add(b, when, RTIME_LEN);
		break;
	case VALUE_DURATION:
		put_duration(b, &v->num);
		break;
	default:
		break;
	}
}

void
value_describe(struct buf *b, unsigned types)
{
	static const struct {
		unsigned	 type;
		const char	*name;
	} name[] = { { VALUE_BOOL, "true or false" }, { VALUE_NUM, "a number" },
	    { VALUE_STR, "a text" }, { VALUE_TIME, "a time" },
	    { VALUE_DURATION, "a duration" }, { VALUE_LIST, "a list" } };
	size_t from = b->n;

	if (types == VALUE_ATTRIBUTE) {
		buf_adds(b, "an attribute");
		return;
	}
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		if ((types & name[i].type) == 0)
			continue;
		if (b->n > from)
			buf_adds(b, " or ");
		buf_adds(b, name[i].name);
	}
}

#include "redact/canary.h"

#include <string.h>

#include "base/enc.h"
#include "json/scan.h"
#include "json/write.h"
#include "redact/plain.h"

#define MARK	'\x01'		/* a place in the sample */
#define CORE	12		/* bytes of a secret that must not be seen */

/* Records with places: a text, an element, a member's name, a whole value. */
static const char *const sample[] = {
	"{\"record\":\"span\",\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\","
	"\"span_id\":\"b7ad6b7169203331\",\"name\":\"\x01\",\"kind\":\"CLIENT\","
	"\"status\":{\"code\":\"ERROR\",\"message\":\"\x01\"},\"resource\":{"
	"\"service.name\":\"claude-code\",\"note\":\"\x01\",\"list\":[\"a\","
	"\"\x01\"]},\"scope\":{\"name\":\"x\",\"version\":\"\x01\",\"attributes\""
	":{\"k\":\"\x01\"}},\"events\":[{\"name\":\"\x01\",\"attributes\":{"
	"\"exception.message\":\"\x01\",\"n\":{\"deep\":[[{\"er\":\"\x01\"}]]}}}]"
	",\"links\":[{\"attributes\":{\"why\":\"\x01\"}}],\"attributes\":{"
	"\"langfuse.observation.input\":\"\x01\",\"output.value\":\"\x01\","
	"\"gen_ai.tool.call.arguments\":{\"command\":\"curl \x01\",\"env\":{"
	"\"X\":\"\x01\"},\"args\":[\"-H\",\"\x01\"]},\"m\":[{\"role\":\"user\","
	"\"content\":\"\x01\"},{\"role\":\"tool\",\"parts\":[{\"text\":\"\x01\"}]}"
	"]}}",
	"{\"record\":\"log\",\"body\":\"\x01\",\"attributes\":{\"prompt\":\"\x01\""
	",\"tool_input\":\"\x01\",\"error\":\"\x01\",\"api.body\":\"\x01\"},"
	"\"unknown\":{\"member\":\"\x01\"}}",
	"{\"record\":\"log\",\"body\":{\"text\":\"\x01\",\"list\":[1,\"\x01\"]}}",
	"{\"record\":\"metric\",\"name\":\"\x01\",\"description\":\"\x01\","
	"\"value\":1,\"exemplars\":[{\"attributes\":{\"x\":\"\x01\"}}],"
	"\"attributes\":{\"k\":\"\x01\"}}",
};

/* How the secret is spelled there. */
enum form {
	FORM_PLAIN, FORM_ESCAPED, FORM_URL, FORM_JSON, FORM_JSON_TWICE,
	FORM_SPLIT, FORM_IN_LINE, FORM_COUNT
};
static const char *const form_name[] = { "plain", "escaped", "URL-escaped",
    "JSON in a string", "JSON in JSON in a string", "split",
    "in a cut string of JSON" };

static void
put_json(struct buf *b, const char *p, size_t n, const char *before,
    const char *after)
{
	buf_adds(b, before);
	json_put_chars(b, p, n);
	buf_adds(b, after);
}

/* Appends the characters of a JSON string that holds the secret. */
static void
spell(struct buf *b, enum form form, const char *p, size_t n)
{
	struct buf in = { 0 }, more = { 0 };

	switch (form) {
	case FORM_PLAIN: case FORM_COUNT:
		put_json(b, p, n, "see ", " there");
		break;
	case FORM_ESCAPED:
		for (size_t i = 0; i < n; i++)
			buf_addf(b, "\\u%04x", (unsigned char)p[i]);
		break;
	case FORM_URL:
		buf_adds(b, "https://h.example/?q=");
		enc_percent(b, p, n);
		buf_adds(b, "&z=1");
		break;
	case FORM_JSON:
		put_json(&in, p, n, "{\"a\":[{\"b\":\"", "\"}]}");
		json_put_chars(b, in.p, in.n);
		break;
	case FORM_JSON_TWICE:
		put_json(&in, p, n, "[\"", "\",1]");
		put_json(&more, in.p, in.n, "{\"a\":\"", "\"}");
		json_put_chars(b, more.p, more.n);
		break;
	case FORM_SPLIT:
		put_json(&in, p, n / 2, "[{\"type\":\"text\",\"text\":\"to ",
		    "\"},");
		put_json(&in, p + n / 2, n - n / 2,
		    "{\"type\":\"text\",\"text\":\"", " from\"}]");
		json_put_chars(b, in.p, in.n);
		break;
	case FORM_IN_LINE:
		put_json(&in, p, n, "{\"a\":\"", " and so it is c");
		json_put_chars(b, in.p, in.n);
		break;
	}
	b->err = b->err != 0 ? b->err : in.err != 0 ? in.err : more.err;
	buf_fini(&in);
	buf_fini(&more);
}

/* The sample with the secret at the place, and nothing at the others. */
static bool
plant(struct buf *line, const char *text, size_t place, enum form form,
    const char *p, size_t n)
{
	bool done = false;
	size_t k = 0;

	buf_reset(line);
	for (; *text != '\0'; text++) {
		if (*text != MARK)
			buf_addc(line, *text);
		else if (k++ == place) {
			/* Parts are parts of nothing inside of a text. */
			spell(line, form == FORM_SPLIT && text[-1] != '"' ?
			    FORM_PLAIN : form, p, n);
			done = true;
		} else
			buf_adds(line, "ok");
	}
	return done && line->err == 0;
}

/* Is it there, in any spelling? */
static bool
is_seen(const struct buf *line, const char *core, size_t n)
{
	struct plain x = { 0 };
	bool seen = memmem(line->p, line->n, core, n) != NULL;

	if (!seen && plain_make(&x, line->p, line->n))
		seen = memmem(x.text.p, x.text.n, core, n) != NULL;
	plain_fini(&x);
	return seen;
}

/* What of the example must not be seen: the middle of what is hidden. */
static bool
core_of(struct redact *x, const struct rule *r, struct buf *core)
{
	struct buf line = { 0 }, out = { 0 }, say = { 0 };
	const char *example = r->example, *end = example + strlen(example);
	const char *why, *beg = example, *got, *hit;
	struct json_val v;
	bool found = false;

	put_json(&line, example, strlen(example), "{\"x\":\"", "\"}");
	if (line.err == 0 && redact_line(x, line.p, line.n, &out, &why) ==
	    REDACT_CHANGED && json_parse(out.p, out.n, &v, &why)) {
		json_unescape(&say, json_get(v, "x"));
		/* What stays before and behind the mark is not secret. */
		got = say.p != NULL ? say.p : "";
		hit = say.n > 0 ? memmem(got, say.n, "[REDACTED:", 10) : NULL;
		if (hit != NULL) {
			beg += hit - got;
			hit = memchr(hit, ']', (size_t)(got + say.n - hit));
			if (hit != NULL)
				end -= got + say.n - hit - 1;
			found = beg < end;
		} else
			found = say.n == 0;	/* the member went */
	}
	if (found) {
		size_t n = (size_t)(end - beg);

		if (n > CORE) {
			beg += (n - CORE) / 2;
			n = CORE;
		}
		buf_reset(core);
		buf_add(core, beg, n);
	}
	buf_fini(&line);
	buf_fini(&out);
	buf_fini(&say);
	return found;
}

static void
one(struct canary *c, struct redact *x, const struct rule *r, size_t which,
    size_t place, enum form form, const struct buf *core, struct buf *line,
    struct buf *out)
{
	enum redact_res res;
	const char *why;

	c->planted++;
	res = redact_line(x, line->p, line->n, out, &why);
	if (res == REDACT_BAD || (res == REDACT_CHANGED && !is_seen(out,
	    core->p, core->n)))
		return;
	c->survived++;
	buf_addf(&c->report, "%s: survives %s in place %zu of sample %zu\n",
	    r->name, form_name[form], place, which);
}

static void
one_rule(struct canary *c, struct redact *x, const struct rule *r)
{
	struct buf line = { 0 }, out = { 0 }, core = { 0 };
	uint64_t planted = c->planted, survived = c->survived;

	if (!core_of(x, r, &core)) {
		c->survived++;
		buf_addf(&c->report, "%s: does not find its own example\n",
		    r->name);
	} else
		for (size_t i = 0; i < sizeof(sample) / sizeof(*sample); i++)
			for (int f = 0; f < FORM_COUNT; f++)
				for (size_t k = 0; plant(&line, sample[i], k,
				    (enum form)f, r->example,
				    strlen(r->example)); k++)
					one(c, x, r, i, k, (enum form)f, &core,
					    &line, &out);
	c->report.err = c->report.err != 0 ? c->report.err : line.err;
	buf_addf(&c->report, "%s: planted %llu, survived %llu\n", r->name,
	    (unsigned long long)(c->planted - planted),
	    (unsigned long long)(c->survived - survived));
	buf_fini(&line);
	buf_fini(&out);
	buf_fini(&core);
}

int
canary_run(struct canary *c, struct redact *x)
{
	const struct rules *rules = redact_get_rules(x);

	for (size_t i = 0; i < rules->n; i++)
		if (!rules->rule[i]->off && rules->rule[i]->example != NULL)
			one_rule(c, x, rules->rule[i]);
	return c->report.err != 0 ? -1 : 0;
}

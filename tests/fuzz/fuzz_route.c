/*
 * A route file, then a record behind a NUL: what is taken names places that
 * exist and gives a record the same ones twice; what is refused says in which
 * line of the text and why.
 */
#include <string.h>

#include "route/rules.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "F";
static const char other[] = "{\"record\":\"span\",\"trace_id\":"
    "\"0123456789abcdef0123456789abcdef\",\"name\":\"a\",\"attributes\":{"
    "\"project.name\":\"web\",\"user.id\":\"u\",\"n\":1}}";

/* "F:LINE: cause" with a line that there is. */
static void
refused(const struct err *e, const char *p, size_t n)
{
	size_t lines = 1, at = 0;
	const char *s = e->msg;

	if (strcmp(s, "out of memory") == 0)
		return;
	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	must(s[0] == 'F' && s[1] == ':', "an error names the file");
	for (s += 2; *s >= '0' && *s <= '9'; s++)
		at = at * 10 + (size_t)(*s - '0');
	must(at >= 1 && at <= lines, "a line of it");
	must(s[0] == ':' && s[1] == ' ' && s[2] != '\0', "and a cause");
}

static void
ask(struct rules *x, const char *line, size_t n)
{
	struct record r = { 0 };
	const char *why;
	uint64_t to;

	if (record_index(&r, line, n, &why) == 0) {
		to = rules_match(x, &r);
		must(to >> x->ndest == 0, "only to places that exist");
		must(rules_match(x, &r) == to, "always the same");
	}
	record_fini(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const char *text = (const char *)p, *nul = n != 0 ? memchr(p, 0, n) :
	    NULL;
	size_t len = nul != NULL ? (size_t)(nul - text) : n;
	struct rules x = { 0 };
	struct err e;

	if (rules_parse(&x, path, text, len, &e) == -1)
		refused(&e, text, len);
	else {
		must(x.ndest > 0 && x.otherwise >> x.ndest == 0,
		    "there are destinations");
		for (size_t i = 0; i < x.ndest; i++)
			must(x.dest[i].url != NULL && x.dest[i].sink != NULL,
			    "and they are whole");
		ask(&x, other, sizeof(other) - 1);
		if (nul != NULL)
			ask(&x, nul + 1, n - len - 1);
	}
	rules_fini(&x);
	return 0;
}

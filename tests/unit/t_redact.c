/*
 * The parts of redaction: splices and spellings, names, shapes, policy; and
 * that the time is linear in the length of a text.
 */
#include <stdlib.h>
#include <string.h>

#include "redact/names.h"
#include "redact/plain.h"
#include "redact/policy.h"
#include "redact/redact.h"
#include "redact/shape.h"
#include "redact/splice.h"
#include "tests/unit/tap.h"

static void
test_splices(void)
{
	static const char raw[] = "a\\u00e9\\ud83d\\ude00\\n\\\"z";
	struct splices s = { 0 };
	struct buf out = { 0 };

	/* It says a, e-acute (2 bytes), a smile (4), newline, quote, z. */
	splices_add(&s, 1, 3, "X", 1);
	splices_add(&s, 8, 9, "\"", 1);
	splices_spell(&s, 0, raw, sizeof(raw) - 1, 0);
	splices_apply(&s, raw, sizeof(raw) - 1, &out);
	is_str(buf_cstr(&out), "aX\\ud83d\\ude00\\n\\\"z",
	    "a splice finds its place in a spelling, and is spelled itself");
	splices_reset(&s);
	buf_reset(&out);
	splices_add(&s, 4, 5, "X", 1);
	splices_spell(&s, 0, raw, sizeof(raw) - 1, 0);
	splices_apply(&s, raw, sizeof(raw) - 1, &out);
	is_str(buf_cstr(&out), "a\\u00e9X\\n\\\"z",
	    "half of a character takes all of it");
	splices_reset(&s);
	buf_reset(&out);
	splices_add(&s, 4, 6, "b", 1);
	splices_add(&s, 0, 5, "a", 1);
	splices_add(&s, 6, 7, "c", 1);
	splices_merge(&s, 0);
	splices_apply(&s, "0123456789", 10, &out);
	is_str(buf_cstr(&out), "ac789", "overlapping splices become one");
	buf_fini(&out);
	splices_fini(&s);
}

static void
test_plain(void)
{
	static const char text[] = "%2574%69ger \\\\u0020\\u00e9";
	struct plain x = { 0 };

	ok(plain_make(&x, text, sizeof(text) - 1), "escapes are seen");
	is_mem(x.text.p, x.text.n, "tiger  \xc3\xa9", 9,
	    "and taken off, all layers");
	is_int(x.from[0], 0, "the first byte was the first");
	is_int(x.from[1], 5, "the second comes from behind %%2574");
	is_int(x.from[x.text.n], sizeof(text) - 1, "the end was the end");
	ok(!plain_make(&x, "100% of c:\\dir", 14), "no escape, no copy");
	plain_fini(&x);
}

static struct rules *
some_rules(void)
{
	static const char text[] = "{\"names\":[\"password\",\"api key\"],"
	    "\"weak_names\":[\"token\"],\"lines\":[\"cookie\"],\"not_names\":"
	    "[\"page token\"],\"not_values\":[\"string\"],\"keep\":[\"id\","
	    "\"a.*\"],\"drop\":[\"*.secret\"],\"content\":[\"a.text\"]}";
	struct rules *r = calloc(1, sizeof(*r));
	struct err e = { "" };

	ok(r != NULL && rules_parse(r, "t", text, sizeof(text) - 1, &e) == 0,
	    "rules are read %s", e.msg);
	return r;
}

static void
test_names(const struct rules *r)
{
	static const struct {
		const char		*name;
		enum names_verdict	 want;
	} row[] = {
		{ "password", NAMES_YES }, { "DB_PASSWORD", NAMES_YES },
		{ "dbPassword2", NAMES_YES }, { "x-api-key", NAMES_YES },
		{ "apiKey", NAMES_YES }, { "OPENAI_API_KEY", NAMES_YES },
		{ "APIKey", NAMES_YES }, { "monkey", NAMES_NO },
		{ "tokens", NAMES_NO }, { "accessToken", NAMES_WEAK },
		{ "next_page_token", NAMES_NO }, { "Cookie", NAMES_LINE },
		{ "", NAMES_NO }, { "_", NAMES_NO }, { "passwords", NAMES_NO },
	};
	struct names x = { 0 };

	names_init(&x, r);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		is_int(names_look(&x, row[i].name, strlen(row[i].name)),
		    row[i].want, row[i].name);
	ok(!names_value(&x, NAMES_YES, "String", 6), "a type is no value");
	ok(!names_value(&x, NAMES_YES, "${X}", 4), "nor is a placeholder");
	ok(names_value(&x, NAMES_YES, "q", 1), "a short password is one");
	ok(!names_value(&x, NAMES_WEAK, "abcdefghijklmnop", 16),
	    "a word is no token");
	ok(names_value(&x, NAMES_WEAK, "abcdefgh12345", 13), "this is");
}

static void
test_policy(const struct rules *r)
{
	struct rule_list allow = { 0 }, deny = { 0 };
	struct policy p;

	is_int(policy_init(&p, r, &allow, &deny), 0, "a policy");
	is_int(policy_of(&p, "id", 2), POLICY_KEEP, "an exact name");
	is_int(policy_of(&p, "a.text", 6), POLICY_KEEP | POLICY_CONTENT,
	    "a name and a beginning");
	is_int(policy_of(&p, "x.secret", 8), POLICY_DROP, "an end");
	is_int(policy_of(&p, "", 0), 0, "no name");
	is_int(policy_of(&p, "identity", 8), 0, "no more than the name");
	policy_fini(&p);
}

/* What of the text is found, or "". */
static const char *
found(bool (*shape)(struct shape *, size_t), const char *text, size_t at)
{
	static char out[128];
	struct shape s = { .p = text, .n = strlen(text) };

	out[0] = '\0';
	if (shape(&s, at) && s.end - s.beg < sizeof(out)) {
		memcpy(out, text + s.beg, s.end - s.beg);
		out[s.end - s.beg] = '\0';
	}
	return out;
}

static void
test_shapes(void)
{
	is_str(found(shape_email, "<a.b+c@x-y.example>", 6),
	    "a.b+c@x-y.example", "an address");
	is_str(found(shape_email, "a@b", 1), "", "no domain");
	is_str(found(shape_ipv4, "9.10.11.12", 0), "9.10.11.12", "IPv4");
	is_str(found(shape_ipv4, "9.10.11.256", 0), "", "256 is no octet");
	is_str(found(shape_ipv4, "9.10.11.12.13", 0), "", "five are none");
	is_str(found(shape_ipv6, "fe80::1:2", 4), "fe80::1:2", "IPv6");
	is_str(found(shape_ipv6, "1:2:3:4:5:6:7:8", 1), "1:2:3:4:5:6:7:8",
	    "all eight groups");
	is_str(found(shape_ipv6, "1:2:3:4:5:6:7:8:9", 1), "", "nine");
	is_str(found(shape_ipv6, "12:34:56", 2), "", "a time");
	is_str(found(shape_card, "4539148803436467", 0), "4539148803436467",
	    "a card");
	is_str(found(shape_card, "4539148803436468", 0), "", "a wrong digit");
	is_str(found(shape_card, "3782 822463 10005", 0), "3782 822463 10005",
	    "one of 15 digits");
	is_str(found(shape_phone, "+1 (555) 123-4567", 0),
	    "+1 (555) 123-4567", "a number abroad");
	is_str(found(shape_url, "x://a:b@h", 1), "a:b", "a password");
	is_str(found(shape_url, "x://h:1/@", 1), "", "a port");
}

/*
 * What could begin a secret again and again is taken in a long line, too. (That
 * it takes no more time than in short ones is shown by make bench.)
 */
static void
test_long(void)
{
	static const char *const unit[] = { "a@", "sk-", "eyJ", "eyJ.",
	    "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "password=",
	    "password='", "pwd:pwd:", "://", "1.", "1:", "::", "1", "1 ",
	    "+1", "+", "/home/", "Bearer ", "Basic a", "cookie:", "%25",
	    "%", "{", "[REDACTED:", "sk-ant-api03-aaaaaaaaaaaaaaaaaaaaaaaa ",
	    "--token ", "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\\\\u" };
	const char *path = getenv("srcdir");
	struct redact *x = redact_new();
	struct buf b = { 0 };
	struct err e = { "" };

	buf_addf(&b, "%s/src/redact/redact.json", path != NULL ? path : ".");
	ok(x != NULL && redact_rules(x, buf_cstr(&b), &e) == 0 &&
	    redact_ready(x, &e) == 0, "the installed rules %s", e.msg);
	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		struct buf line = { 0 }, out = { 0 };
		const char *why;

		buf_adds(&line, "{\"a\":\"");
		while (line.n < 32768)
			buf_adds(&line, unit[i]);
		buf_adds(&line, "\"}");
		ok(redact_line(x, line.p, line.n, &out, &why) != REDACT_BAD,
		    "taken: %s", unit[i]);
		buf_fini(&line);
		buf_fini(&out);
	}
	buf_fini(&b);
	redact_free(x);
}

int
main(void)
{
	struct rules *r = some_rules();

	test_splices();
	test_plain();
	test_names(r);
	test_policy(r);
	test_shapes();
	test_long();
	rules_fini(r);
	free(r);
	return done_testing();
}

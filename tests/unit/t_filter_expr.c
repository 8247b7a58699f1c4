/* filter/expr: expressions, records and verdicts; and what is refused. */
#include "tap.h"

#include "filter/expr.h"

/* yes, no, or unknown */
enum { Y = EXPR_YES, N = EXPR_NO, U = EXPR_UNKNOWN };

static const char span[] = "{\"record\":\"span\",\"trace_id\":"
    "\"0123456789abcdef0123456789abcdef\",\"span_id\":\"0123456789abcdef\","
    "\"name\":\"LLM Call: \\u65e5\\u672c\",\"kind\":\"CLIENT\","
    "\"start_time\":\"2026-11-21T10:00:00.000000000Z\","
    "\"end_time\":\"2026-11-21T10:00:01.500000000Z\","
    "\"status\":{\"code\":\"ERROR\",\"message\":\"429 rate limited\"},"
    "\"resource\":{\"service.name\":\"demo\",\"host\":null},"
    "\"scope\":{\"name\":\"lib\",\"version\":\"1.2\","
    "\"attributes\":{\"k\":7}},"
    "\"attributes\":{"
    "\"gen_ai.provider.name\":\"anthropic\","
    "\"gen_ai.request.model\":\"claude-opus-5\","
    "\"gen_ai.usage.input_tokens\":12,\"gen_ai.usage.output_tokens\":\"30\","
    "\"gen_ai.usage.cost\":0.3,"
    "\"langfuse.trace.tags\":[\"ci\",\"project:demo\"],"
    "\"langfuse.observation.usage_details\":\"{\\\"total\\\":42}\","
    "\"big\":9007199254740993,\"huge\":123456789012345678901234567890123,"
    "\"tiny\":1e-30,\"neg\":-5,\"three\":3.0,\"text\":\"abc\",\"empty\":\"\","
    "\"yes\":true,\"no\":false,\"nothing\":null,\"list\":[1,2,\"x\"],"
    "\"none\":[],\"object\":{\"a\":1},\"when\":\"2026-11-21T10:00:00Z\","
    "\"digits\":\"12\",\"odd name\":1,\"a-b\":2,\"quote\":\"a\\\"b\\\\c\","
    "\"name\":\"inner\",\"tool_name\":\"mcp__x__y\"}}";
static const char log_line[] = "{\"record\":\"log\",\"severity_number\":17,"
    "\"observed_time\":\"2026-11-21T10:00:00.000000000Z\",\"body\":\"x\","
    "\"attributes\":{\"session.id\":\"s1\"}}";

static const struct {
	const char	*expr;
	const char	*record;
	int		 want;
} row[] = {
	/* comparison */
	{ "gen_ai.provider.name == \"anthropic\"", span, Y },
	{ "gen_ai.provider.name == 'anthropic'", span, Y },
	{ "gen_ai.provider.name = 'anthropic'", span, Y },
	{ "provider != \"openai\"", span, Y },
	{ "model < \"claude-opus-6\"", span, Y },
	{ "neg == -5", span, Y }, { "neg < 0", span, Y },
	{ "-neg == 5", span, Y }, { "three == 3", span, Y },
	{ "yes == true", span, Y }, { "yes != no", span, Y },
	{ "no", span, N }, { "!no", span, Y }, { "yes", span, Y },
	/* numbers are exact */
	{ "big == 9007199254740993", span, Y },
	{ "big == 9007199254740992", span, N },
	{ "big > 9007199254740992", span, Y },
	{ "huge > 1e32", span, Y }, { "huge < 1e33", span, Y },
	{ "huge == 123456789012345678901234567890123", span, Y },
	{ "tiny > 0", span, Y }, { "tiny == 1e-30", span, Y },
	{ "0.1 + 0.2 == 0.3", span, Y }, { "0.1 + 0.2 == cost", span, Y },
	{ "cost * 3 == 0.9", span, Y }, { "cost / 3 == 0.1", span, Y },
	{ "7 % 4 == 3", span, Y }, { "10 - 2 - 3 == 5", span, Y },
	{ "2 + 3 * 4 == 14", span, Y }, { "(2 + 3) * 4 == 20", span, Y },
	{ "1 / 0 > 1", span, U }, { "5 % 0 == 0", span, U },
	{ "9223372036854775807 + 1 == 9223372036854775808", span, Y },
	/* units */
	{ "cost == $0.30", span, Y }, { "10k == 10000", span, Y },
	{ "1.5M == 1500000", span, Y }, { "2G > 1999999999", span, Y },
	{ "duration == 1.5s", span, Y }, { "duration == 1500ms", span, Y },
	{ "duration > 1s && duration < 1m", span, Y },
	{ "duration / 3 == 500ms", span, Y },
	{ "duration / 500ms == 3", span, Y },
	{ "duration * 2 == 3s", span, Y },
	{ "1h == 60m && 1d == 24h && 1ms == 1000us && 1us == 1000ns", span,
	    Y },
	{ "end_time - start_time == 1.5s", span, Y },
	{ "start_time + 1500ms == end_time", span, Y },
	/* times */
	{ "time == 2026-11-21T10:00", span, Y },
	{ "time == 2026-11-21T11:00:00+01:00", span, Y },
	{ "time >= 2026-11-21 && time < 2026-11-22", span, Y },
	{ "end_time == 2026-11-21T10:00:01.5Z", span, Y },
	{ "time == \"2026-11-21T10:00\"", span, Y },
	{ "when == 2026-11-21T10:00:00Z", span, Y },
	{ "time == 2026-11-21T10:00", log_line, Y },
	/* texts */
	{ "name == \"LLM Call: 日本\"", span, Y },
	{ "name contains \"日\"", span, Y }, { "name contains \"\"", span, Y },
	{ "text contains \"abcd\"", span, N },
	{ "quote == 'a\"b\\\\c'", span, Y },
	{ "empty == \"\"", span, Y },
	{ "digits == 12", span, Y }, { "digits == \"12\"", span, Y },
	{ "digits + 1 == 13", span, Y },
	/* regular expressions */
	{ "tool_name =~ \"^mcp__\"", span, Y },
	{ "tool_name !~ \"^mcp__\"", span, N },
	{ "model =~ 'opus-\\d$'", span, Y },
	{ "model =~ \"(?i)OPUS\"", span, Y },
	{ "name =~ \"^LLM Call: ..$\"", span, Y },
	{ "missing =~ \".\"", span, U }, { "missing !~ \".\"", span, U },
	{ "tag =~ \"^project:\"", span, Y }, { "tag !~ \"^project:\"", span, N },
	/* lists */
	{ "tag == \"ci\"", span, Y }, { "tag == \"x\"", span, N },
	{ "tag != \"x\"", span, Y }, { "tag != \"ci\"", span, N },
	{ "tag contains \"ci\"", span, Y }, { "list contains 2", span, Y },
	{ "list > 1", span, Y }, { "2 < list", span, N },
	{ "none == 1", span, N }, { "none != 1", span, Y },
	{ "model in (\"a\", \"claude-opus-5\")", span, Y },
	{ "model not in (\"a\", \"b\")", span, Y },
	{ "neg in (1, 2, 3)", span, N }, { "tag in (\"x\", \"ci\")", span, Y },
	/* short names */
	{ "tokens == 42", span, Y }, { "input_tokens == 12", span, Y },
	{ "output_tokens == 30", span, Y }, { "error", span, Y },
	{ "error", log_line, Y }, { "level == \"ERROR\"", span, Y },
	{ "root", span, Y }, { "root", log_line, U },
	{ "session == \"s1\"", log_line, Y }, { "agent == \"demo\"", span, Y },
	/* places */
	{ "resource.service.name == \"demo\"", span, Y },
	{ "resource(\"service.name\") == \"demo\"", span, Y },
	{ "scope.name == \"lib\"", span, Y },
	{ "scope.attributes.k == 7", span, Y },
	{ "kind == \"CLIENT\"", span, Y }, { "record == \"log\"", log_line, Y },
	{ "status.code == \"ERROR\"", span, Y },
	{ "status.message contains \"429\"", span, Y },
	{ "severity_number >= 17", log_line, Y }, { "body == \"x\"", log_line, Y },
	{ "attr(\"odd name\") == 1", span, Y },
	{ "attr(\"a-b\") == 2", span, Y },
	{ "attr(\"name\") == \"inner\"", span, Y },
	/* what is there */
	{ "exists(model)", span, Y }, { "exists(tool)", span, N },
	{ "exists(empty)", span, Y }, { "exists(nothing)", span, N },
	{ "exists(object)", span, Y }, { "exists(none)", span, Y },
	{ "exists(attr(\"odd name\"))", span, Y },
	{ "!exists(resource.host)", span, Y },
	/* what is not there is unknown, not false twice */
	{ "missing == 1", span, U }, { "missing != 1", span, U },
	{ "!(missing == 1)", span, U }, { "missing", span, U },
	{ "nothing == 1", span, U }, { "missing in (1)", span, U },
	{ "missing not in (1)", span, U }, { "missing contains \"a\"", span, U },
	{ "missing + 1 > 0", span, U }, { "missing == missing", span, U },
	{ "missing == 1 && no", span, N }, { "no && missing == 1", span, N },
	{ "missing == 1 && yes", span, U }, { "missing == 1 || yes", span, Y },
	{ "yes || missing == 1", span, Y }, { "missing == 1 || no", span, U },
	{ "no || no || missing == 1", span, U },
	{ "yes && yes && missing == 1", span, U },
	{ "no || no || no", span, N }, { "yes && yes && yes", span, Y },
	{ "!exists(missing) || missing > 5", span, Y },
	/* so is what does not fit */
	{ "text > 5", span, U }, { "text == 5", span, U },
	{ "yes == \"true\"", span, U }, { "object == 1", span, U },
	{ "text", span, U }, { "text + 1 == 2", span, U },
	/* binding */
	{ "no && no || yes", span, Y }, { "yes || no && no", span, Y },
	{ "!no && yes", span, Y }, { "not no and not no", span, Y },
	{ "! !yes", span, Y }, { "!(yes && no)", span, Y },
	{ "1 + 1 == 2 && 2 > 1", span, Y },
};

static const struct {
	const char	*expr;
	size_t		 pos;
	const char	*msg;
} wrong[] = {
	{ "", 0, "the expression is empty" },
	{ "  ", 2, "the expression is empty" },
	{ "a ==", 4, "the expression ends too early" },
	{ "a == 1 b", 7, "'&&', '||', a comparison or the end expected" },
	{ "(a == 1", 7, "')' expected" },
	{ "a == 1)", 6, "'&&', '||', a comparison or the end expected" },
	{ "&& a", 0, "a field, a value or '(' expected" },
	{ "a @ 1", 2, "this has no meaning here" },
	{ "a == 'x", 5, "the text has no end" },
	{ "a == \"\xff\"", 5, "the text is not UTF-8" },
	{ "duration > 5x", 12, "not a unit; there are ns us ms s m h d, "
	    "and k M G for large numbers" },
	{ "time > 2026-13-01", 7, "not a time" },
	{ "model =~ \"(\"", 11, "missing closing parenthesis" },
	{ "model =~ name", 9, "a regular expression in quotes expected" },
	{ "cost =~ \"0\"", 0, "a text expected, this is a number" },
	{ "cost > \"a\"", 5, "a number does not compare with a text" },
	{ "duration > 3", 9, "a duration does not compare with a number; "
	    "durations have a unit, like 2s" },
	{ "my.ms > 3s", 6, "an attribute does not compare with a duration; "
	    "durations have a unit, like 2s" },
	{ "error > true", 6, "true and false have no order" },
	{ "cost", 0, "this is a number, neither true nor false" },
	{ "duration + 1 > 1s", 9, "a duration and a number cannot be added" },
	{ "name - 1 == 1", 5, "a text and a number cannot be subtracted" },
	{ "1s * 1s > 1s", 3, "a duration and a duration cannot be multiplied" },
	{ "!cost", 1, "true or false expected, this is a number" },
	{ "cost && error", 0, "true or false expected, this is a number" },
	{ "error && cost", 9, "true or false expected, this is a number" },
	{ "model in (1)", 10, "a text does not compare with a number" },
	{ "model in ()", 10, "a value expected" },
	{ "model in (\"a\" \"b\")", 14, "',' or ')' expected" },
	{ "model in \"a\"", 9, "'(' with the values expected" },
	{ "exists(1)", 7, "a field expected" },
	{ "exists(a", 8, "')' expected" },
	{ "attr(a)", 5, "a name in quotes expected" },
	{ "cost contains \"a\"", 0, "a text or a list expected, this is "
	    "a number" },
	{ "a not b", 2, "'&&', '||', a comparison or the end expected" },
	{ "a == 1 == 2", 7, "'&&', '||', a comparison or the end expected" },
};

static void
verdict(const char *text, const char *line, int want)
{
	static const char *const name[] = { "no", "yes", "unknown" };
	struct expr x = { 0 };
	struct record r = { 0 };
	struct expr_error e;
	const char *why;

	if (expr_compile(&x, text, strlen(text), &e) == -1)
		ok(false, "%s: %s", text, e.msg);
	else if (record_index(&r, line, strlen(line), &why) == -1)
		ok(false, "%s: %s", line, why);
	else
		is_str(name[expr_eval(&x, &r)], name[want], text);
	record_fini(&r);
	expr_fini(&x);
}

static void
refused(const char *text, size_t pos, const char *msg)
{
	struct expr x = { 0 };
	struct expr_error e = { .msg = "(accepted)" };

	ok(expr_compile(&x, text, strlen(text), &e) == -1, "refused: %s",
	    text);
	is_str(e.msg, msg, text);
	is_int((intmax_t)e.pos, (intmax_t)pos, text);
	expr_fini(&x);
}

/* n times one text, then another, then n times a third. */
static void
nested(const char *open, const char *mid, const char *close, size_t n,
    bool good)
{
	struct buf b = { 0 };
	struct expr x = { 0 };
	struct expr_error e = { .msg = "" };
	int res;

	for (size_t i = 0; i < n; i++)
		buf_adds(&b, open);
	buf_adds(&b, mid);
	for (size_t i = 0; i < n; i++)
		buf_adds(&b, close);
	res = expr_compile(&x, b.p, b.n, &e);
	ok((res == 0) == good, "%zu times '%s': %s", n, open,
	    good ? "taken" : "too deep");
	if (!good)
		is_str(e.msg, "nested too deeply", "and it says so");
	expr_fini(&x);
	buf_fini(&b);
}

static void
point(const char *text, size_t pos, const char *want, size_t column)
{
	struct buf line = { 0 }, mark = { 0 };

	expr_point(&line, &mark, text, strlen(text), pos);
	is_str(buf_cstr(&line), want, "the line");
	is_int((intmax_t)mark.n, (intmax_t)column + 1, "the caret below it");
	buf_fini(&line);
	buf_fini(&mark);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		verdict(row[i].expr, row[i].record, row[i].want);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refused(wrong[i].expr, wrong[i].pos, wrong[i].msg);
	nested("(", "true", ")", 90, true);
	nested("(", "true", ")", 1000, false);
	nested("!", "true", "", 1000, false);
	nested("1 - ", "1 == 1", "", 1000, false);
	nested("-", "1 == 1", "", 1000, false);
	nested("true && ", "true", "", 5000, true);
	nested("false || ", "true", "", 5000, true);
	nested("(1+1+1+", "1", ")+1", 60, false);
	point("a == \"日\" x", 9, "a == \"日\" x", 8);
	point("a \033 b", 4, "a \\x1b b", 7);
	return done_testing();
}

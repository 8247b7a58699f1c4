/*
 * What Langfuse cannot take is put right: a row each, a span's attributes as
 * they come and as they may go. Source: how Langfuse's server maps spans.
 */
#include "sink/check.h"

#include "tests/unit/tap.h"

static const struct row {
	const char	*name, *in, *want;
} attrs[] = {
	{ "a good span", "\"session.id\":\"s\",\"n\":1,\"d\":1.0",
	    "\"session.id\":\"s\",\"n\":1,\"d\":1.0" },
	{ "no value", "\"a\":1,\"b\":null,\"c\":2", "\"a\":1,\"c\":2" },
	{ "an object", "\"a\":{\"x\":[1,\"y\"]}",
	    "\"a\":\"{\\\"x\\\":[1,\\\"y\\\"]}\"" },
	{ "usage as an object",
	    "\"langfuse.observation.usage_details\":{\"input\":1}",
	    "\"langfuse.observation.usage_details\":\"{\\\"input\\\":1}\"" },
	{ "bytes", "\"a\":{\"@bytes\":\"AAEC\"}", "\"a\":\"AAEC\"" },
	{ "not a number", "\"a\":{\"@double\":\"NaN\"}",
	    "\"a\":{\"@double\":\"NaN\"}" },
	{ "a plain array", "\"a\":[1,\"{\",true]", "\"a\":[1,\"{\",true]" },
	{ "an array with an object", "\"a\":[{\"b\":1}]",
	    "\"a\":\"[{\\\"b\\\":1}]\"" },
	{ "status message that is a number",
	    "\"langfuse.observation.status_message\":404",
	    "\"langfuse.observation.status_message\":\"404\"" },
	{ "version that is a number", "\"langfuse.version\":1.50",
	    "\"langfuse.version\":\"1.50\"" },
	{ "session that is a number", "\"session.id\":9007199254740993",
	    "\"session.id\":\"9007199254740993\"" },
	{ "user that is a boolean", "\"user.id\":true",
	    "\"user.id\":\"true\"" },
	{ "completion start in seconds",
	    "\"langfuse.observation.completion_start_time\":1795219200",
	    "\"langfuse.observation.completion_start_time\":"
	    "\"2026-11-21T00:00:00.000000000Z\"" },
	{ "in milliseconds",
	    "\"langfuse.observation.completion_start_time\":1795219200125",
	    "\"langfuse.observation.completion_start_time\":"
	    "\"2026-11-21T00:00:00.125000000Z\"" },
	{ "in nanoseconds",
	    "\"langfuse.observation.completion_start_time\":"
	    "1795219200000000007",
	    "\"langfuse.observation.completion_start_time\":"
	    "\"2026-11-21T00:00:00.000000007Z\"" },
	{ "in words",
	    "\"langfuse.observation.completion_start_time\":\"2026-11-21\"",
	    "\"langfuse.observation.completion_start_time\":"
	    "\"2026-11-21\"" },
	{ "in a fraction",
	    "\"langfuse.observation.completion_start_time\":1.5", "" },
	{ "level in small letters", "\"langfuse.observation.level\":\"error\"",
	    "\"langfuse.observation.level\":\"ERROR\"" },
	{ "level by another word", "\"langfuse.observation.level\":\"Warn\"",
	    "\"langfuse.observation.level\":\"WARNING\"" },
	{ "level nobody knows", "\"langfuse.observation.level\":\"odd\"", "" },
	{ "level that is right", "\"langfuse.observation.level\":\"DEBUG\"",
	    "\"langfuse.observation.level\":\"DEBUG\"" },
	{ "type in capitals", "\"langfuse.observation.type\":\"GENERATION\"",
	    "\"langfuse.observation.type\":\"generation\"" },
	{ "type nobody knows", "\"langfuse.observation.type\":\"llm\"", "" },
	{ "prompt without a version",
	    "\"langfuse.observation.prompt.name\":\"p\",\"a\":1", "\"a\":1" },
	{ "prompt with version 0",
	    "\"langfuse.observation.prompt.name\":\"p\","
	    "\"langfuse.observation.prompt.version\":0", "" },
	{ "prompt with a version in words",
	    "\"langfuse.observation.prompt.name\":\"p\","
	    "\"langfuse.observation.prompt.version\":\"3\"",
	    "\"langfuse.observation.prompt.name\":\"p\","
	    "\"langfuse.observation.prompt.version\":3" },
	{ "prompt that is right",
	    "\"langfuse.observation.prompt.name\":\"p\","
	    "\"langfuse.observation.prompt.version\":7",
	    "\"langfuse.observation.prompt.name\":\"p\","
	    "\"langfuse.observation.prompt.version\":7" },
	{ "cost in a string", "\"gen_ai.usage.cost\":\"0.0125\"",
	    "\"gen_ai.usage.cost\":0.0125" },
	{ "cost that is none", "\"gen_ai.usage.cost\":\"free\"", "" },
	{ "environment", "\"langfuse.environment\":\"Prod:EU\"",
	    "\"langfuse.environment\":\"prod-eu\"" },
	{ "environment with an umlaut", "\"langfuse.environment\":\"b\303\274ro\"",
	    "\"langfuse.environment\":\"b-ro\"" },
	{ "environment of the OpenTelemetry name",
	    "\"deployment.environment.name\":\"A B\"",
	    "\"deployment.environment.name\":\"A B\","
	    "\"langfuse.environment\":\"a-b\"" },
	{ "environment that is right", "\"langfuse.environment\":\"prod_1\"",
	    "\"langfuse.environment\":\"prod_1\"" },
	{ "environment that is long", "\"langfuse.environment\":"
	    "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeee\"",
	    "\"langfuse.environment\":"
	    "\"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd\"" },
};

static const struct row members[] = {
	{ "a parent of zeros",
	    "\"parent_span_id\":\"0000000000000000\",\"name\":\"n\"",
	    "\"name\":\"n\"" },
	{ "an empty parent", "\"parent_span_id\":\"\",\"name\":\"n\"",
	    "\"name\":\"n\"" },
	{ "a parent", "\"parent_span_id\":\"0000000000000001\","
	    "\"name\":\"n\"",
	    "\"parent_span_id\":\"0000000000000001\",\"name\":\"n\"" },
	{ "an end before the start",
	    "\"name\":\"n\",\"start_time\":\"2026-11-21T00:00:01.000000000Z\","
	    "\"end_time\":\"2026-11-21T00:00:00.000000000Z\"",
	    "\"name\":\"n\",\"start_time\":\"2026-11-21T00:00:01.000000000Z\","
	    "\"end_time\":\"2026-11-21T00:00:01.000000000Z\"" },
	{ "service.version that is a number",
	    "\"name\":\"n\",\"resource\":{\"a\":1,\"service.version\":12,"
	    "\"z\":2}",
	    "\"name\":\"n\",\"resource\":{\"a\":1,"
	    "\"service.version\":\"12\",\"z\":2}" },
};

static struct check check;
static struct record rec;

static void
one(const struct row *row, const char *before, const char *after)
{
	struct buf in = { 0 }, want = { 0 }, out = { 0 };
	const char *why;
	int rc;

	buf_addf(&in, "%s%s%s", before, row->in, after);
	buf_addf(&want, "%s%s%s", before, row->want, after);
	if (record_index(&rec, buf_cstr(&in), in.n, &why) == -1) {
		ok(false, "%s: %s", row->name, why);
		return;
	}
	rc = check_span(&check, &rec, &out);
	if (strcmp(row->in, row->want) == 0)
		is_int(rc, 0, row->name);
	else if (rc != 1)
		ok(false, "%s: nothing changed", row->name);
	else
		is_mem(out.p, out.n, want.p, want.n, row->name);
	buf_fini(&in);
	buf_fini(&want);
	buf_fini(&out);
}

/* 1000 characters may stay; those beyond U+FFFF count twice. */
static void
t_names(void)
{
	static const struct {
		const char	*unit, *name;
		size_t		 n, left;
	} rows[] = {
		{ "a", "1000 letters", 1000, 1000 },
		{ "a", "1001 letters", 1001, 1000 },
		{ "\303\244", "1001 umlauts", 1001, 1000 },
		{ "\\n", "1001 line breaks", 1001, 1000 },
		{ "\360\237\230\200", "600 emoji", 600, 500 },
	};
	static char in[8000], want[8000];
	struct row row = { NULL, in, want };
	size_t k;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		k = (size_t)snprintf(in, sizeof(in), "\"langfuse.trace.name\":\"");
		memcpy(want, in, k);
		for (size_t j = 0; j < rows[i].n; j++)
			memcpy(in + k + j * strlen(rows[i].unit), rows[i].unit,
			    strlen(rows[i].unit));
		for (size_t j = 0; j < rows[i].left; j++)
			memcpy(want + k + j * strlen(rows[i].unit),
			    rows[i].unit, strlen(rows[i].unit));
		memcpy(in + k + rows[i].n * strlen(rows[i].unit), "\"", 2);
		memcpy(want + k + rows[i].left * strlen(rows[i].unit), "\"",
		    2);
		row.name = rows[i].name;
		one(&row, "{\"record\":\"span\",\"attributes\":{", "}}");
	}
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++)
		one(&attrs[i], "{\"record\":\"span\",\"attributes\":{", "}}");
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		one(&members[i], "{\"record\":\"span\",",
		    ",\"attributes\":{}}");
	t_names();
	check_fini(&check);
	record_fini(&rec);
	return done_testing();
}

#include "config.h"

#include "recv/lfspan.h"

#include <string.h>

#include "base/enc.h"
#include "json/write.h"
#include "record/ids.h"
#include "record/rtime.h"

/* Hex of that length in lower case; dashes (of a UUID) are left out. */
static bool
plain_hex(const char *id, size_t n, size_t digits, char *out)
{
	size_t k = 0;
	bool zero = true;

	for (size_t i = 0; i < n; i++) {
		char c = id[i];

		if (c == '-')
			continue;
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (k == digits || !((c >= '0' && c <= '9') ||
		    (c >= 'a' && c <= 'f')))
			return false;
		zero &= c == '0';
		out[k++] = c;
	}
	return k == digits && !zero;
}

/* A UUID is a trace id but for its dashes; anything else is hashed. */
static void
put_trace_id(struct buf *b, const char *id, size_t n)
{
	struct id_part part[] = { { "langfuse trace", 14 }, { id, n } };
	char hex[TRACE_ID_LEN];

	if (!plain_hex(id, n, TRACE_ID_LEN, hex))
		ids_trace(part, 2, hex);
	buf_addc(b, '"');
	buf_add(b, hex, sizeof(hex));
	buf_addc(b, '"');
}

static void
put_span_id(struct buf *b, const char *what, const char *id, size_t n)
{
	struct id_part part[] = { { what, strlen(what) }, { id, n } };
	char hex[SPAN_ID_LEN];

	if (what[0] == 'r' || !plain_hex(id, n, SPAN_ID_LEN, hex))
		ids_span(part, 2, hex);
	buf_addc(b, '"');
	buf_add(b, hex, sizeof(hex));
	buf_addc(b, '"');
}

#define OBS	"langfuse observation"
#define ROOT	"root of langfuse trace"

/* The string's characters; "" when it is none. */
static const char *
text(struct json_val v, struct buf *scratch, size_t *n)
{
	const char *p;

	buf_reset(scratch);
	p = json_str(v, scratch, n);
	if (p == NULL) {
		*n = 0;
		return "";
	}
	return p;
}

/* ,"key":"..." - strings as they are, anything else as its JSON text. */
static void
attr_text(struct buf *b, const char *key, struct json_val v)
{
	if (v.type == JSON_NONE)
		return;
	json_put_key(b, key);
	if (v.type == JSON_STRING)
		buf_add(b, v.p, v.n);
	else
		json_put_str(b, v.p, v.n);
}

/* The JSON text, also of a string. */
static void
attr_json(struct buf *b, const char *key, struct json_val v)
{
	if (v.type == JSON_NONE)
		return;
	json_put_key(b, key);
	json_put_str(b, v.p, v.n);
}

static void
attr_metadata(struct buf *b, const char *prefix, struct json_val v)
{
	struct json_iter it;
	struct json_member m;

	if (v.type != JSON_OBJECT) {
		attr_text(b, prefix, v);
		return;
	}
	json_iter(&it, v);
	while (json_next_member(&it, &m)) {
		if (m.val.type == JSON_NULL)
			continue;
		buf_adds(b, ",\"");
		buf_adds(b, prefix);
		buf_addc(b, '.');
		buf_add(b, m.key, m.klen);
		buf_adds(b, "\":");
		if (m.val.type == JSON_STRING)
			buf_add(b, m.val.p, m.val.n);
		else
			json_put_str(b, m.val.p, m.val.n);
	}
}

/* A list of strings, without the white space it may have been sent with. */
static void
attr_tags(struct buf *b, struct json_val v)
{
	struct json_iter it;
	struct json_val tag;
	bool first = true;

	if (v.type != JSON_ARRAY)
		return;
	json_put_key(b, "langfuse.trace.tags");
	buf_addc(b, '[');
	json_iter(&it, v);
	while (json_next_elem(&it, &tag)) {
		if (tag.type != JSON_STRING)
			continue;
		if (!first)
			buf_addc(b, ',');
		first = false;
		buf_add(b, tag.p, tag.n);
	}
	buf_addc(b, ']');
}

/* Of a trace, on each of its spans. */
static void
trace_attrs(struct buf *b, const struct lf_thing *t, const struct lf_thing *x)
{
	struct json_val env = lf_get(x, LF_ENVIRONMENT);
	struct json_val version = lf_get(x, LF_VERSION);

	if (env.type == JSON_NONE)
		env = lf_get(t, LF_ENVIRONMENT);
	if (version.type == JSON_NONE)
		version = lf_get(t, LF_VERSION);
	attr_text(b, "langfuse.trace.name", lf_get(t, LF_NAME));
	attr_text(b, "session.id", lf_get(t, LF_SESSION_ID));
	attr_text(b, "user.id", lf_get(t, LF_USER_ID));
	attr_tags(b, lf_get(t, LF_TAGS));
	attr_text(b, "langfuse.environment", env);
	attr_text(b, "langfuse.release", lf_get(t, LF_RELEASE));
	attr_text(b, "langfuse.version", version);
}

/* usage: {input,output,total} or {promptTokens,...}, perhaps with costs. */
static void
attr_usage(struct buf *b, const struct lf_thing *x)
{
	static const char *const from[][3] = {
		{ "input", "promptTokens", "input" },
		{ "output", "completionTokens", "output" },
		{ "total", "totalTokens", "total" },
		{ "inputCost", "inputCost", "input" },
		{ "outputCost", "outputCost", "output" },
		{ "totalCost", "totalCost", "total" },
	};
	struct json_val usage = lf_get(x, LF_USAGE), v;
	struct buf text = { 0 };

	for (size_t half = 0; half < 2; half++) {
		enum lf_field f = half == 0 ? LF_USAGE_DETAILS :
		    LF_COST_DETAILS;
		const char *key = half == 0 ?
		    "langfuse.observation.usage_details" :
		    "langfuse.observation.cost_details";

		if (lf_get(x, f).type == JSON_OBJECT) {
			attr_json(b, key, lf_get(x, f));
			continue;
		}
		if (usage.type != JSON_OBJECT)
			continue;
		buf_reset(&text);
		for (size_t i = 3 * half; i < 3 * half + 3; i++) {
			v = json_get(usage, from[i][0]);
			if (v.type != JSON_NUMBER)
				v = json_get(usage, from[i][1]);
			if (v.type != JSON_NUMBER)
				continue;
			buf_adds(&text, text.n == 0 ? "{\"" : ",\"");
			buf_adds(&text, from[i][2]);
			buf_adds(&text, "\":");
			buf_add(&text, v.p, v.n);
		}
		if (text.n == 0)
			continue;
		buf_addc(&text, '}');
		json_put_key(b, key);
		json_put_str(b, text.p, text.n);
	}
	buf_fini(&text);
}

static void
put_time(struct buf *b, const char *key, uint64_t ns)
{
	json_put_key(b, key);
	rtime_put(b, ns);
}

static bool
time_of(const struct lf_thing *x, enum lf_field f, uint64_t *ns)
{
	return rtime_get(lf_get(x, f), ns) == 0;
}

bool
lfspan_complete(const struct lf_thing *x)
{
	uint64_t ns;

	if (!time_of(x, LF_START_TIME, &ns))
		return false;
	return strcmp(x->type, "event") == 0 ||
	    (x->created && time_of(x, LF_END_TIME, &ns));
}

static void
put_status(struct buf *b, const struct lf_thing *x)
{
	struct json_val message = lf_get(x, LF_STATUS_MESSAGE);

	if (!json_str_is(lf_get(x, LF_LEVEL), "ERROR"))
		return;
	json_put_key(b, "status");
	buf_adds(b, "{\"code\":\"ERROR\"");
	if (message.type == JSON_STRING) {
		json_put_key(b, "message");
		buf_add(b, message.p, message.n);
	}
	buf_addc(b, '}');
}

static void
put_sender(struct buf *b, const struct lf_sender *who)
{
	json_put_key(b, "resource");
	buf_adds(b, "{\"telemetry.sdk.name\":");
	if (who->name.type == JSON_STRING)
		buf_add(b, who->name.p, who->name.n);
	else
		buf_adds(b, "\"langfuse\"");
	buf_addc(b, '}');
	json_put_key(b, "scope");
	buf_adds(b, "{\"name\":\"langfuse-sdk\"");
	if (who->version.type == JSON_STRING) {
		json_put_key(b, "version");
		buf_add(b, who->version.p, who->version.n);
	}
	buf_addc(b, '}');
}

static void
put_name(struct buf *b, struct json_val name, const char *otherwise)
{
	json_put_key(b, "name");
	if (name.type == JSON_STRING)
		buf_add(b, name.p, name.n);
	else
		json_put_cstr(b, otherwise);
}

static void
obs_attrs(struct buf *b, const struct lf_trace *t, const struct lf_thing *x)
{
	json_put_key(b, "langfuse.observation.type");
	json_put_cstr(b, x->type);
	attr_text(b, "langfuse.observation.input", lf_get(x, LF_INPUT));
	attr_text(b, "langfuse.observation.output", lf_get(x, LF_OUTPUT));
	attr_text(b, "langfuse.observation.model.name", lf_get(x, LF_MODEL));
	attr_text(b, "langfuse.observation.model.parameters",
	    lf_get(x, LF_MODEL_PARAMETERS));
	attr_usage(b, x);
	attr_json(b, "langfuse.observation.completion_start_time",
	    lf_get(x, LF_COMPLETION_START_TIME));
	attr_text(b, "langfuse.observation.level", lf_get(x, LF_LEVEL));
	attr_text(b, "langfuse.observation.status_message",
	    lf_get(x, LF_STATUS_MESSAGE));
	attr_text(b, "langfuse.observation.prompt.name",
	    lf_get(x, LF_PROMPT_NAME));
	if (lf_get(x, LF_PROMPT_VERSION).type == JSON_NUMBER) {
		json_put_key(b, "langfuse.observation.prompt.version");
		buf_add(b, x->f[LF_PROMPT_VERSION].p,
		    x->f[LF_PROMPT_VERSION].n);
	}
	attr_metadata(b, "langfuse.observation.metadata",
	    lf_get(x, LF_METADATA));
	trace_attrs(b, &t->t, x);
	if (!lfspan_complete(x)) {
		json_put_key(b, "aitrace.incomplete");
		buf_adds(b, "true");
	}
}

void
lfspan_obs(struct buf *b, const struct lf_trace *t, const struct lf_thing *x,
    const struct lf_sender *who)
{
	struct json_val parent = lf_get(x, LF_PARENT_ID);
	struct buf scratch = { 0 };
	uint64_t start, end;
	const char *p;
	size_t n;

	/* One that was only updated began, for all we know, when it ended. */
	if (!time_of(x, LF_END_TIME, &end) &&
	    !time_of(x, LF_START_TIME, &end))
		end = 0;
	if (!time_of(x, LF_START_TIME, &start))
		start = end;
	if (end < start)
		end = start;
	buf_adds(b, "{\"record\":\"span\",\"trace_id\":");
	put_trace_id(b, t->t.id, t->t.idlen);
	json_put_key(b, "span_id");
	put_span_id(b, OBS, x->id, x->idlen);
	json_put_key(b, "parent_span_id");
	p = text(parent, &scratch, &n);
	if (n > 0)
		put_span_id(b, OBS, p, n);
	else
		put_span_id(b, ROOT, t->t.id, t->t.idlen);
	put_name(b, lf_get(x, LF_NAME), x->type);
	json_put_key(b, "kind");
	buf_adds(b, "\"INTERNAL\"");
	if (start != 0)
		put_time(b, "start_time", start);
	if (end != 0)
		put_time(b, "end_time", end);
	put_status(b, x);
	put_sender(b, who);
	json_put_key(b, "attributes");
	buf_addc(b, '{');
	obs_attrs(b, t, x);
	buf_adds(b, "}}\n");
	buf_fini(&scratch);
}

/* A trace lasts from its own time or its first observation to its last. */
static void
span_of_trace(struct lf_trace *t, uint64_t *start, uint64_t *end)
{
	uint64_t ns;

	*start = UINT64_MAX;
	*end = 0;
	if (time_of(&t->t, LF_TIMESTAMP, &ns))
		*start = *end = ns;
	for (struct lf_thing *x = lf_first(t); x != NULL; x = lf_next(x)) {
		if (time_of(x, LF_START_TIME, &ns) && ns < *start)
			*start = ns;
		if (time_of(x, LF_START_TIME, &ns) && ns > *end)
			*end = ns;
		if (time_of(x, LF_END_TIME, &ns) && ns > *end)
			*end = ns;
	}
	if (*start > *end)
		*start = *end;
}

void
lfspan_trace(struct buf *b, struct lf_trace *t, const struct lf_sender *who)
{
	uint64_t start, end;

	span_of_trace(t, &start, &end);
	buf_adds(b, "{\"record\":\"span\",\"trace_id\":");
	put_trace_id(b, t->t.id, t->t.idlen);
	json_put_key(b, "span_id");
	put_span_id(b, ROOT, t->t.id, t->t.idlen);
	put_name(b, lf_get(&t->t, LF_NAME), "trace");
	json_put_key(b, "kind");
	buf_adds(b, "\"INTERNAL\"");
	if (start != 0)
		put_time(b, "start_time", start);
	if (end != 0)
		put_time(b, "end_time", end);
	put_sender(b, who);
	json_put_key(b, "attributes");
	buf_adds(b, "{\"langfuse.observation.type\":\"chain\"");
	attr_text(b, "langfuse.observation.input", lf_get(&t->t, LF_INPUT));
	attr_text(b, "langfuse.observation.output", lf_get(&t->t, LF_OUTPUT));
	attr_text(b, "langfuse.trace.input", lf_get(&t->t, LF_INPUT));
	attr_text(b, "langfuse.trace.output", lf_get(&t->t, LF_OUTPUT));
	attr_metadata(b, "langfuse.trace.metadata",
	    lf_get(&t->t, LF_METADATA));
	if (lf_get(&t->t, LF_PUBLIC).type == JSON_TRUE)
		buf_adds(b, ",\"langfuse.trace.public\":true");
	trace_attrs(b, &t->t, &t->t);
	buf_adds(b, "}}\n");
}

/* ,"key":value as it was sent; JSON texts have no raw line breaks in them. */
static void
copy_member(struct buf *b, struct json_val body, const char *from,
    const char *to)
{
	struct json_val v = json_get(body, from);

	if (v.type == JSON_NONE || v.type == JSON_NULL)
		return;
	json_put_key(b, to);
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] != '\n' && v.p[i] != '\r')
			buf_addc(b, v.p[i]);
}

void
lfspan_score(struct buf *b, struct json_val body, struct json_val timestamp)
{
	static const char *const rest[][2] = {
		{ "name", "name" }, { "value", "value" },
		{ "dataType", "data_type" }, { "comment", "comment" },
		{ "id", "id" }, { "sessionId", "session_id" },
		{ "datasetRunId", "dataset_run_id" },
		{ "configId", "config_id" }, { "queueId", "queue_id" },
		{ "source", "source" }, { "environment", "environment" },
		{ "metadata", "metadata" },
	};
	struct buf scratch = { 0 };
	uint64_t ns;
	const char *p;
	size_t n;

	buf_adds(b, "{\"record\":\"score\"");
	if (rtime_get(timestamp, &ns) == 0)
		put_time(b, "time", ns);
	p = text(json_get(body, "traceId"), &scratch, &n);
	if (n > 0) {
		json_put_key(b, "trace_id");
		put_trace_id(b, p, n);
	}
	p = text(json_get(body, "observationId"), &scratch, &n);
	if (n > 0) {
		json_put_key(b, "span_id");
		put_span_id(b, OBS, p, n);
	}
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		copy_member(b, body, rest[i][0], rest[i][1]);
	buf_adds(b, "}\n");
	buf_fini(&scratch);
}

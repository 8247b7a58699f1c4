#include "sink/sink.h"

#include <stdio.h>
#include <string.h>

#include "json/doc.h"

#define OTLP_PATHS	{ "/v1/traces", "/v1/logs", "/v1/metrics" }
#define LOCAL		"http://localhost:4318"

static const char *const langfuse_headers[] = {
	"x-langfuse-ingestion-version: 4",
	"x-langfuse-sdk-name: aitrace",
	NULL
};

const struct sink sink_all[] = {
	{ .name = "langfuse", .about = "Langfuse, cloud or self-hosted",
	    .base = "https://cloud.langfuse.com",
	    .base_env = { "LANGFUSE_BASE_URL", "LANGFUSE_HOST" },
	    .root = "/api/public", .path = {
	    [OTLP_TRACES] = "/api/public/otel/v1/traces",
	    [SINK_SCORES] = "/api/public/scores" },
	    .auth = SINK_LANGFUSE, .langfuse = true,
	    .headers = langfuse_headers, .judge = langfuse_judge },
	{ .name = "otlp", .about = "any OTLP/HTTP endpoint",
	    .base = LOCAL, .root = "/v1", .path = OTLP_PATHS,
	    .otel_env = true, .judge = otlp_judge },
	{ .name = "alloy", .about = "Grafana Alloy",
	    .base = LOCAL, .root = "/v1", .path = OTLP_PATHS,
	    .otel_env = true, .judge = otlp_judge },
	{ .name = "collector", .about = "OpenTelemetry Collector",
	    .base = LOCAL, .root = "/v1", .path = OTLP_PATHS,
	    .otel_env = true, .judge = otlp_judge },
	{ .name = "datadog-agent", .about = "Datadog agent with OTLP intake",
	    .base = LOCAL, .root = "/v1", .path = OTLP_PATHS,
	    .otel_env = true, .judge = otlp_judge },
	{ .name = "tempo", .about = "Grafana Tempo",
	    .base = LOCAL, .root = "/v1", .path = { "/v1/traces" },
	    .otel_env = true, .judge = otlp_judge },
	{ .name = "jaeger", .about = "Jaeger",
	    .base = LOCAL, .root = "/v1", .path = { "/v1/traces" },
	    .otel_env = true, .judge = otlp_judge },
	{ .name = "langsmith", .about = "LangSmith",
	    .base = "https://api.smith.langchain.com",
	    .base_env = { "LANGSMITH_ENDPOINT" },
	    .root = "/otel", .path = { "/otel/v1/traces" },
	    .auth = SINK_LANGSMITH, .judge = otlp_judge },
	{ .name = SINK_STDOUT, .about = "OTLP/JSON, one request a line",
	    .base = "", .root = "", .path = { "", "", "" },	/* no scores */
	    .judge = otlp_judge },
	{ .name = NULL }
};

const char *
sink_way(int way)
{
	static const char *const names[SINK_WAYS] = { "traces", "logs",
	    "metrics", "scores" };

	return names[way];
}

int
sink_way_of(enum record_kind kind)
{
	switch (kind) {
	case RECORD_SPAN:
		return OTLP_TRACES;
	case RECORD_LOG:
		return OTLP_LOGS;
	case RECORD_METRIC:
		return OTLP_METRICS;
	case RECORD_SCORE:
		return SINK_SCORES;
	default:
		return -1;
	}
}

const struct sink *
sink_find(const char *name)
{
	for (const struct sink *s = sink_all; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

void
sink_reason(const struct sink_reply *reply, char *why, size_t max)
{
	struct doc *d = NULL;
	const char *s;

	if (reply->n > 0 && reply->body[0] == '{')
		d = doc_parse(reply->body, reply->n, NULL);
	s = doc_str(doc_get(d, "message"));
	if (s == NULL)
		s = doc_str(doc_get(d, "error"));
	if (s == NULL)
		s = doc_str(doc_get(doc_get(d, "error"), "message"));
	if (s != NULL)
		snprintf(why, max, "%s", s);
	else
		snprintf(why, max, "%.*s", (int)(reply->n < 200 ? reply->n :
		    200), reply->body);
	why[strcspn(why, "\r\n")] = '\0';
	doc_free(d);
}

#include "otlp/schema.h"

#include <string.h>

#define LEN(s)		((uint8_t)(sizeof(s) - 1))
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define KEY(s)		",\"" s "\":"

#define FULL(number, record, json, snake, kind, flags, sub, names)	\
	{ KEY(record), json, snake, LEN(KEY(record)), LEN(json),	\
	    LEN(snake), number, kind, flags, sub, names }
#define ROW(number, record, json, snake, kind, flags)			\
	FULL(number, record, json, snake, kind, flags, NULL, NULL)
#define SUB(number, record, json, snake, kind, flags, sub)		\
	FULL(number, record, json, snake, kind, flags, sub, NULL)
#define ENUM(number, record, json, snake, names)			\
	FULL(number, record, json, snake, K_ENUM, 0, NULL, names)
#define ATTRS(number, record, json, snake)				\
	ROW(number, record, json, snake, K_ATTRS, 0)
#define DROPPED(number, what, json, snake)				\
	ROW(number, what, json, snake, K_U32, ROW_DROPPED)
#define GROUP	{ "", "", "", 0, 0, 0, 0, K_GROUP, 0, NULL, NULL }
#define MSG(var, title)	{ title, var, COUNT(var) }

/* ---- enums ---- */

static const struct schema_name span_kinds[] = {
	{ NULL, "SPAN_KIND_UNSPECIFIED" },
	{ "INTERNAL", "SPAN_KIND_INTERNAL" },
	{ "SERVER", "SPAN_KIND_SERVER" },
	{ "CLIENT", "SPAN_KIND_CLIENT" },
	{ "PRODUCER", "SPAN_KIND_PRODUCER" },
	{ "CONSUMER", "SPAN_KIND_CONSUMER" },
};
static const struct schema_name status_codes[] = {
	{ NULL, "STATUS_CODE_UNSET" },
	{ "OK", "STATUS_CODE_OK" },
	{ "ERROR", "STATUS_CODE_ERROR" },
};
static const struct schema_name temporalities[] = {
	{ NULL, "AGGREGATION_TEMPORALITY_UNSPECIFIED" },
	{ "delta", "AGGREGATION_TEMPORALITY_DELTA" },
	{ "cumulative", "AGGREGATION_TEMPORALITY_CUMULATIVE" },
};
#define SEVERITY(s)							\
	{ NULL, "SEVERITY_NUMBER_" s }, { NULL, "SEVERITY_NUMBER_" s "2" }, \
	{ NULL, "SEVERITY_NUMBER_" s "3" }, { NULL, "SEVERITY_NUMBER_" s "4" }
static const struct schema_name severities[] = {
	{ NULL, "SEVERITY_NUMBER_UNSPECIFIED" },
	SEVERITY("TRACE"), SEVERITY("DEBUG"), SEVERITY("INFO"),
	SEVERITY("WARN"), SEVERITY("ERROR"), SEVERITY("FATAL"),
};

static const struct schema_enum kind_enum =
    { span_kinds, COUNT(span_kinds) };
static const struct schema_enum status_enum =
    { status_codes, COUNT(status_codes) };
static const struct schema_enum temporality_enum =
    { temporalities, COUNT(temporalities) };
static const struct schema_enum severity_enum =
    { severities, COUNT(severities) };

/* ---- resource and scope ---- */

static const struct schema_row entity_rows[] = {
	ROW(2, "type", "type", "type", K_STR, 0),
	ROW(1, "schema_url", "schemaUrl", "schema_url", K_STR, 0),
	ROW(3, "id_keys", "idKeys", "id_keys", K_STRS, 0),
	ROW(4, "description_keys", "descriptionKeys", "description_keys",
	    K_STRS, 0),
};
static const struct schema_msg entity_msg = MSG(entity_rows, "EntityRef");

/* Its attributes are the member "resource", the rest "resource_info". */
static const struct schema_row resource_rows[] = {
	SUB(3, "entities", "entityRefs", "entity_refs", K_LIST, 0,
	    &entity_msg),
	DROPPED(2, "attributes", "droppedAttributesCount",
	    "dropped_attributes_count"),
	ATTRS(1, "resource", "attributes", "attributes"),
};
const struct schema_msg schema_resource = MSG(resource_rows, "Resource");

/* schema_url is the group's and has no field here. */
static const struct schema_row scope_rows[] = {
	ROW(1, "name", "name", "name", K_STR, 0),
	ROW(2, "version", "version", "version", K_STR, 0),
	DROPPED(4, "attributes", "droppedAttributesCount",
	    "dropped_attributes_count"),
	ATTRS(3, "attributes", "attributes", "attributes"),
};
const struct schema_msg schema_scope = MSG(scope_rows, "InstrumentationScope");

/* ---- spans ---- */

static const struct schema_row status_rows[] = {
	ENUM(3, "code", "code", "code", &status_enum),
	ROW(2, "message", "message", "message", K_STR, 0),
};
static const struct schema_msg status_msg = MSG(status_rows, "Status");

static const struct schema_row link_rows[] = {
	ROW(1, "trace_id", "traceId", "trace_id", K_TRACE_ID, 0),
	ROW(2, "span_id", "spanId", "span_id", K_SPAN_ID, 0),
	ROW(3, "trace_state", "traceState", "trace_state", K_STR, 0),
	ROW(6, "flags", "flags", "flags", K_FIX32, 0),
	DROPPED(5, "attributes", "droppedAttributesCount",
	    "dropped_attributes_count"),
	ATTRS(4, "attributes", "attributes", "attributes"),
};
static const struct schema_msg link_msg = MSG(link_rows, "Link");

static const struct schema_row event_rows[] = {
	ROW(1, "time", "timeUnixNano", "time_unix_nano", K_TIME, 0),
	ROW(2, "name", "name", "name", K_STR, 0),
	DROPPED(4, "attributes", "droppedAttributesCount",
	    "dropped_attributes_count"),
	ATTRS(3, "attributes", "attributes", "attributes"),
};
static const struct schema_msg event_msg = MSG(event_rows, "Event");

static const struct schema_row span_rows[] = {
	ROW(1, "trace_id", "traceId", "trace_id", K_TRACE_ID,
	    ROW_NEEDED | ROW_STRICT),
	ROW(2, "span_id", "spanId", "span_id", K_SPAN_ID,
	    ROW_NEEDED | ROW_STRICT),
	ROW(4, "parent_span_id", "parentSpanId", "parent_span_id", K_SPAN_ID,
	    ROW_STRICT),
	ROW(3, "trace_state", "traceState", "trace_state", K_STR, 0),
	ROW(16, "flags", "flags", "flags", K_FIX32, 0),
	ROW(5, "name", "name", "name", K_STR, 0),
	ENUM(6, "kind", "kind", "kind", &kind_enum),
	ROW(7, "start_time", "startTimeUnixNano", "start_time_unix_nano",
	    K_TIME, 0),
	ROW(8, "end_time", "endTimeUnixNano", "end_time_unix_nano",
	    K_TIME, 0),
	SUB(15, "status", "status", "status", K_MSG, 0, &status_msg),
	GROUP,
	SUB(13, "links", "links", "links", K_LIST, 0, &link_msg),
	SUB(11, "events", "events", "events", K_LIST, 0, &event_msg),
	DROPPED(10, "attributes", "droppedAttributesCount",
	    "dropped_attributes_count"),
	DROPPED(12, "events", "droppedEventsCount", "dropped_events_count"),
	DROPPED(14, "links", "droppedLinksCount", "dropped_links_count"),
	ATTRS(9, "attributes", "attributes", "attributes"),
};
static const struct schema_msg span_msg = MSG(span_rows, "Span");

/* ---- logs ---- */

static const struct schema_row log_rows[] = {
	ROW(1, "time", "timeUnixNano", "time_unix_nano", K_TIME, 0),
	ROW(11, "observed_time", "observedTimeUnixNano",
	    "observed_time_unix_nano", K_TIME, 0),
	ENUM(2, "severity_number", "severityNumber", "severity_number",
	    &severity_enum),
	ROW(3, "severity", "severityText", "severity_text", K_STR, 0),
	ROW(12, "event_name", "eventName", "event_name", K_STR, 0),
	ROW(9, "trace_id", "traceId", "trace_id", K_TRACE_ID, 0),
	ROW(10, "span_id", "spanId", "span_id", K_SPAN_ID, 0),
	ROW(8, "flags", "flags", "flags", K_FIX32, 0),
	GROUP,
	DROPPED(7, "attributes", "droppedAttributesCount",
	    "dropped_attributes_count"),
	ROW(5, "body", "body", "body", K_ANY, 0),
	ATTRS(6, "attributes", "attributes", "attributes"),
};
static const struct schema_msg log_msg = MSG(log_rows, "LogRecord");

/* ---- metrics ---- */

static const struct schema_row exemplar_rows[] = {
	ROW(2, "time", "timeUnixNano", "time_unix_nano", K_TIME, 0),
	ROW(3, "value", "asDouble", "as_double", K_DOUBLE,
	    ROW_PRESENCE | ROW_ONEOF),
	ROW(6, "value", "asInt", "as_int", K_SFIX64,
	    ROW_PRESENCE | ROW_ONEOF),
	ROW(5, "trace_id", "traceId", "trace_id", K_TRACE_ID, 0),
	ROW(4, "span_id", "spanId", "span_id", K_SPAN_ID, 0),
	ATTRS(7, "attributes", "filteredAttributes", "filtered_attributes"),
};
static const struct schema_msg exemplar_msg = MSG(exemplar_rows, "Exemplar");

#define POINT_TIMES(flags_number)					\
	ROW(2, "start_time", "startTimeUnixNano", "start_time_unix_nano", \
	    K_TIME, 0),							\
	ROW(3, "time", "timeUnixNano", "time_unix_nano", K_TIME, 0),	\
	ROW(flags_number, "flags", "flags", "flags", K_U32, 0)
#define EXEMPLARS(number)						\
	SUB(number, "exemplars", "exemplars", "exemplars", K_LIST, 0,	\
	    &exemplar_msg)
#define OPTIONAL_DOUBLE(number, name)					\
	ROW(number, name, name, name, K_DOUBLE, ROW_PRESENCE)
#define COUNT_ROW							\
	ROW(4, "count", "count", "count", K_FIX64, ROW_ALWAYS)

static const struct schema_row number_rows[] = {
	POINT_TIMES(8),
	ROW(4, "value", "asDouble", "as_double", K_DOUBLE,
	    ROW_PRESENCE | ROW_ONEOF),
	ROW(6, "value", "asInt", "as_int", K_SFIX64,
	    ROW_PRESENCE | ROW_ONEOF),
	EXEMPLARS(5),
	GROUP,
	ATTRS(7, "attributes", "attributes", "attributes"),
};
static const struct schema_msg number_msg =
    MSG(number_rows, "NumberDataPoint");

static const struct schema_row histogram_rows[] = {
	POINT_TIMES(10),
	COUNT_ROW,
	OPTIONAL_DOUBLE(5, "sum"),
	OPTIONAL_DOUBLE(11, "min"),
	OPTIONAL_DOUBLE(12, "max"),
	ROW(7, "bounds", "explicitBounds", "explicit_bounds", K_DOUBLES, 0),
	ROW(6, "bucket_counts", "bucketCounts", "bucket_counts",
	    K_FIX64S, 0),
	EXEMPLARS(8),
	GROUP,
	ATTRS(9, "attributes", "attributes", "attributes"),
};
static const struct schema_msg histogram_msg =
    MSG(histogram_rows, "HistogramDataPoint");

static const struct schema_row buckets_rows[] = {
	ROW(1, "offset", "offset", "offset", K_S32, 0),
	ROW(2, "bucket_counts", "bucketCounts", "bucket_counts", K_U64S, 0),
};
static const struct schema_msg buckets_msg = MSG(buckets_rows, "Buckets");

static const struct schema_row exp_rows[] = {
	POINT_TIMES(10),
	COUNT_ROW,
	OPTIONAL_DOUBLE(5, "sum"),
	OPTIONAL_DOUBLE(12, "min"),
	OPTIONAL_DOUBLE(13, "max"),
	ROW(6, "scale", "scale", "scale", K_S32, ROW_ALWAYS),
	ROW(7, "zero_count", "zeroCount", "zero_count", K_FIX64, 0),
	ROW(14, "zero_threshold", "zeroThreshold", "zero_threshold",
	    K_DOUBLE, 0),
	SUB(8, "positive", "positive", "positive", K_MSG, ROW_PRESENCE,
	    &buckets_msg),
	SUB(9, "negative", "negative", "negative", K_MSG, ROW_PRESENCE,
	    &buckets_msg),
	EXEMPLARS(11),
	GROUP,
	ATTRS(1, "attributes", "attributes", "attributes"),
};
static const struct schema_msg exp_msg =
    MSG(exp_rows, "ExponentialHistogramDataPoint");

static const struct schema_row quantile_rows[] = {
	ROW(1, "quantile", "quantile", "quantile", K_DOUBLE, ROW_ALWAYS),
	ROW(2, "value", "value", "value", K_DOUBLE, ROW_ALWAYS),
};
static const struct schema_msg quantile_msg =
    MSG(quantile_rows, "ValueAtQuantile");

static const struct schema_row summary_rows[] = {
	POINT_TIMES(8),
	COUNT_ROW,
	ROW(5, "sum", "sum", "sum", K_DOUBLE, ROW_ALWAYS),
	SUB(6, "quantiles", "quantileValues", "quantile_values", K_LIST, 0,
	    &quantile_msg),
	GROUP,
	ATTRS(7, "attributes", "attributes", "attributes"),
};
static const struct schema_msg summary_msg =
    MSG(summary_rows, "SummaryDataPoint");

static const struct schema_row metric_rows[] = {
	ROW(1, "name", "name", "name", K_STR, 0),
	ROW(2, "description", "description", "description", K_STR, 0),
	ROW(3, "unit", "unit", "unit", K_STR, 0),
	ATTRS(12, "metadata", "metadata", "metadata"),
};
const struct schema_msg schema_metric_head = MSG(metric_rows, "Metric");

#define TEMPORALITY							\
	ENUM(2, "temporality", "aggregationTemporality",		\
	    "aggregation_temporality", &temporality_enum)

static const struct schema_row sum_rows[] = {
	TEMPORALITY,
	ROW(3, "monotonic", "isMonotonic", "is_monotonic", K_BOOL,
	    ROW_ALWAYS),
};
static const struct schema_row temporality_rows[] = { TEMPORALITY };
static const struct schema_msg gauge_data = { "Gauge", NULL, 0 };
static const struct schema_msg sum_data = MSG(sum_rows, "Sum");
static const struct schema_msg histogram_data =
    MSG(temporality_rows, "Histogram");
static const struct schema_msg exp_data =
    MSG(temporality_rows, "ExponentialHistogram");
static const struct schema_msg summary_data = { "Summary", NULL, 0 };

const struct schema_metric schema_metric[METRIC_TYPES] = {
	[METRIC_GAUGE] = { "gauge", "gauge", "gauge", 5,
	    &gauge_data, &number_msg },
	[METRIC_SUM] = { "sum", "sum", "sum", 7,
	    &sum_data, &number_msg },
	[METRIC_HISTOGRAM] = { "histogram", "histogram", "histogram", 9,
	    &histogram_data, &histogram_msg },
	[METRIC_EXP_HISTOGRAM] = { "exponential_histogram",
	    "exponentialHistogram", "exponential_histogram", 10,
	    &exp_data, &exp_msg },
	[METRIC_SUMMARY] = { "summary", "summary", "summary", 11,
	    &summary_data, &summary_msg },
};

const struct schema_signal schema_signal[3] = {
	[OTLP_TRACES] = { "span", "{\"record\":\"span\"",
	    "resourceSpans", "resource_spans", "scopeSpans", "scope_spans",
	    "spans", "spans", &span_msg },
	[OTLP_LOGS] = { "log", "{\"record\":\"log\"",
	    "resourceLogs", "resource_logs", "scopeLogs", "scope_logs",
	    "logRecords", "log_records", &log_msg },
	[OTLP_METRICS] = { "metric", "{\"record\":\"metric\"",
	    "resourceMetrics", "resource_metrics", "scopeMetrics",
	    "scope_metrics", "metrics", "metrics", &schema_metric_head },
};

/* ---- lookups ---- */

const struct schema_row *
schema_by_number(const struct schema_msg *m, uint64_t number,
    const struct schema_row *hint)
{
	if (hint != NULL && hint->number == number)
		return hint;
	/* Most rows stand in the order of their numbers. */
	if (hint != NULL && hint + 1 < m->row + m->n &&
	    hint[1].number == number)
		return hint + 1;
	for (size_t i = 0; i < m->n; i++)
		if (m->row[i].number == number && m->row[i].kind != K_GROUP)
			return &m->row[i];
	return NULL;
}

const struct schema_row *
schema_by_json(const struct schema_msg *m, const char *name, size_t n,
    const struct schema_row *hint)
{
	size_t at = hint != NULL ? (size_t)(hint - m->row) : 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct schema_row *r = &m->row[at];

		if (r->jlen == n && n != 0 && memcmp(r->json, name, n) == 0)
			return r;
		if (r->slen == n && n != 0 && memcmp(r->snake, name, n) == 0)
			return r;
		if (++at == m->n)
			at = 0;
	}
	return NULL;
}

const struct schema_row *
schema_by_key(const struct schema_msg *m, const char *name, size_t n,
    int dropped)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct schema_row *r = &m->row[i];

		if (r->kind != K_GROUP && r->klen == n + 4 &&
		    ((r->flags & ROW_DROPPED) != 0) == (dropped != 0) &&
		    memcmp(r->key + 2, name, n) == 0)
			return r;
	}
	return NULL;
}

int
schema_enum_number(const struct schema_enum *e, const char *s, size_t n)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct schema_name *name = &e->name[i];

		if (strlen(name->proto) == n && memcmp(name->proto, s, n) == 0)
			return (int)i;
		if (name->record != NULL && strlen(name->record) == n &&
		    memcmp(name->record, s, n) == 0)
			return (int)i;
	}
	return -1;
}

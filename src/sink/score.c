#include "sink/score.h"

#include <string.h>

#include "json/write.h"
#include "record/ids.h"

/* Members of the record and of the body, those that are taken as they are. */
static const char *const same[][2] = {
	{ "name", "name" }, { "comment", "comment" },
	{ "metadata", "metadata" }, { "environment", "environment" },
	{ "config_id", "configId" }, { "queue_id", "queueId" },
};

static void
put(struct buf *b, const char *name, struct json_val v)
{
	if (v.type <= JSON_NULL)
		return;
	json_put_key(b, name);
	buf_add(b, v.p, v.n);
}

/* A text that is not empty. */
static bool
is_text(struct json_val v)
{
	return v.type == JSON_STRING && v.n > 2;
}

static void
put_id(struct buf *b, const struct record *r)
{
	const struct id_part whole = { r->p, r->n };
	struct json_val id = record_member(r, "id");
	char own[TRACE_ID_LEN];

	json_put_key(b, "id");
	if (is_text(id)) {
		buf_add(b, id.p, id.n);
		return;
	}
	ids_trace(&whole, 1, own);
	json_put_str(b, own, sizeof(own));
}

/* What it is a score of: one of these, says the API. */
static bool
put_target(struct buf *b, const struct record *r)
{
	struct json_val trace = r->field[F_TRACE_ID];
	struct json_val session = record_member(r, "session_id");
	struct json_val run = record_member(r, "dataset_run_id");

	if (is_text(trace)) {
		put(b, "traceId", trace);
		if (is_text(r->field[F_SPAN_ID]))
			put(b, "observationId", r->field[F_SPAN_ID]);
	} else if (is_text(session))
		put(b, "sessionId", session);
	else if (is_text(run))
		put(b, "datasetRunId", run);
	else
		return false;
	return true;
}

/* Booleans are 0 and 1 there, and "true" is refused. */
static bool
put_value(struct buf *b, const struct record *r)
{
	struct json_val v = r->field[F_VALUE];
	struct json_val type = record_member(r, "data_type");

	switch (v.type) {
	case JSON_TRUE:
	case JSON_FALSE:
		buf_adds(b, v.type == JSON_TRUE ? ",\"value\":1" :
		    ",\"value\":0");
		if (type.type <= JSON_NULL)
			buf_adds(b, ",\"dataType\":\"BOOLEAN\"");
		break;
	case JSON_NUMBER:
	case JSON_STRING:
		put(b, "value", v);
		break;
	default:
		return false;
	}
	put(b, "dataType", type);
	return true;
}

int
score_body(const struct record *r, struct buf *out, struct err *e)
{
	struct json_val source = record_member(r, "source");
	const char *why = NULL;

	buf_addc(out, '{');
	put_id(out, r);
	if (!is_text(r->field[F_NAME]))
		why = "a score needs a name";
	else if (!put_target(out, r))
		why = "a score needs a trace_id, session_id or "
		    "dataset_run_id";
	else if (!put_value(out, r))
		why = "a score's value is a number, a text or a boolean";
	if (why != NULL) {
		(void)err_set(e, "%s", why);
		return 1;
	}
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		put(out, same[i][1], record_member(r, same[i][0]));
	/* The server takes no others by this way. */
	if (json_str_is(source, "ANNOTATION"))
		put(out, "source", source);
	buf_addc(out, '}');
	return out->err == 0 ? 0 : -1;
}
